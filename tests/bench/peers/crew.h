#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include "measure.h"
#include "peer.h"

/* Writers and listeners at one peer: a thread for each writer, one for all listeners. */

#define CREW_WRITERS_MAX 64u
#define CREW_BURST_MAX 64u
#define CREW_LISTENERS_MAX 1000u

typedef struct {
    const peer_t *peer;
    unsigned writers;
    unsigned burst; /* writes that each has out, answered before the next */
    unsigned listeners;
    double seconds;
} crew_t;

typedef struct {
    double writes_second;
    double deliveries_second; /* until the last listener had the last notice */
    double p50_ms, p99_ms;    /* of a burst's answers */
    double cpu_us_a_write;    /* the server's */
    double heard_p50_ms;      /* from sending a write to the first listener's hands */
} crew_result_t;

/* Open all, write for the time given, wait until every listener has heard everything. */
void crew_work(const crew_t *self, crew_result_t *result);

#endif

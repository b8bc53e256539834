#ifndef SAMVERK_TEST_REGION_PARTS_H
#define SAMVERK_TEST_REGION_PARTS_H

#include "matches.h"
#include "region.h"

#include "timers.h"

/* What region.c, which keeps store, clock and connections, shares with serving.c, which
   serves requests as front, readers and writer do; test_feed.c calls the feed itself.
   Nobody else includes this. */

#define WATCHES_MAX 1024u /* that a client has had since its hello */

typedef struct {
    uint64_t utc_ms, monotonic_ms, drawn;
} fake_clock_t;

struct client {
    char name[64];
    char key_name[64];
    unsigned char key[32];
    char user[RECORD_ID_MAX];
    char route[80]; /* another for each connection, as libzmq gives them */
    unsigned dialled;
    arena_t *arena;
    void *dealer;
    bool deaf;
    const frame_t **frames;
    size_t n_frames, n_taken, room;
    const frame_t *reply; /* the last reply or error */
    uint64_t told[WATCHES_MAX];
    char *sent;
    size_t n_sent;
    client_t *next;
};

struct region {
    char directory[256];
    unsigned map_mib;
    arena_t *arena;
    fake_clock_t time;
    clock_face_t clock;
    clock_step_t step;
    environment_t environment;
    access_cache_t *cache;
    matches_t *matches;
    feed_t feed;
    timers_t timers;
    void *context;
    void *router;
    unsigned started;
    unsigned settled;  /* times */
    char endpoint[64]; /* another each time: libzmq lets go of one in its own time */
    uint64_t day_end_ms;
    client_t *clients;
    region_heard_t heard; /* or NULL */
    void *heard_context;
};

/* Hand clients what was sent to them. */
void region_deliver(region_t *self);
/* Have the writer do a chore, which stays the caller's. */
void region_do(region_t *self, job_t *job);
/* Feed who lags until nobody does, and hand it over. */
void region_settle(region_t *self);

#endif

#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Times and what is told of many of them. */

uint64_t now_ns(void); /* monotonic */
double seconds_since(uint64_t begun_ns);

/* Values that are kept until a median or a percentile is asked for. */
typedef struct {
    double *values;
    size_t count;
    size_t room;
} samples_t;

void samples_add(samples_t *self, double value);
/* The value below which `part` (0 to 1) of them lie; 0 when there are none. */
double samples_at(samples_t *self, double part);
double samples_median(samples_t *self);
/* Give the memory back; empty again. */
void samples_clear(samples_t *self);

#endif

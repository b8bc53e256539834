#ifndef SAMVERK_SPREAD_H
#define SAMVERK_SPREAD_H

#include "arena.h"
#include "schema.h"

/* How a number spreads over many records: the least, the median and the most of it. */

typedef struct {
    arena_t *arena;
    int64_t *samples;
    size_t count, room;
} spread_t;

/* Whether a field is one number or point in time that no one's data hangs on. */
bool spread_takes(const field_t *field);
void spread_add(spread_t *self, int64_t sample);

/* {"least", "median", "most"}, the median of an even number the lower one of the middle;
   absent of none. Puts the samples in order. */
value_t spread_value(spread_t *self);

#endif

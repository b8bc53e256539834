#ifndef SAMVERK_ATLAS_H
#define SAMVERK_ATLAS_H

#include "placement.h"

/* Where the municipalities lie: read once for many who ask. Lives in its arena. */

typedef struct {
    const char *id, *county;
    bool located; /* its centre point is known */
    double latitude, longitude;
} atlas_place_t;

typedef struct {
    atlas_place_t *places; /* in order of id */
    size_t count;
} atlas_t;

atlas_t *atlas_new(store_txn_t *txn, arena_t *arena);

/* NULL when there is none with this id. */
const atlas_place_t *atlas_place(const atlas_t *self, const char *id);

/* Kilometres along the great circle; both are located. */
double atlas_distance(const atlas_place_t *a, const atlas_place_t *b);

/* The counties, each once, that have a municipality so near to `from`, which may be NULL;
   `own` first. At most `room`. */
size_t atlas_counties(const atlas_t *self, const atlas_place_t *from, const char *own, int64_t km,
                      const char **counties, size_t room);

#endif

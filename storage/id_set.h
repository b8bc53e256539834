#ifndef SAMVERK_ID_SET_H
#define SAMVERK_ID_SET_H

#include "record.h"

/* Ids of one kind gathered from here and there, in the end in order and each once. */
#define ID_SET_MAX 10000u

typedef struct {
    arena_t *arena; /* in which they lie */
    record_id_t *ids;
    size_t count, room;
} id_set_t;

/* False when it is full. */
bool id_set_add(id_set_t *self, const record_id_t *id);
void id_set_settle(id_set_t *self);

#endif

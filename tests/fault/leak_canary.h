#ifndef SAMVERK_TEST_LEAK_CANARY_H
#define SAMVERK_TEST_LEAK_CANARY_H

#include "journal.h"

/* Canaries: values that stand in one field of one record and nowhere else, and that are
   found again in the bytes of a frame. Every field whose type has room for one gets one
   each time it is written. */
typedef struct canaries canaries_t;

typedef struct {
    const field_t *field;
    const kind_t *kind;
    record_id_t id;             /* where it stands, once it does */
    uint64_t revision;          /* that brought it there; 0: it stands nowhere */
    char target[RECORD_ID_MAX]; /* the record that it was written to; "": a new one */
    unsigned row;               /* and of several new ones of its kind, which */
} canary_t;

canaries_t *canaries_new(void);
void canaries_destroy(canaries_t **self_p);

/* What canary `number` looks like in the field. False when its type has no room. */
bool canary_value(const field_t *field, uint32_t number, arena_t *arena, value_t *value);
/* The next one, for this field of a record: its value. */
bool canaries_make(canaries_t *self, const kind_t *kind, const field_t *field, const char *target,
                   unsigned row, arena_t *arena, value_t *value);
/* How many there are; they are numbered from 1. */
uint32_t canaries_count(const canaries_t *self);
const canary_t *canaries_get(const canaries_t *self, uint32_t number);
/* Those numbered from `first` on were written by this entry: see where they stand. */
void canaries_settle(canaries_t *self, uint32_t first, const journal_entry_t *entry);

/* The next one in the bytes from `*at` on, which is moved behind it; 0 when there are no
   more. */
uint32_t canaries_find(const canaries_t *self, const void *data, size_t size, size_t *at);

#endif

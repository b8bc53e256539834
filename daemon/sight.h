#ifndef SAMVERK_SIGHT_H
#define SAMVERK_SIGHT_H

#include "access.h"
#include "push.h"
#include "writer.h"

/* A view, encoded once for all who have the same. */
typedef struct encoded encoded_t;
struct encoded {
    field_mask_t mask;
    const void *data;
    size_t size;
    encoded_t *next;
};

typedef struct {
    const record_t *before, *after;
    const placement_t *before_placement, *after_placement;
    /* In the past: the record as it stands now, or last stood, and where the states before and
       after would be placed now. Else NULL. */
    const record_t *now;
    const placement_t *now_placement, *before_now_placement, *after_now_placement;
    field_mask_t changed; /* fields that differ */
    encoded_t *puts;      /* {"op": "put", "record": ...} */
    const void *gone;
    size_t gone_size;
} glimpse_t;

/* The entry of all who are told these operations. */
typedef struct telling telling_t;
struct telling {
    const push_entry_t *entry;
    const void **data;
    size_t count;
    telling_t *next;
};

/* A revision in front of watches: what many of them need of it is made once. Lives in
   `arena`; the change and the transaction outlive it. */
typedef struct {
    const change_t *change;
    store_txn_t *txn;
    lookup_t then;  /* before the change */
    lookup_t after; /* after it: the past where others have come since */
    lookup_t now;
    arena_t *arena;
    bool prepared;
    bool wide; /* it changes the sight of more records than can be told one by one */
    uint64_t kinds, municipalities; /* sight_bit of those that its records are of and lie in */
    glimpse_t *glimpses;            /* one an operation, then those of records that hang on them */
    size_t n_glimpses, room;
    record_id_t *touched; /* records that have changed since this change */
    size_t n_touched, touched_room;
    bool sought;       /* for them */
    const void **data; /* for one watch at a time: encoded operations */
    size_t *sizes;
    telling_t *tellings;
} sight_t;

/* True when records of the kind hang on the one that the field names: that decides who may
   see them, or where they lie. */
bool sight_hangs(const kind_t *kind, const field_t *field);
/* So far is followed what hangs on what hangs: as far as rights are, and from there as far
   as records are placed. */
#define HANGING_DEPTH (2u * PLACEMENT_DEPTH)

sight_t *sight_new(const change_t *change, store_txn_t *txn, arena_t *arena);
/* Place the records and add those that hang on them, once. */
void sight_prepare(sight_t *self);

/* A bit that stands for an id or a kind's name, among others: most of the watches that a
   change does not concern are passed over by two comparisons. Never SIGHT_ANY, which each
   sight has. */
#define SIGHT_ANY UINT64_C(1)
uint64_t sight_bit(const char *text);

/* What a glimpse is told as, encoded once for all who are told the same. */
const encoded_t *sight_put(sight_t *self, glimpse_t *glimpse, field_mask_t mask);
void sight_gone(sight_t *self, glimpse_t *glimpse);
/* The same for named users, encoded anew: a put with a mask, or gone (0). */
void sight_operation_for(sight_t *self, const glimpse_t *glimpse, field_mask_t mask,
                         const value_t *users, const void **data, size_t *size);

/* The entry with the first `count` operations of `data`: one for all who are told them. */
const push_entry_t *sight_tell(sight_t *self, size_t count);
/* An entry of these operations. */
const push_entry_t *sight_entry(sight_t *self, const void **data, const size_t *sizes,
                                size_t count);

#endif

#ifndef SAMVERK_DRAFT_PARTS_H
#define SAMVERK_DRAFT_PARTS_H

#include "draft.h"

/* What the draft's three files share: draft.c gathers operations, draft_fields.c
   fills in and checks one record, draft_writes.c makes the four writes of both.
   Nobody else includes this. */

struct draft {
    store_txn_t *txn;
    lookup_t lookup; /* records as this draft leaves them */
    const access_t *access;
    uint64_t now_ms;
    const config_t *config;
    arena_t *arena;
    operation_t *operations;
    size_t n_operations, room;
    uint32_t *slots;      /* operations by hash of the id, counted from 1; 0: free */
    size_t n_slots;       /* a power of two, twice `room` */
    const char **results; /* id that each write got, for `$n` */
    size_t n_results, results_room;
    bool maintenance_known; /* looked for by the first ordinary write */
    const record_t *maintenance;
};

/* The operation on a record, or NULL. */
operation_t *draft_find(const draft_t *self, const record_id_t *id);
/* Add an operation, or widen the one on the same record. */
void draft_add(draft_t *self, const record_t *before, const record_t *after);
/* Note the id that a write got. */
void draft_add_result(draft_t *self, const char *id);
/* "$3" to the id that the third write got; other text stays. NULL: no such write. */
const char *draft_resolve(const draft_t *self, const char *text);
/* The fields that the writer sees, people's data in the own scope included. */
field_mask_t draft_view(draft_t *self, const record_t *record);

/* Set the fields of a request in `record`: those that are in `visible` and that the
   daemon does not keep for itself, each checked and normalised. */
bool draft_assign(draft_t *self, record_t *record, field_mask_t visible, const value_t *fields,
                  error_t *error);
/* Defaults, first state, who and when. */
void draft_default(draft_t *self, record_t *record);
/* All that must hold of a record before it may stand: rules, required fields,
   references, unique fields. `move` is the move being made, or NULL. */
bool draft_check(draft_t *self, const record_t *before, record_t *after, const move_t *move,
                 bool confirm, error_t *error);
/* False when the record holds data of someone whose processing is restricted: it is neither
   deleted nor made someone else's. The error names `field`, which may be NULL. */
bool draft_lets_go(draft_t *self, const record_t *record, const char *field, error_t *error);

#endif

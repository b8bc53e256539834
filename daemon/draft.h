#ifndef SAMVERK_DRAFT_H
#define SAMVERK_DRAFT_H

#include "access.h"
#include "config.h"

/* What one request is about to change: operations gathered and checked, each
   seeing those before it, applied as one batch by the writer. An operation that
   is refused leaves no trace. Lives in its arena; the writer's thread alone. */
typedef struct draft draft_t;

draft_t *draft_new(store_txn_t *txn, const access_t *access, uint64_t now_ms, arena_t *arena);
/* What the region has set, for the rules; without it they go by the defaults. */
void draft_set_config(draft_t *self, const config_t *config);

/* The four writes, as commands.def names their arguments. On success the record
   as it will stand (for delete: as it stood), else NULL and `error`. */
record_t *draft_put(draft_t *self, const char *kind, const char *code, const value_t *fields,
                    bool confirm, error_t *error);
record_t *draft_patch(draft_t *self, const char *id, const value_t *fields, int64_t if_revision,
                      error_t *error);
record_t *draft_move(draft_t *self, const char *id, const char *verb, const value_t *fields,
                     int64_t if_revision, error_t *error);
const record_t *draft_delete(draft_t *self, const char *id, int64_t if_revision, error_t *error);
#define DRAFT_ANY_REVISION INT64_C(-1)

/* For commands that write what put and patch may not: `make` by rows and rules but
   whatever the writer's role, the others as they stand. */
record_t *draft_make(draft_t *self, const char *kind, const value_t *fields, error_t *error);
record_t *draft_new_record(draft_t *self, const kind_t *kind);
record_t *draft_edit_record(draft_t *self, const record_t *record);
void draft_drop_record(draft_t *self, const record_t *record);

/* Whether what takes one of these roles may be written now: not where maintenance
   (maintenance.h) keeps it. ROLES_NONE: it is an ordinary write. */
bool draft_is_open(draft_t *self, role_mask_t roles, error_t *error);

/* The record as this draft leaves it, or NULL. */
const record_t *draft_get(draft_t *self, const record_id_t *id);
/* As a reader may see it: NULL when it is not there or not theirs to see. */
const record_t *draft_visible(draft_t *self, const record_id_t *id);
/* The record that a field of another names, or NULL. */
const record_t *draft_named(draft_t *self, const record_t *record, const char *field);
/* May the writer change the record as it stands? */
bool draft_may_write(draft_t *self, const record_t *record);

/* The records that this draft leaves, in its order; NULL for one that it deletes. */
size_t draft_count(const draft_t *self);
const record_t *draft_record(const draft_t *self, size_t position);

store_txn_t *draft_txn(const draft_t *self);
const lookup_t *draft_lookup(const draft_t *self);
const access_t *draft_access(const draft_t *self);
arena_t *draft_arena(const draft_t *self);
uint64_t draft_now(const draft_t *self);
const config_t *draft_config(const draft_t *self);

/* Seal people's data and give the operations for store_apply. NULL: the transaction
   has failed, or there are more of them than one push can carry, which is `error`. */
const operation_t *draft_finish(draft_t *self, size_t *count, error_t *error);

#endif

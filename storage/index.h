#ifndef SAMVERK_INDEX_H
#define SAMVERK_INDEX_H

#include "store.h"

/* Entries (kind, fields, values, id) for each index of a kind (schema.h). Text is
   keyed by its ICU sort key for Swedish, cut at 400 bytes, so that order is the
   alphabet's; an equality match on text is therefore to be checked on the record.
   A field that is absent is an entry too, before all values, so that a list
   sorted by it misses nobody; sealed values have no entry, so that a list sorted
   by a field that may be sealed must not use its index. A field with many values
   has an entry for each. The index of one reference alone is for who refers, and one that
   ends in a mark of the daemon's (yes or nothing) for what is marked: there what refers to
   nothing, or is not marked, has no entry, and a list sorted by it must not use it. */

/* Which way keys are made: another number rebuilds all indexes at open. */
#define INDEX_FORMAT 3u

typedef struct index_scan index_scan_t;

/* Ids of the entries whose first `n_equal` values equal `equal` (scalars; absent is
   one), in order of the remaining values and then id; newest id first when
   `descending` turns all round. A record comes once for each of its values of a
   field with many that `equal` does not fix. The scan lives in `arena`, is ended
   before the transaction, and nothing is written while it goes on. */
index_scan_t *index_scan(store_txn_t *txn, const kind_t *kind, const index_t *index,
                         const value_t *equal, unsigned n_equal, bool descending, arena_t *arena);
/* Only entries whose value of the field after the equal ones lies between the two, which
   belong to it; absent is no end, and no value lies in any range. Said before the rest. */
void index_bound(index_scan_t *self, const value_t *from, const value_t *to);
/* Go on after the entry with these values (all of the index's fields, `n_fields`
   of them, scalars in clear text) and id. The entry need not exist. */
void index_seek_after(index_scan_t *self, const value_t *values, const record_id_t *id);
bool index_next(index_scan_t *self, record_id_t *id);
void index_scan_end(index_scan_t **self_p);

/* Two values in the order that the index gives them; lists item by item. */
int index_compare(const field_t *field, const value_t *a, const value_t *b);

/* True when what is absent has no entry: a reference's own index, and that of a mark. */
bool index_omits_absent(const index_t *self);

/* The index of `kind` whose fields are exactly these, or NULL. */
const index_t *index_find(const kind_t *kind, const char *const *fields, unsigned n_fields);

/* One live record that refers to `id`: calls again with the same scan give the
   next. Walks every reference field of every kind. */
typedef struct referrer_scan referrer_scan_t;
referrer_scan_t *referrer_scan(store_txn_t *txn, const record_id_t *id, arena_t *arena);
bool referrer_next(referrer_scan_t *self, record_id_t *from, const field_t **field);
void referrer_scan_end(referrer_scan_t **self_p);

/* Used by store_apply and replay alone: entries of `before` go, of `after` come. */
void index_change(store_txn_t *txn, const record_t *before, const record_t *after);
/* Throw all entries away and make them anew from the records. */
void index_rebuild(store_txn_t *txn);

#endif

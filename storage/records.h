#ifndef SAMVERK_RECORDS_H
#define SAMVERK_RECORDS_H

#include "store.h"

/* The live records, by kind and id. Bodies carry a checksum; one that does not
   hold makes the transaction fail (EBADMSG) and is never served. Personal fields
   come out sealed: VALUE_BYTES where the field's type says text (seal_open). */

record_t *records_get(store_txn_t *txn, const record_id_t *id, arena_t *arena); /* or NULL */
bool records_exists(store_txn_t *txn, const record_id_t *id);
/* The revision that last changed the live record; 0 when there is none. */
uint64_t records_revision(store_txn_t *txn, const record_id_t *id);

/* All of one kind in order of id, from after `after` (NULL: from the end that
   `descending` says). The scan lives in `arena`, is ended before the transaction,
   and nothing is written while it goes on. */
typedef struct records_scan records_scan_t;
records_scan_t *records_scan(store_txn_t *txn, const kind_t *kind, bool descending,
                             const record_id_t *after, arena_t *arena);
record_t *records_next(records_scan_t *self, arena_t *arena); /* or NULL at the end */
bool records_next_id(records_scan_t *self, record_id_t *id);  /* without its body */
void records_scan_end(records_scan_t **self_p);
uint64_t records_count(store_txn_t *txn, const kind_t *kind);

/* Bodies as they are stored, here and in the journal: a map of the set fields.
   False when the map is none of this kind's. */
value_t records_body(const record_t *record, arena_t *arena);
bool records_from_body(record_t *record, const value_t *body);

/* A stored record as it lies in the database. NULL when key, checksum or body do
   not hold; fails nothing. */
record_t *records_decode(const void *key, size_t key_size, const void *value, size_t size,
                         arena_t *arena);

/* Used by store_apply and replay alone. */
void records_put(store_txn_t *txn, const record_t *record, uint64_t revision);
void records_delete(store_txn_t *txn, const record_id_t *id);

#endif

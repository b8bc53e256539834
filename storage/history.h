#ifndef SAMVERK_HISTORY_H
#define SAMVERK_HISTORY_H

#include "store.h"

/* The revisions that changed a record. */

/* The last revision at or before `revision` that changed `id`; 0 when none did, or
   when the journal tells of other changes (the transaction then failed: EBADMSG). */
uint64_t history_at(store_txn_t *txn, const record_id_t *id, uint64_t revision);

/* The first one; 0 when there is none. It is not held against the journal: an order of
   records may hang on it, and nothing else. */
uint64_t history_first(store_txn_t *txn, const record_id_t *id);

/* Used by store_apply and replay alone. */
void history_append(store_txn_t *txn, const record_id_t *id, uint64_t revision);

#endif

#ifndef SAMVERK_SEAL_H
#define SAMVERK_SEAL_H

#include "store.h"

/* People's data is sealed under a key of its subject before it is applied, so
   that journal and records hold only sealed bytes and forgetting the key forgets
   the data. Person keys lie in a small file outside LMDB ("person.keys"),
   synced before the commit that first uses one. Any thread may open. */

/* The record with every personal field, and every one that its row calls sealed,
   in clear text replaced by its sealed form; fields sealed already stay. A new subject gets a key. The subject is the
   record itself or the one that its subject field names; the record must have
   its id. NULL: a world error (the transaction has failed). */
record_t *seal_record(store_txn_t *txn, const record_t *record, arena_t *arena);

/* Open the sealed fields in `mask`, in place. A field whose key is gone (erased)
   becomes VALUE_ABSENT. */
void seal_open(store_txn_t *txn, record_t *record, field_mask_t mask, arena_t *arena);

/* True when this value of this field is personal data: the field's class says
   so, or it is the organisation number of a sole trader, or it is sealed. */
bool seal_is_personal(const field_t *field, const value_t *value);

/* True when the value is the sealed form of one. */
bool seal_is_sealed(const field_t *field, const value_t *value);

/* Whose key a sealed value is under. False when the bytes are no seal. For storage alone. */
bool seal_subject(const value_t *sealed, record_id_t *subject);
/* The fields that the record's row or the record itself gives under the subject's key:
   what goes with that key. */
field_mask_t seal_mask(const record_t *record);

/* Forget the subject's key: file rewritten, synced, renamed. 0 or errno. */
int seal_forget(store_t *store, const record_id_t *subject);

#endif

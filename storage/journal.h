#ifndef SAMVERK_JOURNAL_H
#define SAMVERK_JOURNAL_H

#include "store.h"

/* What happened, a transaction an entry, each with the hash of the entry before
   it. Never trimmed in 1.0. */

#define JOURNAL_HASH_SIZE 32u

typedef struct {
    record_id_t id;
    uint64_t before;       /* revision of the state before; 0: it did not exist */
    const record_t *after; /* full state, sealed; NULL: deleted */
} journal_operation_t;

typedef struct {
    uint64_t revision;
    uint64_t time_ms;
    const char *actor;
    const char *as;                      /* or NULL */
    const unsigned char *request_id;     /* 16 bytes or NULL */
    const unsigned char *arguments_hash; /* 32 bytes, or NULL where there is no request id */
    unsigned char previous_hash[JOURNAL_HASH_SIZE];
    const journal_operation_t *operations;
    size_t n_operations;
} journal_entry_t;

/* NULL when there is none, or when it cannot be read or its hash is not what the next
   entry, or the head, says (the transaction then failed: EBADMSG). So do the next three. */
const journal_entry_t *journal_get(store_txn_t *txn, uint64_t revision, arena_t *arena);
/* The state that this entry left `id` in, or NULL: deleted, or not touched. */
const record_t *journal_state(store_txn_t *txn, uint64_t revision, const record_id_t *id,
                              arena_t *arena);
/* The revision that `id` had before this entry, 0 when it did not exist. False when the
   entry does not touch it. */
bool journal_before(store_txn_t *txn, uint64_t revision, const record_id_t *id, uint64_t *before);
/* The entry's time; 0 when there is none. */
uint64_t journal_time(store_txn_t *txn, uint64_t revision);

/* A stored entry as it lies in the database. NULL when it is none; fails nothing. */
const journal_entry_t *journal_decode(uint64_t revision, const void *value, size_t size,
                                      arena_t *arena);
/* The hash of the entry before that a stored entry holds; NULL when it is none. */
const unsigned char *journal_previous(const void *value, size_t size);
/* And its time, where it holds one. */
uint64_t journal_stored_time(const void *value);
/* BLAKE2b of a stored entry: what the next one holds as `previous_hash`. */
void journal_hash(const void *value, size_t size, unsigned char hash[JOURNAL_HASH_SIZE]);

/* Used by store_apply and replay alone. `hash` is set to that of the new entry. */
void journal_append(store_txn_t *txn, const journal_entry_t *entry,
                    unsigned char hash[JOURNAL_HASH_SIZE]);

#endif

#ifndef SAMVERK_JOURNAL_H
#define SAMVERK_JOURNAL_H

#include "store.h"

/* What happened, a transaction an entry, each with the hash of the entry before
   it. Never trimmed in 1.0. */

typedef struct {
    record_id_t id;
    uint64_t before;       /* revision of the state before; 0: it did not exist */
    const record_t *after; /* full state, sealed; NULL: deleted */
} journal_operation_t;

typedef struct {
    uint64_t revision;
    uint64_t time_ms;
    const char *actor;
    const char *as;                  /* or NULL */
    const unsigned char *request_id; /* 16 bytes or NULL */
    unsigned char previous_hash[32];
    const journal_operation_t *operations;
    size_t n_operations;
} journal_entry_t;

/* NULL when there is none or it cannot be read (the transaction then failed). */
const journal_entry_t *journal_get(store_txn_t *txn, uint64_t revision, arena_t *arena);

/* Used by store_apply and replay alone. */
void journal_append(store_txn_t *txn, uint64_t revision, const batch_t *batch);

#endif

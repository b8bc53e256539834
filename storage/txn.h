#ifndef SAMVERK_TXN_H
#define SAMVERK_TXN_H

#include "db.h"
#include "key.h"
#include "keyring.h"
#include "meta.h"
#include "room.h"
#include "store.h"

/* What the files of storage share of a store and its transactions. Nobody else
   includes this. */

#define STORE_FILE_NAME "record.mdb"
#define STORE_EPOCH_BYTES 8u

struct store {
    char *directory;
    int lock; /* the directory, locked; -1: read only */
    db_t *db;
    keyring_t *keyring; /* NULL: a throwaway store */
    char region[META_TEXT_MAX + 1];
    char epoch[2 * STORE_EPOCH_BYTES + 1];
    uint64_t began_ms;
    unsigned format;
    bool indexes_current; /* as schema and collation ask for */
    size_t numbers;       /* one more than the highest number of a kind */
    arena_t *scratch;     /* the writer's: given back at the start of each apply */
    room_t room;
    db_key_t prune_from; /* where requests_prune goes on; empty: at the beginning */
};

/* The directory, locked against all others that write, until it is closed. -1 with a
   sentence in `why`. */
int store_lock(const char *directory, char *why, size_t why_size);

/* A throwaway store for replay: no meta of its own, no keys, no sync, no lock. */
store_t *store_open_scratch(const char *directory, size_t map_size, char *why, size_t why_size);

/* What a new store knows of itself: with `epoch` NULL a new one, and `began_ms` when a
   restore begins it. */
void store_write_meta(db_txn_t *txn, const char *region, const char *epoch, uint64_t began_ms);

db_txn_t *store_db(const store_txn_t *self);
arena_t *store_scratch(store_txn_t *self);
/* Fail the transaction with an errno code. The first one counts. */
void store_fail(store_txn_t *self, int status);

/* The head as this transaction sees it, and for store_apply to move it. */
const meta_head_t *store_head_of(store_txn_t *self);
void store_set_head(store_txn_t *self, const meta_head_t *head);

#endif

#ifndef SAMVERK_META_H
#define SAMVERK_META_H

#include "db.h"
#include "schema.h"

#include <stdint.h>

/* The database `meta`: what the store knows of itself, by name (FORMAT.md). For
   the files of storage alone. A value whose checksum does not hold, or that
   has another size than it must, fails the transaction with EBADMSG; so does a head
   or a count that is missing where there is something to count. */

#define META_FORMAT 1u
#define META_TEXT_MAX 200u /* bytes of a region's name */
#define META_HASH_SIZE 32u

typedef struct {
    uint64_t revision;                  /* of the last applied batch */
    uint64_t time_ms;                   /* and its time */
    uint64_t rights;                    /* last revision that touched a user, grant or key */
    unsigned char hash[META_HASH_SIZE]; /* of the last journal entry */
} meta_head_t;

typedef struct {
    uint64_t last_number; /* highest ever used */
    uint64_t live;        /* records there are now */
} meta_kind_t;

/* All zero when nothing was applied yet. */
void meta_read_head(db_txn_t *txn, meta_head_t *head);
void meta_write_head(db_txn_t *txn, const meta_head_t *head);
void meta_read_kind(db_txn_t *txn, const kind_t *kind, meta_kind_t *counts);
void meta_write_kind(db_txn_t *txn, const kind_t *kind, const meta_kind_t *counts);

/* Small values by name: "format", "region", "epoch", "indexes", "collation". */
bool meta_read(db_txn_t *txn, const char *name, db_view_t *value);
bool meta_equals(db_txn_t *txn, const char *name, const void *bytes, size_t size);
void meta_write(db_txn_t *txn, const char *name, const void *value, size_t size);

#endif

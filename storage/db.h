#ifndef SAMVERK_DB_H
#define SAMVERK_DB_H

#include <stdbool.h>
#include <stddef.h>

/* LMDB behind one file: an environment with our named databases, transactions
   with a sticky error, cursors. Nothing else in Samverk knows LMDB. Statuses are
   0, errno codes, or LMDB's own negative ones; db_reason puts them in words. */

typedef struct db db_t;

/* One transaction. The first failure sticks: later calls do nothing and give
   what "nothing there" looks like, and db_commit returns it. A nested one that
   fails leaves its parent whole. Used by one thread at a time. */
typedef struct db_txn db_txn_t;

typedef enum {
    DB_META,
    DB_RECORDS,
    DB_JOURNAL,
    DB_HISTORY,
    DB_INDEX,
    DB_REQUESTS,
    DB_READS,
    DB_DUE,
    DB_DATABASES
} db_name_t;

const char *db_database(db_name_t name); /* "records" */

/* Bytes in a page of the map, or the caller's. Those of the map live until the
   transaction ends or next writes. */
typedef struct {
    const void *data;
    size_t size;
} db_view_t;

#define DB_KEY_MAX 511u /* what LMDB takes; db_open makes sure */

/* -- environment ------------------------------------------------------------ */

#define DB_CREATE 0x1u    /* make the file; otherwise it must be there */
#define DB_READ_ONLY 0x2u /* beside another process that writes */
#define DB_SCRATCH 0x4u   /* can be made anew: synced by db_sync alone, refused when cut short */

/* A file of an earlier version may lack a database that came later: writing begins it,
   and to who only reads it is empty. */

/* The file `path` (its lock lies beside it, "-lock"). NULL with `*status_p` on
   failure. The same file must not be open twice in a process, nor across a fork. */
db_t *db_open(const char *path, size_t map_size, unsigned flags, int *status_p);
void db_close(db_t **self_p);
int db_sync(db_t *self);
/* Free the slots of readers that died. Returns how many, negative on failure. */
int db_reader_check(db_t *self);
size_t db_map_size(const db_t *self);
size_t db_used(const db_t *self); /* bytes of the map used at some time */

const char *db_reason(int status);
bool db_is_full(int status); /* of map, transaction or disk: not a fault, only no room */

/* -- transactions -------------------------------------------------------------- */

/* NULL with `*status_p` on failure. `parent` may be NULL; a parent rests while
   its child lives. */
db_txn_t *db_begin(db_t *self, db_txn_t *parent, bool write, int *status_p);
int db_commit(db_txn_t **self_p); /* aborts when the transaction has failed */
void db_abort(db_txn_t **self_p);
int db_failed(const db_txn_t *self);
void db_fail(db_txn_t *self, int status); /* the first one counts */

/* True when the key is there. */
bool db_get(db_txn_t *self, db_name_t name, db_view_t key, db_view_t *value);
void db_put(db_txn_t *self, db_name_t name, db_view_t key, db_view_t value);
/* True when there was one. */
bool db_delete(db_txn_t *self, db_name_t name, db_view_t key);
void db_empty(db_txn_t *self, db_name_t name);
size_t db_entries(db_txn_t *self, db_name_t name);

/* -- cursors -------------------------------------------------------------------- */

/* Where a walk stands. Every started cursor is ended before its transaction.
   Each move returns whether there is an entry, and then `key` and `value` are it. */
typedef struct {
    db_txn_t *txn;
    void *handle;
    db_view_t key;
    db_view_t value;
} db_cursor_t;

void db_cursor_start(db_cursor_t *self, db_txn_t *txn, db_name_t name);
void db_cursor_end(db_cursor_t *self);
bool db_cursor_first(db_cursor_t *self);
bool db_cursor_last(db_cursor_t *self);
bool db_cursor_next(db_cursor_t *self);
bool db_cursor_previous(db_cursor_t *self);
bool db_cursor_from(db_cursor_t *self, db_view_t key);   /* the first at or after */
bool db_cursor_before(db_cursor_t *self, db_view_t key); /* the last before */
/* Delete where it stands; the next move goes to the neighbour. */
void db_cursor_delete(db_cursor_t *self);

int db_view_compare(db_view_t a, db_view_t b); /* LMDB's order: bytes, then length */
bool db_view_begins(db_view_t self, db_view_t prefix);

#endif

#ifndef SAMVERK_STORE_H
#define SAMVERK_STORE_H

#include "record.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One region's record on disk. Opened once a process; no fork after that. */
typedef struct store store_t;

/* One transaction. Readers: any thread, one at a time a thread, at most a
   second long. Writer: one thread alone, ended by exactly one of store_commit
   and store_abort. The first failure sticks: later calls do nothing and return
   what "nothing there" looks like, store_failed says so, store_commit returns it. */
typedef struct store_txn store_txn_t;

typedef struct {
    const char *directory;
    size_t map_size;    /* bytes; 0: 64 GiB */
    const char *region; /* with `create`: the region's name */
    bool create;        /* make a new store; refused when there is one */
    bool read_only;     /* for check and backup beside a running daemon */
    bool old_format;    /* with `read_only`: also one that migrate is to bring up */
} store_options_t;

/* NULL with one sentence in `why` on failure. Runs mdb_reader_check, compares
   the index list in meta with the schema's and rebuilds indexes when they differ.
   A store open for writing locks its directory: no second process gets it. The
   schema must have been started. */
store_t *store_open(const store_options_t *options, char *why, size_t why_size);
void store_close(store_t **self_p);

const char *store_region(const store_t *self);
/* 16 hexadecimal digits, changed by restore. */
const char *store_epoch(const store_t *self);
/* When a restore began this epoch, UTC ms; 0 when none did. */
uint64_t store_began(const store_t *self);
const char *store_directory(const store_t *self);
/* Remove the slots of readers that died; call each minute. Returns how many. */
int store_reader_check(store_t *self);

typedef enum { STORE_ROOM, STORE_RESERVE, STORE_FULL } store_room_t;
/* Room left in map and file system: RESERVE when less than 64 MiB would remain
   for anything but revoking, deleting and erasing; FULL when nothing fits. Cheap
   enough for each batch (statvfs at most each 100 ms). */
store_room_t store_room(store_t *self);

store_txn_t *store_read(store_t *self);       /* NULL: log and exit */
store_txn_t *store_write(store_t *self);      /* NULL: log and exit */
store_txn_t *store_nest(store_txn_t *parent); /* a write inside a write */
void store_abort(store_txn_t **self_p);
/* 0, or an LMDB or errno code; after a failed outermost commit the outcome is
   unknown and the process must stop acknowledging. Sync of person keys comes first. */
int store_commit(store_txn_t **self_p);
int store_failed(const store_txn_t *self); /* 0, or the sticky code */
/* What such a code says, and whether it says only that there is no room: then a
   nested transaction that failed with it harmed nothing else. */
const char *store_reason(int status);
bool store_is_full(int status);
store_t *store_of(const store_txn_t *self);

/* Revision of the last applied batch that this transaction sees; 0 when empty. */
uint64_t store_head(store_txn_t *self);
/* Time of the last journal entry, UTC ms. */
uint64_t store_last_time(store_txn_t *self);
/* Last revision that touched a user, grant or key: what cached rights hang on. */
uint64_t store_rights_revision(store_txn_t *self);
/* The next number of a numbered kind, taken: two calls give two numbers. One that
   no applied batch used is given again in a later transaction. */
uint64_t store_next_number(store_txn_t *self, const kind_t *kind);

/* -- writing ------------------------------------------------------------------- */

/* One change of one record: `before` NULL for a new one, `after` NULL for a
   delete. Personal fields of both are sealed (seal_record). `before` is the state
   that stands: as records_get gave it, or the `after` of an earlier operation of
   the same batch on the same record. */
typedef struct {
    const record_t *before;
    const record_t *after;
} operation_t;

/* One transaction of the record, complete: apply takes no clock, ids or random
   of its own. All of it is borrowed. */
typedef struct {
    uint64_t time_ms;
    const char *actor;                /* "usr-4": under whose key; "" the daemon itself */
    const char *as;                   /* "usr-9" when a service acted for a user, else NULL */
    const unsigned char *request_id;  /* 16 bytes, or NULL for none */
    unsigned char arguments_hash[32]; /* BLAKE2b of command and arguments */
    const operation_t *operations;
    size_t n_operations;
} batch_t;

/* Append the batch to the journal and apply it: records, index, history,
   request id (kept under `actor`). Returns the new revision (and writes it into no
   record of the caller's), or 0 when the transaction has failed: with EINVAL when
   a `before` is not the state that stands, with EMSGSIZE when the entry would be
   larger than wire_limits_stored. store is the only caller of journal_append. */
uint64_t store_apply(store_txn_t *self, const batch_t *batch);

/* -- the past -------------------------------------------------------------------- */

/* The record as it stood at `revision`, or NULL when it did not exist then. */
record_t *store_record_at(store_txn_t *self, const record_id_t *id, uint64_t revision,
                          arena_t *arena);
/* The last revision at or before the instant. */
uint64_t store_revision_at(store_txn_t *self, uint64_t time_ms);

#endif

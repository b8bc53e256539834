#ifndef SAMVERK_WATCH_H
#define SAMVERK_WATCH_H

#include "call.h"
#include "push.h"
#include "writer.h"

/* A watch is a cursor into the journal and a filter. For each operation the view
   before and the view after are held against each other, under the rights of the
   transaction in which it is delivered. */
typedef struct watch watch_t;

/* From the arguments of `watch`. NULL with `error`. It begins after `head`, the last
   revision that was fed to watches, unless told to begin elsewhere, up to `newest`,
   the last that a read may have seen. */
watch_t *watch_new(uint64_t number, const value_t *arguments, uint64_t head, uint64_t newest,
                   const char *epoch, error_t *error);
void watch_destroy(watch_t **self_p);

uint64_t watch_number(const watch_t *self);
/* Everything up to here has been looked at; and up to here has been told. */
uint64_t watch_scanned(const watch_t *self);
uint64_t watch_told(const watch_t *self);

/* A revision in front of watches: what many of them need of it is made once. Lives in
   `arena`; the change and the transaction outlive it. */
typedef struct sight sight_t;

sight_t *sight_new(const change_t *change, store_txn_t *txn, arena_t *arena);

/* Look at one revision, the next after watch_scanned. What this reader is to be told
   is pending from then on, in the sight's arena: watch_frame comes before that is
   emptied. False when that is more than can be told one by one:
   the watch is to end, and its client takes a snapshot. */
bool watch_look(watch_t *self, sight_t *sight, const access_t *access);
/* False when a change of this record is nothing to the watch, whatever it is. */
bool watch_wants(const watch_t *self, const record_id_t *id);
/* Bytes of pending entries. */
size_t watch_pending(const watch_t *self);
/* The frame with all pending entries, for the caller to close; false when there are
   none. Afterwards they count as told. */
bool watch_frame(watch_t *self, const char *epoch, pushes_t *pushes, arena_t *arena,
                 zmq_msg_t *frame);
/* A bookmark up to watch_scanned, after which that counts as told. */
void *watch_bookmark(watch_t *self, const char *epoch, arena_t *arena, size_t *size);

#endif

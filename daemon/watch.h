#ifndef SAMVERK_WATCH_H
#define SAMVERK_WATCH_H

#include "call.h"
#include "push.h"
#include "sight.h"

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

/* A service watches for many users with one cursor: an operation then says whom it is
   for. False with `error` when it may not act for one of them. */
bool watch_read_for(watch_t *self, const value_t *users, const access_t *service, store_txn_t *txn,
                    uint64_t now_ms, error_t *error);
/* True when the rights of someone it watches for, or the service's to do so, are not
   what they were: the watch is to end. */
bool watch_rights_changed(const watch_t *self, const access_t *service, store_txn_t *txn,
                          uint64_t now_ms, arena_t *arena);
/* True when it watches for this user. */
bool watch_reads_for(const watch_t *self, const char *user);

uint64_t watch_number(const watch_t *self);
/* Everything up to here has been looked at; and up to here has been told. */
uint64_t watch_scanned(const watch_t *self);
/* Nothing up to this revision is anything to it: it counts as looked at. */
void watch_pass(watch_t *self, uint64_t revision);
/* What it asks for, as sights have it (sight_bit): one that shares no kind or no
   municipality with it is nothing to it. */
uint64_t watch_kinds(const watch_t *self);
uint64_t watch_municipalities(const watch_t *self);
uint64_t watch_told(const watch_t *self);

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

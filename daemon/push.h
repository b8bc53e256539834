#ifndef SAMVERK_PUSH_H
#define SAMVERK_PUSH_H

#include "arena.h"

#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

/* Push frames. Watches that stand at one revision and are shown the same are sent the
   same bytes: those are laid out once, and shared. */

/* One entry, encoded: one transaction as some may see it. */
typedef struct {
    const void *data;
    size_t size;
} push_entry_t;

typedef struct push push_t;
/* The frames made since the last pushes_clear; zero to begin with. */
typedef struct {
    push_t *first;
} pushes_t;

/* The frame of these entries, which live in `arena` like what is remembered of the
   frame. Entries are the same when they are at one address. The caller closes `frame`. */
void pushes_frame(pushes_t *self, arena_t *arena, uint64_t watch, const char *epoch,
                  uint64_t before, const push_entry_t *const *entries, size_t count,
                  zmq_msg_t *frame);
/* Before the arena is emptied. */
void pushes_clear(pushes_t *self);

#endif

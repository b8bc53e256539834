#ifndef SAMVERK_BACKUPS_H
#define SAMVERK_BACKUPS_H

#include "call.h"

/* The backup that is being made, or was made last, by a thread of its own: one at a time.
   The front alone asks; it waits for nothing, however slow the target is. */
typedef struct backups backups_t;

/* `directory` is the configuration's, "" for none. Both are borrowed. */
backups_t *backups_new(store_t *store, const char *directory);
/* Tell the one under way to stop. False when its target stalls: its thread is left behind,
   to end with the process, and the store must stay open. */
bool backups_destroy(backups_t **self_p);

/* The command `backup`, refused where there is no directory or `self` is NULL: with `file` begin one, and without say how far the last one is.
   The same file again while it is being made is the same backup. */
bool backups_command(backups_t *self, call_t *call);

#endif

#ifndef SIM_POST_H
#define SIM_POST_H

#include "samverk.h"

/* Writes on their way to the daemon: rows and operations gathered into requests as large
   as one may be, two of which are out at a time. */
typedef struct post post_t;

/* The profile is borrowed. */
post_t *post_new(const samverk_profile_t *profile);
void post_destroy(post_t **self_p);

/* For what the next row, operation or request is made of; emptied when that has been sent. */
arena_t *post_arena(post_t *self);

/* A row for an import of the kind, or an operation for a batch. The number of the record
   that comes of a row goes to `*number`, by the time of post_wait; NULL where nobody asks.
   post_wait comes before those of another kind. */
void post_row(post_t *self, const char *kind, value_t row, uint32_t *number);
void post_operation(post_t *self, value_t operation);

/* All that was given is sent and answered. False once it has been said on stderr what was
   not done; nothing is sent after that. */
bool post_wait(post_t *self);
/* A request of its own, after post_wait; the same. `result` lives until the next. */
bool post_ask(post_t *self, const char *command, value_t arguments, value_t *result);

/* Connect anew, when the daemon's clock has been set. */
void post_reconnect(post_t *self);

#endif

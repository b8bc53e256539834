#ifndef SAMVERK_MATCHES_H
#define SAMVERK_MATCHES_H

#include "job.h"

/* What the record keeps of matches, so that both brokers are told of a new one: a record
   of kind `match` for each open inquiry that has any, with the best of those that match
   it. Made of what all of staff see of either side, so that it tells nobody more than a
   list would, and changed by the daemon alone, a moment behind the inquiries. */

#define MATCHES_KEPT 10u

/* Where the one that keeps them stands in the journal. One thread's own. */
typedef struct matches matches_t;

matches_t *matches_new(const environment_t *environment);
void matches_destroy(matches_t **self_p);

typedef enum { MATCHES_EVEN, MATCHES_MORE, MATCHES_CHANGED, MATCHES_FAILED } matches_step_t;
/* Go on a bounded step towards the head. MATCHES_CHANGED gives a chore for the writer, with
   its arena: nothing more is done until matches_settle says what became of it.
   MATCHES_FAILED gives `*status` (store_reason). */
matches_step_t matches_follow(matches_t *self, const void **what, arena_t **arena_p, int *status);
/* The chore is on disk, or it was refused and the same step is to be done again. */
void matches_settle(matches_t *self, bool written);

/* The chore. */
bool matches_write(draft_t *draft, const void *what, error_t *error);

#endif

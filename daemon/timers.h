#ifndef SAMVERK_TIMERS_H
#define SAMVERK_TIMERS_H

#include "due.h"
#include "job.h"

/* What is due by the day (due.h), made into chores for the writer. All that is remembered
   is on disk: an entry goes with the change that it asked for, so nothing is done twice and
   nothing forgotten, whatever ends the daemon. What cannot be done now, as while the region
   is maintained or the disk is full, stays due and is tried again. The front's alone. */
typedef struct {
    due_entry_t at;         /* where the next look goes on */
    unsigned under_way;     /* chores that the writer has: some at a time */
    bool tried, done;       /* anything, since the look that began with the first entry */
    uint64_t rest_until_ms; /* monotonic: nothing of what is due can be done for now */
} timers_t;

/* What is due now, a list of chores for the writer, or NULL: call it each second, and when
   the last of them is back. A clock that has jumped ahead is not believed
   at once (clock_expiry_ms). */
job_t *timers_look(timers_t *self, const environment_t *environment);
/* A job has come back from the writer, perhaps one of these chores. True when it was the
   last, and there are more where they came from. */
bool timers_settle(timers_t *self, const job_t *job);

#endif

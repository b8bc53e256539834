#ifndef SAMVERK_PAIRER_H
#define SAMVERK_PAIRER_H

#include "job.h"

/* The thread that keeps the record's matches (matches.h), a moment behind the writer. It
   reads, and what it finds goes to the writer through the front, as all writes do. */
typedef struct pairer pairer_t;

pairer_t *pairer_new(const environment_t *environment);
/* Something has been committed. */
void pairer_wake(pairer_t *self);
/* What it gave has come back from the writer. */
void pairer_settle(pairer_t *self, const job_t *job);
void pairer_destroy(pairer_t **self_p);

/* The socket to poll for chores; the next one, or NULL: the caller's, for the writer. */
void *pairer_socket(pairer_t *self);
job_t *pairer_take(pairer_t *self);

#endif

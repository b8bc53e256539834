#ifndef SAMVERK_READERS_H
#define SAMVERK_READERS_H

#include "job.h"

/* A few threads that answer reads, each request in a transaction of its own, so
   that no long answer delays a write or a push. */
typedef struct readers readers_t;

readers_t *readers_new(const environment_t *environment, unsigned count);
/* Jobs still under way are dropped: nothing was promised. */
void readers_destroy(readers_t **self_p);

unsigned readers_count(const readers_t *self);
/* The socket to poll for answers of one reader. */
void *readers_socket(readers_t *self, unsigned which);
/* Hand over a job to the reader with least to do. */
void readers_give(readers_t *self, job_t *job);
/* An answered job, or NULL; the caller's. */
job_t *readers_take(readers_t *self, unsigned which);

#endif

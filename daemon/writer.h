#ifndef SAMVERK_WRITER_H
#define SAMVERK_WRITER_H

#include "job.h"

/* The one thread that opens write transactions. Requests wait in a lane a user,
   taken in turn, so that an import delays nobody; a batch of them is one disk
   sync. What it commits goes back to the front whole: answers to send, and what
   changed, to push. */
typedef struct writer writer_t;

/* One applied request, as watches see it. Records are sealed. */
typedef struct {
    uint64_t revision;
    uint64_t time_ms;
    const char *actor;
    const char *as;
    const operation_t *operations;
    size_t n_operations;
} change_t;

typedef struct {
    job_t *jobs;             /* answered, synced; linked by `next` */
    const change_t *changes; /* in order of revision; live as long as the jobs */
    size_t n_changes;
    uint64_t head;
    arena_t *arena;
} commit_t;

#define WRITER_BATCH_REQUESTS 256u
#define WRITER_BATCH_BYTES (1024u * 1024u)
#define WRITER_LARGE_BYTES (8u * 1024u) /* a request beyond this is a batch of its own */

writer_t *writer_new(const environment_t *environment);
/* Finish what was given, give the last commits to `take`, and stop. */
void writer_destroy(writer_t **self_p, void (*take)(commit_t *commit, void *context),
                    void *context);

/* The socket to poll for commits. */
void *writer_socket(writer_t *self);
/* Hand over a job: the writer's now. */
void writer_give(writer_t *self, job_t *job);
/* The next commit, or NULL; the caller's to destroy. */
commit_t *writer_take(writer_t *self);
void commit_destroy(commit_t **self_p);

/* Serve one job, a chore too, in a transaction: for tests on a fake clock. Returns
   the change that it made in `change` (n_operations 0: none). */
void writer_serve(job_t *job, const environment_t *environment, store_txn_t *txn,
                  access_cache_t *cache, change_t *change);

#endif

#ifndef SAMVERK_JOB_H
#define SAMVERK_JOB_H

#include "access_cache.h"
#include "call.h"

/* A request on its way: from the front to the writer or a reader and back, owned by
   whoever holds it. */
typedef struct job job_t;

/* What the daemon changes by itself: fills the draft as a command's handler does, on the
   writer's thread, under access_daemon. False with `error`: nothing is applied. */
typedef bool (*chore_t)(draft_t *draft, const void *what, error_t *error);

struct job {
    arena_t *arena; /* holds everything below, the job too */
    uint64_t session;
    unsigned char public_key[32];
    const command_t *command;
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    value_t arguments;
    const char *as; /* user that a service acts for, or NULL */
    size_t size;    /* of the request, bytes */
    /* what came of it */
    void *reply;
    size_t reply_size;
    const char *user;
    const char *purpose;
    const char *const *subjects; /* people whose data the reply holds; NULL none */
    job_t *next;                 /* in a lane or list */
    /* of the daemon's own: no session, no command, no reply */
    chore_t chore;
    const void *what;
    error_code_t refused; /* why it came to nothing; ERROR_NONE when it did not */
};

/* A job of its own arena, borrowing nothing. NULL with `error` when the frame's
   command or arguments are wrong. */
job_t *job_new(const frame_t *request, arena_t **arena_p, error_t *error);
/* A chore for the writer, made and given by the front. It comes back in a commit like all
   else; `what` lives in the arena, which is the job's now. */
job_t *job_chore(chore_t chore, const void *what, arena_t **arena_p);
void job_destroy(job_t **self_p);

/* Fill in a call for the job: its rights in this transaction, the person that a
   service acts for included. False with the call's error. */
bool job_begin(job_t *self, call_t *call, const environment_t *environment, store_txn_t *txn,
               access_cache_t *cache);
/* Encode the reply from the call's result or error. */
void job_finish(job_t *self, call_t *call, uint64_t revision);

/* Another reply after all: an error, and nobody's data. */
void job_refuse(job_t *self, error_code_t code);

/* BLAKE2b-256 of command and arguments: what a retry must have in common. */
void job_hash(const job_t *self, unsigned char hash[32]);

#endif

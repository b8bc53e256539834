#include "pairer.h"

#include "background.h"
#include "log.h"
#include "mailbox.h"
#include "matches.h"
#include "writer.h"

#include <czmq.h>

#define PAUSE_MS 50 /* in which commits gather: one step for all of them */
#define REST 3      /* times as long as a step took, for those who write */
#define REST_MOST_MS 200

static char wake_sign, written_sign, refused_sign, stop_sign;
#define WAKE ((void *)&wake_sign)
#define WRITTEN ((void *)&written_sign)
#define REFUSED ((void *)&refused_sign)
#define STOP ((void *)&stop_sign)

struct pairer {
    zactor_t *actor;
};

typedef struct {
    matches_t *matches;
    void *socket;
    bool pending; /* the writer has a chore of ours */
    int told;     /* what was last said to be wrong: once is enough */
} worker_t;

/* Yielding the processor is not enough where all of it is wanted: who catches up rests as
   well, but no longer than who stops the daemon may have to wait. */
static void rest(int64_t begun_us)
{
    int64_t rest_ms = (zclock_usecs() - begun_us) * REST / 1000;

    zclock_sleep((int)(rest_ms < REST_MOST_MS ? rest_ms : REST_MOST_MS));
}

/* One step; true when there is nothing more to do until something comes. */
static bool step(worker_t *self)
{
    const void *what;
    arena_t *arena;
    int status;

    if (self->pending)
        return true;
    int64_t begun_us = zclock_usecs();
    matches_step_t came_to = matches_follow(self->matches, &what, &arena, &status);
    if (status != 0 && status != self->told)
        log_warning("matches are behind: %s", store_reason(status));
    self->told = status;
    if (came_to == MATCHES_CHANGED) {
        job_t *job = job_chore(matches_write, what, &arena);
        job->size = WRITER_LARGE_BYTES + 1; /* a batch of its own, in turn with what people write */
        mailbox_send(self->socket, job);
        self->pending = true;
    }
    rest(begun_us);
    return came_to != MATCHES_MORE;
}

/* What was refused, in maintenance or on a full disk, is tried again when something has
   been written. */
static void take(worker_t *self, const void *message, bool *wait)
{
    if (message == WRITTEN || message == REFUSED) {
        matches_settle(self->matches, message == WRITTEN);
        self->pending = false;
    }
    *wait = message == REFUSED;
}

static void pairer_main(zsock_t *pipe, void *context)
{
    worker_t self = {.matches = matches_new(context), .socket = zsock_resolve(pipe)};
    void *message = NULL;

    background_begin();
    zsock_signal(pipe, 0);
    while (message != STOP) {
        bool wait = step(&self);
        while ((message = mailbox_receive(self.socket, wait)) != NULL && message != STOP) {
            if (message == WAKE && wait && !self.pending)
                zclock_sleep(PAUSE_MS);
            take(&self, message, &wait);
        }
        if (wait && message == NULL)
            break; /* the other side is gone */
    }
    matches_destroy(&self.matches);
    if (message == STOP)
        mailbox_send(self.socket, STOP);
}

pairer_t *pairer_new(const environment_t *environment)
{
    pairer_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->actor = zactor_new(pairer_main, (void *)environment);
    if (self->actor == NULL)
        log_fatal("the pairer cannot be started");
    return self;
}

void *pairer_socket(pairer_t *self)
{
    return zsock_resolve(self->actor);
}

void pairer_wake(pairer_t *self)
{
    mailbox_send(pairer_socket(self), WAKE);
}

void pairer_settle(pairer_t *self, const job_t *job)
{
    if (job->chore == matches_write)
        mailbox_send(pairer_socket(self), job->refused == ERROR_NONE ? WRITTEN : REFUSED);
}

job_t *pairer_take(pairer_t *self)
{
    return mailbox_receive(pairer_socket(self), 0);
}

void pairer_destroy(pairer_t **self_p)
{
    pairer_t *self = *self_p;
    void *last;

    if (self == NULL)
        return;
    mailbox_send(pairer_socket(self), STOP);
    while ((last = mailbox_receive(pairer_socket(self), 1)) != STOP && last != NULL) {
        job_t *job = last;
        job_destroy(&job);
    }
    zactor_destroy(&self->actor);
    free(self);
    *self_p = NULL;
}

#include "readers.h"

#include "log.h"
#include "mailbox.h"

#include <czmq.h>

#define SLOW_MS 1000u

static char stop_sign;
#define STOP ((void *)&stop_sign)

typedef struct {
    zactor_t *actor;
    unsigned waiting;
} reader_t;

struct readers {
    unsigned count;
    reader_t reader[];
};

static void serve(job_t *job, const environment_t *environment, access_cache_t *cache)
{
    uint64_t began = clock_monotonic_ms(environment->clock);
    store_txn_t *txn = store_read(environment->store);
    call_t call;

    if (txn == NULL)
        log_fatal("the record cannot be read");
    if (job_begin(job, &call, environment, txn, cache))
        dispatch_run(&call);
    int failed = store_failed(txn);
    if (failed != 0) {
        log_error("%s failed in the store: %s", job->command->name, store_reason(failed));
        memset(&call.error, 0, sizeof call.error);
        error_set(&call.error, ERROR_INTERNAL, NULL, NULL);
    }
    job_finish(job, &call, store_head(txn));
    store_abort(&txn);
    uint64_t took = clock_monotonic_ms(environment->clock) - began;
    if (took > SLOW_MS)
        log_notice("%s took %llu ms", job->command->name, (unsigned long long)took);
}

static void reader_main(zsock_t *pipe, void *context)
{
    const environment_t *environment = context;
    access_cache_t *cache = access_cache_new();
    void *socket = zsock_resolve(pipe);
    job_t *job;

    zsock_signal(pipe, 0);
    while ((job = mailbox_receive(socket, 1)) != STOP && job != NULL) {
        serve(job, environment, cache);
        mailbox_send(socket, job);
    }
    mailbox_send(socket, STOP);
    access_cache_destroy(&cache);
}

readers_t *readers_new(const environment_t *environment, unsigned count)
{
    readers_t *self = calloc(1, sizeof *self + count * sizeof *self->reader);

    if (self == NULL)
        log_fatal("no memory left");
    self->count = count;
    for (unsigned i = 0; i < count; i++) {
        self->reader[i].actor = zactor_new(reader_main, (void *)environment);
        if (self->reader[i].actor == NULL)
            log_fatal("a reader cannot be started");
    }
    return self;
}

unsigned readers_count(const readers_t *self)
{
    return self->count;
}

void *readers_socket(readers_t *self, unsigned which)
{
    return zsock_resolve(self->reader[which].actor);
}

void readers_give(readers_t *self, job_t *job)
{
    unsigned least = 0;

    for (unsigned i = 1; i < self->count; i++)
        if (self->reader[i].waiting < self->reader[least].waiting)
            least = i;
    self->reader[least].waiting++;
    mailbox_send(readers_socket(self, least), job);
}

job_t *readers_take(readers_t *self, unsigned which)
{
    job_t *job = mailbox_receive(readers_socket(self, which), 0);

    if (job != NULL)
        self->reader[which].waiting--;
    return job;
}

void readers_destroy(readers_t **self_p)
{
    readers_t *self = *self_p;

    if (self == NULL)
        return;
    for (unsigned i = 0; i < self->count; i++) {
        job_t *job;
        mailbox_send(readers_socket(self, i), STOP);
        while ((job = mailbox_receive(readers_socket(self, i), 1)) != STOP && job != NULL)
            job_destroy(&job);
        zactor_destroy(&self->reader[i].actor);
    }
    free(self);
    *self_p = NULL;
}

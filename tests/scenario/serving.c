#include "region_parts.h"

#include "erasure.h"
#include "reads.h"
#include "requests.h"
#include "session_commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

void region_request_id(region_t *self, unsigned char id[WIRE_REQUEST_ID_SIZE])
{
    unsigned char random[10] = {0}; /* no two alike is enough */

    self->time.drawn++;
    memcpy(random, &self->time.drawn, sizeof self->time.drawn);
    request_id_make(id, self->time.utc_ms, random);
}

static void send_reply(region_t *self, const client_t *client, const job_t *job)
{
    session_t *session = region_session(self, client);

    assert_non_null(session);
    assert_true(sessions_send(self->feed.sessions, session, job->reply, job->reply_size));
}

static void send_error(region_t *self, const client_t *client, const unsigned char *id,
                       const error_t *error)
{
    arena_t *arena = arena_new();
    frame_t frame = {
        .type = FRAME_ERROR, .id = id, .revision = self->feed.head, .body = value_absent};
    void *data;
    size_t size;

    frame.body = error_to_value(error, arena);
    frame_write(&frame, arena, &data, &size);
    sessions_send_to(self->feed.sessions, client->route, strlen(client->route), data, size);
    arena_destroy(&arena);
}

static void serve_session(region_t *self, job_t *job, session_t *session)
{
    store_txn_t *txn = store_read(self->environment.store);
    call_t call;

    if (job_begin(job, &call, &self->environment, txn, self->feed.cache)) {
        if (!(call.access->roles & job->command->roles))
            error_set(&call.error, ERROR_NOT_ALLOWED, NULL, NULL);
        else
            session_command(&call, session, self->feed.head);
    }
    job_finish(job, &call, self->feed.head);
    store_abort(&txn);
}

static void note_read(region_t *self, const job_t *job)
{
    store_txn_t *txn = store_write(self->environment.store);
    read_t read = {.time_ms = self->time.utc_ms,
                   .user = job->user,
                   .as = job->as,
                   .command = job->command->name,
                   .purpose = job->purpose,
                   .subjects = job->subjects};

    reads_append(txn, &read);
    assert_int_equal(store_commit(&txn), 0);
}

static void serve_read(region_t *self, job_t *job)
{
    store_txn_t *txn = store_read(self->environment.store);
    call_t call;

    if (job_begin(job, &call, &self->environment, txn, self->cache))
        dispatch_run(&call);
    if (store_failed(txn) != 0)
        fail_msg("%s failed in the store: %s", job->command->name, store_reason(store_failed(txn)));
    job_finish(job, &call, store_head(txn));
    store_abort(&txn);
    if (job->subjects != NULL)
        note_read(self, job);
}

/* A batch of one; `client` is who asked for it, or NULL. */
static void serve_write(region_t *self, const client_t *client, job_t *job)
{
    store_txn_t *txn = store_write(self->environment.store);
    change_t change;

    writer_serve(job, &self->environment, txn, self->cache, &change);
    commit_t commit = {
        .changes = &change, .n_changes = change.n_operations > 0, .head = store_head(txn)};
    requests_prune(txn, clock_expiry_ms(&self->step, &self->clock), 16);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(erasure_finish(&self->environment, &change), 0);
    if (client != NULL)
        send_reply(self, client, job);
    feed_commit(&self->feed, &commit);
}

void region_do(region_t *self, job_t *job)
{
    serve_write(self, NULL, job);
    region_settle(self);
}

static error_code_t serve_chore(region_t *self, chore_t chore, const void *what, arena_t *arena)
{
    job_t *job = job_chore(chore, what, &arena);

    region_do(self, job);
    error_code_t refused = job->refused;
    job_destroy(&job);
    return refused;
}

error_code_t region_chore(region_t *self, chore_t chore, const void *what)
{
    return serve_chore(self, chore, what, arena_new());
}

/* The matches, which another thread keeps a moment behind. */
static void keep_matches(region_t *self)
{
    matches_step_t came_to = MATCHES_MORE;

    while (came_to == MATCHES_MORE) {
        const void *what;
        arena_t *arena;
        int status;
        came_to = matches_follow(self->matches, &what, &arena, &status);
        if (came_to != MATCHES_CHANGED)
            continue;
        bool written = serve_chore(self, matches_write, what, arena) == ERROR_NONE;
        matches_settle(self->matches, written);
        came_to = written ? MATCHES_MORE : MATCHES_EVEN;
    }
    assert_int_equal(came_to, MATCHES_EVEN);
}

static void serve(region_t *self, client_t *client, const frame_t *frame, arena_t **arena_p)
{
    session_t *session = region_session(self, client);
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    error_t error = {0};
    job_t *job = NULL;

    memcpy(id, frame->id, sizeof id);
    if (session == NULL)
        error_set(&error, ERROR_NO_SESSION, NULL, NULL);
    else
        job = job_new(frame, arena_p, &error);
    if (job == NULL) {
        send_error(self, client, id, &error);
        return;
    }
    job->session = session->number;
    memcpy(job->public_key, session->public_key, 32);
    switch (job->command->mode) {
    case COMMAND_SESSION:
        serve_session(self, job, session);
        send_reply(self, client, job);
        break;
    case COMMAND_READ:
        serve_read(self, job);
        send_reply(self, client, job);
        break;
    case COMMAND_WRITE:
        serve_write(self, client, job);
        break;
    }
    job_destroy(&job);
}

/* What a watch begins at is what its first push goes on from. */
static void note_watch(client_t *client, const request_t *request, const value_t *result)
{
    uint64_t watch = (uint64_t)value_get_integer(result, "watch", 0);

    if (strcmp(request->command, "watch") == 0 && watch > 0 && watch < WATCHES_MAX)
        client->told[watch] = (uint64_t)value_get_integer(result, "rev", 0);
}

reply_t region_ask(region_t *self, client_t *client, const request_t *request)
{
    arena_t *arena = arena_new();
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    error_t error = {0};
    value_t value;
    frame_t frame = {.type = FRAME_REQUEST,
                     .id = id,
                     .command = request->command,
                     .as = request->as,
                     .body = request->arguments};
    void *data;
    size_t size;

    if (request->id != NULL)
        memcpy(id, request->id, sizeof id);
    else
        region_request_id(self, id);
    client->reply = NULL;
    frame_write(&frame, arena, &data, &size);
    if (!wire_decode(data, size, wire_limits_for(data, size), arena, &value, &error) ||
        !frame_read(&frame, &value, &error))
        send_error(self, client, NULL, &error);
    else
        serve(self, client, &frame, &arena);
    arena_destroy(&arena);
    region_deliver(self);

    reply_t reply = {0};
    if (client->reply == NULL)
        fail_msg("%s got no answer to %s", client->name, request->command);
    reply.revision = client->reply->revision;
    if (client->reply->type == FRAME_ERROR)
        assert_true(error_from_value(&reply.error, &client->reply->body, client->arena));
    else
        reply.result = client->reply->body;
    note_watch(client, request, &reply.result);
    region_settle(self);
    keep_matches(self);
    return reply;
}

#include "session.h"
#include "retry.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* From the first attempt to the welcome; the handshake has 5 s of it. */
#define WELCOME_MS 6000
/* Pushed frames that may wait while a request is under way. More are thrown away, and
   the watches resume once these have been taken: to hold the daemon's credit back
   would hold back the answer that we wait for. */
#define PUSHED_BYTES_MAX ((size_t)16 << 20)

int64_t session_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

samverk_t *samverk_new(const samverk_profile_t *profile, const char *program)
{
    samverk_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->profile = *profile;
    snprintf(self->program, sizeof self->program, "%s", program);
    self->timeout_ms = SAMVERK_TIMEOUT_MS;
    self->scratch = arena_new();
    self->welcome_arena = arena_new();
    self->welcome = value_absent;
    return self;
}

static void calls_destroy(samverk_t *self)
{
    while (self->calls) {
        samverk_call_t *call = self->calls;
        self->calls = call->next;
        arena_t *arena = call->arena;
        arena_destroy(&arena);
    }
}

static void pushed_destroy(samverk_t *self)
{
    pushed_t *pushed;
    while ((pushed = session_take(self)))
        free(pushed);
    self->pushed_lost = false;
}

void samverk_destroy(samverk_t **self_p)
{
    samverk_t *self = *self_p;
    if (!self)
        return;
    conn_destroy(&self->conn);
    calls_destroy(self);
    while (self->watches) {
        samverk_watch_t *watch = self->watches;
        samverk_watch_destroy(&watch);
    }
    pushed_destroy(self);
    arena_destroy(&self->scratch);
    arena_destroy(&self->welcome_arena);
    explicit_bzero(&self->profile, sizeof self->profile);
    free(self);
    *self_p = NULL;
}

void samverk_set_timeout(samverk_t *self, unsigned timeout_ms)
{
    self->timeout_ms = timeout_ms;
}

bool samverk_connected(const samverk_t *self)
{
    return self->welcomed;
}

const value_t *samverk_welcome(const samverk_t *self)
{
    return &self->welcome;
}

samverk_trouble_t samverk_trouble(const samverk_t *self)
{
    return self->trouble;
}

const char *samverk_endpoint(const samverk_t *self)
{
    return self->profile.endpoint;
}

unsigned samverk_waited_ms(const samverk_t *self)
{
    return self->down_since ? (unsigned)(session_now() - self->down_since) : 0;
}

uint64_t samverk_time(const samverk_t *self)
{
    return (uint64_t)(wall_now() + self->offset_ms);
}

/* -- pushed frames ------------------------------------------------------------------ */

static void session_keep(samverk_t *self, const void *data, size_t size)
{
    if (self->pushed_bytes + size > PUSHED_BYTES_MAX)
        self->pushed_lost = true;
    pushed_t *pushed = self->pushed_lost ? NULL : malloc(sizeof *pushed + size);
    if (!pushed) {
        self->pushed_lost = true;
        return;
    }
    pushed->next = NULL;
    pushed->size = size;
    memcpy(pushed->data, data, size);
    self->pushed_bytes += size;
    if (self->last)
        self->last->next = pushed;
    else
        self->first = pushed;
    self->last = pushed;
}

pushed_t *session_take(samverk_t *self)
{
    pushed_t *pushed = self->first;
    if (!pushed)
        return NULL;
    self->first = pushed->next;
    if (!self->first)
        self->last = NULL;
    self->pushed_bytes -= pushed->size;
    return pushed;
}

/* -- connecting ---------------------------------------------------------------------- */

static bool key_is_set(const unsigned char key[SAMVERK_KEY_SIZE])
{
    static const unsigned char none[SAMVERK_KEY_SIZE];
    return memcmp(key, none, SAMVERK_KEY_SIZE) != 0;
}

/* The other of the two keys that the daemon may have now. */
static void keys_swap(samverk_profile_t *profile)
{
    unsigned char key[SAMVERK_KEY_SIZE];
    memcpy(key, profile->server_key, sizeof key);
    memcpy(profile->server_key, profile->next_key, sizeof key);
    memcpy(profile->next_key, key, sizeof key);
}

/* A welcome proves the present key. What it announces as the next is remembered; the
   one that was tried in vain, or is announced no longer, is forgotten. */
static void keys_settle(samverk_t *self)
{
    samverk_profile_t *profile = &self->profile;
    const value_t *next = value_get(&self->welcome, "next_key");
    unsigned char key[SAMVERK_KEY_SIZE] = {0};
    if (next->form == VALUE_BYTES && next->size == sizeof key)
        memcpy(key, next->bytes, sizeof key);
    bool changed = memcmp(key, profile->next_key, sizeof key) != 0;
    memcpy(profile->next_key, key, sizeof key);
    self->keys_changed = self->keys_changed || changed;
}

bool samverk_keys_changed(samverk_t *self, samverk_profile_t *profile)
{
    if (!self->keys_changed)
        return false;
    self->keys_changed = false;
    memcpy(profile->server_key, self->profile.server_key, SAMVERK_KEY_SIZE);
    memcpy(profile->next_key, self->profile.next_key, SAMVERK_KEY_SIZE);
    return true;
}

static void session_drop(samverk_t *self, samverk_trouble_t trouble)
{
    int64_t now = session_now();
    conn_destroy(&self->conn);
    pushed_destroy(self);
    if (self->welcomed)
        self->failures = 0;
    self->welcomed = false;
    self->trouble = trouble;
    if (!self->down_since)
        self->down_since = now;
    self->failures++;
    self->next_attempt = now + retry_pause_ms(self->failures, retry_random());
    if (trouble == SAMVERK_TROUBLE_HANDSHAKE && key_is_set(self->profile.next_key))
        keys_swap(&self->profile);
    if (trouble == SAMVERK_TROUBLE_KEY)
        error_set(&self->refusal, ERROR_NOT_ALLOWED, NULL, NULL);
}

static void session_open(samverk_t *self)
{
    int64_t now = session_now();
    if (!self->down_since)
        self->down_since = now;
    self->conn = conn_new(&self->profile);
    if (!self->conn) {
        session_drop(self, SAMVERK_TROUBLE_CLOSED);
        return;
    }
    self->welcome_by = now + WELCOME_MS;
    frame_t hello = {
        .type = FRAME_HELLO, .version = WIRE_PROTOCOL_VERSION, .program = self->program};
    conn_send(self->conn, &hello);
}

static void session_welcome(samverk_t *self, const frame_t *frame)
{
    arena_reset(self->welcome_arena);
    self->welcome = value_copy(self->welcome_arena, &frame->body);
    int64_t theirs = value_get_integer(&self->welcome, "time", 0);
    self->offset_ms = theirs > 0 ? theirs - wall_now() : 0;
    self->welcomed = true;
    self->session++;
    self->failures = 0;
    self->down_since = 0;
    self->trouble = SAMVERK_TROUBLE_NONE;
    keys_settle(self);
}

/* -- requests ------------------------------------------------------------------------- */

void samverk_request_id(const samverk_t *self, unsigned char id[WIRE_REQUEST_ID_SIZE])
{
    unsigned char random[10];
    while (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        ;
    request_id_make(id, samverk_time(self), random);
}

samverk_call_t *samverk_call(samverk_t *self, const char *command, const value_t *arguments,
                             const unsigned char *id)
{
    arena_t *arena = arena_new();
    samverk_call_t *call = arena_alloc(arena, sizeof *call);
    call->arena = arena;
    if (id)
        memcpy(call->id, id, sizeof call->id);
    else
        samverk_request_id(self, call->id);
    const command_t *row = schema_command(command);
    call->write = row && row->mode == COMMAND_WRITE;
    call->deadline = session_now() + self->timeout_ms;

    frame_t frame = {.type = FRAME_REQUEST, .id = call->id, .command = command};
    frame.body = arguments ? *arguments : (value_t){.form = VALUE_MAP};
    frame_write(&frame, arena, &call->frame, &call->frame_size);

    samverk_call_t **end = &self->calls;
    while (*end)
        end = &(*end)->next;
    *end = call;
    return call;
}

static void calls_send(samverk_t *self)
{
    int64_t now = session_now();
    for (samverk_call_t *call = self->calls; call; call = call->next) {
        if (call->answered || call->sent_in == self->session || now < call->not_before)
            continue;
        if (!conn_send_bytes(self->conn, call->frame, call->frame_size))
            return;
        call->sent_in = self->session;
        call->ever_sent = true;
    }
}

static samverk_call_t *call_find(samverk_t *self, const unsigned char *id)
{
    samverk_call_t *call = self->calls;
    while (call && (call->answered || memcmp(call->id, id, sizeof call->id) != 0))
        call = call->next;
    return call;
}

/* The call that an error without an id can only be about: the one that is open. */
static samverk_call_t *call_only(samverk_t *self)
{
    samverk_call_t *only = NULL;
    for (samverk_call_t *call = self->calls; call; call = call->next) {
        if (call->answered || !call->ever_sent)
            continue;
        if (only)
            return NULL;
        only = call;
    }
    return only;
}

static void call_answer(samverk_call_t *call, const frame_t *frame)
{
    call->revision = frame->revision;
    if (frame->type == FRAME_REPLY) {
        call->result = value_copy(call->arena, &frame->body);
        call->answered = true;
        return;
    }
    error_t error = {0};
    value_t body = value_copy(call->arena, &frame->body);
    if (!error_from_value(&error, &body, call->arena))
        error_set(&error, ERROR_INTERNAL, NULL, NULL);
    if (error.code == ERROR_BUSY) {
        call->failures++;
        call->sent_in = 0;
        call->not_before = session_now() + retry_pause_ms(call->failures, retry_random());
        return;
    }
    call->error = error;
    call->refused = true;
    call->answered = true;
}

/* -- frames ---------------------------------------------------------------------------- */

static void session_error(samverk_t *self, const frame_t *frame)
{
    error_t error = {0};
    if (!error_from_value(&error, &frame->body, self->scratch))
        error_set(&error, ERROR_INTERNAL, NULL, NULL);
    /* Too many connections there, or a session that was forgotten: come again. */
    bool again = error.code == (self->welcomed ? ERROR_NO_SESSION : ERROR_BUSY);
    if (again) {
        session_drop(self, SAMVERK_TROUBLE_LOST);
        return;
    }
    if (!self->welcomed) {
        self->refusal = error;
        self->refusal.detail = value_absent;
        return;
    }
    samverk_call_t *call = frame->id ? call_find(self, frame->id) : call_only(self);
    if (call)
        call_answer(call, frame);
}

static void session_frame(samverk_t *self, const void *data, size_t size)
{
    value_t value;
    frame_t frame;
    error_t error = {0};
    arena_reset(self->scratch);
    if (!wire_decode(data, size, &wire_limits_client, self->scratch, &value, &error)) {
        /* Whoever says this is no daemon of ours, or has lost the thread. */
        session_drop(self, SAMVERK_TROUBLE_LOST);
        return;
    }
    if (!frame_read(&frame, &value, &error)) {
        conn_consumed(self->conn, size); /* a frame that this version does not know */
        return;
    }
    samverk_call_t *call;
    switch (frame.type) {
    case FRAME_WELCOME:
        if (!self->welcomed)
            session_welcome(self, &frame);
        break;
    case FRAME_REPLY:
        if ((call = call_find(self, frame.id)))
            call_answer(call, &frame);
        break;
    case FRAME_ERROR:
        session_error(self, &frame);
        break;
    case FRAME_PUSH:
    case FRAME_BOOKMARK:
    case FRAME_END:
        session_keep(self, data, size);
        break;
    default:
        break;
    }
    if (self->conn)
        conn_consumed(self->conn, size);
}

static void sleep_until(int64_t then)
{
    int64_t pause = then - session_now();
    if (pause > 0)
        poll(NULL, 0, (int)pause);
}

void session_step(samverk_t *self, int64_t deadline)
{
    if (self->refusal.code != ERROR_NONE)
        return;
    if (!self->conn) {
        if (session_now() < self->next_attempt) {
            sleep_until(deadline < self->next_attempt ? deadline : self->next_attempt);
            return;
        }
        session_open(self);
        if (!self->conn)
            return;
    }
    if (self->welcomed)
        calls_send(self);

    int64_t until = deadline;
    if (!self->welcomed && self->welcome_by < until)
        until = self->welcome_by;
    for (samverk_call_t *call = self->calls; call; call = call->next)
        if (!call->answered && call->sent_in != self->session && call->not_before < until)
            until = call->not_before;
    int64_t pause = until - session_now();
    size_t size;
    const void *data = conn_receive(self->conn, pause > 0 ? (int)pause : 0, &size);
    if (data)
        session_frame(self, data, size);
    if (!self->conn)
        return;
    if (conn_state(self->conn) == CONN_BROKEN)
        session_drop(self, conn_trouble(self->conn));
    else if (!self->welcomed && session_now() >= self->welcome_by)
        session_drop(self, SAMVERK_TROUBLE_SILENT);
}

samverk_outcome_t samverk_connect(samverk_t *self, error_t *error)
{
    int64_t deadline = session_now() + self->timeout_ms;
    while (!self->welcomed && self->refusal.code == ERROR_NONE && session_now() < deadline)
        session_step(self, deadline);
    if (self->welcomed)
        return SAMVERK_DONE;
    if (self->refusal.code == ERROR_NONE)
        return SAMVERK_UNREACHED;
    if (error)
        *error = self->refusal;
    return SAMVERK_REFUSED;
}

static void call_end(samverk_t *self, samverk_call_t **call_p)
{
    samverk_call_t **link = &self->calls;
    while (*link != *call_p)
        link = &(*link)->next;
    *link = (*call_p)->next;
    arena_t *arena = (*call_p)->arena;
    *call_p = NULL;
    arena_destroy(&arena);
}

samverk_outcome_t samverk_wait(samverk_t *self, samverk_call_t **call_p, arena_t *arena,
                               value_t *result, uint64_t *revision_p, error_t *error)
{
    samverk_call_t *call = *call_p;
    while (!call->answered && self->refusal.code == ERROR_NONE && session_now() < call->deadline)
        session_step(self, call->deadline);

    samverk_outcome_t outcome;
    if (call->answered && !call->refused) {
        outcome = SAMVERK_DONE;
        if (result)
            *result = value_copy(arena, &call->result);
    } else if (call->answered) {
        outcome = SAMVERK_REFUSED;
        if (error) {
            *error = call->error;
            error->detail = value_copy(arena, &call->error.detail);
        }
    } else if (call->write && call->ever_sent) {
        outcome = SAMVERK_UNKNOWN;
    } else if (self->refusal.code != ERROR_NONE) {
        outcome = SAMVERK_REFUSED;
        if (error) {
            *error = self->refusal;
            error->detail = value_absent;
        }
    } else {
        outcome = SAMVERK_UNREACHED;
        if (self->welcomed)
            self->trouble = SAMVERK_TROUBLE_SILENT;
    }
    if (revision_p)
        *revision_p = call->revision;
    call_end(self, call_p);
    return outcome;
}

samverk_outcome_t samverk_request(samverk_t *self, const char *command, const value_t *arguments,
                                  arena_t *arena, value_t *result, error_t *error)
{
    /* Connected first, so that the id is by the daemon's time. */
    samverk_outcome_t outcome = samverk_connect(self, error);
    if (outcome != SAMVERK_DONE)
        return outcome;
    samverk_call_t *call = samverk_call(self, command, arguments, NULL);
    return samverk_wait(self, &call, arena, result, NULL, error);
}

#ifndef SAMVERK_FAKE_DAEMON_H
#define SAMVERK_FAKE_DAEMON_H

#include "samverk.h"
#include "wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* A daemon of a few lines, in a thread of the test: a ROUTER with CURVE that does
   with each request what the test's function says. It welcomes by itself. */

#define FAKE_LOG_MAX 64u

typedef struct fake fake_t;
typedef void fake_handler_t(fake_t *self, const frame_t *request);

typedef struct {
    char command[32];
    unsigned char id[16];
    int64_t since;
} fake_request_t;

struct fake {
    void *context;
    void *router;
    pthread_t thread;
    char endpoint[64];
    unsigned char public_key[32], secret_key[32];
    fake_handler_t *handler;
    atomic_bool stop;
    atomic_bool silent;  /* answer nothing at all, hello neither */
    atomic_int hellos;   /* connections that said hello */
    atomic_llong credit; /* bytes that the client gave back */
    atomic_int schema;   /* version that the welcome tells; 0: none */
    unsigned char route[256];
    size_t route_size;
    arena_t *arena;
    /* What was asked, oldest first: read it by fake_logged. */
    fake_request_t log[FAKE_LOG_MAX];
    atomic_int n_log;
    void *state; /* the test's own */
};

/* The request that came in as number `which`, once it has been noted whole. */
static inline const fake_request_t *fake_logged(fake_t *self, int which)
{
    for (int i = 0; i < 200 && atomic_load(&self->n_log) <= which; i++)
        zmq_poll(NULL, 0, 10);
    assert_true(atomic_load(&self->n_log) > which);
    return &self->log[which];
}

static inline value_t fake_map(arena_t *arena)
{
    value_builder_t map = value_builder(arena);
    return value_build_map(&map);
}

static inline void fake_send_bytes(fake_t *self, const void *data, size_t size)
{
    zmq_send(self->router, self->route, self->route_size, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(self->router, data, size, ZMQ_DONTWAIT);
}

static inline void fake_send(fake_t *self, const frame_t *frame)
{
    void *data;
    size_t size;
    frame_write(frame, self->arena, &data, &size);
    fake_send_bytes(self, data, size);
}

static inline void fake_reply(fake_t *self, const unsigned char *id, value_t result)
{
    frame_t frame = {.type = FRAME_REPLY, .id = id, .revision = 7, .body = result};
    fake_send(self, &frame);
}

static inline void fake_refuse(fake_t *self, const unsigned char *id, error_code_t code)
{
    error_t error = {0};
    error_set(&error, code, NULL, NULL);
    frame_t frame = {.type = FRAME_ERROR, .id = id, .body = error_to_value(&error, self->arena)};
    fake_send(self, &frame);
}

static inline void fake_bind(fake_t *self, const char *endpoint)
{
    int one = 1, zero = 0;
    self->router = zmq_socket(self->context, ZMQ_ROUTER);
    zmq_setsockopt(self->router, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt(self->router, ZMQ_CURVE_SECRETKEY, self->secret_key, 32);
    zmq_setsockopt(self->router, ZMQ_LINGER, &zero, sizeof zero);
    /* The port of a socket that was just closed is free a moment later. */
    for (int i = 0; i < 200 && zmq_bind(self->router, endpoint) != 0; i++)
        zmq_poll(NULL, 0, 10);
    size_t size = sizeof self->endpoint;
    zmq_getsockopt(self->router, ZMQ_LAST_ENDPOINT, self->endpoint, &size);
}

/* Every connection breaks, and new ones are taken. */
static inline void fake_drop(fake_t *self)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "%s", self->endpoint);
    zmq_close(self->router);
    fake_bind(self, endpoint);
}

static inline void fake_welcome(fake_t *self)
{
    value_builder_t map = value_builder(self->arena), roles = value_builder(self->arena);
    value_add(&roles, value_text("broker"));
    value_add_pair(&map, "protocol", value_integer(1));
    value_add_pair(&map, "region", value_text("Provregionen"));
    value_add_pair(&map, "epoch", value_text("epoch-1"));
    value_add_pair(&map, "rev", value_integer(7));
    value_add_pair(&map, "user", value_text("usr-4"));
    value_add_pair(&map, "roles", value_build_list(&roles));
    value_add_pair(&map, "time", value_integer(2000000000000));
    if (atomic_load(&self->schema))
        value_add_pair(&map, "schema", value_integer(atomic_load(&self->schema)));
    frame_t frame = {.type = FRAME_WELCOME, .body = value_build_map(&map)};
    fake_send(self, &frame);
}

static inline void fake_note(fake_t *self, const frame_t *frame)
{
    int n = atomic_load(&self->n_log);
    if (n == FAKE_LOG_MAX)
        return;
    snprintf(self->log[n].command, sizeof self->log[n].command, "%s", frame->command);
    memcpy(self->log[n].id, frame->id, 16);
    self->log[n].since = value_get_integer(&frame->body, "since", -1);
    atomic_store(&self->n_log, n + 1);
}

static inline void fake_frame(fake_t *self, const void *data, size_t size)
{
    value_t value;
    frame_t frame;
    error_t error = {0};
    if (!wire_decode(data, size, &wire_limits_batch, self->arena, &value, &error) ||
        !frame_read(&frame, &value, &error) || atomic_load(&self->silent))
        return;
    if (frame.type == FRAME_HELLO) {
        atomic_fetch_add(&self->hellos, 1);
        fake_welcome(self);
    } else if (frame.type == FRAME_CREDIT) {
        atomic_fetch_add(&self->credit, (long long)frame.credit);
    } else if (frame.type == FRAME_REQUEST) {
        fake_note(self, &frame);
        if (self->handler)
            self->handler(self, &frame);
    }
}

static inline void *fake_run(void *context)
{
    fake_t *self = context;
    static char data[1 << 20];
    while (!atomic_load(&self->stop)) {
        zmq_pollitem_t item = {.socket = self->router, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, 10) <= 0)
            continue;
        int size = zmq_recv(self->router, self->route, sizeof self->route, ZMQ_DONTWAIT);
        if (size < 0)
            continue;
        self->route_size = (size_t)size;
        size = zmq_recv(self->router, data, sizeof data, ZMQ_DONTWAIT);
        if (size >= 0 && size <= (int)sizeof data) {
            arena_reset(self->arena);
            fake_frame(self, data, (size_t)size);
        }
    }
    return NULL;
}

static inline fake_t *fake_new(fake_handler_t *handler)
{
    fake_t *self = calloc(1, sizeof *self);
    if (!self)
        abort();
    self->handler = handler;
    self->context = zmq_ctx_new();
    self->arena = arena_new();
    samverk_key_pair(self->public_key, self->secret_key);
    fake_bind(self, "tcp://127.0.0.1:*");
    pthread_create(&self->thread, NULL, fake_run, self);
    return self;
}

static inline void fake_destroy(fake_t **self_p)
{
    fake_t *self = *self_p;
    atomic_store(&self->stop, true);
    pthread_join(self->thread, NULL);
    zmq_close(self->router);
    zmq_ctx_term(self->context);
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

/* A client of it, with a key of its own. */
static inline samverk_t *fake_client(const fake_t *self)
{
    samverk_profile_t profile = {.name = "test"};
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", self->endpoint);
    memcpy(profile.server_key, self->public_key, 32);
    samverk_key_pair(profile.public_key, profile.secret_key);
    samverk_t *client = samverk_new(&profile, "test 1");
    samverk_set_timeout(client, 3000);
    return client;
}

#endif

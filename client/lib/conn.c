#include "conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define HANDSHAKE_MS 5000
#define HEARTBEAT_MS 15000
#define HEARTBEAT_TIMEOUT_MS 45000
#define LINGER_MS 200
#define MESSAGE_BYTES_MAX ((int64_t)1 << 20)
/* Small enough that 1 MiB of credit never runs out while we keep up. */
#define CREDIT_STEP ((size_t)128 << 10)

struct conn {
    void *context;
    void *socket;
    void *monitor;
    zmq_msg_t message;
    conn_state_t state;
    samverk_trouble_t trouble;
    bool connected; /* TCP is up, the handshake may still fail */
    size_t consumed;
    arena_t *arena;
};

static bool set_integer(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool socket_prepare(void *socket, const samverk_profile_t *profile)
{
    int64_t most = MESSAGE_BYTES_MAX;
    return set_integer(socket, ZMQ_RECONNECT_IVL, -1) &&
           set_integer(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
           set_integer(socket, ZMQ_CONNECT_TIMEOUT, HANDSHAKE_MS) &&
           set_integer(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
           set_integer(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS) &&
           set_integer(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS) &&
           set_integer(socket, ZMQ_LINGER, LINGER_MS) && set_integer(socket, ZMQ_IPV6, 1) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, profile->server_key, SAMVERK_KEY_SIZE) ==
               0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, profile->public_key, SAMVERK_KEY_SIZE) ==
               0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, profile->secret_key, SAMVERK_KEY_SIZE) == 0;
}

conn_t *conn_new(const samverk_profile_t *profile)
{
    conn_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->arena = arena_new();
    zmq_msg_init(&self->message);
    self->context = zmq_ctx_new();
    if (!self->context)
        goto failed;
    self->socket = zmq_socket(self->context, ZMQ_DEALER);
    self->monitor = zmq_socket(self->context, ZMQ_PAIR);
    if (!self->socket || !self->monitor || !socket_prepare(self->socket, profile))
        goto failed;
    /* The monitor first: a refusal can come before zmq_connect returns. */
    if (zmq_socket_monitor(self->socket, "inproc://monitor", ZMQ_EVENT_ALL) != 0 ||
        zmq_connect(self->monitor, "inproc://monitor") != 0 ||
        zmq_connect(self->socket, profile->endpoint) != 0)
        goto failed;
    return self;
failed:
    conn_destroy(&self);
    return NULL;
}

void conn_destroy(conn_t **self_p)
{
    conn_t *self = *self_p;
    if (!self)
        return;
    if (self->socket) {
        zmq_socket_monitor(self->socket, NULL, 0);
        zmq_close(self->socket);
    }
    if (self->monitor)
        zmq_close(self->monitor);
    zmq_msg_close(&self->message);
    if (self->context)
        while (zmq_ctx_term(self->context) != 0 && errno == EINTR)
            ;
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

conn_state_t conn_state(const conn_t *self)
{
    return self->state;
}

samverk_trouble_t conn_trouble(const conn_t *self)
{
    return self->trouble;
}

static void conn_break(conn_t *self, samverk_trouble_t trouble)
{
    if (self->state == CONN_BROKEN)
        return;
    self->state = CONN_BROKEN;
    self->trouble = trouble;
}

/* A monitor event is two parts: 16 bits of event and 32 of value, and the address. */
static void monitor_read(conn_t *self)
{
    zmq_msg_t part;
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, self->monitor, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&part);
        return;
    }
    uint16_t event = 0;
    uint32_t value = 0;
    if (zmq_msg_size(&part) == sizeof event + sizeof value) {
        const char *data = zmq_msg_data(&part);
        memcpy(&event, data, sizeof event);
        memcpy(&value, data + sizeof event, sizeof value);
    }
    while (zmq_msg_more(&part))
        if (zmq_msg_recv(&part, self->monitor, ZMQ_DONTWAIT) < 0)
            break;
    zmq_msg_close(&part);

    switch (event) {
    case ZMQ_EVENT_CONNECTED:
        self->connected = true;
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        if (self->state == CONN_OPENING)
            self->state = CONN_OPEN;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        /* 400 is the ZAP handler's word on the key; 300 and 500 are its own trouble. */
        conn_break(self, value == 400 ? SAMVERK_TROUBLE_KEY : SAMVERK_TROUBLE_HANDSHAKE);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        conn_break(self, SAMVERK_TROUBLE_HANDSHAKE);
        break;
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_DISCONNECTED:
        if (self->state == CONN_OPEN)
            conn_break(self, SAMVERK_TROUBLE_LOST);
        else
            conn_break(self, self->connected ? SAMVERK_TROUBLE_HANDSHAKE : SAMVERK_TROUBLE_CLOSED);
        break;
    default:
        break;
    }
}

/* One whole message, or none. */
static bool message_read(conn_t *self)
{
    zmq_msg_close(&self->message);
    zmq_msg_init(&self->message);
    if (zmq_msg_recv(&self->message, self->socket, ZMQ_DONTWAIT) < 0)
        return false;
    if (!zmq_msg_more(&self->message))
        return true;
    while (zmq_msg_more(&self->message))
        if (zmq_msg_recv(&self->message, self->socket, ZMQ_DONTWAIT) < 0)
            break;
    return false;
}

const void *conn_receive(conn_t *self, int timeout_ms, size_t *size_p)
{
    *size_p = 0;
    conn_state_t before = self->state;
    zmq_pollitem_t items[] = {
        {.socket = self->socket, .events = ZMQ_POLLIN},
        {.socket = self->monitor, .events = ZMQ_POLLIN},
    };
    if (self->state == CONN_BROKEN || zmq_poll(items, 2, timeout_ms) <= 0)
        return NULL;
    /* What came before the break is still good: read it out first. */
    if (items[0].revents & ZMQ_POLLIN && message_read(self)) {
        *size_p = zmq_msg_size(&self->message);
        if (before == CONN_OPENING)
            self->state = CONN_OPEN;
        return zmq_msg_data(&self->message);
    }
    if (items[1].revents & ZMQ_POLLIN)
        monitor_read(self);
    return NULL;
}

bool conn_send_bytes(conn_t *self, const void *data, size_t size)
{
    if (self->state == CONN_BROKEN)
        return false;
    if (zmq_send(self->socket, data, size, ZMQ_DONTWAIT) == (int)size)
        return true;
    conn_break(self, SAMVERK_TROUBLE_LOST);
    return false;
}

bool conn_send(conn_t *self, const frame_t *frame)
{
    void *data;
    size_t size;
    arena_reset(self->arena);
    frame_write(frame, self->arena, &data, &size);
    return conn_send_bytes(self, data, size);
}

void conn_consumed(conn_t *self, size_t bytes)
{
    self->consumed += bytes;
    if (self->consumed < CREDIT_STEP)
        return;
    frame_t frame = {.type = FRAME_CREDIT, .credit = self->consumed};
    self->consumed = 0;
    conn_send(self, &frame);
}

#include "client.h"

#include "measure.h"
#include "trouble.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define CREDIT_EACH ((uint64_t)256 * 1024)
#define ANSWER_MS 60000
#define READY_AT_ONCE 64

static void *zmq;

void clients_start(void)
{
    zmq = zmq_ctx_new();
    zmq_ctx_set(zmq, ZMQ_IO_THREADS, 2);
    zmq_ctx_set(zmq, ZMQ_MAX_SOCKETS, 8192);
}

void keys_make(keys_t *self)
{
    char public_text[41], secret_text[41];

    if (zmq_curve_keypair(public_text, secret_text) != 0)
        trouble("no key pair: %s", zmq_strerror(errno));
    zmq_z85_decode(self->public_key, public_text);
    zmq_z85_decode(self->secret_key, secret_text);
}

/* -- sending ------------------------------------------------------------------------ */

static void send_frame(client_t *self, const frame_t *frame)
{
    void *data;
    size_t size;

    frame_write(frame, self->arena, &data, &size);
    if (zmq_send(self->socket, data, size, 0) < 0)
        trouble("a frame cannot be sent: %s", zmq_strerror(errno));
    arena_reset(self->arena);
}

/* Milliseconds, and a number that none of our requests has had: ten bytes of it. */
static void make_id(client_t *self, unsigned char id[WIRE_REQUEST_ID_SIZE])
{
    static uint16_t run;
    unsigned char rest[10];
    struct timespec now;

    if (run == 0)
        run = (uint16_t)getpid();
    clock_gettime(CLOCK_REALTIME, &now);
    memcpy(rest, &run, 2);
    memcpy(rest + 2, &self->sequence, 8);
    request_id_make(id, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, rest);
}

void client_send(client_t *self, const char *command, value_t arguments)
{
    unsigned char id[WIRE_REQUEST_ID_SIZE];

    self->sequence++;
    make_id(self, id);
    frame_t frame = {.type = FRAME_REQUEST, .id = id, .command = command, .body = arguments};
    self->sent_ns[self->sequence % CLIENT_WINDOW] = now_ns();
    send_frame(self, &frame);
}

static void owe(client_t *self, size_t size)
{
    self->owed += size;
    if (self->owed < CREDIT_EACH)
        return;
    frame_t frame = {.type = FRAME_CREDIT, .credit = self->owed};
    self->owed = 0;
    send_frame(self, &frame);
}

/* -- receiving ------------------------------------------------------------------------- */

/* Past one msgpack integer or short text; NULL when it is neither. */
static const unsigned char *pass(const unsigned char *at)
{
    if (*at < 0x80)
        return at + 1;
    if (*at >= 0xa0 && *at < 0xc0)
        return at + 1 + (*at & 0x1f);
    if (*at >= 0xcc && *at <= 0xcf)
        return at + 1 + ((size_t)1 << (*at - 0xcc));
    return *at == 0xd9 ? at + 2 + at[1] : NULL;
}

/* The head of a push tells how many entries it brings. */
static uint32_t count_entries(const unsigned char *at)
{
    for (int i = 0; i < 3 && at != NULL; i++)
        at = pass(at);
    if (at == NULL)
        return 0;
    if ((*at & 0xf0) == 0x90)
        return *at & 0x0f;
    return *at == 0xdc ? (uint32_t)at[1] << 8 | at[2] : 0;
}

static letter_t read_letter(const void *data, size_t size)
{
    letter_t letter = {.type = LETTER_OTHER, .data = data, .size = size};
    const unsigned char *bytes = data;

    if (size < 32)
        return letter;
    if (memcmp(bytes + 1, "\xa4push", 5) == 0) {
        letter.type = LETTER_PUSH;
        letter.entries = count_entries(bytes + 6);
    } else if (memcmp(bytes + 1, "\xa5reply\xc4\x10", 8) == 0) {
        letter.type = LETTER_REPLY;
        memcpy(&letter.sequence, bytes + 9 + 8, 8);
    } else if (memcmp(bytes + 1,
                      "\xa5"
                      "error",
                      6) == 0) {
        letter.type = LETTER_ERROR;
    }
    return letter;
}

static void refused(const void *data, size_t size)
{
    arena_t *arena = arena_new();
    value_t value;
    frame_t frame = {0};
    error_t error = {0};

    if (!wire_decode(data, size, &wire_limits_client, arena, &value, &error) ||
        !frame_read(&frame, &value, &error))
        trouble("the daemon sent what cannot be read");
    const char *field = value_get_text(&frame.body, "field");
    const char *expected = value_get_text(&frame.body, "expected");
    trouble("refused: %s %s %s", value_get_text(&frame.body, "code"), field ? field : "",
            expected ? expected : "");
}

void client_drain(client_t *self, client_handle_t handle, void *context)
{
    zmq_msg_t message;

    /* Until there is nothing: a send may have taken the signal of what came meanwhile. */
    for (;;) {
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, self->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            if (errno != EAGAIN)
                trouble("a frame cannot be received: %s", zmq_strerror(errno));
            return;
        }
        letter_t letter = read_letter(zmq_msg_data(&message), zmq_msg_size(&message));
        if (letter.type == LETTER_ERROR)
            refused(letter.data, letter.size);
        self->entries += letter.entries;
        owe(self, letter.size);
        handle(self, &letter, context);
        zmq_msg_close(&message);
    }
}

double client_waited(const client_t *self, const letter_t *letter)
{
    return seconds_since(self->sent_ns[letter->sequence % CLIENT_WINDOW]);
}

static void receive_frame(client_t *self, arena_t *arena, frame_t *frame)
{
    zmq_msg_t message;
    value_t value;
    error_t error = {0};

    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, self->socket, 0) < 0)
        trouble("no answer from the daemon: %s", zmq_strerror(errno));
    letter_t letter = read_letter(zmq_msg_data(&message), zmq_msg_size(&message));
    if (letter.type == LETTER_ERROR)
        refused(letter.data, letter.size);
    self->entries += letter.entries;
    owe(self, letter.size);
    if (!wire_decode(letter.data, letter.size, &wire_limits_client, arena, &value, &error) ||
        !frame_read(frame, &value, &error))
        trouble("the daemon sent what cannot be read: %s", error.expected);
    zmq_msg_close(&message);
}

static frame_t ask(client_t *self, const char *command, value_t arguments, arena_t *arena)
{
    frame_t frame;

    client_send(self, command, arguments);
    do
        receive_frame(self, arena, &frame);
    while (frame.type != FRAME_REPLY);
    return frame;
}

value_t client_ask(client_t *self, const char *command, value_t arguments, arena_t *arena)
{
    return ask(self, command, arguments, arena).body;
}

uint64_t client_head(client_t *self)
{
    arena_t *arena = arena_new();
    value_builder_t none = value_builder(arena);
    uint64_t head = ask(self, "status", value_build_map(&none), arena).revision;

    arena_destroy(&arena);
    return head;
}

/* -- life -------------------------------------------------------------------------------- */

client_t *client_new(const char *address, const unsigned char server_key[32], const keys_t *keys,
                     bool hello)
{
    client_t *self = calloc(1, sizeof *self);
    const int none = 0, never = -1, answer_ms = ANSWER_MS;
    static uint64_t clients;
    size_t size = sizeof self->fd;

    if (self == NULL)
        trouble("no memory left");
    self->sequence = ++clients << 32;
    self->socket = zmq_socket(zmq, ZMQ_DEALER);
    if (self->socket == NULL)
        trouble("no socket: %s", zmq_strerror(errno));
    zmq_setsockopt(self->socket, ZMQ_CURVE_SERVERKEY, server_key, 32);
    zmq_setsockopt(self->socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 32);
    zmq_setsockopt(self->socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 32);
    zmq_setsockopt(self->socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(self->socket, ZMQ_RCVHWM, &none, sizeof none);
    zmq_setsockopt(self->socket, ZMQ_RECONNECT_IVL, &never, sizeof never);
    zmq_setsockopt(self->socket, ZMQ_RCVTIMEO, &answer_ms, sizeof answer_ms);
    if (zmq_connect(self->socket, address) != 0 ||
        zmq_getsockopt(self->socket, ZMQ_FD, &self->fd, &size) != 0)
        trouble("%s: %s", address, zmq_strerror(errno));
    self->arena = arena_new();
    if (hello) {
        frame_t frame = {.type = FRAME_HELLO,
                         .version = WIRE_PROTOCOL_VERSION,
                         .program = "samverk-bench " SAMVERK_RELEASE};
        arena_t *arena = arena_new();
        send_frame(self, &frame);
        receive_frame(self, arena, &frame);
        arena_destroy(&arena);
    }
    return self;
}

void client_destroy(client_t **self_p)
{
    client_t *self = *self_p;

    if (self == NULL)
        return;
    zmq_close(self->socket);
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

bool crowd_run(client_t *const *clients, unsigned count, client_handle_t handle, void *context,
               const bool *stop, double seconds)
{
    int poll = epoll_create1(EPOLL_CLOEXEC);
    uint64_t begun = now_ns();
    struct epoll_event events[READY_AT_ONCE];

    for (unsigned i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = clients[i]};
        if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, clients[i]->fd, &event) != 0)
            trouble("the sockets cannot be polled: %s", strerror(errno));
    }
    for (unsigned i = 0; i < count; i++)
        client_drain(clients[i], handle, context);
    while (!*stop && seconds_since(begun) < seconds) {
        int ready = epoll_wait(poll, events, READY_AT_ONCE, 10);
        for (int i = 0; i < ready; i++)
            client_drain(events[i].data.ptr, handle, context);
    }
    close(poll);
    return *stop;
}

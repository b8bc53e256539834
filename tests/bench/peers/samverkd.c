#include "peer.h"

#include "server.h"
#include "watchers.h"
#include "work.h"

#include <zmq.h>

/* samverkd, through the client that samverk-bench has: libzmq, one context for all. A
   libsamverk connection owns a context, as befits a program with one of them. */

static server_t server;

static void start(const char *parent)
{
    server_make(&server, SAMVERKD, parent);
}

static void stop(void)
{
    server_stop(&server);
    server_remove(&server);
}

static pid_t pid(void)
{
    return server.pid;
}

static void *writer_open(unsigned number)
{
    unsigned user = number % SERVER_USERS;
    client_t *self = client_new(server.address, server.public_key, &server.users[user], true);

    self->user = user;
    return self;
}

static void count_reply(client_t *client, const letter_t *letter, void *context)
{
    unsigned *answered = context;

    (void)client;
    *answered += letter->type == LETTER_REPLY;
}

static void writer_write(void *writer, const operation_t *operations, unsigned count)
{
    client_t *self = writer;
    zmq_pollitem_t item = {.socket = self->socket, .events = ZMQ_POLLIN};
    unsigned answered = 0;

    for (unsigned i = 0; i < count; i++)
        work_put(self, operations[i].number);
    while (answered < count) {
        zmq_poll(&item, 1, -1);
        client_drain(self, count_reply, &answered);
    }
}

static void client_close(void *object)
{
    client_t *self = object;

    client_destroy(&self);
}

static void *listener_open(unsigned number)
{
    client_t *self = watcher_open(&server, number % SERVER_USERS);

    self->user = number;
    return self;
}

static int listener_fd(const void *listener)
{
    return ((const client_t *)listener)->fd;
}

static void on_push(client_t *client, const letter_t *letter, void *context)
{
    (void)context;
    if (letter->type == LETTER_PUSH)
        notices_heard(client->user, letter->data, letter->size, letter->entries);
}

static void listener_hear(void *listener)
{
    client_drain(listener, on_push, NULL);
}

const peer_t peer_samverkd = {
    .name = "samverkd",
    .answers = true,
    .how = "bench client over libzmq, CURVE; answered when synced; indexes, journal, history",
    .start = start,
    .stop = stop,
    .pid = pid,
    .writer_open = writer_open,
    .writer_write = writer_write,
    .writer_close = client_close,
    .listener_open = listener_open,
    .listener_fd = listener_fd,
    .listener_hear = listener_hear,
    .listener_close = client_close,
};

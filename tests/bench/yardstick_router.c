#include "client.h"
#include "measure.h"
#include "trouble.h"
#include "yardstick.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define ROUTES_MAX 1024u
#define FRAMES_QUEUED 32 /* a peer: what a bare ROUTER may have on its way */

typedef struct {
    const yardstick_frame_t *frames;
    unsigned count, peers;
    double seconds;
    keys_t keys;
    char address[128];
    pthread_barrier_t bound, ready;
    uint64_t begun_ns, entries; /* to each peer */
} router_t;

static void *open_router(void *context, router_t *self)
{
    void *router = zmq_socket(context, ZMQ_ROUTER);
    const int yes = 1, none = 0, queued = FRAMES_QUEUED;
    size_t size = sizeof self->address;

    zmq_setsockopt(router, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, self->keys.secret_key, 32);
    zmq_setsockopt(router, ZMQ_ROUTER_MANDATORY, &yes, sizeof yes);
    zmq_setsockopt(router, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(router, ZMQ_SNDHWM, &queued, sizeof queued);
    if (zmq_bind(router, "tcp://127.0.0.1:*") != 0 ||
        zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, self->address, &size) != 0)
        trouble("a bare ROUTER cannot be bound: %s", zmq_strerror(errno));
    return router;
}

/* The bytes are shared among the peers, as anyone would who sends the same to many. */
static void send_to_all(void *router, zmq_msg_t *frame, unsigned char routes[][8],
                        const size_t *sizes, unsigned peers)
{
    for (unsigned i = 0; i < peers; i++) {
        zmq_msg_t shared;
        zmq_msg_init(&shared);
        zmq_msg_copy(&shared, frame);
        if (zmq_send(router, routes[i], sizes[i], ZMQ_SNDMORE) < 0 ||
            zmq_msg_send(&shared, router, 0) < 0)
            trouble("a bare ROUTER cannot send: %s", zmq_strerror(errno));
    }
}

static void *router_main(void *argument)
{
    router_t *self = argument;
    void *context = zmq_ctx_new();
    static unsigned char routes[ROUTES_MAX][8];
    static size_t sizes[ROUTES_MAX];
    char hello[16];

    zmq_ctx_set(context, ZMQ_IO_THREADS, 2);
    void *router = open_router(context, self);
    pthread_barrier_wait(&self->bound);
    for (unsigned i = 0; i < self->peers; i++) {
        int size = zmq_recv(router, routes[i], sizeof routes[i], 0);
        if (size < 0 || zmq_recv(router, hello, sizeof hello, 0) < 0)
            trouble("a bare ROUTER hears nobody");
        sizes[i] = (size_t)size;
    }
    zmq_msg_t *frames = calloc(self->count, sizeof *frames);
    for (unsigned i = 0; i < self->count; i++) {
        zmq_msg_init_size(&frames[i], self->frames[i].size);
        memcpy(zmq_msg_data(&frames[i]), self->frames[i].data, self->frames[i].size);
    }
    self->begun_ns = now_ns();
    uint64_t sent = 0;
    for (unsigned i = 0; seconds_since(self->begun_ns) < self->seconds; i = (i + 1) % self->count) {
        send_to_all(router, &frames[i], routes, sizes, self->peers);
        sent += self->frames[i].entries;
    }
    __atomic_store_n(&self->entries, sent, __ATOMIC_RELEASE);
    pthread_barrier_wait(&self->ready);
    for (unsigned i = 0; i < self->count; i++)
        zmq_msg_close(&frames[i]);
    free(frames);
    zmq_close(router);
    zmq_ctx_term(context);
    return NULL;
}

typedef struct {
    router_t *router;
    unsigned finished;
    bool done;
} audience_t;

static void on_frame(client_t *client, const letter_t *letter, void *context)
{
    audience_t *self = context;
    uint64_t all = __atomic_load_n(&self->router->entries, __ATOMIC_ACQUIRE);

    (void)letter;
    if (all != 0 && client->entries == all && client->own == NULL) {
        client->own = self;
        self->done = ++self->finished == self->router->peers;
    }
}

double yardstick_router(const yardstick_frame_t *frames, unsigned count, unsigned peers,
                        double seconds)
{
    router_t router = {.frames = frames, .count = count, .peers = peers, .seconds = seconds};
    audience_t audience = {.router = &router};
    client_t *clients[ROUTES_MAX] = {NULL};
    keys_t keys;
    pthread_t thread;

    keys_make(&router.keys);
    pthread_barrier_init(&router.bound, NULL, 2);
    pthread_barrier_init(&router.ready, NULL, 2);
    if (pthread_create(&thread, NULL, router_main, &router) != 0)
        trouble("no thread");
    pthread_barrier_wait(&router.bound);
    for (unsigned i = 0; i < peers; i++) {
        keys_make(&keys);
        clients[i] = client_new(router.address, router.keys.public_key, &keys, false);
        zmq_send(clients[i]->socket, "hello", 5, 0);
    }
    /* The last may have come before the number of all was known: look again. */
    for (double left = seconds + 60; !audience.done && left > 0; left -= 0.05) {
        crowd_run(clients, peers, on_frame, &audience, &audience.done, 0.05);
        for (unsigned i = 0; i < peers && !audience.done; i++)
            on_frame(clients[i], NULL, &audience);
    }
    double took = seconds_since(router.begun_ns);
    if (!audience.done)
        trouble("a bare ROUTER's peers did not get everything");
    double deliveries = (double)router.entries * peers;
    pthread_barrier_wait(&router.ready);
    for (unsigned i = 0; i < peers; i++)
        client_destroy(&clients[i]);
    pthread_join(thread, NULL);
    return deliveries / took;
}

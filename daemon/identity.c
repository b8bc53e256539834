#include "identity.h"

#include "access_cache.h"
#include "log.h"
#include "records.h"

#include <czmq.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

/* libzmq has it, Debian's header shows it to drafts only (zmq.h, "DRAFT Socket
   options"): with it a ROUTER without an answering handler lets nobody in. */
#define OPTION_ZAP_ENFORCE_DOMAIN 93

#define ZAP_DOMAIN "samverk"
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_FRAMES_MAX 16u

struct identity {
    zactor_t *actor;
};

static bool is_in_state(store_txn_t *txn, const record_id_t *id, const char *state, arena_t *arena)
{
    const record_t *record = id->kind != NULL ? records_get(txn, id, arena) : NULL;

    return record != NULL && strcmp(record_get_text(record, "state"), state) == 0;
}

error_code_t identity_refusal(store_txn_t *txn, const access_t *access)
{
    arena_t *arena = arena_new();
    bool suspended = is_in_state(txn, &access->key, "active", arena) &&
                     is_in_state(txn, &access->user, "suspended", arena);

    arena_destroy(&arena);
    return suspended ? ERROR_SUSPENDED : ERROR_REVOKED;
}

/* -- the handler ------------------------------------------------------------------ */

typedef struct {
    const environment_t *environment;
    access_cache_t *cache;
    zsock_t *socket;
} gate_t;

static bool is_known(gate_t *self, const unsigned char key[32])
{
    store_txn_t *txn = store_read(self->environment->store);

    if (txn == NULL)
        log_fatal("the record cannot be read");
    const access_t *access = access_cached(
        self->cache, txn, key, clock_expiry_ms(self->environment->step, self->environment->clock));
    bool known =
        access->valid || access->invitation || identity_refusal(txn, access) == ERROR_SUSPENDED;
    known = known && store_failed(txn) == 0;
    store_abort(&txn);
    return known;
}

/* One request of RFC 27: version, sequence, domain, address, routing id, mechanism,
   credentials. Whatever it is not, it is not let in. */
static void handle_request(gate_t *self)
{
    zmsg_t *request = zmsg_recv(self->socket);
    zframe_t *frames[ZAP_FRAMES_MAX];
    size_t count = 0;
    char user_id[65] = "";

    if (request == NULL)
        return;
    for (zframe_t *frame = zmsg_first(request); frame != NULL && count < ZAP_FRAMES_MAX;
         frame = zmsg_next(request))
        frames[count++] = frame;
    bool in = count == 7 && zframe_streq(frames[0], "1.0") && zframe_streq(frames[2], ZAP_DOMAIN) &&
              zframe_streq(frames[5], "CURVE") && zframe_size(frames[6]) == 32 &&
              is_known(self, zframe_data(frames[6]));
    if (in)
        for (int i = 0; i < 32; i++)
            snprintf(user_id + 2 * i, 3, "%02x", zframe_data(frames[6])[i]);

    zmsg_t *reply = zmsg_new();
    zmsg_addstr(reply, "1.0");
    if (count > 1)
        zmsg_addmem(reply, zframe_data(frames[1]), zframe_size(frames[1]));
    else
        zmsg_addstr(reply, "");
    zmsg_addstr(reply, in ? "200" : "400");
    zmsg_addstr(reply, in ? "OK" : "unknown key");
    zmsg_addstr(reply, user_id);
    zmsg_addmem(reply, "", 0);
    zmsg_send(&reply, self->socket);
    zmsg_destroy(&request);
}

static void gate_main(zsock_t *pipe, void *context)
{
    gate_t self = {.environment = context};

    self.socket = zsock_new(ZMQ_REP);
    bool bound = self.socket != NULL && zsock_bind(self.socket, "%s", ZAP_ENDPOINT) >= 0;
    self.cache = access_cache_new();
    zsock_signal(pipe, bound ? 0 : 1);
    zpoller_t *poller = zpoller_new(pipe, self.socket, NULL);
    while (bound) {
        void *which = zpoller_wait(poller, -1);
        if (which == pipe || zpoller_terminated(poller))
            break;
        if (which != NULL)
            handle_request(&self);
    }
    zpoller_destroy(&poller);
    zsock_destroy(&self.socket);
    access_cache_destroy(&self.cache);
}

/* zactor_new takes the actor's first signal for itself; ask for the endpoint instead:
   a second bind succeeds only where the handler's did not. */
static bool is_bound(void)
{
    zsock_t *probe = zsock_new(ZMQ_REP);
    bool taken = probe != NULL && zsock_bind(probe, "%s", ZAP_ENDPOINT) < 0;

    zsock_destroy(&probe);
    return taken;
}

identity_t *identity_new(const environment_t *environment)
{
    identity_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->actor = zactor_new(gate_main, (void *)environment);
    if (self->actor == NULL || !is_bound()) {
        log_error("the handler that lets keys in cannot be bound");
        identity_destroy(&self);
    }
    return self;
}

void identity_destroy(identity_t **self_p)
{
    if (*self_p == NULL)
        return;
    zactor_destroy(&(*self_p)->actor);
    free(*self_p);
    *self_p = NULL;
}

bool identity_key(const char *user_id, unsigned char public_key[32])
{
    size_t size;

    return user_id != NULL && strlen(user_id) == 64 &&
           sodium_hex2bin(public_key, 32, user_id, 64, NULL, &size, NULL) == 0 && size == 32;
}

/* -- the door ------------------------------------------------------------------------- */

static bool set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

void *identity_router(const unsigned char secret_key[32], void *context, char *why, size_t why_size)
{
    const int64_t message_max = 516 * 1024; /* a batch, and what CURVE adds */
    void *router = zmq_socket(context, ZMQ_ROUTER);
    int enforced = 0;
    size_t size = sizeof enforced;

    bool good =
        router != NULL && set_int(router, ZMQ_CURVE_SERVER, 1) &&
        zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret_key, 32) == 0 &&
        zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0 &&
        set_int(router, OPTION_ZAP_ENFORCE_DOMAIN, 1) &&
        zmq_getsockopt(router, OPTION_ZAP_ENFORCE_DOMAIN, &enforced, &size) == 0 && enforced == 1 &&
        zmq_setsockopt(router, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max) == 0 &&
        set_int(router, ZMQ_ROUTER_MANDATORY, 1) && set_int(router, ZMQ_ROUTER_HANDOVER, 0) &&
        set_int(router, ZMQ_HANDSHAKE_IVL, 5000) && set_int(router, ZMQ_HEARTBEAT_IVL, 10000) &&
        set_int(router, ZMQ_HEARTBEAT_TIMEOUT, 30000) &&
        set_int(router, ZMQ_HEARTBEAT_TTL, 60000) && set_int(router, ZMQ_SNDHWM, 8192) &&
        set_int(router, ZMQ_RCVHWM, 16) && set_int(router, ZMQ_BACKLOG, 512) &&
        set_int(router, ZMQ_IPV6, 1) && set_int(router, ZMQ_LINGER, 1000);
    if (!good) {
        snprintf(why, why_size, "the socket cannot be secured: %s",
                 enforced == 1 ? zmq_strerror(errno) : "its domain is not enforced");
        if (router != NULL)
            zmq_close(router);
        return NULL;
    }
    return router;
}

#include "session.h"

#include "log.h"

#include <czmq.h>
#include <errno.h>
#include <string.h>

#define SESSIONS_OF_A_KEY 32u

typedef struct {
    unsigned char bytes[SESSION_ROUTE_MAX];
    size_t size;
} route_t;

struct sessions {
    void *router;
    unsigned most, count;
    uint64_t last_number;
    zhashx_t *by_route;  /* route_t */
    zhashx_t *by_number; /* &session->number */
    session_t *first;
};

static size_t hash_bytes(const unsigned char *bytes, size_t size)
{
    size_t hash = 14695981039346656037u;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static size_t hash_route(const void *key)
{
    const route_t *route = key;

    return hash_bytes(route->bytes, route->size);
}

static int compare_routes(const void *a, const void *b)
{
    const route_t *left = a;
    const route_t *right = b;

    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return memcmp(left->bytes, right->bytes, left->size);
}

static void *copy_route(const void *key)
{
    route_t *copy = malloc(sizeof *copy);

    if (copy == NULL)
        log_fatal("no memory left");
    memcpy(copy, key, sizeof *copy);
    return copy;
}

static void free_route(void **key_p)
{
    free(*key_p);
    *key_p = NULL;
}

static size_t hash_number(const void *key)
{
    return hash_bytes(key, sizeof(uint64_t));
}

static int compare_numbers(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(uint64_t));
}

sessions_t *sessions_new(void *router, unsigned most)
{
    sessions_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->router = router;
    self->most = most;
    self->by_route = zhashx_new();
    zhashx_set_key_hasher(self->by_route, hash_route);
    zhashx_set_key_comparator(self->by_route, compare_routes);
    zhashx_set_key_duplicator(self->by_route, copy_route);
    zhashx_set_key_destructor(self->by_route, free_route);
    self->by_number = zhashx_new();
    zhashx_set_key_hasher(self->by_number, hash_number);
    zhashx_set_key_comparator(self->by_number, compare_numbers);
    zhashx_set_key_duplicator(self->by_number, NULL);
    zhashx_set_key_destructor(self->by_number, NULL);
    return self;
}

void sessions_destroy(sessions_t **self_p)
{
    sessions_t *self = *self_p;

    if (self == NULL)
        return;
    for (session_t *session = self->first, *next; session != NULL; session = next) {
        next = session->next;
        sessions_close(self, &session);
    }
    zhashx_destroy(&self->by_route);
    zhashx_destroy(&self->by_number);
    free(self);
    *self_p = NULL;
}

static route_t route_of(const void *bytes, size_t size)
{
    route_t route = {.size = size < SESSION_ROUTE_MAX ? size : SESSION_ROUTE_MAX};

    memcpy(route.bytes, bytes, route.size);
    return route;
}

session_t *sessions_find(sessions_t *self, const void *bytes, size_t size)
{
    route_t route = route_of(bytes, size);

    return zhashx_lookup(self->by_route, &route);
}

session_t *sessions_by_number(sessions_t *self, uint64_t number)
{
    return zhashx_lookup(self->by_number, &number);
}

unsigned sessions_count(const sessions_t *self)
{
    return self->count;
}

session_t *sessions_first(sessions_t *self)
{
    return self->first;
}

/* Close the session longest silent, of this key or of any (NULL). False when all of
   them watch or wait. */
static bool make_room(sessions_t *self, const unsigned char *public_key)
{
    session_t *silent = NULL;

    for (session_t *session = self->first; session != NULL; session = session->next)
        if (session->n_watches == 0 && session->open == 0 &&
            (public_key == NULL || memcmp(session->public_key, public_key, 32) == 0) &&
            (silent == NULL || session->heard_ms < silent->heard_ms))
            silent = session;
    if (silent == NULL)
        return false;
    sessions_close(self, &silent);
    return true;
}

static bool has_room(sessions_t *self, const unsigned char public_key[32])
{
    unsigned same = 0;

    for (const session_t *session = self->first; session != NULL; session = session->next)
        same += memcmp(session->public_key, public_key, 32) == 0;
    if (same >= SESSIONS_OF_A_KEY)
        return make_room(self, public_key);
    return self->count < self->most || make_room(self, NULL);
}

session_t *sessions_open(sessions_t *self, const void *bytes, size_t size,
                         const unsigned char public_key[32], uint64_t now_ms)
{
    route_t route = route_of(bytes, size);

    if (!has_room(self, public_key))
        return NULL;
    session_t *session = calloc(1, sizeof *session);
    if (session == NULL)
        log_fatal("no memory left");
    session->number = ++self->last_number;
    memcpy(session->route, route.bytes, route.size);
    session->route_size = route.size;
    memcpy(session->public_key, public_key, 32);
    session->credit = SESSION_CREDIT_FIRST;
    session->heard_ms = now_ms;
    session->access_arena = arena_new();
    session->next = self->first;
    if (self->first != NULL)
        self->first->previous = session;
    self->first = session;
    self->count++;
    zhashx_insert(self->by_route, &route, session);
    zhashx_insert(self->by_number, &session->number, session);
    return session;
}

void sessions_close(sessions_t *self, session_t **session_p)
{
    session_t *session = *session_p;
    route_t route = route_of(session->route, session->route_size);

    for (unsigned i = 0; i < session->n_watches; i++)
        watch_destroy(&session->watches[i]);
    for (job_t *job = session->waiting, *next; job != NULL; job = next) {
        next = job->next;
        job_destroy(&job);
    }
    zhashx_delete(self->by_route, &route);
    zhashx_delete(self->by_number, &session->number);
    if (self->first == session)
        self->first = session->next;
    else
        session->previous->next = session->next;
    if (session->next != NULL)
        session->next->previous = session->previous;
    self->count--;
    arena_destroy(&session->access_arena);
    free(session);
    *session_p = NULL;
}

/* The payload is never sent after a refused routing id: it would go to nobody, or as
   the next peer's. Nor is a routing id left without its payload, which only want of
   memory can do: the next peer's answer would go to this one. */
static bool send_parts(void *router, const void *route, size_t size, const void *data,
                       size_t data_size)
{
    if (zmq_send(router, route, size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return false;
    if (zmq_send(router, data, data_size, ZMQ_DONTWAIT) < 0)
        log_fatal("an answer cannot be sent: %s", zmq_strerror(errno));
    return true;
}

bool sessions_send(sessions_t *self, session_t *session, const void *data, size_t size)
{
    if (!send_parts(self->router, session->route, session->route_size, data, size))
        return false;
    session->credit -= (int64_t)size;
    return true;
}

bool sessions_send_message(sessions_t *self, session_t *session, zmq_msg_t *message)
{
    size_t size = zmq_msg_size(message);
    bool sent = zmq_send(self->router, session->route, session->route_size,
                         ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;

    if (sent && zmq_msg_send(message, self->router, ZMQ_DONTWAIT) < 0)
        log_fatal("a push cannot be sent: %s", zmq_strerror(errno));
    /* Sent, it is empty. */
    zmq_msg_close(message);
    if (sent)
        session->credit -= (int64_t)size;
    return sent;
}

void sessions_send_to(sessions_t *self, const void *route, size_t size, const void *data,
                      size_t data_size)
{
    send_parts(self->router, route, size, data, data_size);
}

void session_grant(session_t *self, uint64_t credit)
{
    if (credit > SESSION_CREDIT_MAX)
        credit = SESSION_CREDIT_MAX;
    self->credit += (int64_t)credit;
    if (self->credit > SESSION_CREDIT_MAX)
        self->credit = SESSION_CREDIT_MAX;
}

void session_add_watch(session_t *self, watch_t *watch)
{
    session_settle(self);
    self->watches[self->n_watches++] = watch;
    self->kinds = self->municipalities = 0;
    for (unsigned i = 0; i < self->n_watches; i++) {
        self->kinds |= watch_kinds(self->watches[i]);
        self->municipalities |= watch_municipalities(self->watches[i]);
    }
    self->lagging = true;
}

void session_settle(session_t *self)
{
    for (unsigned i = 0; !self->lagging && i < self->n_watches; i++)
        watch_pass(self->watches[i], self->passed);
}

#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "arena.h"
#include "value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One connection to a daemon, and crowds of them. The yardsticks use the same
   clients, so that what a client costs weighs alike on both sides. */

typedef struct {
    unsigned char public_key[32], secret_key[32];
} keys_t;

void keys_make(keys_t *self);

typedef enum { LETTER_REPLY, LETTER_ERROR, LETTER_PUSH, LETTER_OTHER } letter_type_t;

/* What is looked at of a frame from the daemon where every microsecond counts. */
typedef struct {
    letter_type_t type;
    uint64_t sequence; /* reply, error: of the request */
    uint32_t entries;  /* push */
    const void *data;
    size_t size;
} letter_t;

#define CLIENT_WINDOW 256u /* power of two, above the 64 requests that may be open */

typedef struct client client_t;
typedef void (*client_handle_t)(client_t *self, const letter_t *letter, void *context);

struct client {
    void *socket;
    int fd;
    unsigned user;
    arena_t *arena; /* of the frame that is written */
    uint64_t owed;  /* bytes received that credit has not been given for */
    uint64_t sequence;
    uint64_t sent_ns[CLIENT_WINDOW]; /* by sequence */
    uint64_t entries;                /* pushed so far */
    void *own;                       /* the figure's */
};

/* Connect and, when `hello`, wait for the welcome. */
client_t *client_new(const char *address, const unsigned char server_key[32], const keys_t *keys,
                     bool hello);
void client_destroy(client_t **self_p);

/* Send a request without waiting. */
void client_send(client_t *self, const char *command, value_t arguments);
/* Send one and wait for its reply; trouble when it is refused. The result lives in
   `arena`. Pushes that come meanwhile are counted and forgotten. */
value_t client_ask(client_t *self, const char *command, value_t arguments, arena_t *arena);
/* The newest revision of the record. */
uint64_t client_head(client_t *self);
/* Seconds since the request of this letter was sent. */
double client_waited(const client_t *self, const letter_t *letter);
/* Take every frame that is there. */
void client_drain(client_t *self, client_handle_t handle, void *context);

/* Serve the clients until `*stop` or for `seconds`; false when the time ran out. */
bool crowd_run(client_t *const *clients, unsigned count, client_handle_t handle, void *context,
               const bool *stop, double seconds);

void clients_start(void); /* once, first */

#endif

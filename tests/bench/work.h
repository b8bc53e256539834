#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include "client.h"
#include "measure.h"
#include "server.h"

/* What brokers do all day: write inquiries, and wait for the answer. */

/* Fields of an inquiry as one comes in by phone: about 300 bytes as a view. Its number
   stands in the title, # and twelve digits. */
value_t work_inquiry(unsigned user, uint64_t number, arena_t *arena);
/* Send the put of an inquiry. */
void work_put(client_t *client, uint64_t number);

typedef struct {
    uint64_t writes;       /* answered */
    double seconds;        /* from the first sent to the last answered */
    double writes_second;  /* */
    double p50_ms, p99_ms; /* of an answer */
} work_t;

/* Clients that are served beside the writers, and what is done with their letters. */
typedef struct {
    client_t *const *clients;
    unsigned count;
    client_handle_t handle;
    void *context;
} bystanders_t;

/* `count` clients, each of its own user as far as there are, keep `open` puts each on
   their way: for `seconds`, or until `*enough` when that is given. */
void work_write(const server_t *server, unsigned count, unsigned open, double seconds,
                const bool *enough, const bystanders_t *others, work_t *work);

/* -- imports ---------------------------------------------------------------------------- */

/* Inquiries put in by import requests of `rows` each. */
typedef struct {
    unsigned rows;
    uint64_t most, sent, answered;
    bool done;
} import_t;

void import_send(import_t *self, client_t *client);
void import_handle(client_t *client, const letter_t *letter, void *self);

/* All of it, by `users` users at a time, each with two requests on their way. */
void import_run(import_t *self, const server_t *server, unsigned users);

#endif

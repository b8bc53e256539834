#ifndef BENCH_WATCHERS_H
#define BENCH_WATCHERS_H

#include "client.h"
#include "server.h"

/* Connect `count` clients, spread over the users, and let each watch all inquiries. */
void watchers_open(const server_t *server, client_t **clients, unsigned count);
void watchers_close(client_t **clients, unsigned count);

#endif

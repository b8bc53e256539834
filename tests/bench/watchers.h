#ifndef BENCH_WATCHERS_H
#define BENCH_WATCHERS_H

#include "client.h"
#include "server.h"

/* Connect as this user, and watch all inquiries. */
client_t *watcher_open(const server_t *server, unsigned user);
/* Connect `count` clients, spread over the users, and let each watch all inquiries. */
void watchers_open(const server_t *server, client_t **clients, unsigned count);
void watchers_close(client_t **clients, unsigned count);

#endif

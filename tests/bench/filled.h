#ifndef BENCH_FILLED_H
#define BENCH_FILLED_H

#include "plan.h"
#include "server.h"

/* A server with samverk-sim's region in it: all municipalities, and so many inquiries, every
   one of them new. */
typedef struct {
    server_t server;
    plan_t *plan;
    client_t *client; /* its administrator's, who is a coordinator of the whole too */
    double fill_seconds;
    double rest_seconds; /* until nothing was going on in it any more, or so long it was waited */
    bool rests;
} filled_t;

void filled_make(filled_t *self, const char *program, const char *parent, unsigned inquiries,
                 double patience_seconds);
void filled_remove(filled_t *self);

/* One more inquiry, the `number`-th beyond those that are there; its id in `arena`. */
const char *filled_put(filled_t *self, unsigned number, arena_t *arena);

#endif

#ifndef SAMVERK_TEST_LEAK_ASKS_H
#define SAMVERK_TEST_LEAK_ASKS_H

#include "leak_world.h"

/* Random requests of people in a world: all ways of writing the record and of reading it,
   walked from the tables, and changes of who they are. */

/* One request, and for whoever judges it what came of it. */
typedef struct {
    const actor_t *actor; /* NULL: the administrator */
    const char *command;
    const char *as; /* the user for whom a service asks, or NULL */
    value_t arguments;
    uint32_t first_canary; /* the first that it would write */
    reply_t reply;
} asked_t;

bool asked_is_dry(const asked_t *asked);

/* Send what was drawn; `asked` then has the reply. */
void asks_send(world_t *world, asked_t *asked);

/* Draw a request of this actor's; NULL is the administrator. */
asked_t asks_write(world_t *world, const actor_t *actor);
asked_t asks_read(world_t *world, const actor_t *actor);
/* A watch: from now or from the past, of everything or of less. */
asked_t asks_watch(world_t *world, const actor_t *actor);
/* The page after the one that was asked for; false when that was the last. */
bool asks_next_page(world_t *world, asked_t *asked);

/* Change the rights of someone whose rights change: a grant, a key, the user's state. */
asked_t asks_shift(world_t *world);
/* Connect one again that has no session, with a new key where the old is revoked. */
void asks_return(world_t *world, actor_t *actor);

#endif

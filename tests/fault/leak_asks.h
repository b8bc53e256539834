#ifndef SAMVERK_TEST_LEAK_ASKS_H
#define SAMVERK_TEST_LEAK_ASKS_H

#include "leak_world.h"

/* Random requests of people in a world: all ways of writing the record and of reading it,
   walked from the tables, and changes of who they are. */

/* What a request was, for whoever judges what came of it. */
typedef struct {
    const actor_t *actor; /* NULL: the administrator */
    const char *command;
    const char *as; /* or NULL */
    value_t arguments;
    bool dry;
    uint32_t first_canary; /* the first that it would write */
    reply_t reply;
} asked_t;

void asks_send(world_t *world, asked_t *asked, const actor_t *actor, const char *command,
               const value_builder_t *arguments);
/* Ask for what is in `asked`, on behalf of the user in its `as`. */
void asks_write(world_t *world, asked_t *asked, const actor_t *actor);
void asks_read(world_t *world, asked_t *asked, const actor_t *actor);
/* A watch: from now or from the past, of everything or of less. */
void asks_watch(world_t *world, asked_t *asked, const actor_t *actor);
/* Change the rights of someone whose rights change: a grant, a key, the user's state. */
void asks_shift(world_t *world, asked_t *asked);
/* Connect again one that has no session, with a new key where the old is revoked. */
void asks_return(world_t *world, actor_t *actor);

#endif

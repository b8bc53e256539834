#ifndef SAMVERK_TEST_LEAK_WORLD_H
#define SAMVERK_TEST_LEAK_WORLD_H

#include "leak_canary.h"
#include "region.h"

/* A region full of people at work: users of every role and scope, records of every kind,
   and values for their fields, made by walking the tables. The same seed makes the same
   world. */

typedef struct {
    char name[32];
    char key[48];
    char user[RECORD_ID_MAX];
    client_t *client;
    unsigned n_keys; /* that the user has had */
    bool writes;     /* works in the record, besides reading it */
    bool shifts;     /* rights, keys and state change meanwhile */
} actor_t;

typedef struct world world_t;

world_t *world_new(uint64_t seed);
void world_destroy(world_t **self_p);

region_t *world_region(const world_t *self);
canaries_t *world_canaries(const world_t *self);
arena_t *world_arena(world_t *self); /* for one request: world_reset */
void world_reset(world_t *self);
uint64_t world_draw(world_t *self, uint64_t below);
bool world_chance(world_t *self, unsigned percent);

actor_t *world_add_actor(world_t *self, const char *name, const char *role, const char *scope);
size_t world_n_actors(const world_t *self);
actor_t *world_actor(world_t *self, size_t position);
/* Whose connection it is; NULL when it is nobody's. */
actor_t *world_actor_of(world_t *self, const client_t *client);

/* The ids of a kind's live records; any of them, or NULL when there is none. */
size_t world_count(const world_t *self, const kind_t *kind);
const char *world_record(world_t *self, const kind_t *kind);
/* Take in what the journal has had since the last time; canaries from `first_canary` on
   were written by it. */
void world_follow(world_t *self, uint32_t first_canary);

/* A value that the field of this record takes ("": of a new one, the row-th of its
   kind), a canary where there is room. */
value_t world_value(world_t *self, const kind_t *kind, const field_t *field, const char *id,
                    unsigned row);
/* The same, in the form that a filter asks for: one item of a list, perhaps one that
   stands somewhere. */
value_t world_probe(world_t *self, const field_t *field);
/* The fields of a new record: what its row requires, and some others. */
value_t world_fields(world_t *self, const kind_t *kind, unsigned row);

/* True when people write the field, and put and patch take it. */
bool world_writes_field(const field_t *field);

#endif

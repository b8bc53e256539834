#include "leak_world.h"

#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ACTORS_MAX 24u
#define KINDS_MAX 256u /* by their numbers */

typedef struct {
    char (*ids)[RECORD_ID_MAX];
    size_t count, room;
} pool_t;

struct world {
    region_t *region;
    canaries_t *canaries;
    arena_t *arena;
    uint64_t drawn;
    actor_t actors[ACTORS_MAX];
    size_t n_actors;
    pool_t pools[KINDS_MAX];
    uint64_t followed; /* the last revision taken in */
};

/* -- chance ---------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t world_draw(world_t *self, uint64_t below)
{
    uint64_t mixed = self->drawn += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (mixed ^ (mixed >> 31)) % below;
}

bool world_chance(world_t *self, unsigned percent)
{
    return world_draw(self, 100) < percent;
}

/* -- the world --------------------------------------------------------------------------- */

static void populate(world_t *self)
{
    static const char *const puts[] = {
        "kind=county id=\"18\" fields={name=\"Örebro län\"}",
        "kind=county id=\"05\" fields={name=\"Östergötlands län\"}",
        "kind=municipality id=\"1880\" fields={name=\"Örebro\" county=cty-18}",
        "kind=municipality id=\"0583\" fields={name=\"Motala\" county=cty-05}",
        "kind=municipality id=\"0513\" fields={name=\"Kinda\" county=cty-05}",
        "kind=municipality id=\"0560\" fields={name=\"Boxholm\" county=cty-05}",
        "kind=area id=\"07\" fields={name_en=\"Engineering\" name_sv=\"Teknik\"}",
        "kind=area id=\"0715\" fields={name_en=\"Mechanics\" name_sv=\"Maskinteknik\"}",
        "kind=organisation fields={name=\"Lärcentrum Örebro\" types=[learning_centre] "
        "municipality=mun-1880}",
        "kind=organisation fields={name=\"Lärcentrum Motala\" types=[learning_centre] "
        "municipality=mun-0583}",
    };
    /* Örebro has employers enough to be named, Motala one short of it. */
    static const char *const homes[] = {"mun-1880", "mun-1880", "mun-1880", "mun-1880", "mun-1880",
                                        "mun-0583", "mun-0583", "mun-0583", "mun-0583", "mun-0513"};

    for (size_t i = 0; i < sizeof puts / sizeof *puts; i++)
        say_well(self->region, "admin", "put", "%s", puts[i]);
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
        say_well(self->region, "admin", "put",
                 "kind=organisation fields={name=\"Verkstad %zu AB\" types=[employer] "
                 "municipality=%s}",
                 i, homes[i]);
}

world_t *world_new(uint64_t seed)
{
    world_t *self = calloc(1, sizeof *self);

    assert_non_null(self);
    self->region = region_new();
    self->canaries = canaries_new();
    self->arena = arena_new();
    self->drawn = seed;
    populate(self);
    world_follow(self, 1);
    return self;
}

void world_destroy(world_t **self_p)
{
    world_t *self = *self_p;

    if (self == NULL)
        return;
    for (size_t i = 0; i < KINDS_MAX; i++)
        free(self->pools[i].ids);
    canaries_destroy(&self->canaries);
    arena_destroy(&self->arena);
    region_destroy(&self->region);
    free(self);
    *self_p = NULL;
}

region_t *world_region(const world_t *self)
{
    return self->region;
}

canaries_t *world_canaries(const world_t *self)
{
    return self->canaries;
}

arena_t *world_arena(world_t *self)
{
    return self->arena;
}

void world_reset(world_t *self)
{
    arena_reset(self->arena);
    for (size_t i = 0; i < self->n_actors; i++)
        client_empty(self->actors[i].client);
    client_empty(region_client(self->region, "admin"));
}

/* -- who is there ---------------------------------------------------------------------------- */

actor_t *world_add_actor(world_t *self, const char *name, const char *role, const char *scope)
{
    actor_t *actor = &self->actors[self->n_actors++];

    assert_true(self->n_actors <= ACTORS_MAX);
    snprintf(actor->name, sizeof actor->name, "%s", name);
    snprintf(actor->key, sizeof actor->key, "%s", name);
    snprintf(actor->user, sizeof actor->user, "%s", say_user(self->region, name, role, scope));
    actor->client = region_client(self->region, name);
    world_follow(self, canaries_count(self->canaries) + 1);
    return actor;
}

size_t world_n_actors(const world_t *self)
{
    return self->n_actors;
}

actor_t *world_actor(world_t *self, size_t position)
{
    return &self->actors[position];
}

actor_t *world_actor_of(world_t *self, const client_t *client)
{
    for (size_t i = 0; i < self->n_actors; i++)
        if (self->actors[i].client == client)
            return &self->actors[i];
    return NULL;
}

/* -- what is there ------------------------------------------------------------------------------ */

static void add_id(pool_t *self, const char *id)
{
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : 64;
        self->ids = realloc(self->ids, self->room * sizeof *self->ids);
        assert_non_null(self->ids);
    }
    snprintf(self->ids[self->count++], RECORD_ID_MAX, "%s", id);
}

static void drop_id(pool_t *self, const char *id)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->ids[i], id) == 0) {
            memcpy(self->ids[i], self->ids[--self->count], RECORD_ID_MAX);
            return;
        }
}

void world_follow(world_t *self, uint32_t first_canary)
{
    store_txn_t *txn = store_read(region_environment(self->region)->store);
    uint64_t head = store_head(txn);

    while (self->followed < head) {
        const journal_entry_t *entry = journal_get(txn, ++self->followed, self->arena);
        assert_non_null(entry);
        for (size_t i = 0; i < entry->n_operations; i++) {
            const journal_operation_t *operation = &entry->operations[i];
            pool_t *pool = &self->pools[operation->id.kind->number];
            if (operation->after == NULL)
                drop_id(pool, operation->id.text);
            else if (operation->before == 0)
                add_id(pool, operation->id.text);
        }
        canaries_settle(self->canaries, first_canary, entry);
    }
    store_abort(&txn);
}

size_t world_count(const world_t *self, const kind_t *kind)
{
    return self->pools[kind->number].count;
}

/* The newest more often than the others. */
const char *world_record(world_t *self, const kind_t *kind)
{
    const pool_t *pool = &self->pools[kind->number];

    if (pool->count == 0)
        return NULL;
    size_t first = world_chance(self, 50) && pool->count > 12 ? pool->count - 12 : 0;
    return arena_text(self->arena, pool->ids[first + world_draw(self, pool->count - first)]);
}

/* -- values ----------------------------------------------------------------------------------- */

bool world_writes_field(const field_t *field)
{
    return !(field->attributes & (FIELD_DAEMON | FIELD_INTERNAL));
}

/* What "any kind" refers to here: chains too. */
static const kind_t *some_kind(world_t *self)
{
    static const char *const names[] = {"inquiry", "inquiry", "task", "organisation", "person"};

    return schema_kind(names[world_draw(self, sizeof names / sizeof *names)]);
}

static value_t draw_value(world_t *self, const field_t *field)
{
    const kind_t *target = field->target;
    const char *id;
    unsigned char *key;

    switch (field->type) {
    case TYPE_INTEGER:
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        return value_integer(field->least +
                             (int64_t)world_draw(self, (uint64_t)(field->most - field->least) + 1));
    case TYPE_BOOLEAN:
        return value_boolean(world_chance(self, 50));
    case TYPE_DATE:
        return value_text(arena_format(self->arena, "20%02u-%02u-15",
                                       (unsigned)(27 + world_draw(self, 3)),
                                       (unsigned)(1 + world_draw(self, 12))));
    case TYPE_WORD:
        return value_text(
            field->vocabulary->words[world_draw(self, field->vocabulary->n_words)].name);
    case TYPE_REFERENCE:
        id = world_record(self, target != NULL ? target : some_kind(self));
        return id != NULL ? value_text(id) : value_absent;
    case TYPE_KEY:
        key = arena_alloc(self->arena, 32);
        region_key(arena_format(self->arena, "key %u", (unsigned)world_draw(self, 1u << 30)), key);
        return value_bytes(key, 32);
    case TYPE_INSTANT:
        return value_integer((int64_t)region_now(self->region));
    default:
        return value_text(arena_format(self->arena, "%0*u",
                                       field->least > 1 ? (int)field->least : 1,
                                       (unsigned)world_draw(self, 9)));
    }
}

value_t world_value(world_t *self, const kind_t *kind, const field_t *field, const char *id,
                    unsigned row)
{
    value_t *items;
    uint32_t count = 1;

    if (field->attributes & FIELD_MANY)
        count += (uint32_t)world_draw(self, 2);
    items = arena_alloc(self->arena, count * sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        if (!canaries_make(self->canaries, kind, field, id, row, self->arena, &items[i]))
            items[i] = draw_value(self, field);
        if (items[i].form == VALUE_ABSENT)
            return value_absent;
    }
    return field->attributes & FIELD_MANY ? value_list(items, count) : items[0];
}

value_t world_probe(world_t *self, const field_t *field)
{
    uint32_t count = canaries_count(self->canaries);
    value_t value;

    /* One that stands in such a field, when a few tries find it. */
    for (unsigned i = 0; count > 0 && i < 20; i++) {
        uint32_t number = 1 + (uint32_t)world_draw(self, count);
        if (canaries_get(self->canaries, number)->field == field &&
            canary_value(field, number, self->arena, &value))
            return value;
    }
    return world_chance(self, 15) ? value_absent : draw_value(self, field);
}

/* What hides the rest of a record is set more often than not. */
static unsigned percent_given(const kind_t *kind, const field_t *field)
{
    if (strcmp(field->name, "discreet") == 0 || strcmp(field->name, "protected") == 0 ||
        strcmp(field->name, "areas") == 0) /* by which inquiries match */
        return 80;
    return schema_words_have(kind->scope, field->name) ? 50 : 25;
}

value_t world_fields(world_t *self, const kind_t *kind, unsigned row)
{
    value_builder_t fields = value_builder(self->arena);

    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!world_writes_field(field) || !((field->attributes & FIELD_REQUIRED) ||
                                            world_chance(self, percent_given(kind, field))))
            continue;
        value_t value = world_value(self, kind, field, "", row);
        if (value.form != VALUE_ABSENT)
            value_add_pair(&fields, field->name, value);
    }
    return value_build_map(&fields);
}

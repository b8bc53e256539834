#include "leak_asks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS_ENOUGH 50u /* of a kind: then they are changed rather than added to */

static const char *const roles[] = {"participant", "provider",  "viewer",  "broker", "head",
                                    "coordinator", "evaluator", "privacy", "admin"};
static const char *const scopes[] = {"mun-1880", "mun-0583", "mun-0513"};

bool asked_is_dry(const asked_t *asked)
{
    return value_get_boolean(&asked->arguments, "dry_run", false);
}

void asks_send(world_t *world, asked_t *asked)
{
    region_t *region = world_region(world);
    const actor_t *actor = asked->actor;
    request_t request = {.command = asked->command, .arguments = asked->arguments, .as = asked->as};

    asked->reply =
        region_ask(region, region_client(region, actor != NULL ? actor->name : "admin"), &request);
}

/* A request that is being drawn. */
static asked_t begin(world_t *world, const actor_t *actor)
{
    return (asked_t){.actor = actor, .first_canary = canaries_count(world_canaries(world)) + 1};
}

static asked_t end(asked_t asked, const char *command, const value_builder_t *arguments)
{
    asked.command = command;
    asked.arguments = value_build_map(arguments);
    return asked;
}

static void add_text(value_builder_t *map, const char *key, const char *text)
{
    value_add_pair(map, key, value_text(text));
}

/* -- kinds and fields --------------------------------------------------------------------- */

/* People's rights change by asks_shift alone, where it is known whose. */
static bool is_rights(const kind_t *kind)
{
    return strcmp(kind->name, "user") == 0 || strcmp(kind->name, "grant") == 0 ||
           strcmp(kind->name, "key") == 0;
}

/* A kind to write: those that hide something more often than lists of codes. */
static const kind_t *draw_kind(world_t *world, bool any)
{
    static const char *const often[] = {"inquiry", "inquiry", "inquiry", "person", "task"};
    const kind_t *kind;

    if (world_chance(world, 60))
        return schema_kind(often[world_draw(world, sizeof often / sizeof *often)]);
    do
        kind = schema_kind_at(world_draw(world, schema_n_kinds()));
    while (!any && (is_rights(kind) || (kind->coded && world_chance(world, 80))));
    return kind;
}

static const field_t *draw_field(world_t *world, const kind_t *kind)
{
    const field_t *field;

    /* What decides who sees the rest changes more often than the rest. */
    for (unsigned i = 0; i < 3; i++) {
        field = &kind->fields[world_draw(world, kind->n_fields)];
        if (field->type == TYPE_BOOLEAN || schema_words_have(kind->scope, field->name))
            return field;
    }
    return field;
}

/* -- writing --------------------------------------------------------------------------------- */

static void add_put(world_t *world, value_builder_t *map, unsigned row)
{
    const kind_t *kind = draw_kind(world, false);

    add_text(map, "kind", kind->name);
    if (kind->coded)
        add_text(map, "id",
                 arena_format(world_arena(world), "%u", (unsigned)world_draw(world, 9999)));
    value_add_pair(map, "fields", world_fields(world, kind, row));
    if (world_chance(world, 70))
        value_add_pair(map, "confirm", value_boolean(true));
}

static void add_changes(world_t *world, value_builder_t *map, const kind_t *kind, const char *id)
{
    value_builder_t fields = value_builder(world_arena(world));

    for (uint64_t n = 1 + world_draw(world, 3); n > 0; n--) {
        const field_t *field = draw_field(world, kind);
        if (!world_writes_field(field) && world_chance(world, 95))
            continue;
        bool there = false;
        for (uint32_t i = 0; i < fields.count; i += 2)
            there = there || strcmp(fields.items[i].text, field->name) == 0;
        if (!there)
            value_add_pair(&fields, field->name,
                           world_chance(world, 10) ? value_absent
                                                   : world_value(world, kind, field, id, 0));
    }
    value_add_pair(map, "fields", value_build_map(&fields));
}

static void add_move(world_t *world, value_builder_t *map, const kind_t *kind, const char *id)
{
    const move_t *move = &kind->moves[world_draw(world, kind->n_moves)];
    value_builder_t fields = value_builder(world_arena(world));
    const char *rest = move->required;
    char name[64];

    add_text(map, "verb", move->verb);
    while (schema_words_next(&rest, name, sizeof name)) {
        const field_t *field = kind_field(kind, name);
        value_t value = field->type == TYPE_BOOLEAN ? value_boolean(true)
                                                    : world_value(world, kind, field, id, 0);
        if (value.form != VALUE_ABSENT)
            value_add_pair(&fields, field->name, value);
    }
    value_add_pair(map, "fields", value_build_map(&fields));
}

/* One write and its arguments in `map`; NULL when there is nothing to do it to. */
static const char *add_write(world_t *world, value_builder_t *map, unsigned row)
{
    const kind_t *kind = draw_kind(world, false);
    uint64_t what = world_draw(world, 100);

    if (what < 35 && (world_count(world, kind) < RECORDS_ENOUGH || world_chance(world, 10))) {
        add_put(world, map, row);
        return "put";
    }
    const char *id = world_record(world, kind);
    if (id == NULL)
        return NULL;
    add_text(map, "id", id);
    if (world_chance(world, 5))
        value_add_pair(map, "if_rev", value_integer((int64_t)world_draw(world, 200)));
    if (what > 85 || (what > 70 && world_count(world, kind) > RECORDS_ENOUGH))
        return "delete";
    if (what > 60 && kind->n_moves > 0) {
        add_move(world, map, kind, id);
        return "move";
    }
    add_changes(world, map, kind, id);
    return "patch";
}

/* Rows count the new ones of a kind: one put a batch, so that it is the first. */
static value_t draw_operations(world_t *world)
{
    value_builder_t operations = value_builder(world_arena(world));
    bool put = false;

    for (uint64_t n = 1 + world_draw(world, 4); n > 0; n--) {
        value_builder_t operation = value_builder(world_arena(world));
        const char *what = add_write(world, &operation, 0);
        if (what == NULL || (put && strcmp(what, "put") == 0))
            continue;
        put = put || strcmp(what, "put") == 0;
        add_text(&operation, "do", what);
        value_add(&operations, value_build_map(&operation));
    }
    return value_build_list(&operations);
}

static void add_rows(world_t *world, value_builder_t *map)
{
    const kind_t *kind = draw_kind(world, false);
    value_builder_t rows = value_builder(world_arena(world));

    add_text(map, "kind", kind->name);
    for (unsigned row = 0; row < 3; row++) {
        value_builder_t one = value_builder(world_arena(world));
        if (kind->coded)
            add_text(&one, "id",
                     arena_format(world_arena(world), "%u", (unsigned)world_draw(world, 9999)));
        value_add_pair(&one, "fields", world_fields(world, kind, row));
        value_add(&rows, value_build_map(&one));
    }
    value_add_pair(map, "rows", value_build_list(&rows));
    value_add_pair(map, "confirm", value_boolean(world_chance(world, 70)));
}

asked_t asks_write(world_t *world, const actor_t *actor)
{
    asked_t asked = begin(world, actor);
    value_builder_t map = value_builder(world_arena(world));
    uint64_t what = world_draw(world, 100);
    const char *command;

    if (what < 10) {
        value_add_pair(&map, "operations", draw_operations(world));
        command = "batch";
    } else if (what < 14) {
        add_rows(world, &map);
        command = "import";
    } else {
        command = add_write(world, &map, 0);
    }
    if (command == NULL)
        return end(asked, "status", &(value_builder_t){0});
    if (world_chance(world, 8))
        value_add_pair(&map, "dry_run", value_boolean(true));
    return end(asked, command, &map);
}

/* -- reading ------------------------------------------------------------------------------------ */

static void add_purpose(world_t *world, value_builder_t *map)
{
    if (world_chance(world, 50))
        add_text(map, "purpose", "to see what can be seen");
}

static void add_where(world_t *world, value_builder_t *map, const kind_t *kind, uint64_t least)
{
    value_builder_t where = value_builder(world_arena(world));

    for (uint64_t n = least + world_draw(world, 3 - least); n > 0; n--) {
        const field_t *field = draw_field(world, kind);
        bool there = false;
        for (uint32_t i = 0; i < where.count; i += 2)
            there = there || strcmp(where.items[i].text, field->name) == 0;
        if (!there && !(field->attributes & FIELD_INTERNAL))
            value_add_pair(&where, field->name, world_probe(world, field));
    }
    value_add_pair(map, "where", value_build_map(&where));
}

/* Only what no record of another kind refers to; nothing where none of those drawn can. */
static void add_without(world_t *world, value_builder_t *map, const kind_t *kind)
{
    value_builder_t without = value_builder(world_arena(world));

    for (unsigned i = 0; i < 200; i++) {
        const kind_t *other = draw_kind(world, true);
        const field_t *field = draw_field(world, other);
        if (field->type != TYPE_REFERENCE || (field->target != NULL && field->target != kind))
            continue;
        add_text(&without, "kind", other->name);
        add_text(&without, "field", field->name);
        add_where(world, &without, other, 1);
        value_add_pair(map, "without", value_build_map(&without));
        return;
    }
}

static const char *add_get(world_t *world, value_builder_t *map, uint64_t head)
{
    const char *id = world_record(world, draw_kind(world, true));

    /* One that was deleted, or never was, too. */
    if (id == NULL || world_chance(world, 10))
        id = arena_format(world_arena(world), "inq-%u", (unsigned)world_draw(world, 200));
    add_text(map, "id", id);
    if (world_chance(world, 25)) {
        uint64_t limit = 1 + world_draw(world, 20);
        if (world_chance(world, 30))
            value_add_pair(map, "limit", value_integer((int64_t)limit));
        return "history";
    }
    if (world_chance(world, 40))
        value_add_pair(map, "at", value_integer((int64_t)(1 + world_draw(world, head))));
    add_purpose(world, map);
    return "get";
}

static const char *add_list(world_t *world, value_builder_t *map)
{
    const kind_t *kind = draw_kind(world, true);
    const char *command = world_chance(world, 75) ? "list" : "export";

    add_text(map, "kind", kind->name);
    add_where(world, map, kind, 0);
    if (world_chance(world, 30))
        add_without(world, map, kind);
    value_add_pair(map, "limit", value_integer((int64_t)(1 + world_draw(world, 30))));
    add_purpose(world, map);
    if (strcmp(command, "list") == 0 && world_chance(world, 60))
        add_text(map, "sort",
                 arena_format(world_arena(world), "%s%s", world_chance(world, 50) ? "-" : "",
                              draw_field(world, kind)->name));
    return command;
}

static const char *add_count(world_t *world, value_builder_t *map)
{
    const kind_t *kind = draw_kind(world, true);

    add_text(map, "kind", kind->name);
    add_where(world, map, kind, 0);
    if (world_chance(world, 30))
        add_without(world, map, kind);
    if (world_chance(world, 70))
        add_text(map, "by", draw_field(world, kind)->name);
    if (world_chance(world, 30))
        add_text(map, "of", draw_field(world, kind)->name);
    return "count";
}

static const char *add_demand(world_t *world, value_builder_t *map)
{
    static const char *const parts[] = {"area", "county", "quarter"};
    value_builder_t by = value_builder(world_arena(world));

    for (unsigned i = 0; i < 3; i++)
        if (world_chance(world, 60))
            value_add(&by, value_text(parts[i]));
    value_add_pair(map, "by", value_build_list(&by));
    value_add_pair(map, "level", value_integer((int64_t)(1 + world_draw(world, 4))));
    return "demand";
}

/* A word that stands somewhere, or did lately; NULL when a few tries find none. */
static const char *draw_canary(world_t *world)
{
    const canaries_t *canaries = world_canaries(world);
    uint32_t count = canaries_count(canaries);
    value_t value;

    for (unsigned i = 0; count > 0 && i < 50; i++) {
        uint32_t number = count - (uint32_t)world_draw(world, count < 3000 ? count : 3000);
        const canary_t *canary = canaries_get(canaries, number);
        if (canary->revision != 0 && (canary->field->attributes & FIELD_SEARCHED) &&
            canary_value(canary->field, number, world_arena(world), &value))
            return value.text;
    }
    return NULL;
}

/* Whole or half, alone or with the name of a place. The last of the others stands in the
   second region of leak_pairs alone. */
static const char *draw_words(world_t *world)
{
    static const char *const others[] = {"motala", "verkstad", "maskinteknik", "sizes"};
    const char *other = others[world_draw(world, sizeof others / sizeof *others)];
    const char *word = draw_canary(world);

    if (word == NULL || world_chance(world, 10))
        return other;
    if (world_chance(world, 20))
        return arena_format(world_arena(world), "%s %s", other, word);
    return arena_format(world_arena(world), "%.*s",
                        world_chance(world, 30) ? 1 + (int)world_draw(world, 9) : 100, word);
}

static const char *add_search(world_t *world, value_builder_t *map)
{
    add_text(map, "text", draw_words(world));
    if (world_chance(world, 30)) {
        value_t *kind = arena_alloc(world_arena(world), sizeof *kind);
        *kind = value_text(draw_kind(world, true)->name);
        value_add_pair(map, "kinds", value_list(kind, 1));
    }
    value_add_pair(map, "limit", value_integer((int64_t)(1 + world_draw(world, 20))));
    add_purpose(world, map);
    return "search";
}

static const char *add_matches(world_t *world, value_builder_t *map)
{
    const char *id = world_record(world, schema_kind("inquiry"));

    if (id != NULL && world_chance(world, 70)) {
        add_text(map, "id", id);
        return "matches";
    }
    if (world_chance(world, 50))
        add_text(map, "municipality", scopes[world_draw(world, 3)]);
    return "suggest";
}

asked_t asks_read(world_t *world, const actor_t *actor)
{
    asked_t asked = begin(world, actor);
    value_builder_t map = value_builder(world_arena(world));
    uint64_t what = world_draw(world, 100);
    const char *command = "status";

    if (what < 40)
        command = add_get(world, &map, region_head(world_region(world)));
    else if (what < 70)
        command = add_list(world, &map);
    else if (what < 83)
        command = add_count(world, &map);
    else if (what < 97)
        command = add_search(world, &map);
    if (world_chance(world, 2)) {
        map = value_builder(world_arena(world));
        command = add_demand(world, &map);
    }
    if (world_chance(world, 8)) {
        map = value_builder(world_arena(world));
        command = add_matches(world, &map);
    }
    if (strcmp(actor->name, "service") == 0)
        asked.as = world_actor(world, 0)->user;
    return end(asked, command, &map);
}

bool asks_next_page(world_t *world, asked_t *asked)
{
    const value_t *next = value_get(&asked->reply.result, "next");
    value_builder_t map = value_builder(world_arena(world));

    if (value_get(&asked->reply.result, "records")->form != VALUE_LIST ||
        next->form == VALUE_ABSENT)
        return false;
    for (uint32_t i = 0; i < asked->arguments.count; i++)
        if (strcmp(asked->arguments.items[2 * i].text, "after") != 0)
            value_add_pair(&map, asked->arguments.items[2 * i].text,
                           asked->arguments.items[2 * i + 1]);
    value_add_pair(&map, "after", *next);
    asked->arguments = value_build_map(&map);
    return true;
}

asked_t asks_watch(world_t *world, const actor_t *actor)
{
    static const char *const kinds[] = {"inquiry", "person", "task", "engagement", "organisation"};
    value_builder_t map = value_builder(world_arena(world));
    const char *epoch = store_epoch(region_environment(world_region(world))->store);
    value_t *one = arena_alloc(world_arena(world), sizeof *one);

    if (world_chance(world, 40)) {
        *one = value_text(kinds[world_draw(world, sizeof kinds / sizeof *kinds)]);
        value_add_pair(&map, "kinds", value_list(one, 1));
    } else if (world_chance(world, 30)) {
        *one = value_text(scopes[world_draw(world, 3)]);
        value_add_pair(&map, "municipalities", value_list(one, 1));
    } else if (world_chance(world, 20)) {
        value_add_pair(&map, "mine", value_boolean(true));
    }
    if (world_chance(world, 50)) {
        uint64_t head = region_head(world_region(world));
        uint64_t back = world_draw(world, head < 60 ? head : 60);
        value_add_pair(&map, "since", value_integer((int64_t)(head - back)));
        add_text(&map, "epoch", epoch);
    }
    if (strcmp(actor->name, "service") == 0) {
        value_t *users = arena_alloc(world_arena(world), 3 * sizeof *users);
        for (uint32_t i = 0; i < 3; i++)
            users[i] = value_text(world_actor(world, i)->user);
        value_add_pair(&map, "users", value_list(users, 3));
    }
    return end(begin(world, actor), "watch", &map);
}

/* -- who they are -------------------------------------------------------------------------------- */

static asked_t move_user(world_t *world, const char *id, const char *verb)
{
    value_builder_t map = value_builder(world_arena(world));

    add_text(&map, "id", id);
    add_text(&map, "verb", verb);
    return end(begin(world, NULL), "move", &map);
}

static asked_t give_grant(world_t *world, const char *user)
{
    value_builder_t map = value_builder(world_arena(world));
    value_builder_t fields = value_builder(world_arena(world));
    value_t *scope = arena_alloc(world_arena(world), sizeof *scope);

    add_text(&fields, "user", user);
    add_text(&fields, "role", roles[world_draw(world, sizeof roles / sizeof *roles)]);
    *scope = value_text(scopes[world_draw(world, sizeof scopes / sizeof *scopes)]);
    if (world_chance(world, 25))
        value_add_pair(&fields, "whole", value_boolean(true));
    else
        value_add_pair(&fields, "municipalities", value_list(scope, 1));
    add_text(&map, "kind", "grant");
    value_add_pair(&map, "fields", value_build_map(&fields));
    return end(begin(world, NULL), "put", &map);
}

static asked_t list_of(world_t *world, const char *kind, const char *user)
{
    value_builder_t map = value_builder(world_arena(world));
    value_builder_t where = value_builder(world_arena(world));

    add_text(&where, "user", user);
    add_text(&map, "kind", kind);
    value_add_pair(&map, "where", value_build_map(&where));
    value_add_pair(&map, "limit", value_integer(200));
    return end(begin(world, NULL), "list", &map);
}

/* Also the last one: then nothing is to be seen. */
static asked_t take_one(world_t *world, const char *kind, const char *user)
{
    value_builder_t map = value_builder(world_arena(world));
    asked_t asked = list_of(world, kind, user);

    asks_send(world, &asked);
    const value_t *records = value_get(&asked.reply.result, "records");
    if (records->form != VALUE_LIST || records->count == 0)
        return asked;
    const char *id = value_get_text(&records->items[world_draw(world, records->count)], "id");
    add_text(&map, "id", arena_text(world_arena(world), id));
    return end(begin(world, NULL), "delete", &map);
}

asked_t asks_shift(world_t *world)
{
    actor_t *actor;

    do
        actor = world_actor(world, world_draw(world, world_n_actors(world)));
    while (!actor->shifts);
    switch (world_draw(world, 8)) {
    case 0:
        return move_user(world, actor->user, "suspend");
    case 1:
    case 2:
        return move_user(world, actor->user, "activate");
    case 3:
        return take_one(world, "key", actor->user);
    case 4:
        return take_one(world, "grant", actor->user);
    default:
        return give_grant(world, actor->user);
    }
}

void asks_return(world_t *world, actor_t *actor)
{
    region_t *region = world_region(world);
    value_builder_t map = value_builder(world_arena(world));
    value_builder_t fields = value_builder(world_arena(world));
    unsigned char *key = arena_alloc(world_arena(world), 32);
    error_t error = {0};

    if (region_session(region, actor->client) != NULL ||
        region_hello(region, actor->name, actor->key, &error) != NULL)
        return;
    snprintf(actor->key, sizeof actor->key, "%s %u", actor->name, ++actor->n_keys);
    region_key(actor->key, key);
    add_text(&fields, "user", actor->user);
    value_add_pair(&fields, "public_key", value_bytes(key, 32));
    add_text(&map, "kind", "key");
    value_add_pair(&map, "fields", value_build_map(&fields));
    asked_t asked = end(begin(world, NULL), "put", &map);
    asks_send(world, &asked);
    region_hello(region, actor->name, actor->key, &error);
}

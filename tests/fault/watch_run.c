/* P5: no undetected gap, no repeat, no wrong order, and a mirror is what a list says.

   People change the record at random while others mirror what they see of it, each kind
   with a watch of its own. Peers stop taking frames, take a few, hang up and come back;
   the daemon ends and starts; grants, keys and users change; records move and hide; the
   record gets another epoch. Each push says where its watch stood (region.c holds that
   against what it was told); now and then, and at the end, each mirror is held against
   an export.

   Broken on purpose, found: a watch that catches up and passes over every twentieth
   revision; one that is told the last again before it is live.

   watch_run ENTRIES SEED */

#include "leak_asks.h"
#include "literal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_BETWEEN_LOOKS 1000u
#define PAGE 40

static const char *const kinds[] = {"inquiry", "person", "task", "engagement", "organisation"};
#define KINDS (sizeof kinds / sizeof *kinds)
#define MIRRORS_OF_A_KIND 3u /* a user has: fifteen watches a session */
#define MIRRORS_MAX (8u * KINDS * MIRRORS_OF_A_KIND)

typedef struct {
    char id[RECORD_ID_MAX];
    void *fields; /* encoded */
    size_t size;
    uint64_t listed; /* the last look that a list had it in */
} copy_t;

typedef struct {
    actor_t *actor;
    const char *kind;
    uint64_t watch; /* 0: none */
    uint64_t told;
    char epoch[32];
    bool blank; /* begins with a snapshot */
    copy_t *copies;
    size_t n_copies, room;
} mirror_t;

static uint64_t n_entries, seed;
static world_t *world;
static mirror_t mirrors[MIRRORS_MAX];
static size_t n_mirrors;
static mirror_t *awaiting; /* its watch is being asked for */
static struct {
    uint64_t entries, snapshots, resumed, ended, restarts, epochs, looks;
} told;

/* -- mirrors --------------------------------------------------------------------------- */

static void empty(mirror_t *self)
{
    for (size_t i = 0; i < self->n_copies; i++)
        free(self->copies[i].fields);
    self->n_copies = 0;
}

static copy_t *find_copy(const mirror_t *self, const char *id)
{
    for (size_t i = 0; i < self->n_copies; i++)
        if (strcmp(self->copies[i].id, id) == 0)
            return &self->copies[i];
    return NULL;
}

static void drop_copy(mirror_t *self, const char *id)
{
    copy_t *copy = find_copy(self, id);

    if (copy == NULL)
        return;
    free(copy->fields);
    *copy = self->copies[--self->n_copies];
}

static void keep_copy(mirror_t *self, const value_t *view)
{
    const char *id = value_get_text(view, "id");
    void *data;
    size_t size;

    drop_copy(self, id);
    if (self->n_copies == self->room) {
        self->room = self->room ? 2 * self->room : 64;
        self->copies = realloc(self->copies, self->room * sizeof *self->copies);
        assert_non_null(self->copies);
    }
    wire_encode(value_get(view, "fields"), world_arena(world), &data, &size);
    copy_t *copy = &self->copies[self->n_copies++];
    snprintf(copy->id, sizeof copy->id, "%s", id);
    copy->fields = malloc(size);
    assert_non_null(copy->fields);
    memcpy(copy->fields, data, size);
    copy->size = size;
}

static void apply(mirror_t *self, const value_t *entry)
{
    const value_t *operations = value_get(entry, "ops");

    for (uint32_t i = 0; i < operations->count; i++) {
        const value_t *record = value_get(&operations->items[i], "record");
        if (record->form == VALUE_MAP)
            keep_copy(self, record);
        else
            drop_copy(self, value_get_text(&operations->items[i], "id"));
    }
    self->told = (uint64_t)value_get_integer(entry, "rev", 0);
    told.entries++;
}

static mirror_t *mirror_of(const client_t *client, uint64_t watch)
{
    for (size_t i = 0; i < n_mirrors; i++)
        if (mirrors[i].actor->client == client && mirrors[i].watch == watch)
            return &mirrors[i];
    return NULL;
}

static void hear(void *context, client_t *client, const frame_t *frame, const void *data,
                 size_t size)
{
    (void)context, (void)data, (void)size;
    if (frame->type == FRAME_REPLY && awaiting != NULL && awaiting->actor->client == client) {
        awaiting->watch = (uint64_t)value_get_integer(&frame->body, "watch", 0);
        awaiting->told = (uint64_t)value_get_integer(&frame->body, "rev", 0);
        awaiting = NULL;
    }
    mirror_t *mirror = frame->watch != 0 ? mirror_of(client, frame->watch) : NULL;
    if (mirror == NULL)
        return;
    for (uint32_t i = 0; frame->type == FRAME_PUSH && i < frame->body.count; i++)
        apply(mirror, &frame->body.items[i]);
    if (frame->type == FRAME_BOOKMARK)
        mirror->told = frame->revision;
    if (frame->type == FRAME_END) {
        mirror->watch = 0;
        mirror->blank = true;
        told.ended++;
    }
}

/* -- asking ------------------------------------------------------------------------------- */

static asked_t ask(mirror_t *self, const char *command, const value_builder_t *arguments)
{
    asked_t asked = {
        .actor = self->actor, .command = command, .arguments = value_build_map(arguments)};

    asks_send(world, &asked);
    return asked;
}

/* Each page's views to `take`, which may be NULL; the first page's revision, or 0 when
   the reader may not export. */
static uint64_t take_all(mirror_t *self, void (*take)(mirror_t *, const value_t *))
{
    value_t after = value_absent;
    uint64_t first = 0;

    do {
        value_builder_t map = value_builder(world_arena(world));
        value_add_pair(&map, "kind", value_text(self->kind));
        value_add_pair(&map, "limit", value_integer(PAGE));
        if (after.form != VALUE_ABSENT)
            value_add_pair(&map, "after", after);
        asked_t asked = ask(self, "list", &map);
        if (asked.reply.error.code != ERROR_NONE)
            return 0;
        const value_t *records = value_get(&asked.reply.result, "records");
        for (uint32_t i = 0; i < records->count; i++)
            take(self, &records->items[i]);
        after = *value_get(&asked.reply.result, "next");
        if (first == 0)
            first = asked.reply.revision;
    } while (after.form != VALUE_ABSENT);
    return first;
}

static void watch(mirror_t *self)
{
    value_builder_t map = value_builder(world_arena(world));
    value_t *kind = arena_alloc(world_arena(world), sizeof *kind);

    *kind = value_text(self->kind);
    value_add_pair(&map, "kinds", value_list(kind, 1));
    value_add_pair(&map, "since", value_integer((int64_t)self->told));
    value_add_pair(&map, "epoch", value_text(self->epoch));
    awaiting = self;
    asked_t asked = ask(self, "watch", &map);
    awaiting = NULL;
    switch (asked.reply.error.code) {
    case ERROR_NONE:
        self->blank = false;
        break;
    case ERROR_COMPACTED:
    case ERROR_RIGHTS_CHANGED:
        self->blank = true;
        break;
    default:
        break; /* it may not watch now: asked again */
    }
}

/* Begin with a snapshot, or go on from where it stands. */
static void go_on(mirror_t *self)
{
    if (self->watch != 0 || region_session(world_region(world), self->actor->client) == NULL)
        return;
    if (self->blank) {
        empty(self);
        snprintf(self->epoch, sizeof self->epoch, "%s",
                 store_epoch(region_environment(world_region(world))->store));
        self->told = take_all(self, keep_copy);
        if (self->told == 0)
            return;
        told.snapshots++;
    } else {
        told.resumed++;
    }
    watch(self);
}

static void lose_watches(const actor_t *actor)
{
    for (size_t i = 0; i < n_mirrors; i++)
        if (actor == NULL || mirrors[i].actor == actor)
            mirrors[i].watch = 0;
}

static void return_all(void)
{
    for (size_t i = 0; i < n_mirrors; i++) {
        actor_t *actor = mirrors[i].actor;
        if (region_session(world_region(world), actor->client) == NULL) {
            lose_watches(actor);
            asks_return(world, actor);
        }
        /* A watch that was refused for what had changed begins anew at once. */
        go_on(&mirrors[i]);
        if (mirrors[i].watch == 0 && mirrors[i].blank)
            go_on(&mirrors[i]);
    }
}

/* -- looking --------------------------------------------------------------------------------- */

/* Whether a discreet inquiry shows its municipality hangs on how many employers are there,
   and is not pushed (docs/decisions/0008). */
static value_t without_employers(const value_t *fields)
{
    value_builder_t map = value_builder(world_arena(world));
    bool discreet = value_get_boolean(fields, "discreet", false);

    for (uint32_t i = 0; fields->form == VALUE_MAP && i < fields->count; i++)
        if (!discreet || strcmp(fields->items[2 * i].text, "municipality") != 0)
            value_add_pair(&map, fields->items[2 * i].text, fields->items[2 * i + 1]);
    return value_build_map(&map);
}

static void compare(mirror_t *self, const value_t *view)
{
    arena_t *arena = world_arena(world);
    copy_t *copy = find_copy(self, value_get_text(view, "id"));
    value_t fields = value_absent;
    error_t error = {0};

    if (copy != NULL) {
        copy->listed = told.looks;
        wire_decode(copy->fields, copy->size, &wire_limits_client, arena, &fields, &error);
    }
    value_t has = without_employers(&fields), listed = without_employers(value_get(view, "fields"));
    if (copy == NULL || !value_equal(&has, &listed))
        fail_msg("%s's mirror has\n  %s\nwhere a list says\n  %s", self->actor->name,
                 literal_print(&fields, arena), literal_print(view, arena));
}

/* Everyone hears again, comes back and catches up; then each has what a list says. */
static void look(void)
{
    region_t *region = world_region(world);

    for (size_t i = 0; i < world_n_actors(world); i++)
        client_set_deaf(region, world_actor(world, i)->client, false);
    return_all();
    told.looks++;
    for (size_t i = 0; i < n_mirrors; i++) {
        mirror_t *mirror = &mirrors[i];
        if (mirror->watch == 0 || take_all(mirror, compare) == 0)
            continue;
        for (size_t j = 0; j < mirror->n_copies; j++)
            if (mirror->copies[j].listed != told.looks)
                fail_msg("%s's mirror has %s, which no list has", mirror->actor->name,
                         mirror->copies[j].id);
    }
}

/* -- what happens ------------------------------------------------------------------------------ */

static void disturb(void)
{
    region_t *region = world_region(world);
    actor_t *actor = world_actor(world, world_draw(world, world_n_actors(world)));
    uint64_t what = world_draw(world, 1000);
    error_t error = {0};

    if (what < 400) {
        client_set_deaf(region, actor->client, world_chance(world, 60));
    } else if (what < 600) {
        client_grant(region, actor->client, 1 + world_draw(world, 4000));
    } else if (what < 700) {
        if (region_session(region, actor->client) != NULL)
            region_hang_up(region, actor->client);
        region_hello(region, actor->name, actor->key, &error);
        lose_watches(actor);
    } else if (what < 720) {
        region_restart(region);
        lose_watches(NULL);
        told.restarts++;
    } else if (what < 724) {
        region_set_epoch(region, arena_format(world_arena(world), "%016llx",
                                              (unsigned long long)world_draw(world, 1ull << 60)));
        lose_watches(NULL);
        told.epochs++;
    } else {
        return_all();
    }
}

static void step(void)
{
    uint64_t what = world_draw(world, 100);
    const actor_t *actor;

    world_reset(world);
    if (what < 6) {
        disturb();
        return;
    }
    do
        actor = world_actor(world, world_draw(world, world_n_actors(world)));
    while (!actor->writes);
    asked_t asked = what < 8 ? asks_shift(world) : asks_write(world, actor);
    asks_send(world, &asked);
    world_follow(world, asked.first_canary);
    if (what > 95)
        region_pass(world_region(world), 1000);
}

static void people(void)
{
    static const struct {
        const char *name, *role, *scope;
        bool writes, shifts;
    } all[] = {
        {"viewer", "viewer", "municipalities=[mun-0583]", false, false},
        {"broker-orebro", "broker", "municipalities=[mun-1880]", true, false},
        {"broker-motala", "broker", "municipalities=[mun-0583]", true, false},
        {"coordinator", "coordinator", "", true, false},
        {"participant", "participant", "municipalities=[mun-1880]", false, false},
        {"admin-only", "admin", "", false, false},
        {"turning-1", "broker", "municipalities=[mun-0513]", true, true},
        {"turning-2", "viewer", "municipalities=[mun-0583]", false, true},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        actor_t *actor = world_add_actor(world, all[i].name, all[i].role, all[i].scope);
        actor->writes = all[i].writes;
        actor->shifts = all[i].shifts;
        for (size_t k = 0; k < KINDS * MIRRORS_OF_A_KIND; k++)
            mirrors[n_mirrors++] =
                (mirror_t){.actor = actor, .kind = kinds[k % KINDS], .blank = true};
    }
}

static void mirrors_are_what_lists_say(void **state)
{
    (void)state;
    world = world_new(seed);
    people();
    region_listen(world_region(world), hear, NULL);
    return_all();
    for (uint64_t steps = 1; told.entries < n_entries; steps++) {
        step();
        if (steps % STEPS_BETWEEN_LOOKS == 0)
            look();
    }
    look();
    region_listen(world_region(world), NULL, NULL);
    assert_int_equal(region_check(world_region(world)), 0);
    printf("%llu entries delivered, %llu snapshots, %llu resumed, %llu ended, %llu restarts, %llu "
           "epochs; %llu times all mirrors compared\n",
           (unsigned long long)told.entries, (unsigned long long)told.snapshots,
           (unsigned long long)told.resumed, (unsigned long long)told.ended,
           (unsigned long long)told.restarts, (unsigned long long)told.epochs,
           (unsigned long long)told.looks);
    for (size_t i = 0; i < n_mirrors; i++) {
        empty(&mirrors[i]);
        free(mirrors[i].copies);
    }
    world_destroy(&world);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(mirrors_are_what_lists_say)};

    if (argc != 3) {
        fprintf(stderr, "usage: %s ENTRIES SEED\n", argv[0]);
        return 2;
    }
    n_entries = strtoull(argv[1], NULL, 10);
    seed = strtoull(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

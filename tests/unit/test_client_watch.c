#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_daemon.h"

#include <unistd.h>

/* Watches without undetected gaps, and mirrors: client/lib/watch.c and mirror.c. */

static value_t view_of(arena_t *arena, const char *id, int64_t revision, const char *name)
{
    value_builder_t view = value_builder(arena), fields = value_builder(arena);
    value_add_pair(&fields, "name", value_text(name));
    value_add_pair(&view, "id", value_text(id));
    value_add_pair(&view, "rev", value_integer(revision));
    value_add_pair(&view, "fields", value_build_map(&fields));
    return value_build_map(&view);
}

/* A transaction: put `id` with this name, or gone when it is NULL. */
static value_t entry_of(arena_t *arena, int64_t revision, const char *id, const char *name)
{
    value_builder_t entry = value_builder(arena), operation = value_builder(arena),
                    operations = value_builder(arena);
    value_add_pair(&operation, "op", value_text(name ? "put" : "gone"));
    if (name)
        value_add_pair(&operation, "record", view_of(arena, id, revision, name));
    else
        value_add_pair(&operation, "id", value_text(id));
    value_add(&operations, value_build_map(&operation));
    value_add_pair(&entry, "rev", value_integer(revision));
    value_add_pair(&entry, "time", value_integer(1773478800250));
    value_add_pair(&entry, "ops", value_build_list(&operations));
    return value_build_map(&entry);
}

static void push(fake_t *self, uint64_t watch, uint64_t before, int64_t revision, const char *id,
                 const char *name)
{
    value_builder_t entries = value_builder(self->arena);
    value_add(&entries, entry_of(self->arena, revision, id, name));
    frame_t frame = {.type = FRAME_PUSH,
                     .watch = watch,
                     .epoch = "epoch-1",
                     .before = before,
                     .body = value_build_list(&entries)};
    fake_send(self, &frame);
}

static void bookmark(fake_t *self, uint64_t watch, uint64_t before, uint64_t now)
{
    frame_t frame = {.type = FRAME_BOOKMARK,
                     .watch = watch,
                     .epoch = "epoch-1",
                     .before = before,
                     .revision = now};
    fake_send(self, &frame);
}

static void started(fake_t *self, const frame_t *request, int64_t number)
{
    value_builder_t map = value_builder(self->arena);
    value_add_pair(&map, "watch", value_integer(number));
    value_add_pair(&map, "rev", value_integer(value_get_integer(&request->body, "since", 10)));
    value_add_pair(&map, "epoch", value_text("epoch-1"));
    fake_reply(self, request->id, value_build_map(&map));
}

static samverk_event_t next(samverk_t *client, arena_t *arena)
{
    samverk_event_t event;
    samverk_next(client, 3000, arena, &event);
    return event;
}

static int64_t revision_of(const samverk_event_t *event)
{
    return value_get_integer(&event->entries.items[0], "rev", -1);
}

static void in_order(fake_t *self, const frame_t *request)
{
    started(self, request, 1);
    push(self, 1, 10, 11, "cty-05", "A");
    bookmark(self, 1, 11, 15);
    push(self, 1, 15, 16, "cty-05", NULL);
}

static void changes_come_in_order(void **state)
{
    (void)state;
    fake_t *fake = fake_new(in_order);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_watch_t *watch;
    assert_int_equal(samverk_watch_new(client, NULL, NULL, &watch, NULL), SAMVERK_DONE);
    assert_int_equal(samverk_watch_place(watch)->revision, 10);
    samverk_event_t event = next(client, arena);
    assert_int_equal(event.type, SAMVERK_CHANGES);
    assert_ptr_equal(event.watch, watch);
    assert_int_equal(revision_of(&event), 11);
    assert_int_equal(event.place.revision, 11);
    event = next(client, arena);
    assert_int_equal(event.type, SAMVERK_UP_TO);
    assert_int_equal(event.place.revision, 15);
    event = next(client, arena);
    assert_int_equal(event.type, SAMVERK_CHANGES);
    assert_int_equal(samverk_watch_place(watch)->revision, 16);
    samverk_next(client, 50, arena, &event);
    assert_int_equal(event.type, SAMVERK_NOTHING);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

/* The second push is left out; the watch that resumes gets it. */
static void with_a_gap(fake_t *self, const frame_t *request)
{
    int64_t since = value_get_integer(&request->body, "since", 0);
    if (strcmp(request->command, "unwatch") == 0) {
        fake_reply(self, request->id, fake_map(self->arena));
    } else if (since == 0) {
        started(self, request, 1);
        push(self, 1, 10, 11, "cty-05", "A");
        push(self, 1, 12, 13, "cty-05", "C");
        push(self, 1, 13, 14, "cty-05", "D");
    } else {
        started(self, request, 2);
        push(self, 2, 11, 12, "cty-05", "B");
        push(self, 2, 12, 13, "cty-05", "C");
        push(self, 2, 13, 14, "cty-05", "D");
    }
}

static void a_gap_is_resumed(void **state)
{
    (void)state;
    fake_t *fake = fake_new(with_a_gap);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_watch_t *watch;
    assert_int_equal(samverk_watch_new(client, NULL, NULL, &watch, NULL), SAMVERK_DONE);
    for (int64_t revision = 11; revision <= 14; revision++) {
        samverk_event_t event = next(client, arena);
        assert_int_equal(event.type, SAMVERK_CHANGES);
        assert_int_equal(revision_of(&event), revision);
    }
    assert_string_equal(fake_logged(fake, 1)->command, "unwatch");
    assert_int_equal(fake_logged(fake, 2)->since, 11);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void dropping(fake_t *self, const frame_t *request)
{
    int64_t since = value_get_integer(&request->body, "since", 0);
    started(self, request, 1);
    if (since == 0) {
        push(self, 1, 10, 11, "cty-05", "A");
        zmq_poll(NULL, 0, 200); /* let it go out */
        fake_drop(self);
    } else {
        push(self, 1, 11, 12, "cty-05", "B");
    }
}

static void a_drop_is_resumed(void **state)
{
    (void)state;
    fake_t *fake = fake_new(dropping);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_watch_t *watch;
    assert_int_equal(samverk_watch_new(client, NULL, NULL, &watch, NULL), SAMVERK_DONE);
    samverk_event_t event = next(client, arena);
    assert_int_equal(revision_of(&event), 11);
    event = next(client, arena);
    assert_int_equal(event.type, SAMVERK_CHANGES);
    assert_int_equal(revision_of(&event), 12);
    assert_int_equal(atomic_load(&fake->hellos), 2);
    assert_int_equal(fake_logged(fake, 1)->since, 11);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void ending(fake_t *self, const frame_t *request)
{
    started(self, request, 1);
    frame_t frame = {.type = FRAME_END,
                     .watch = 1,
                     .epoch = "epoch-1",
                     .revision = 10,
                     .code = "rights-changed"};
    fake_send(self, &frame);
    push(self, 1, 10, 11, "cty-05", "A");
}

static void an_end_is_the_last(void **state)
{
    (void)state;
    fake_t *fake = fake_new(ending);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_watch_t *watch;
    assert_int_equal(samverk_watch_new(client, NULL, NULL, &watch, NULL), SAMVERK_DONE);
    samverk_event_t event = next(client, arena);
    assert_int_equal(event.type, SAMVERK_END);
    assert_string_equal(event.code, "rights-changed");
    samverk_next(client, 100, arena, &event);
    assert_int_equal(event.type, SAMVERK_NOTHING);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void compacting(fake_t *self, const frame_t *request)
{
    if (value_get_integer(&request->body, "since", 0)) {
        fake_refuse(self, request->id, ERROR_COMPACTED);
        return;
    }
    started(self, request, 1);
    zmq_poll(NULL, 0, 200);
    fake_drop(self);
}

static void a_resume_that_is_refused_is_an_end(void **state)
{
    (void)state;
    fake_t *fake = fake_new(compacting);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_watch_t *watch;
    assert_int_equal(samverk_watch_new(client, NULL, NULL, &watch, NULL), SAMVERK_DONE);
    samverk_event_t event = next(client, arena);
    assert_int_equal(event.type, SAMVERK_END);
    assert_string_equal(event.code, "compacted");
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

/* -- more than a client keeps ---------------------------------------------------------------- */

#define FLOOD_FRAMES 26
#define FLOOD_OPERATIONS 50
#define FLOOD_TEXT 16000
#define FLOOD_BYTES ((long long)FLOOD_FRAMES * FLOOD_OPERATIONS * FLOOD_TEXT)
#define KEPT_BYTES (16LL << 20)

static void push_large(fake_t *self, uint64_t watch, uint64_t before)
{
    char text[FLOOD_TEXT + 1];
    memset(text, 'x', FLOOD_TEXT);
    text[FLOOD_TEXT] = 0;
    int64_t revision = (int64_t)before + 1;
    value_builder_t entries = value_builder(self->arena), entry = value_builder(self->arena),
                    operations = value_builder(self->arena);
    for (int i = 0; i < FLOOD_OPERATIONS; i++) {
        value_builder_t operation = value_builder(self->arena);
        value_add_pair(&operation, "op", value_text("put"));
        value_add_pair(&operation, "record", view_of(self->arena, "cty-05", revision, text));
        value_add(&operations, value_build_map(&operation));
    }
    value_add_pair(&entry, "rev", value_integer(revision));
    value_add_pair(&entry, "ops", value_build_list(&operations));
    value_add(&entries, value_build_map(&entry));
    frame_t frame = {.type = FRAME_PUSH,
                     .watch = watch,
                     .epoch = "epoch-1",
                     .before = before,
                     .body = value_build_list(&entries)};
    fake_send(self, &frame);
}

/* All of it before the answer to a request. */
static void flooding(fake_t *self, const frame_t *request)
{
    int64_t since = value_get_integer(&request->body, "since", 0);
    if (strcmp(request->command, "watch") == 0) {
        started(self, request, since ? 2 : 1);
        if (since)
            push(self, 2, (uint64_t)since, since + 1, "cty-05", "A");
        return;
    }
    for (uint64_t i = 0; strcmp(request->command, "status") == 0 && i < FLOOD_FRAMES; i++)
        push_large(self, 1, 10 + i);
    fake_reply(self, request->id, fake_map(self->arena));
}

static void pushes_never_hold_an_answer_back(void **state)
{
    (void)state;
    fake_t *fake = fake_new(flooding);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_watch_t *watch;
    value_t map = fake_map(arena), result;
    samverk_set_timeout(client, 20000);
    assert_int_equal(samverk_watch_new(client, NULL, NULL, &watch, NULL), SAMVERK_DONE);
    assert_int_equal(samverk_request(client, "status", &map, arena, &result, NULL), SAMVERK_DONE);
    /* The daemon has its credit back, but for less than a step of it. */
    for (int i = 0; i < 200 && atomic_load(&fake->credit) < FLOOD_BYTES - (128 << 10); i++)
        zmq_poll(NULL, 0, 10);
    assert_true(atomic_load(&fake->credit) >= FLOOD_BYTES - (128 << 10));
    /* What fitted comes in order, and then the watch resumes there. */
    int64_t revision = 10;
    while (atomic_load(&fake->n_log) < 4) {
        samverk_event_t event = next(client, arena);
        assert_int_equal(event.type, SAMVERK_CHANGES);
        assert_int_equal(revision_of(&event), ++revision);
        assert_true((revision - 10) * FLOOD_OPERATIONS * FLOOD_TEXT <= KEPT_BYTES + (1 << 20));
    }
    assert_string_equal(fake_logged(fake, 2)->command, "unwatch");
    assert_int_equal(fake_logged(fake, 3)->since, revision - 1);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

/* -- places and mirrors --------------------------------------------------------------------- */

static char *temporary(char path[256], const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, 256, "%s/samverk-test-XXXXXX", folder ? folder : "/tmp");
    assert_non_null(mkdtemp(path));
    strcat(path, name);
    return path;
}

static void remove_temporary(char path[256])
{
    unlink(path);
    *strrchr(path, '/') = 0;
    assert_int_equal(rmdir(path), 0);
}

static void a_place_is_kept(void **state)
{
    (void)state;
    char path[256];
    samverk_place_t place = {.epoch = "epoch-1", .revision = UINT64_C(9007199254740993)}, read;
    temporary(path, "/place");
    assert_false(samverk_place_load(&read, path));
    assert_true(samverk_place_save(&place, path));
    assert_true(samverk_place_load(&read, path));
    assert_string_equal(read.epoch, "epoch-1");
    assert_int_equal(read.revision, place.revision);
    remove_temporary(path);
}

/* Two pages; between them cty-03 comes and cty-01 goes. */
static void paging(fake_t *self, const frame_t *request)
{
    value_builder_t map = value_builder(self->arena), records = value_builder(self->arena);
    if (strcmp(request->command, "watch") == 0) {
        int64_t since = value_get_integer(&request->body, "since", 0);
        started(self, request, 1);
        if (since == 20) {
            push(self, 1, 20, 21, "cty-02", "older than its page");
            push(self, 1, 21, 22, "cty-03", "new");
            push(self, 1, 22, 23, "cty-01", NULL);
        } else {
            push(self, 1, (uint64_t)since, since + 1, "cty-04", "later");
        }
        return;
    }
    bool first = value_get(&request->body, "after")->form == VALUE_ABSENT;
    value_add(&records, first ? view_of(self->arena, "cty-01", 3, "one")
                              : view_of(self->arena, "cty-02", 22, "two"));
    value_add_pair(&map, "records", value_build_list(&records));
    value_add_pair(&map, "next", first ? value_text("more") : value_absent);
    value_add_pair(&map, "rev", value_integer(first ? 20 : 22));
    fake_reply(self, request->id, value_build_map(&map));
}

static const char *name_of(const samverk_mirror_t *mirror, const char *id, arena_t *arena)
{
    value_t view = samverk_mirror_get(mirror, id, arena);
    return value_get_text(value_get(&view, "fields"), "name");
}

static void a_mirror_becomes_one_state(void **state)
{
    (void)state;
    char path[256];
    temporary(path, "/mirror");
    fake_t *fake = fake_new(paging);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    samverk_mirror_t *mirror;
    const kind_t *county = schema_kind("county");
    assert_int_equal(samverk_mirror_new(client, county, path, &mirror, NULL), SAMVERK_DONE);
    assert_false(samverk_mirror_consistent(mirror));
    for (int i = 0; i < 3; i++) {
        samverk_event_t event = next(client, arena);
        assert_true(samverk_mirror_apply(mirror, &event));
        assert_int_equal(samverk_mirror_consistent(mirror), i >= 1);
    }
    assert_int_equal(samverk_mirror_size(mirror), 2);
    assert_null(name_of(mirror, "cty-01", arena));
    assert_string_equal(name_of(mirror, "cty-02", arena), "two");
    assert_string_equal(name_of(mirror, "cty-03", arena), "new");
    assert_true(samverk_mirror_save(mirror, path));
    samverk_mirror_destroy(&mirror);
    samverk_destroy(&client);

    /* The next run goes on from the saved one and pages nothing. */
    int before = atomic_load(&fake->n_log);
    client = fake_client(fake);
    assert_int_equal(samverk_mirror_new(client, county, path, &mirror, NULL), SAMVERK_DONE);
    assert_int_equal(atomic_load(&fake->n_log), before + 1);
    assert_int_equal(fake_logged(fake, before)->since, 23);
    samverk_event_t event = next(client, arena);
    assert_true(samverk_mirror_apply(mirror, &event));
    assert_int_equal(samverk_mirror_size(mirror), 3);
    const char **ids;
    assert_int_equal(samverk_mirror_ids(mirror, arena, &ids), 3);
    samverk_mirror_destroy(&mirror);
    samverk_destroy(&client);
    fake_destroy(&fake);
    arena_destroy(&arena);
    remove_temporary(path);
}

int main(void)
{
    if (!schema_start())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_come_in_order),
        cmocka_unit_test(a_gap_is_resumed),
        cmocka_unit_test(a_drop_is_resumed),
        cmocka_unit_test(an_end_is_the_last),
        cmocka_unit_test(a_resume_that_is_refused_is_an_end),
        cmocka_unit_test(pushes_never_hold_an_answer_back),
        cmocka_unit_test(a_place_is_kept),
        cmocka_unit_test(a_mirror_becomes_one_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

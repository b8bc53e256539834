#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_daemon.h"
#include "temporary_home.h"

#include <errno.h>

/* Mirrors where test_client_watch.c leaves off: what is saved, damaged, of another epoch,
   and what is not the mirror's. */

static _Atomic error_code_t watch_refusal; /* of a watch from before revision 20 */
static _Atomic error_code_t page_refusal;  /* of the second page */
static _Atomic int64_t push_after; /* the watch pushes one change after this revision; 0 none */

static value_t view_of(arena_t *arena, const char *id, const char *name)
{
    value_builder_t view = value_builder(arena), fields = value_builder(arena);
    value_add_pair(&fields, "name", value_text(name));
    value_add_pair(&view, "id", value_text(id));
    value_add_pair(&view, "fields", value_build_map(&fields));
    return value_build_map(&view);
}

static void push(fake_t *self, uint64_t watch, int64_t before, value_t record)
{
    value_builder_t operation = value_builder(self->arena), operations = value_builder(self->arena),
                    entry = value_builder(self->arena), entries = value_builder(self->arena);
    value_add_pair(&operation, "op", value_text("put"));
    value_add_pair(&operation, "record", record);
    value_add(&operations, value_build_map(&operation));
    value_add_pair(&entry, "rev", value_integer(before + 1));
    value_add_pair(&entry, "ops", value_build_list(&operations));
    value_add(&entries, value_build_map(&entry));
    frame_t frame = {.type = FRAME_PUSH,
                     .watch = watch,
                     .epoch = "epoch-1",
                     .before = (uint64_t)before,
                     .body = value_build_list(&entries)};
    fake_send(self, &frame);
}

/* Two pages of two, all at revision 20. */
static void serve(fake_t *self, const frame_t *request)
{
    value_builder_t map = value_builder(self->arena), records = value_builder(self->arena);
    if (strcmp(request->command, "watch") == 0) {
        int64_t since = value_get_integer(&request->body, "since", 0);
        if (since < 20 && watch_refusal != ERROR_NONE) {
            fake_refuse(self, request->id, watch_refusal);
            return;
        }
        value_add_pair(&map, "watch", value_integer(1));
        value_add_pair(&map, "rev", value_integer(since));
        value_add_pair(&map, "epoch", value_text("epoch-1"));
        fake_reply(self, request->id, value_build_map(&map));
        if (push_after)
            push(self, 1, push_after, view_of(self->arena, "cty-05", "pushed"));
        return;
    }
    bool first = value_get(&request->body, "after")->form == VALUE_ABSENT;
    if (!first && page_refusal != ERROR_NONE) {
        fake_refuse(self, request->id, page_refusal);
        return;
    }
    value_add(&records, view_of(self->arena, first ? "cty-01" : "cty-03", "one"));
    value_add(&records, view_of(self->arena, first ? "cty-02" : "cty-04", "two"));
    value_add_pair(&map, "records", value_build_list(&records));
    value_add_pair(&map, "next", first ? value_text("more") : value_absent);
    value_add_pair(&map, "rev", value_integer(20));
    fake_reply(self, request->id, value_build_map(&map));
}

static fake_t *fake;
static samverk_t *client;
static arena_t *arena;
static samverk_mirror_t *mirror;
static char path[256];

static int begin(void **state)
{
    watch_refusal = page_refusal = ERROR_NONE;
    push_after = 0;
    fake = fake_new(serve);
    client = fake_client(fake);
    arena = arena_new();
    if (home_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/mirror", home);
    return 0;
}

static int end(void **state)
{
    samverk_mirror_destroy(&mirror);
    samverk_destroy(&client);
    fake_destroy(&fake);
    arena_destroy(&arena);
    return home_remove(state);
}

static samverk_outcome_t open_mirror(const char *kind)
{
    samverk_mirror_destroy(&mirror);
    error_t error = {0};
    return samverk_mirror_new(client, schema_kind(kind), path, &mirror, &error);
}

/* How often pages were asked for since the n-th request. */
static int pages_since(int n)
{
    int pages = 0;
    for (int i = n; i < atomic_load(&fake->n_log); i++)
        pages += strcmp(fake_logged(fake, i)->command, "export") == 0;
    return pages;
}

static void what_is_saved_is_what_comes_back(void **state)
{
    (void)state;
    const char **ids;
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    assert_int_equal(pages_since(0), 2);
    assert_true(samverk_mirror_consistent(mirror));
    assert_true(samverk_mirror_save(mirror, path));
    int n = atomic_load(&fake->n_log);
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    assert_int_equal(pages_since(n), 0);
    assert_int_equal(fake_logged(fake, n)->since, 20);
    assert_true(samverk_mirror_consistent(mirror));
    assert_int_equal(samverk_mirror_ids(mirror, arena, &ids), 4);
    value_t view = samverk_mirror_get(mirror, "cty-04", arena);
    assert_string_equal(value_get_text(value_get(&view, "fields"), "name"), "two");
    assert_int_equal(samverk_mirror_get(mirror, "cty-05", arena).form, VALUE_ABSENT);
}

static void a_damaged_one_is_paged_anew(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "truncate -s -3 %s",                                 /* cut off within a record */
        "truncate -s +3 %s",                                 /* and with more after it */
        "sed -i '1s/samverk-mirror 1/samverk-mirror 9/' %s", /* another form */
        "sed -i '1s/county/organisation/' %s",               /* of another kind */
        "printf '\\377' | dd of=%s bs=1 seek=60 conv=notrunc 2>/dev/null", /* a flipped byte */
        "printf 'samverk-mirror 1 county epoch-1 20\\n\\377\\377\\377\\377' > %s", /* a giant */
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char command[600];
        samverk_event_t event;
        /* A record that the pages do not have, so that what is left of the file shows. */
        push_after = 20;
        assert_int_equal(open_mirror("county"), SAMVERK_DONE);
        samverk_next(client, 3000, arena, &event);
        assert_true(samverk_mirror_apply(mirror, &event));
        assert_true(samverk_mirror_save(mirror, path));
        push_after = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(command, sizeof command, damages[i], path);
#pragma GCC diagnostic pop
        assert_int_equal(system(command), 0);
        int n = atomic_load(&fake->n_log);
        assert_int_equal(open_mirror("county"), SAMVERK_DONE);
        assert_int_equal(pages_since(n), 2);
        assert_int_equal(samverk_mirror_size(mirror), 4);
        unlink(path);
    }
}

/* A restored daemon, or one that has forgotten so much: begin anew, with nothing old left. */
static void one_of_another_epoch_is_paged_anew(void **state)
{
    (void)state;
    char command[600];
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    assert_true(samverk_mirror_save(mirror, path));
    snprintf(command, sizeof command, "sed -i '1s/epoch-1 20/epoch-0 19/' %s", path);
    assert_int_equal(system(command), 0);
    watch_refusal = ERROR_COMPACTED;
    int n = atomic_load(&fake->n_log);
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    assert_int_equal(fake_logged(fake, n)->since, 19);
    assert_int_equal(pages_since(n), 2);
    assert_int_equal(samverk_mirror_size(mirror), 4);
    assert_true(samverk_mirror_save(mirror, path));
    n = atomic_load(&fake->n_log);
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    assert_int_equal(fake_logged(fake, n)->since, 20);
}

static void a_page_that_is_refused_leaves_no_mirror(void **state)
{
    (void)state;
    error_t error = {0};
    page_refusal = ERROR_NOT_ALLOWED;
    assert_int_equal(samverk_mirror_new(client, schema_kind("county"), NULL, &mirror, &error),
                     SAMVERK_REFUSED);
    assert_int_equal(error.code, ERROR_NOT_ALLOWED);
    assert_null(mirror);
}

static void what_is_another_watchs_is_not_applied(void **state)
{
    (void)state;
    samverk_event_t event;
    push_after = 20;
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    samverk_next(client, 3000, arena, &event);
    assert_int_equal(event.type, SAMVERK_CHANGES);
    samverk_event_t nothing = {.type = SAMVERK_NOTHING}, other = event;
    other.watch = NULL;
    assert_false(samverk_mirror_apply(mirror, &nothing));
    assert_false(samverk_mirror_apply(mirror, &other));
    assert_int_equal(samverk_mirror_size(mirror), 4);
    assert_true(samverk_mirror_apply(mirror, &event));
    assert_int_equal(samverk_mirror_size(mirror), 5);
}

static void what_cannot_be_saved_is_told(void **state)
{
    (void)state;
    assert_int_equal(open_mirror("county"), SAMVERK_DONE);
    assert_false(samverk_mirror_save(mirror, "/nowhere/at/all"));
    assert_int_equal(errno, ENOENT);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    if (!schema_start())
        return 1;
    const struct CMUnitTest tests[] = {
        TEST(what_is_saved_is_what_comes_back),      TEST(a_damaged_one_is_paged_anew),
        TEST(one_of_another_epoch_is_paged_anew),    TEST(a_page_that_is_refused_leaves_no_mirror),
        TEST(what_is_another_watchs_is_not_applied), TEST(what_cannot_be_saved_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

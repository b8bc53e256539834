#include "say.h"

#include "records.h"
#include "watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A watch by itself: changes are held in front of it by hand. */

#define EPOCH "0123456789abcdef"

static region_t *region;
static arena_t *arena;
static store_txn_t *txn;
static access_t access_whole; /* a coordinator's */
static right_t right_whole;
static pushes_t pushes;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    arena = region_arena(region);
    say_places(region);
    say_well(region, "admin", "put", "kind=inquiry fields={title=x municipality=mun-1880}");
    right_whole = (right_t){.role = ROLE_coordinator,
                            .whole = true,
                            .municipalities = &value_absent,
                            .organisations = &value_absent};
    access_whole = (access_t){
        .valid = true, .roles = ROLE_BIT(ROLE_coordinator), .rights = &right_whole, .n_rights = 1};
    assert_true(record_id_parse(&access_whole.user, "usr-9", NULL));
    txn = store_read(region_environment(region)->store);
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    pushes_clear(&pushes);
    store_abort(&txn);
    region_destroy(&region);
    return 0;
}

static watch_t *watch(const char *arguments)
{
    error_t error = {0};
    value_t map = say_value(region, arguments);

    return watch_new(3, &map, 10, 10, EPOCH, &error);
}

static const record_t *inquiry(const char *fields)
{
    record_id_t id;
    error_t error = {0};
    value_t map = say_value(region, fields);

    assert_true(record_id_parse(&id, "inq-1", NULL));
    record_t *record = record_copy(arena, records_get(txn, &id, arena));
    assert_true(record_from_map(record, &map, false, &error));
    return record;
}

static bool look(watch_t *self, uint64_t revision, const record_t *before, const record_t *after)
{
    operation_t *operation = arena_alloc(arena, sizeof *operation);
    change_t *change = arena_alloc(arena, sizeof *change);

    *operation = (operation_t){before, after};
    *change = (change_t){.revision = revision,
                         .time_ms = 5,
                         .actor = "usr-1",
                         .operations = operation,
                         .n_operations = 1};
    return watch_look(self, sight_new(change, txn, arena), &access_whole);
}

static frame_t frame_of(watch_t *self)
{
    zmq_msg_t message;
    error_t error = {0};
    value_t value;
    frame_t frame;

    assert_true(watch_frame(self, EPOCH, &pushes, arena, &message));
    void *data = arena_copy(arena, zmq_msg_data(&message), zmq_msg_size(&message));
    assert_true(
        wire_decode(data, zmq_msg_size(&message), &wire_limits_client, arena, &value, &error));
    assert_true(frame_read(&frame, &value, &error));
    zmq_msg_close(&message);
    return frame;
}

static void wrong_filters_are_named(void **state)
{
    static const struct {
        const char *arguments, *field;
        error_code_t code;
    } rows[] = {
        {"{kinds=[]}", "kinds", ERROR_INVALID},
        {"{kinds=[inquiri]}", "kinds", ERROR_UNKNOWN_KIND},
        {"{kinds=[7]}", "kinds", ERROR_INVALID},
        {"{ids=[]}", "ids", ERROR_INVALID},
        {"{municipalities=[]}", "municipalities", ERROR_INVALID},
        {"{since=11 epoch=\"" EPOCH "\"}", "since", ERROR_INVALID},
        {"{since=-1 epoch=\"" EPOCH "\"}", "since", ERROR_INVALID},
        {"{since=1}", "epoch", ERROR_REQUIRED},
        {"{since=1 epoch=\"fedcba9876543210\"}", "epoch", ERROR_COMPACTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = {0};
        value_t map = say_value(region, rows[i].arguments);
        assert_null(watch_new(1, &map, 10, 10, EPOCH, &error));
        assert_int_equal(error.code, rows[i].code);
        assert_string_equal(error.field, rows[i].field);
    }
}

static void a_watch_begins_where_it_is_told(void **state)
{
    watch_t *now = watch("{}"), *then = watch("{since=4 epoch=\"" EPOCH "\"}");

    (void)state;
    assert_int_equal(watch_number(now), 3);
    assert_int_equal(watch_scanned(now), 10);
    assert_int_equal(watch_told(now), 10);
    assert_int_equal(watch_told(then), 4);
    assert_int_equal(watch_pending(now), 0);
    watch_destroy(&now);
    watch_destroy(&then);
    assert_null(now);
}

/* Frames say from where to where; what is looked at and not told is behind it. */
static void a_frame_says_where_it_stands(void **state)
{
    watch_t *self = watch("{kinds=[inquiry]}");
    const record_t *one = inquiry("{title=one}"), *two = inquiry("{title=two}");
    zmq_msg_t none;

    (void)state;
    assert_true(look(self, 11, NULL, one));
    assert_true(look(self, 12, one, one)); /* nothing that one sees has changed */
    assert_true(look(self, 13, one, two));
    assert_true(watch_pending(self) > 0);
    assert_int_equal(watch_told(self), 10);
    frame_t frame = frame_of(self);
    assert_int_equal(frame.type, FRAME_PUSH);
    assert_int_equal(frame.watch, 3);
    assert_string_equal(frame.epoch, EPOCH);
    assert_int_equal(frame.before, 10);
    say_expect(region, &frame.body,
               "[{rev=11 time=5 actor=usr-1 ops=[{op=put record={id=inq-1 fields={title=one}}}]}"
               " {rev=13 ops=[{op=put record={fields={title=two}}}]}]");
    assert_int_equal(watch_told(self), 13);
    assert_false(watch_frame(self, EPOCH, &pushes, arena, &none));

    assert_true(look(self, 14, two, two));
    size_t size;
    void *data = watch_bookmark(self, EPOCH, arena, &size);
    error_t error = {0};
    value_t value;
    assert_true(wire_decode(data, size, &wire_limits_client, arena, &value, &error));
    assert_true(frame_read(&frame, &value, &error));
    assert_int_equal(frame.type, FRAME_BOOKMARK);
    assert_int_equal(frame.before, 13);
    assert_int_equal(frame.revision, 14);
    assert_int_equal(watch_told(self), 14);

    assert_true(look(self, 15, two, NULL));
    frame = frame_of(self);
    assert_int_equal(frame.before, 14);
    say_expect(region, &frame.body, "[{rev=15 ops=[={op=gone id=inq-1}]}]");
    watch_destroy(&self);
}

/* Put, gone or silence, by what the filter shows before and after. */
static void a_filter_shows_before_and_after(void **state)
{
    static const struct {
        const char *filter, *before, *after, *expected;
    } rows[] = {
        {"{kinds=[task]}", "", "{title=b}", ""},
        {"{kinds=[inquiry]}", "", "{title=b}", "put"},
        {"{ids=[inq-2]}", "{title=a}", "{title=b}", ""},
        {"{ids=[inq-2 inq-1]}", "{title=a}", "{title=b}", "put"},
        {"{municipalities=[mun-1880]}", "{municipality=mun-1880}", "{municipality=mun-0583}",
         "gone"},
        {"{municipalities=[mun-0583]}", "{municipality=mun-1880}", "{municipality=mun-0583}",
         "put"},
        {"{municipalities=[mun-0583]}", "{title=a}", "{title=b}", ""},
        {"{mine=true}", "{title=a}", "{title=b}", ""},
        {"{mine=true}", "{title=a}", "{holder=usr-9}", "put"},
        {"{mine=true}", "{holder=usr-9}", "{title=b}", "gone"},
        {"{}", "{title=a}", "{title=a}", ""},
        {"{}", "{title=a}", "", "gone"},
        {"{kinds=[task]}", "{title=a}", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        watch_t *self = watch(rows[i].filter);
        const record_t *before = *rows[i].before ? inquiry(rows[i].before) : NULL;
        const record_t *after = *rows[i].after ? inquiry(rows[i].after) : NULL;
        assert_true(look(self, 11, before, after));
        const char *got = "";
        if (watch_pending(self) > 0) {
            frame_t frame = frame_of(self);
            got = value_get_text(&value_get(&frame.body.items[0], "ops")->items[0], "op");
        }
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("%s: %s to %s gives '%s'", rows[i].filter, rows[i].before, rows[i].after, got);
        watch_destroy(&self);
    }
}

/* Which changes of which kinds a lagging watch must look at: its own, and those of the
   records that they hang on. */
static void a_watch_wants_what_its_kinds_hang_on(void **state)
{
    static const struct {
        const char *filter, *id;
        bool wanted;
    } rows[] = {
        {"{}", "cty-18", true},
        {"{kinds=[inquiry]}", "inq-1", true},
        {"{kinds=[inquiry]}", "org-1", true},
        {"{kinds=[inquiry]}", "tsk-1", false},
        {"{kinds=[inquiry]}", "cty-18", false},
        {"{kinds=[task]}", "inq-1", true},
        {"{kinds=[engagement]}", "per-1", true},
        {"{kinds=[engagement]}", "inq-1", false},
        {"{kinds=[erasure]}", "per-1", true},
        {"{kinds=[erasure]}", "org-1", true}, /* by way of the person */
        {"{kinds=[erasure]}", "usr-1", false},
        {"{kinds=[county]}", "inq-1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        watch_t *self = watch(rows[i].filter);
        record_id_t id;
        assert_true(record_id_parse(&id, rows[i].id, NULL));
        if (watch_wants(self, &id) != rows[i].wanted)
            fail_msg("%s of %s", rows[i].id, rows[i].filter);
        watch_destroy(&self);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(wrong_filters_are_named),
        TEST(a_watch_begins_where_it_is_told),
        TEST(a_frame_says_where_it_stands),
        TEST(a_filter_shows_before_and_after),
        TEST(a_watch_wants_what_its_kinds_hang_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

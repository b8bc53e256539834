#include "region_fixture.h"

#include "index.h"
#include "matches.h"
#include "records.h"

#include <string.h>

/* The region keeps matches after each request, as the daemon does; here it is looked at
   what that leaves, and steps are taken by hand. */

static const char *inquire(const char *fields)
{
    value_t made =
        say_well(region, "admin", "put",
                 "kind=inquiry fields={municipality=mun-1880 areas=[are-0715] %s}", fields);

    return value_get_text(&made, "id");
}

/* The others that are kept of an inquiry, "" for none: "inq-2 inq-3". */
static const char *kept(const char *inquiry)
{
    value_t list = say_well(region, "admin", "list", "kind=match where={inquiry=%s}", inquiry);
    const value_t *records = value_get(&list, "records");
    const char *text = "";

    assert_true(records->count <= 1);
    if (records->count == 0)
        return text;
    const value_t *others = value_get(value_get(&records->items[0], "fields"), "others");
    for (uint32_t i = 0; i < others->count; i++)
        text = arena_format(region_arena(region), "%s%s%s", text, i > 0 ? " " : "",
                            others->items[i].text);
    return text;
}

static void each_has_the_best_ten(void **state)
{
    (void)state;
    inquire("title=Ett"); /* inq-1 */
    assert_string_equal(kept("inq-1"), "");
    for (unsigned i = 2; i <= 12; i++)
        inquire("title=x");
    assert_string_equal(kept("inq-1"),
                        "inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11");
    assert_string_equal(kept("inq-12"),
                        "inq-1 inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10");
    /* A better one takes the place of the last. */
    inquire("title=Ett");
    assert_string_equal(kept("inq-1"),
                        "inq-13 inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10");
    assert_string_equal(kept("inq-13"),
                        "inq-1 inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10");
    /* Who leaves, gives it back to the best of those outside. */
    say_well(region, "admin", "move", "id=inq-3 verb=withdraw fields={reason=x}");
    assert_string_equal(kept("inq-3"), "");
    assert_string_equal(kept("inq-1"),
                        "inq-13 inq-2 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11");
    /* So does one that becomes worse: it is the last now, or not there. */
    say_well(region, "admin", "patch", "id=inq-13 fields={title=Annat areas=[are-07]}");
    assert_string_equal(kept("inq-1"),
                        "inq-2 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11 inq-12");
    say_well(region, "admin", "patch", "id=inq-2 fields={language=en}");
    say_well(region, "admin", "patch", "id=inq-1 fields={language=sv}");
    assert_string_equal(kept("inq-1"),
                        "inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11 inq-12 inq-13");
    assert_string_equal(kept("inq-2"),
                        "inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11 inq-12 inq-13");
    assert_int_equal(region_check(region), 0);
}

static void nothing_is_written_where_no_match_changes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++)
        inquire("title=x tags=[ett]");
    uint64_t head = region_head(region);
    inquire("title=x"); /* comes after all the others' last */
    assert_int_equal(region_head(region), head + 2);
    assert_string_equal(kept("inq-1"),
                        "inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11");
    head = region_head(region);
    say_well(region, "admin", "patch", "id=inq-1 fields={notes=x}");
    say_well(region, "admin", "put", "kind=task fields={what=x about=inq-1}");
    assert_int_equal(region_head(region), head + 2);
}

/* Many at once, in one revision and in one step after another. */
static void an_import_is_taken_as_it_comes(void **state)
{
    (void)state;
    const char *rows = "";
    for (unsigned i = 0; i < 60; i++)
        rows = arena_format(region_arena(region),
                            "%s {fields={title=x municipality=mun-1880 areas=[are-0715]}}", rows);
    say_well(region, "admin", "import", "kind=inquiry rows=[%s]", rows);
    assert_string_equal(kept("inq-60"),
                        "inq-1 inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10");
    assert_string_equal(kept("inq-1"),
                        "inq-2 inq-3 inq-4 inq-5 inq-6 inq-7 inq-8 inq-9 inq-10 inq-11");
    value_t count = say_well(region, "admin", "count", "kind=match");
    assert_int_equal(value_get_integer(&count, "count", 0), 60);
}

/* -- steps -------------------------------------------------------------------------------- */

typedef struct {
    matches_step_t came_to;
    const void *what;
    arena_t *arena;
} stepped_t;

static stepped_t follow(matches_t *matches)
{
    stepped_t step = {0};
    int status;

    do
        step.came_to = matches_follow(matches, &step.what, &step.arena, &status);
    while (step.came_to == MATCHES_MORE);
    assert_int_equal(status, 0);
    return step;
}

/* Another that comes after: it finds where the first was, and has nothing to do. */
static void it_goes_on_from_what_is_written(void **state)
{
    (void)state;
    inquire("title=x");
    inquire("title=x");
    matches_t *matches = matches_new(region_environment(region));
    assert_int_equal(follow(matches).came_to, MATCHES_EVEN);
    matches_destroy(&matches);
}

static error_code_t write(const stepped_t *step)
{
    error_code_t refused = region_chore(region, matches_write, step->what);
    arena_t *arena = step->arena;

    arena_destroy(&arena);
    return refused;
}

/* An inquiry that the region's own keeper has not seen yet. */
static void put_unseen(unsigned number)
{
    arena_t *arena = region_arena(region);
    store_txn_t *txn = store_write(region_environment(region)->store);
    const kind_t *kind = schema_kind("inquiry");
    record_t *record = record_new(arena, kind);
    value_t fields = say_value(
        region, "{title=x state=new municipality=mun-1880 county=cty-18 areas=[are-0715]}");
    error_t error = {0};

    assert_true(record_from_map(record, &fields, false, &error));
    record->id = record_id_numbered(kind, number);
    assert_int_equal(store_next_number(txn, kind), number);
    operation_t operation = {.after = record};
    batch_t batch = {
        .time_ms = region_now(region), .actor = "", .operations = &operation, .n_operations = 1};
    assert_true(store_apply(txn, &batch) > 0);
    assert_int_equal(store_commit(&txn), 0);
}

static void what_was_refused_is_done_again(void **state)
{
    (void)state;
    inquire("title=x");
    matches_t *matches = matches_new(region_environment(region));
    assert_int_equal(follow(matches).came_to, MATCHES_EVEN);
    put_unseen(2);
    stepped_t step = follow(matches);
    assert_int_equal(step.came_to, MATCHES_CHANGED);
    matches_settle(matches, false);
    arena_destroy(&step.arena);
    step = follow(matches);
    assert_int_equal(step.came_to, MATCHES_CHANGED);
    assert_int_equal(write(&step), ERROR_NONE);
    matches_settle(matches, true);
    assert_int_equal(follow(matches).came_to, MATCHES_EVEN);
    matches_destroy(&matches);
    assert_string_equal(kept("inq-1"), "inq-2");
    assert_string_equal(kept("inq-2"), "inq-1");
}

/* Between the look and the writing somebody deletes the other. */
static void who_is_gone_meanwhile_is_left_out(void **state)
{
    (void)state;
    inquire("title=x");
    matches_t *matches = matches_new(region_environment(region));
    assert_int_equal(follow(matches).came_to, MATCHES_EVEN);
    put_unseen(2);
    stepped_t step = follow(matches);
    say_well(region, "admin", "delete", "id=inq-1");
    assert_int_equal(write(&step), ERROR_NONE);
    matches_settle(matches, true);
    matches_destroy(&matches);
    assert_string_equal(kept("inq-2"), "");
    value_t count = say_well(region, "admin", "count", "kind=match");
    assert_int_equal(value_get_integer(&count, "count", 1), 0);
    assert_int_equal(region_check(region), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(each_has_the_best_ten),          TEST(nothing_is_written_where_no_match_changes),
        TEST(an_import_is_taken_as_it_comes), TEST(it_goes_on_from_what_is_written),
        TEST(what_was_refused_is_done_again), TEST(who_is_gone_meanwhile_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

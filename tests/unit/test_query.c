#include "say.h"

#include "query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Over more records than one look may take in. */

#define MANY (QUERY_EXAMINED_MAX + 100u)

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

/* Areas 1 to `count`, a hundred a request: the alphabet goes the other way. */
static void put_areas(unsigned count)
{
    arena_t *arena = region_arena(region);
    char rows[16384];

    for (unsigned i = 0; i < count;) {
        size_t size = 0;
        for (unsigned j = 0; j < 100 && i < count; j++, i++)
            size += (size_t)snprintf(rows + size, sizeof rows - size,
                                     "{id=\"x%05u\" fields={name_en=n name_sv=\"s%05u\"}} ", i,
                                     count - i);
        say_well(region, "admin", "import", "kind=area rows=[%s]", arena_text(arena, rows));
    }
}

static unsigned page_through(const char *arguments, unsigned *pages)
{
    value_t after = value_absent;
    client_t *client = region_client(region, "broker");
    unsigned count = 0;

    *pages = 0;
    do {
        arena_t *arena = region_arena(region);
        value_t given = say_value(region, arguments);
        value_builder_t all = value_builder(arena);
        for (uint32_t i = 0; i < given.count; i++)
            value_add_pair(&all, given.items[2 * i].text, given.items[2 * i + 1]);
        if (after.form != VALUE_ABSENT)
            value_add_pair(&all, "after", after);
        request_t request = {.command = "list", .arguments = value_build_map(&all)};
        reply_t reply = region_ask(region, client, &request);
        assert_int_equal(reply.error.code, ERROR_NONE);
        count += value_get(&reply.result, "records")->count;
        after = *value_get(&reply.result, "next");
        assert_true(++*pages < 1000);
    } while (after.form != VALUE_ABSENT);
    return count;
}

/* In an index's order any number of records is walked a page at a time; in another's,
   and by what no index knows, only so many are looked at. */
static void many_are_walked_not_sorted(void **state)
{
    unsigned pages;

    (void)state;
    put_areas(MANY);
    assert_int_equal(page_through("{kind=area limit=200}", &pages), MANY + 2);
    assert_int_equal(page_through("{kind=area limit=200 sort=name_sv}", &pages), MANY + 2);
    error_t error = say_badly(region, "broker", ERROR_TOO_BROAD, "list", "kind=area sort=created");
    assert_string_equal(error.field, "sort");
    /* A cursor would hold a value of a record that was not shown. */
    error = say_badly(region, "broker", ERROR_TOO_BROAD, "list",
                      "kind=area sort=name_sv where={tags=none}");
    assert_string_equal(error.field, "sort");

    /* A filter that fits few records gives pages with few, but loses none. */
    assert_int_equal(page_through("{kind=area where={tags=none}}", &pages), 0);
    assert_int_equal(pages, 2);
    assert_int_equal(page_through("{kind=area where={name_sv=s00001}}", &pages), 1);
    assert_int_equal(pages, 1);
    value_t counted = say_well(region, "broker", "count", "kind=area");
    assert_int_equal(value_get_integer(&counted, "count", 0), MANY + 2);
    /* More groups than anyone reads. */
    say_badly(region, "broker", ERROR_TOO_BROAD, "count", "kind=area by=name_sv");
}

/* What a page weighs is bounded too. */
static void a_page_fits_a_frame(void **state)
{
    char text[8001];
    unsigned pages;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 60; i++)
        say_well(region, "broker", "put",
                 "kind=inquiry fields={title=t municipality=mun-1880 description=\"%s\"}", text);
    value_t page = say_well(region, "broker", "list", "kind=inquiry limit=200");
    uint32_t count = value_get(&page, "records")->count;
    assert_true(count > 10 && count < 60);
    assert_true(value_get(&page, "next")->form == VALUE_TEXT);
    assert_int_equal(page_through("{kind=inquiry limit=200}", &pages), 60);
}

/* The longest prefix of an index that the filter binds is taken; what it gives is what
   every other way gives. */
static void an_index_gives_what_a_walk_gives(void **state)
{
    unsigned pages;

    (void)state;
    for (int i = 0; i < 40; i++) {
        value_t made = say_well(region, "broker", "put",
                                "kind=inquiry fields={title=\"t %d\" municipality=mun-1880 "
                                "participants=%d}",
                                i, i % 7 + 1);
        if (i % 3 == 0)
            say_well(region, "broker", "move", "id=%s verb=acknowledge",
                     value_get_text(&made, "id"));
    }
    static const struct {
        const char *arguments;
        unsigned count;
    } rows[] = {
        {"{kind=inquiry limit=3 where={municipality=mun-1880}}", 40},
        {"{kind=inquiry limit=3 where={municipality=mun-1880 state=new}}", 26},
        {"{kind=inquiry limit=3 where={state=new municipality=mun-1880 participants=1}}", 4},
        {"{kind=inquiry limit=3 where={state=[new acknowledged]}}", 40},
        {"{kind=inquiry limit=3 where={state=acknowledged} sort=-participants}", 14},
        {"{kind=inquiry limit=3 where={municipality=mun-1880} sort=state}", 40},
        {"{kind=inquiry limit=3 where={municipality=mun-1880} sort=-state}", 40},
        {"{kind=inquiry limit=3 where={municipality=[mun-1880 mun-0583]} sort=-state}", 40},
        {"{kind=inquiry limit=3 where={participants=[1 2]} sort=county}", 12},
        {"{kind=inquiry limit=3 sort=broker}", 40},
        {"{kind=inquiry limit=3 mine=true}", 40},
        {"{kind=inquiry limit=3 mine=true sort=-state where={participants=[1 2]}}", 12},
        {"{kind=inquiry limit=3 where={municipality=[mun-1880 mun-0583]}}", 40},
        {"{kind=inquiry limit=3 where={participants={from=2 to=3}} sort=-participants}", 12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned count = page_through(rows[i].arguments, &pages);
        if (count != rows[i].count)
            fail_msg("%s: %u", rows[i].arguments, count);
    }
}

/* Tasks 1 to `count`: each tenth about another organisation, the last two mine. */
static void put_tasks(unsigned count)
{
    char operations[16384];

    for (unsigned i = 0; i < count;) {
        size_t size = 0;
        for (unsigned j = 0; j < 100 && i < count; j++, i++)
            size += (size_t)snprintf(operations + size, sizeof operations - size,
                                     "{do=put kind=task fields={what=w about=org-%u "
                                     "due=2027-%02u-%02u%s}} ",
                                     i % 10 == 0 ? 2 : 1, i % 12 + 1, i % 28 + 1,
                                     i + 2 < count ? "" : " who=usr-2");
        say_well(region, "admin", "batch", "operations=[%s]", operations);
    }
}

/* What an index knows of many values, of a range, or of the reader is gathered first: no
   page goes by with what cannot match. */
static void few_among_many_are_gathered(void **state)
{
    unsigned pages;

    (void)state;
    put_tasks(MANY);
    say_well(region, "admin", "list", "kind=task sort=id limit=1 where={what=w}");
    static const struct {
        const char *arguments;
        unsigned count;
    } rows[] = {
        {"{kind=task limit=200 mine=true}", 2},
        {"{kind=task limit=200 mine=true sort=created}", 2},
        {"{kind=task limit=200 where={who=[usr-2 usr-1]}}", 2},
        {"{kind=task limit=200 where={due={from=2027-12-27}}}", 120},
        {"{kind=task limit=200 where={due={from=2027-12-27}} sort=-due}", 120},
        {"{kind=task limit=200 where={due={to=2027-01-02}} sort=due}", 121},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned count = page_through(rows[i].arguments, &pages);
        if (count != rows[i].count || pages != (count + 199) / 200)
            fail_msg("%s: %u on %u pages", rows[i].arguments, count, pages);
    }
    /* Too many to gather are walked. */
    assert_int_equal(page_through("{kind=task limit=200 where={about=[org-1 org-2]}}", &pages),
                     MANY);
    assert_int_equal(page_through("{kind=task limit=200 where={due={from=2027-01-01}}}", &pages),
                     MANY);
}

static void too_many_conditions_are_refused(void **state)
{
    (void)state;
    say_badly(region, "broker", ERROR_TOO_LARGE, "list",
              "kind=inquiry where={title=a state=new municipality=mun-1880 county=cty-18 "
              "employer=org-1 broker=usr-1 holder=usr-1 areas=are-07 participants=1 "
              "target_group=a period_from=2026-01-01 period_to=2026-01-01 form=distance "
              "level=vocational language=sv prior_knowledge=a channel=phone}");
    char values[2048] = "";
    for (int i = 0; i < 201; i++)
        snprintf(values + strlen(values), sizeof values - strlen(values), "%d ", i + 1);
    say_badly(region, "broker", ERROR_INVALID, "list", "kind=inquiry where={participants=[%s]}",
              values);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(many_are_walked_not_sorted),       TEST(a_page_fits_a_frame),
        TEST(an_index_gives_what_a_walk_gives), TEST(few_among_many_are_gathered),
        TEST(too_many_conditions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

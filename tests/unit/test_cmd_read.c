#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]"); /* usr-2 */
    say_user(region, "motala", "broker", "municipalities=[mun-0583]"); /* usr-3 */
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static uint64_t put(const char *who, const char *kind, const char *fields)
{
    say_well(region, who, "put", "kind=%s fields={%s}", kind, fields);
    return region_head(region);
}

/* A past state shows a field only when it is visible both then and now. */
static void the_past_shows_what_is_visible_both_then_and_now(void **state)
{
    (void)state;
    uint64_t open = put("orebro", "inquiry", "title=Open municipality=mun-1880");
    say_well(region, "orebro", "patch", "id=inq-1 fields={discreet=true title=Hidden}");
    uint64_t hidden = region_head(region);
    value_t got = say_well(region, "motala", "get", "id=inq-1 at=%u", (unsigned)open);
    say_expect(region, &got, "{fields={title=nil state=new}}");
    got = say_well(region, "orebro", "get", "id=inq-1 at=%u", (unsigned)open);
    say_expect(region, &got, "{fields={title=Open}}");
    got = say_well(region, "motala", "history", "id=inq-1");
    say_expect(region, &got,
               "{entries=[{fields={title=nil discreet={from=false to=true}}}"
               " {change=put fields={title=nil}}]}");

    say_well(region, "orebro", "patch", "id=inq-1 fields={discreet=false title=Again}");
    got = say_well(region, "motala", "get", "id=inq-1 at=%u", (unsigned)open);
    say_expect(region, &got, "{fields={title=Open}}");
    got = say_well(region, "motala", "get", "id=inq-1 at=%u", (unsigned)hidden);
    say_expect(region, &got, "{fields={title=nil}}");
    got = say_well(region, "motala", "history", "id=inq-1");
    say_expect(region, &got,
               "{entries=[{fields={title=nil}} {fields={title=nil}}"
               " {change=put fields={title={from=nil to=Open}}}]}");
    assert_false(client_was_sent(region_client(region, "motala"), "Hidden"));
}

/* Deleted, it is judged as it last stood. */
static void the_deleted_are_judged_as_they_stood(void **state)
{
    (void)state;
    uint64_t put_at = put("orebro", "inquiry", "title=Hidden municipality=mun-1880 discreet=true");
    say_well(region, "orebro", "delete", "id=inq-1");
    value_t got = say_well(region, "motala", "get", "id=inq-1 at=%u", (unsigned)put_at);
    say_expect(region, &got, "{fields={title=nil state=new}}");
    got = say_well(region, "motala", "history", "id=inq-1");
    say_expect(region, &got, "{entries=[{change=delete} {change=put fields={title=nil}}]}");
    say_badly(region, "motala", ERROR_NOT_FOUND, "get", "id=inq-1");
    say_badly(region, "motala", ERROR_NOT_FOUND, "get", "id=inq-1 at=%u", (unsigned)put_at - 1);
    say_badly(region, "motala", ERROR_NOT_FOUND, "history", "id=inq-2");
    assert_false(client_was_sent(region_client(region, "motala"), "Hidden"));
}

/* An instant is the last revision at or before it. */
static void an_instant_finds_its_revision(void **state)
{
    put("orebro", "inquiry", "title=one municipality=mun-1880");
    uint64_t first = region_now(region);

    (void)state;
    region_pass(region, 1000);
    say_well(region, "orebro", "patch", "id=inq-1 fields={title=two}");
    static const struct {
        int64_t after_ms;
        const char *title;
    } rows[] = {{0, "one"}, {999, "one"}, {1000, "two"}, {100000, "two"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        value_t got = say_well(region, "orebro", "get", "id=inq-1 at_time=%lld",
                               (long long)first + rows[i].after_ms);
        say_expect(region, &got,
                   arena_format(region_arena(region), "{fields={title=%s}}", rows[i].title));
    }
    say_badly(region, "orebro", ERROR_NOT_FOUND, "get", "id=inq-1 at_time=0");
}

/* A purpose opens people's data outside the own scope where a record that one may write
   names them: in `get` alone, and without what a protected identity hides. */
static void who_names_a_person_may_reach_it(void **state)
{
    (void)state;
    put("orebro", "person", "name=Contact organisation=org-1 email=\"contact@example.se\"");
    value_t got = say_well(region, "motala", "get", "id=per-1 purpose=calls");
    say_expect(region, &got, "{fields={name=nil}}");
    put("motala", "inquiry", "title=x municipality=mun-0583 employer=org-1 contact_person=per-1");
    got = say_well(region, "motala", "get", "id=per-1 purpose=calls");
    say_expect(region, &got, "{fields={name=Contact email=\"contact@example.se\"}}");
    got = say_well(region, "motala", "get", "id=per-1");
    say_expect(region, &got, "{fields={name=nil}}");
    got = say_well(region, "motala", "list", "kind=person purpose=calls");
    say_expect(region, &got, "{records=[{fields={name=nil}}]}");
    say_well(region, "orebro", "patch", "id=per-1 fields={protected=true}");
    say_badly(region, "motala", ERROR_NOT_FOUND, "get", "id=per-1 purpose=calls");
}

/* Counted are the kinds that one reads. */
static void status_counts_what_one_reads(void **state)
{
    (void)state;
    value_t told = say_well(region, "orebro", "status", "%s", "");
    say_expect(region, &told,
               "{region=\"Östra Mellansverige\" rev=* epoch=* time=* started=* version=*"
               " records={county=2 municipality=2 inquiry=0 grant=nil key=nil}}");
    told = say_well(region, "admin", "status", "%s", "");
    say_expect(region, &told, "{records={user=3 grant=5 key=*}}");
    assert_int_equal(value_get_integer(&told, "rev", 0), region_head(region));
    assert_int_equal(value_get_integer(&told, "time", 0), region_now(region));
}

/* Counting stops at `most`, and says that it did. */
static void counting_stops_where_it_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        put("orebro", "inquiry", "title=x municipality=mun-1880");
    value_t told = say_well(region, "motala", "count", "kind=inquiry most=2");
    say_expect(region, &told, "{count=2 more=true}");
    told = say_well(region, "motala", "count", "kind=inquiry most=4");
    say_expect(region, &told, "{count=3 more=nil}");
    told = say_well(region, "motala", "count", "kind=inquiry most=2 by=state");
    say_expect(region, &told, "{count=2 counts=[{value=new count=2}] more=true}");
    say_badly(region, "motala", ERROR_INVALID, "count", "kind=inquiry most=0");
}

/* Of what the reader may see: the participants of a discreet inquiry, not its travel limit. */
static void a_count_says_how_a_number_spreads(void **state)
{
    (void)state;
    put("orebro", "inquiry", "title=x municipality=mun-1880 participants=40 travel_limit_km=9");
    put("orebro", "inquiry", "title=x municipality=mun-1880 participants=7");
    put("orebro", "inquiry",
        "title=x municipality=mun-1880 participants=8 travel_limit_km=70"
        " discreet=true");
    put("orebro", "inquiry", "title=x municipality=mun-1880 participants=9");
    value_t told = say_well(region, "motala", "count", "kind=inquiry of=participants");
    say_expect(region, &told, "{count=4 of={least=7 median=8 most=40}}");
    told = say_well(region, "motala", "count", "kind=inquiry of=travel_limit_km");
    say_expect(region, &told, "{of={least=9 median=9 most=9}}");
    told = say_well(region, "orebro", "count", "kind=inquiry of=travel_limit_km");
    say_expect(region, &told, "{of={least=9 median=9 most=70}}");
    told = say_well(region, "motala", "count", "kind=inquiry of=created where={participants=41}");
    say_expect(region, &told, "{count=0 of=nil}");
    static const char *const wrong[] = {"title", "areas", "period_from", "nothing"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        say_badly(region, "motala", ERROR_INVALID, "count", "kind=inquiry of=%s", wrong[i]);
    say_badly(region, "motala", ERROR_INVALID, "count", "kind=person of=sex");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(the_past_shows_what_is_visible_both_then_and_now),
        TEST(the_deleted_are_judged_as_they_stood),
        TEST(an_instant_finds_its_revision),
        TEST(who_names_a_person_may_reach_it),
        TEST(status_counts_what_one_reads),
        TEST(counting_stops_where_it_is_told),
        TEST(a_count_says_how_a_number_spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

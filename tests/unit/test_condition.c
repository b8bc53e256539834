#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Six inquiries by two brokers, one of them discreet, one with nothing filled in. */

static region_t *region;

static void put_inquiry(const char *who, const char *fields)
{
    say_well(region, who, "put", "kind=inquiry fields={%s}", fields);
}

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    say_user(region, "motala", "broker", "municipalities=[mun-0583]");
    put_inquiry("orebro", "title=a municipality=mun-1880 participants=3 budget_hint=5000 "
                          "period_from=2026-03-01 areas=[are-07]");
    put_inquiry("orebro", "title=b municipality=mun-1880 participants=5 budget_hint=7000 "
                          "period_from=2026-03-31 areas=[are-0715]");
    put_inquiry("orebro", "title=c municipality=mun-1880 participants=8 period_from=2026-04-01");
    put_inquiry("motala", "title=d municipality=mun-0583 participants=5 budget_hint=6000");
    put_inquiry("motala", "title=e municipality=mun-0583 participants=5 discreet=true "
                          "travel_limit_km=50");
    put_inquiry("motala", "title=f municipality=mun-0583");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

/* What `who` finds by the filter, oldest first, by list, count and export alike. */
static void finds(const char *who, const char *where, const char *ids)
{
    char found[256] = "";
    value_t listed = say_well(region, who, "list", "kind=inquiry sort=id where={%s}", where);
    value_t exported = say_well(region, who, "export", "kind=inquiry where={%s}", where);
    value_t counted = say_well(region, who, "count", "kind=inquiry where={%s}", where);
    const value_t *records = value_get(&listed, "records");

    for (uint32_t i = 0; i < records->count; i++) {
        strcat(found, i > 0 ? " " : "");
        strcat(found, value_get_text(&records->items[i], "id"));
    }
    if (strcmp(found, ids) != 0)
        fail_msg("%s: %s", where, found);
    assert_int_equal(value_get(&exported, "records")->count, records->count);
    assert_int_equal(value_get_integer(&counted, "count", -1), records->count);
}

static void a_range_has_both_its_ends(void **state)
{
    (void)state;
    finds("orebro", "participants={from=5 to=8}", "inq-2 inq-3 inq-4 inq-5");
    finds("orebro", "participants={from=4 to=7}", "inq-2 inq-4 inq-5");
    finds("orebro", "participants={from=6}", "inq-3");
    finds("orebro", "participants={to=3}", "inq-1");
    finds("orebro", "participants={to=3 from=nil}", "inq-1");
    finds("orebro", "participants={from=8 to=8}", "inq-3");
    finds("orebro", "participants={from=6 to=7}", "");
    /* An end may lie where no value can. */
    finds("orebro", "participants={from=0 to=1000000000}", "inq-1 inq-2 inq-3 inq-4 inq-5");
    finds("orebro", "participants={from=-5 to=3}", "inq-1");
    finds("orebro", "period_from={from=2026-03-01 to=2026-03-31}", "inq-1 inq-2");
    finds("orebro", "period_from={from=2026-03-02}", "inq-2 inq-3");
    finds("orebro", "created={from=0}", "inq-1 inq-2 inq-3 inq-4 inq-5 inq-6");
    finds("orebro", "created={to=0}", "");
    finds("orebro", "participants={from=5} municipality=mun-1880", "inq-2 inq-3");
}

/* Records that name me, by what I may see of them. */
static void mine_is_what_names_me(void **state)
{
    (void)state;
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=g municipality=mun-0583 broker=usr-2}");
    value_t mine = say_well(region, "orebro", "list", "kind=inquiry sort=id mine=true");
    say_expect(region, value_get(&mine, "records"),
               "[{id=inq-1} {id=inq-2} {id=inq-3} {id=inq-7}]");
    mine = say_well(region, "orebro", "count", "kind=inquiry mine=true where={participants=3}");
    say_expect(region, &mine, "{count=1}");
    mine = say_well(region, "orebro", "export", "kind=inquiry mine=false");
    assert_int_equal(value_get(&mine, "records")->count, 7);

    say_well(region, "motala", "put",
             "kind=person fields={name=n organisation=org-2 visible_to=[usr-2]}");
    mine = say_well(region, "orebro", "list", "kind=person mine=true");
    say_expect(region, &mine, "{records=[]}");
}

/* What the reader may not see lies in no range. */
static void a_hidden_field_lies_in_no_range(void **state)
{
    (void)state;
    finds("orebro", "budget_hint={from=0}", "inq-1 inq-2");
    finds("motala", "budget_hint={from=0}", "inq-4");
    finds("motala", "travel_limit_km={from=0}", "inq-5");
    finds("orebro", "travel_limit_km={from=0}", "");
    finds("orebro", "travel_limit_km={to=1000}", "");
}

static void what_is_no_range_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *where, *field;
    } rows[] = {
        {"participants={}", "participants"},
        {"participants={from=nil}", "participants"},
        {"participants={from=8 to=5}", "participants"},
        {"participants={from=5 until=8}", "participants"},
        {"participants={from=five}", "participants"},
        {"participants=[{from=5}]", "participants"},
        {"period_from={from=2026-02-30}", "period_from"},
        {"period_from={from=5}", "period_from"},
        {"title={from=a to=b}", "title"},
        {"state={from=new}", "state"},
        {"municipality={from=mun-0583}", "municipality"},
        {"id={from=inq-1}", "id"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = say_badly(region, "orebro", ERROR_INVALID, "list",
                                  "kind=inquiry where={%s}", rows[i].where);
        assert_string_equal(error.field, rows[i].field);
    }
}

static void an_area_is_what_lies_below_it_too(void **state)
{
    (void)state;
    finds("orebro", "areas=are-07", "inq-1 inq-2");
    say_well(region, "admin", "patch", "id=are-0715 fields={parent=nil}");
    finds("orebro", "areas=are-07", "inq-1");
    say_well(region, "admin", "put",
             "kind=area id=\"071\" fields={name_en=n name_sv=n parent=are-07}");
    say_well(region, "admin", "patch", "id=are-0715 fields={parent=are-071}");
    finds("orebro", "areas=are-07", "inq-1 inq-2");
    finds("orebro", "areas=are-071", "inq-2");
    finds("orebro", "areas=are-0715", "inq-2");
    finds("orebro", "areas=[are-071 are-07]", "inq-1 inq-2");
    finds("orebro", "areas=nil", "inq-3 inq-4 inq-5 inq-6");
    /* The tree itself is walked step by step. */
    value_t below = say_well(region, "orebro", "list", "kind=area where={parent=are-07}");
    say_expect(region, value_get(&below, "records"), "[{id=are-071}]");
}

/* What lies below what is told by fields that not everyone may see: no filter goes by it. */
static void a_tree_that_not_all_may_know_is_none(void **state)
{
    (void)state;
    say_well(region, "admin", "put",
             "kind=organisation fields={name=unit types=[employer] municipality=mun-1880 "
             "parent=org-1}");
    put_inquiry("orebro", "title=g municipality=mun-1880 employer=org-3");
    finds("orebro", "employer=org-3", "inq-7");
    finds("orebro", "employer=org-1", "");
}

/* Numbers of firms lie in an index, those of sole traders (here of a 30 February, so
   nobody's) do not. */
static void sealed_values_among_others_are_found(void **state)
{
    (void)state;
    static const char *const numbers[] = {"9902301218", "1212121212", "5560360793"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        say_well(region, "orebro", "put",
                 "kind=organisation fields={name=\"n%u\" types=[employer] municipality=mun-1880 "
                 "number=\"%s\"}",
                 (unsigned)i, numbers[i]);
    value_t found = say_well(region, "orebro", "list",
                             "kind=organisation sort=id purpose=invoice "
                             "where={number=[\"9902301218\" \"1212121212\"]}");
    say_expect(region, value_get(&found, "records"), "[{id=org-3} {id=org-4}]");
    found = say_well(region, "orebro", "list",
                     "kind=organisation sort=id purpose=invoice "
                     "where={number=[\"9902301218\" \"5560360793\"]}");
    say_expect(region, value_get(&found, "records"), "[{id=org-3} {id=org-5}]");
}

static void a_tree_may_be_too_large(void **state)
{
    char rows[16384];

    (void)state;
    for (unsigned i = 0; i < 200;) {
        size_t size = 0;
        for (unsigned j = 0; j < 100; j++, i++)
            size +=
                (size_t)snprintf(rows + size, sizeof rows - size,
                                 "{id=\"x%u\" fields={name_en=n name_sv=n parent=are-0715}} ", i);
        say_well(region, "admin", "import", "kind=area rows=[%s]", rows);
    }
    error_t error =
        say_badly(region, "orebro", ERROR_TOO_BROAD, "list", "kind=inquiry where={areas=are-0715}");
    assert_string_equal(error.field, "areas");
    say_well(region, "admin", "delete", "id=are-x199");
    finds("orebro", "areas=are-0715", "inq-2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_range_has_both_its_ends),
        TEST(a_hidden_field_lies_in_no_range),
        TEST(mine_is_what_names_me),
        TEST(what_is_no_range_is_refused),
        TEST(an_area_is_what_lies_below_it_too),
        TEST(a_tree_that_not_all_may_know_is_none),
        TEST(sealed_values_among_others_are_found),
        TEST(a_tree_may_be_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

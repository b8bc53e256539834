#include "region_fixture.h"

#include "literal.h"
#include "records.h"

#include <string.h>

/* Groups of their own: each in an area that the others do not meet. */
static int open_groups(void **state)
{
    open_region(state);
    say_user(region, "viewer", "viewer", "municipalities=[mun-0583]");
    for (unsigned i = 0; i < 3; i++) {
        say_well(region, "admin", "put", "kind=area id=\"9%u\" fields={name_en=a name_sv=a}", i);
        for (unsigned j = 0; j < 2; j++)
            say_well(region, "admin", "put",
                     "kind=inquiry fields={title=x municipality=%s areas=[are-9%u] participants=6 "
                     "broker=usr-1}",
                     i == 2 ? "mun-0583" : "mun-1880", i);
    }
    return 0;
}

static uint32_t groups(const value_t *answer)
{
    return value_get(answer, "groups")->count;
}

static const char *next_of(const value_t *answer)
{
    assert_int_equal(value_get(answer, "next")->form, VALUE_LIST);
    return literal_print(value_get(answer, "next"), region_arena(region));
}

static void suggestions_come_in_pages(void **state)
{
    (void)state;
    value_t all = say_well(region, "viewer", "suggest", "limit=10");
    assert_int_equal(groups(&all), 3);
    assert_int_equal(value_get(&all, "next")->form, VALUE_ABSENT);
    value_t page = say_well(region, "viewer", "suggest", "limit=2");
    assert_int_equal(groups(&page), 2);
    page = say_well(region, "viewer", "suggest", "limit=2 after=%s", next_of(&page));
    assert_int_equal(groups(&page), 1);
    assert_int_equal(value_get(&page, "next")->form, VALUE_ABSENT);
    page = say_well(region, "viewer", "suggest", "municipality=mun-0583");
    say_expect(region, &page, "{groups=[{records=[{id=inq-6} {id=inq-5}]}]}");
    static const char *const wrong[] = {"inq-1",         "[]", "[inq-1]", "[mat-1 1]",
                                        "[mat-1 mat-2]", "3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        say_badly(region, "viewer", ERROR_INVALID, "suggest", "after=%s", wrong[i]);
    say_badly(region, "viewer", ERROR_INVALID, "suggest", "limit=0");
}

/* Of a page of matches that are no groups only the place where it ended is told. */
static void a_page_looks_at_so_many(void **state)
{
    (void)state;
    arena_t *arena = region_arena(region);
    store_txn_t *txn = store_write(region_environment(region)->store);
    const kind_t *kind = schema_kind("match");
    operation_t *operations = arena_alloc(arena, 600 * sizeof *operations);

    /* About inquiries that are not there any more: the keeper has not come to them yet. */
    for (unsigned i = 0; i < 600; i++) {
        record_t *record = record_new(arena, kind);
        value_t *other = arena_alloc(arena, sizeof *other);
        *other = value_text("inq-1");
        record->id = record_id_numbered(kind, store_next_number(txn, kind));
        record_set(record, "inquiry", value_text(arena_format(arena, "inq-%u", 1000 + i)));
        record_set(record, "others", value_list(other, 1));
        operations[i] = (operation_t){.after = record};
    }
    batch_t batch = {
        .time_ms = region_now(region), .actor = "", .operations = operations, .n_operations = 600};
    assert_true(store_apply(txn, &batch) > 0);
    assert_int_equal(store_commit(&txn), 0);
    value_t page = say_well(region, "viewer", "suggest", "limit=10");
    assert_int_equal(groups(&page), 0);
    page = say_well(region, "viewer", "suggest", "after=%s", next_of(&page));
    assert_int_equal(groups(&page), 3);
}

static void what_is_enough(void **state)
{
    (void)state;
    say_well(region, "admin", "put",
             "kind=course fields={title=x provider=org-1 unit=org-1 minimum=13}");
    say_well(region, "admin", "put", "kind=course fields={title=x provider=org-1 unit=org-1}");
    value_t answer = say_well(region, "viewer", "matches", "id=inq-1");
    say_expect(region, &answer, "{together={minimum=12 enough=true participants=12}}");
    answer = say_well(region, "viewer", "matches", "id=inq-1 course=crs-1");
    say_expect(region, &answer, "{together={minimum=13 enough=false}}");
    answer = say_well(region, "viewer", "matches", "id=inq-1 course=crs-2");
    say_expect(region, &answer, "{together={minimum=12 enough=true}}");
    answer = say_well(region, "viewer", "suggest", "course=crs-1");
    assert_int_equal(groups(&answer), 0);
    say_badly(region, "viewer", ERROR_NOT_FOUND, "matches", "id=inq-1 course=crs-3");
    say_badly(region, "viewer", ERROR_NOT_FOUND, "matches", "id=inq-1 course=inq-1");
    say_badly(region, "viewer", ERROR_NOT_FOUND, "suggest", "course=crs-3");
}

/* Asked into a pool that goes on; not into one that is over, and not once it said no. */
static void who_is_in_a_live_pool_is_free_no_more(void **state)
{
    (void)state;
    say_well(region, "admin", "put", "kind=pool fields={title=x municipality=mun-1880}");
    say_well(region, "admin", "put", "kind=opt_in fields={pool=poo-1 inquiry=inq-1}");
    value_t answer = say_well(region, "viewer", "suggest", "limit=10");
    assert_int_equal(groups(&answer), 2);
    answer = say_well(region, "viewer", "matches", "id=inq-2");
    say_expect(region, &answer, "{matches=[{record={id=inq-1} pool=poo-1}]}");
    say_well(region, "admin", "move", "id=opt-1 verb=decline");
    answer = say_well(region, "viewer", "suggest", "limit=10");
    assert_int_equal(groups(&answer), 3);
    answer = say_well(region, "viewer", "matches", "id=inq-2");
    say_expect(region, &answer, "{matches=[{record={id=inq-1} pool=nil}]}");
}

/* Own notes and a whole description are no part of a match. */
static void a_match_shows_what_was_compared(void **state)
{
    (void)state;
    say_well(region, "admin", "patch",
             "id=inq-1 fields={description=lang notes=n level=vocational prior_knowledge=p}");
    value_t answer = say_well(region, "admin", "matches", "id=inq-2");
    say_expect(region, &answer,
               "{matches=[{record={fields={title=x level=vocational prior_knowledge=p "
               "description=nil notes=nil}}}] together={level=vocational prior_knowledge=[p]}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_groups, close_region)
    const struct CMUnitTest tests[] = {
        TEST(suggestions_come_in_pages),
        TEST(a_page_looks_at_so_many),
        TEST(what_is_enough),
        TEST(who_is_in_a_live_pool_is_free_no_more),
        TEST(a_match_shows_what_was_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

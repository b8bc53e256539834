#include "pool_fixture.h"

#include <string.h>

static void its_maker_coordinates_it(void **state)
{
    (void)state;
    expect_record("poo-1", "coordinator=usr-2 minimum=12 participants=0 state=forming");
    value_t made = say_well(region, "orebro", "put",
                            "kind=pool fields={title=q municipality=mun-1880 coordinator=usr-3}");
    say_expect(region, &made, "{fields={coordinator=usr-3}}");
}

static void its_bounds_have_their_direction(void **state)
{
    static const struct {
        const char *fields, *field, *expected;
    } rows[] = {
        {"maximum=11", "maximum", "a number of at least 12"},
        {"minimum=4 maximum=3", "maximum", "a number of at least 4"},
        {"period_from=2026-05-01 period_to=2026-04-30", "period_to",
         "a day no earlier than 2026-05-01"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = say_badly(region, "orebro", ERROR_INVALID, "patch", "id=poo-1 fields={%s}",
                                  rows[i].fields);
        assert_string_equal(error.field, rows[i].field);
        assert_string_equal(error.expected, rows[i].expected);
    }
    both_in();
    error_t error =
        say_badly(region, "orebro", ERROR_INVALID, "patch", "id=poo-1 fields={maximum=13}");
    assert_string_equal(error.expected, "a number of at least 14");
    say_well(region, "orebro", "patch", "id=poo-1 fields={maximum=14}");
}

/* The threshold is the pool's own to set. */
static void it_is_viable_from_its_minimum_on(void **state)
{
    (void)state;
    both_in();
    say_well(region, "orebro", "patch", "id=poo-1 fields={minimum=15}");
    expect_record("poo-1", "state=forming");
    error_t error =
        say_badly(region, "orebro", ERROR_IMPOSSIBLE_MOVE, "move", "id=poo-1 verb=offer");
    say_expect(region, &error.detail, "{state=forming moves=[dissolve]}");
    say_well(region, "orebro", "patch", "id=poo-1 fields={minimum=14}");
    expect_record("poo-1", "state=viable");
}

/* Nor is anyone late with an answer then. */
static void dissolved_it_waits_for_nobody(void **state)
{
    (void)state;
    say_well(region, "orebro", "put",
             "kind=opt_in fields={pool=poo-1 inquiry=inq-2 answer_by=2026-03-14}");
    region_pass(region, UINT64_C(24) * 3600 * 1000);
    expect_record("opt-1", "state=asked overdue=true");
    say_well(region, "orebro", "move", "id=poo-1 verb=dissolve fields={reason=r}");
    expect_record("opt-1", "state=left overdue=nil");
}

static void dissolved_it_lets_them_go(void **state)
{
    (void)state;
    both_in();
    step("motala", "opt-2", "name");
    ask_in(put("inquiry", "title=c municipality=mun-1880 broker=usr-2"));
    error_t error = say_badly(region, "orebro", ERROR_REQUIRED, "move", "id=poo-1 verb=dissolve");
    assert_string_equal(error.field, "reason");
    say_well(region, "orebro", "move", "id=poo-1 verb=dissolve fields={reason=r}");
    expect_record("opt-1", "state=left");
    expect_record("opt-2", "state=left employer=nil");
    expect_record("opt-3", "state=left");
    say_well(region, "orebro", "put", "kind=pool fields={title=q municipality=mun-1880}");
    say_well(region, "orebro", "put", "kind=opt_in fields={pool=poo-2 inquiry=inq-1}");
}

/* Not a word of an employer that its own broker has not named. */
static void who_is_in_cannot_be_kept_out(void **state)
{
    (void)state;
    both_in();
    error_t error =
        say_badly(region, "orebro", ERROR_INVALID, "patch", "id=poo-1 fields={not_with=[org-3]}");
    assert_string_equal(error.field, "not_with");
    say_well(region, "orebro", "patch", "id=poo-1 fields={not_with=[org-4]}");
    error = say_badly(region, "motala", ERROR_INVALID, "move",
                      "id=opt-2 verb=name fields={said_on=2026-03-14 said_how=phone}");
    assert_string_equal(error.field, "inquiry");
    say_well(region, "orebro", "patch", "id=poo-1 fields={not_with=nil}");
    step("motala", "opt-2", "name");
    say_badly(region, "orebro", ERROR_INVALID, "patch", "id=poo-1 fields={not_with=[org-4]}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(its_maker_coordinates_it),         TEST(its_bounds_have_their_direction),
        TEST(it_is_viable_from_its_minimum_on), TEST(dissolved_it_waits_for_nobody),
        TEST(dissolved_it_lets_them_go),        TEST(who_is_in_cannot_be_kept_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

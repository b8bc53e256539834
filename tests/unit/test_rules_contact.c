#include "rules_fixture.h"

#include <string.h>

#define CONTACT "kind=contact fields={organisation=%s day=%s unit=org-1} confirm=%s"

static const char *firm(const char *more)
{
    return put("organisation",
               arena_format(region_arena(region),
                            "name=\"Firm\" types=[employer] municipality=mun-1880 %s", more));
}

static void whoever_writes_is_its_broker(void **state)
{
    (void)state;
    const char *user = say_user(region, "broker", "broker", "organisations=[org-1]");
    const char *employer = firm("");
    value_t made = say_well(region, "broker", "put",
                            "kind=contact fields={organisation=%s day=2026-03-14}", employer);
    say_expect(
        region, &made,
        arena_format(region_arena(region), "{fields={state=planned broker=%s unit=org-1}}", user));
    made = say_well(region, "broker", "put",
                    "kind=contact fields={organisation=%s day=2026-03-14 broker=usr-1}", employer);
    say_expect(region, &made, "{fields={broker=usr-1}}");
    /* It may be nobody's. */
    made = say_well(region, "broker", "patch", "id=con-1 fields={broker=nil}");
    say_expect(region, &made, "{fields={broker=nil}}");
}

/* It is 2026-03-14. */
static void what_is_planned_is_to_come(void **state)
{
    (void)state;
    const char *employer = firm("");
    value_t made =
        say_well(region, "admin", "put",
                 "kind=contact fields={organisation=%s day=2026-03-15 unit=org-1}", employer);
    say_expect(region, &made, "{fields={state=planned}}");
    error_t error =
        say_badly(region, "admin", ERROR_INVALID, "patch", "id=con-1 fields={day=2026-03-13}");
    assert_string_equal(error.field, "day");
    assert_string_equal(error.expected, "a day no earlier than 2026-03-14");
    error = say_badly(region, "admin", ERROR_INVALID, "move", "id=con-1 verb=complete");
    assert_string_equal(error.field, "day");
    assert_string_equal(error.expected, "a day no later than 2026-03-14");
    say_well(region, "admin", "move", "id=con-1 verb=complete fields={day=2026-03-14}");
    error = say_badly(region, "admin", ERROR_INVALID, "patch", "id=con-1 fields={day=2026-03-15}");
    assert_string_equal(error.field, "day");
}

/* One that was forgotten until now is no plan. */
static void what_is_noted_afterwards_is_done(void **state)
{
    (void)state;
    value_t made =
        say_well(region, "admin", "put",
                 "kind=contact fields={organisation=%s day=2026-03-13 unit=org-1}", firm(""));
    say_expect(region, &made, "{fields={state=done}}");
    say_badly(region, "admin", ERROR_IMPOSSIBLE_MOVE, "move", "id=con-1 verb=complete");
}

static void an_employer_is_left_in_peace(void **state)
{
    (void)state;
    const char *employer = firm("no_contact_until=2026-04-01 no_contact_reason=move");
    error_t error = say_badly(region, "admin", ERROR_NO_CONTACT, "put", CONTACT, employer,
                              "2026-04-01", "false");
    assert_string_equal(error.field, "organisation");
    assert_string_equal(error.expected, "confirmation, or a day after 2026-04-01");
    say_well(region, "admin", "put", CONTACT, employer, "2026-04-01", "true");
    say_well(region, "admin", "put", CONTACT, employer, "2026-04-02", "false");
    /* They rang us. */
    say_well(region, "admin", "put", CONTACT, employer, "2026-03-13", "false");
}

static void the_next_step_comes_after(void **state)
{
    (void)state;
    const char *employer = firm("");
    error_t error = say_badly(
        region, "admin", ERROR_INVALID, "put",
        "kind=contact fields={organisation=%s day=2026-03-20 next_day=2026-03-19 unit=org-1}",
        employer);
    assert_string_equal(error.field, "next_day");
    put("contact",
        arena_format(region_arena(region),
                     "organisation=%s day=2026-03-20 next_day=2026-03-20 unit=org-1", employer));
}

/* The employer's people can be named as those of an inquiry can, nobody else's. */
static void a_contact_names_the_employers_people(void **state)
{
    (void)state;
    say_user(region, "motala", "broker", "municipalities=[mun-0583]");
    const char *employer = firm("");
    const char *theirs =
        put("person", arena_format(region_arena(region), "name=a organisation=%s", employer));
    const char *others = put("person", "name=b organisation=org-1");
    say_well(region, "motala", "put",
             "kind=contact fields={organisation=%s day=2026-03-20 unit=org-2 person=%s}", employer,
             theirs);
    error_t error =
        say_badly(region, "motala", ERROR_REFERENCE, "put",
                  "kind=contact fields={organisation=%s day=2026-03-20 unit=org-2 person=%s}",
                  employer, others);
    assert_string_equal(error.field, "person");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(whoever_writes_is_its_broker),     TEST(what_is_planned_is_to_come),
        TEST(what_is_noted_afterwards_is_done), TEST(an_employer_is_left_in_peace),
        TEST(the_next_step_comes_after),        TEST(a_contact_names_the_employers_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

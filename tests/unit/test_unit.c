#include "rules_fixture.h"

#include <string.h>

static value_t unit_of(const char *who)
{
    value_t made = say_well(region, who, "put",
                            "kind=assessment fields={organisation=org-2 day=2026-03-14 "
                            "expertise=1}");
    return *value_get(value_get(&made, "fields"), "unit");
}

static void assert_required(const char *who)
{
    error_t error =
        say_badly(region, who, ERROR_REQUIRED, "put",
                  "kind=assessment fields={organisation=org-2 day=2026-03-14 expertise=1}");
    assert_string_equal(error.field, "unit");
}

static void the_right_names_it(void **state)
{
    (void)state;
    put("membership", "organisation=org-1 municipality=mun-1880");
    say_user(region, "named", "broker", "municipalities=[mun-1880] organisations=[org-2]");
    assert_string_equal(unit_of("named").text, "org-2");
}

/* Who reads there does not answer for what is written. */
static void a_viewers_right_does_not(void **state)
{
    (void)state;
    put("membership", "organisation=org-1 municipality=mun-1880");
    const char *user = say_user(region, "both", "viewer", "organisations=[org-2]");
    assert_required("admin");
    say_well(region, "admin", "put",
             "kind=grant fields={user=%s role=broker municipalities=[mun-1880]}", user);
    assert_string_equal(unit_of("both").text, "org-1");
}

/* The one that serves the municipality today, and is a learning centre. */
static void else_it_serves_the_municipality(void **state)
{
    (void)state;
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    put("organisation", "name=Office types=[business_office] municipality=mun-1880");
    put("membership", "organisation=org-3 municipality=mun-1880");
    put("membership", "organisation=org-2 municipality=mun-1880 to=2026-03-13");
    put("membership", "organisation=org-2 municipality=mun-1880 from=2026-03-15");
    put("membership", "organisation=org-2 municipality=mun-0583");
    assert_required("orebro");
    put("membership", "organisation=org-1 municipality=mun-1880 from=2026-03-14 to=2026-03-14");
    assert_string_equal(unit_of("orebro").text, "org-1");
}

/* A federation lies in one municipality and serves others; a learning centre is nearer. */
static void a_federation_serves_too(void **state)
{
    (void)state;
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    put("organisation", "name=Federation types=[education_federation] municipality=mun-0583");
    put("membership", "organisation=org-3 municipality=mun-1880");
    assert_string_equal(unit_of("orebro").text, "org-3");
    put("membership", "organisation=org-1 municipality=mun-1880");
    assert_string_equal(unit_of("orebro").text, "org-1");
}

/* What others answer for is not given to them. */
static void anothers_unit_is_refused(void **state)
{
    (void)state;
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    put("membership", "organisation=org-1 municipality=mun-1880");
    error_t error = say_badly(region, "orebro", ERROR_NOT_ALLOWED, "put",
                              "kind=assessment fields={organisation=org-2 day=2026-03-14 "
                              "expertise=1 unit=org-2}");
    assert_string_equal(error.field, "unit");
    unit_of("orebro");
    say_badly(region, "orebro", ERROR_NOT_ALLOWED, "patch", "id=ass-1 fields={unit=org-2}");
    error = say_badly(region, "orebro", ERROR_REQUIRED, "patch", "id=ass-1 fields={unit=nil}");
    assert_string_equal(error.field, "unit");
}

static void what_is_given_stays(void **state)
{
    (void)state;
    say_user(region, "named", "broker", "organisations=[org-1 org-2]");
    value_t made = say_well(region, "named", "put",
                            "kind=assessment fields={organisation=org-2 day=2026-03-14 "
                            "expertise=1 unit=org-2}");
    say_expect(region, &made, "{fields={unit=org-2}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(the_right_names_it),
        TEST(a_viewers_right_does_not),
        TEST(else_it_serves_the_municipality),
        TEST(a_federation_serves_too),
        TEST(anothers_unit_is_refused),
        TEST(what_is_given_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

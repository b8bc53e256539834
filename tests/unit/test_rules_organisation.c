#include "rules_fixture.h"

#include <string.h>

static void a_county_follows_the_municipality(void **state)
{
    (void)state;
    value_t made = say_well(region, "admin", "patch", "id=org-1 fields={municipality=mun-0583}");
    say_expect(region, &made, "{fields={county=cty-05}}");
    made = say_well(region, "admin", "put",
                    "kind=organisation fields={name=regional types=[regional_body] county=cty-18}");
    say_expect(region, &made, "{fields={county=cty-18 municipality=nil}}");
}

static void an_employer_has_a_municipality(void **state)
{
    (void)state;
    error_t error = say_badly(region, "admin", ERROR_REQUIRED, "put",
                              "kind=organisation fields={name=x types=[other employer]}");
    assert_string_equal(error.field, "municipality");
    put("organisation", "name=x types=[other]");
}

/* Whether it stands or comes in the same request; what it is part of has the same. */
static void a_number_is_one_entitys(void **state)
{
    (void)state;
    const char *first = put(
        "organisation", "name=one types=[employer] municipality=mun-1880 number=\"5560360793\"");
    error_t error =
        say_badly(region, "admin", ERROR_DUPLICATE, "put",
                  "kind=organisation fields={name=two types=[employer] municipality=mun-0583 "
                  "number=\"5560360793\"} confirm=true");
    assert_string_equal(error.field, "number");
    say_expect(region, &error.detail,
               arena_format(region_arena(region), "{candidates=[{id=%s name=one}]}", first));
    put("organisation",
        arena_format(region_arena(region),
                     "name=unit types=[employer] municipality=mun-1880 number=\"5560360793\" "
                     "parent=%s",
                     first));
    say_badly(region, "admin", ERROR_DUPLICATE, "batch",
              "operations=[{do=put kind=organisation fields={name=three types=[other] "
              "number=\"2120000142\"}} {do=put kind=organisation fields={name=four types=[other] "
              "number=\"2120000142\"}}]");
}

static void a_like_name_is_confirmed(void **state)
{
    static const char *const fields = "types=[employer] municipality=mun-1880";

    (void)state;
    put("organisation", "name=\"Kilens Verkstad AB\" types=[employer] municipality=mun-1880");
    error_t error = say_badly(region, "admin", ERROR_DUPLICATE, "put",
                              "kind=organisation fields={name=\"verkstad kilens\" %s}", fields);
    assert_string_equal(error.field, "name");
    say_well(region, "admin", "put",
             "kind=organisation confirm=true fields={name=\"verkstad kilens\" %s}", fields);
    put("organisation", "name=\"Kilens Verkstad\" types=[employer] municipality=mun-0583");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_county_follows_the_municipality),
        TEST(an_employer_has_a_municipality),
        TEST(a_number_is_one_entitys),
        TEST(a_like_name_is_confirmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

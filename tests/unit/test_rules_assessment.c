#include "rules_fixture.h"

#include <string.h>

static void it_scores_something(void **state)
{
    (void)state;
    error_t error = say_badly(
        region, "admin", ERROR_REQUIRED, "put",
        "kind=assessment fields={organisation=org-2 day=2026-03-14 unit=org-1 comment=c}");
    assert_string_equal(error.field, "cultural_fit");
    put("assessment", "organisation=org-2 day=2026-03-14 unit=org-1 quality_record=5");
    say_badly(region, "admin", ERROR_REQUIRED, "patch", "id=ass-1 fields={quality_record=nil}");
    error = say_badly(region, "admin", ERROR_INVALID, "patch", "id=ass-1 fields={expertise=6}");
    assert_string_equal(error.field, "expertise");
}

static void its_unit_is_filled_in(void **state)
{
    (void)state;
    say_user(region, "broker", "broker", "organisations=[org-1]");
    value_t made =
        say_well(region, "broker", "put",
                 "kind=assessment fields={organisation=org-2 day=2026-03-14 expertise=1}");
    say_expect(region, &made, "{fields={unit=org-1}}");
    error_t error =
        say_badly(region, "admin", ERROR_REQUIRED, "put",
                  "kind=assessment fields={organisation=org-2 day=2026-03-14 expertise=1}");
    assert_string_equal(error.field, "unit");
}

/* What one unit's people thought is for them alone. */
static void others_see_that_it_was_made(void **state)
{
    (void)state;
    say_user(region, "broker", "broker", "organisations=[org-1]");
    say_user(region, "other", "broker", "organisations=[org-2]");
    say_well(region, "broker", "put",
             "kind=assessment fields={organisation=org-2 day=2026-03-14 expertise=1 comment=c}");
    value_t seen = say_well(region, "other", "get", "id=ass-1");
    say_expect(region, &seen, "{fields={organisation=org-2 expertise=nil comment=nil}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(it_scores_something),
        TEST(its_unit_is_filled_in),
        TEST(others_see_that_it_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

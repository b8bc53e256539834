#include "rules_fixture.h"

#include <string.h>

static void a_plan_has_its_direction(void **state)
{
    (void)state;
    put("need", "organisation=org-1 area=are-07 period_from=2026-05-01 period_to=2026-05-01");
    error_t error = say_badly(region, "admin", ERROR_INVALID, "patch",
                              "id=nee-1 fields={period_to=2026-04-30}");
    assert_string_equal(error.field, "period_to");
    assert_string_equal(error.expected, "a day no earlier than 2026-05-01");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_plan_has_its_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

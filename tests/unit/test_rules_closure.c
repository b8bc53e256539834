#include "rules_fixture.h"

#include <string.h>

static void one_day_is_said_once(void **state)
{
    (void)state;
    const char *id = put("closure", "from=2026-07-06 text=\"one day\"");
    value_t got = say_well(region, "admin", "get", "id=%s", id);
    say_expect(region, &got, "{fields={from=2026-07-06 to=2026-07-06}}");
    error_t error =
        say_badly(region, "admin", ERROR_INVALID, "patch", "id=%s fields={to=2026-07-05}", id);
    assert_string_equal(error.field, "to");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=%s fields={from=2026-07-07}", id);
    error = say_badly(region, "admin", ERROR_REQUIRED, "patch", "id=%s fields={to=nil}", id);
    assert_string_equal(error.field, "to");
    say_well(region, "admin", "patch", "id=%s fields={to=2026-07-31}", id);
    say_well(region, "admin", "delete", "id=%s", id);
}

/* The region's, so for who coordinates all of it. */
static void not_everyone_closes_the_region(void **state)
{
    (void)state;
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    say_badly(region, "broker", ERROR_NOT_ALLOWED, "put",
              "kind=closure fields={from=2026-07-06 text=x}");
    put("closure", "from=2026-07-06 text=x");
    value_t list = say_well(region, "broker", "list", "kind=closure");
    assert_int_equal(value_get(&list, "records")->count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(one_day_is_said_once),
        TEST(not_everyone_closes_the_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

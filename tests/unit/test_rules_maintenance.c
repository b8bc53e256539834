#include "rules_fixture.h"

/* It is 2026-03-14, eight o'clock: 1773475200000. */
static void it_ends_in_time_to_come(void **state)
{
    (void)state;
    error_t error = say_badly(region, "admin", ERROR_INVALID, "put",
                              "kind=maintenance fields={text=x until=1773475199999}");
    assert_string_equal(error.field, "until");
    const char *id = put("maintenance", "text=x until=1773475260000");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=%s fields={until=1773475199999}", id);
    region_pass(region, 120000);
    say_well(region, "admin", "patch", "id=%s fields={text=y}", id); /* the end stays as it was */
    say_well(region, "admin", "delete", "id=%s", id);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(it_ends_in_time_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

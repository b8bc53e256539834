#include "rights_fixture.h"

/* Who may not take another's rights does not rename or stop that other either; oneself one
   may rename. */
static void a_user_is_changed_by_who_could_take_the_rights(void **state)
{
    (void)state;
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "patch", "id=usr-2 fields={name=x}");
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "move", "id=usr-2 verb=suspend");
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "move", "id=usr-2 verb=revoke");
    say_well(region, "coordinator", "patch", "id=usr-3 fields={name=x}");
    say_well(region, "coordinator", "patch", "id=usr-4 fields={name=y}");
    say_well(region, "coordinator", "move", "id=usr-4 verb=suspend");
    say_well(region, "coordinator", "move", "id=usr-4 verb=activate");
    say_well(region, "ops", "move", "id=usr-3 verb=suspend");
}

/* The last administrator may be renamed, and not stopped. */
static void the_last_administrator_stays(void **state)
{
    (void)state;
    say_well(region, "ops", "move", "id=usr-1 verb=suspend");
    say_well(region, "ops", "patch", "id=usr-2 fields={name=x}");
    error_t error = say_badly(region, "ops", ERROR_NOT_ALLOWED, "move", "id=usr-2 verb=suspend");
    assert_string_equal(error.expected, "another administrator first");
    say_well(region, "ops", "move", "id=usr-1 verb=activate");
    say_well(region, "ops", "move", "id=usr-2 verb=suspend");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_user_is_changed_by_who_could_take_the_rights),
        TEST(the_last_administrator_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

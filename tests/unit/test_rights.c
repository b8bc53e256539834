#include "rights_fixture.h"

/* What rules of users, grants and keys have in common: no one takes more than one could give,
   or leaves the region without an administrator. */

/* Administrators take what anyone has; coordinators what they could give. */
static void one_takes_what_one_could_give(void **state)
{
    (void)state;
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "delete", "id=%s",
              grant_of("usr-2", "admin"));
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "move", "id=%s verb=revoke",
              key_of("usr-2"));
    say_well(region, "coordinator", "delete", "id=%s", grant_of("usr-5", "viewer"));
    say_well(region, "ops", "delete", "id=%s", grant_of("usr-4", "broker"));
}

/* Somebody is left who can let others in. */
static void the_region_keeps_an_administrator(void **state)
{
    (void)state;
    say_well(region, "ops", "delete", "id=%s", grant_of("usr-1", "admin"));
    error_t error =
        say_badly(region, "ops", ERROR_NOT_ALLOWED, "delete", "id=%s", grant_of("usr-2", "admin"));
    assert_non_null(strstr(error.expected, "administrator"));
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "move", "id=usr-2 verb=suspend");
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "move", "id=usr-2 verb=revoke");
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "delete", "id=usr-2");
    say_well(region, "ops", "invite", "name=second role=admin public_key=@second-admin");
    say_well(region, "ops", "delete", "id=%s", grant_of("usr-2", "admin"));
}

/* Suspended, an administrator is none. */
static void a_suspended_administrator_does_not_count(void **state)
{
    const char *grant = grant_of("usr-2", "admin");

    (void)state;
    say_well(region, "ops", "move", "id=usr-1 verb=suspend");
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "delete", "id=%s", grant);
    say_well(region, "ops", "move", "id=usr-1 verb=activate");
    error_t error = {0};
    assert_non_null(region_hello(region, "admin", "admin", &error));
    say_well(region, "ops", "delete", "id=%s", grant);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(one_takes_what_one_could_give),
        TEST(the_region_keeps_an_administrator),
        TEST(a_suspended_administrator_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

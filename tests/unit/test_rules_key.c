#include "rights_fixture.h"

/* A key is its user's rights. */
static void a_key_is_given_like_the_rights_behind_it(void **state)
{
    (void)state;
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "put",
              "kind=key fields={user=usr-3 public_key=@stolen}");
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "patch", "id=%s fields={public_key=@stolen}",
              key_of("usr-3"));
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "put",
              "kind=key fields={user=usr-1 public_key=@stolen}");
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "patch", "id=%s fields={user=usr-1}",
              key_of("usr-3"));
    say_well(region, "coordinator", "put", "kind=key fields={user=usr-4 public_key=@second}");
    say_well(region, "coordinator", "put", "kind=key fields={user=usr-3 public_key=@own-second}");
    say_badly(region, "broker", ERROR_NOT_ALLOWED, "put",
              "kind=key fields={user=usr-4 public_key=@third}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_given_like_the_rights_behind_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

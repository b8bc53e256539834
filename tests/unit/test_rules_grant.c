#include "rights_fixture.h"

/* No one widens the own; laying it down is free. */
static void the_own_grants_are_others_to_change(void **state)
{
    const char *own = grant_of("usr-3", "coordinator");

    (void)state;
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "patch", "id=%s fields={until=2030-01-01}",
              own);
    say_well(region, "coordinator", "delete", "id=%s", own);
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "put",
              "kind=county id=\"99\" fields={name=x}");
}

static void a_grant_moves_only_between_users_one_may_give_to(void **state)
{
    const char *grant = grant_of("usr-4", "broker");

    (void)state;
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "patch", "id=%s fields={user=usr-2}", grant);
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "patch", "id=%s fields={role=coordinator}", grant);
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "patch", "id=%s fields={whole=true}", grant);
    say_well(region, "coordinator", "patch", "id=%s fields={role=viewer}", grant);
}

/* The whole, or places, or organisations: nobody has rights by what was left out. */
static void a_grant_says_where(void **state)
{
    (void)state;
    error_t error = say_badly(region, "coordinator", ERROR_REQUIRED, "put",
                              "kind=grant fields={user=usr-4 role=viewer}");
    assert_string_equal(error.field, "municipalities");
    say_well(region, "coordinator", "put", "kind=grant fields={user=usr-4 role=viewer whole=true}");
    say_well(region, "coordinator", "put",
             "kind=grant fields={user=usr-4 role=viewer municipalities=[mun-0583]}");
    say_well(region, "coordinator", "put",
             "kind=grant fields={user=usr-4 role=viewer organisations=[org-1]}");
}

static void no_one_grants_more_than_the_own(void **state)
{
    (void)state;
    error_t error = say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "put",
                              "kind=grant fields={user=usr-4 role=admin whole=true}");
    assert_string_equal(error.field, "role");
    say_badly(region, "ops", ERROR_NOT_ALLOWED, "put",
              "kind=grant fields={user=usr-4 role=coordinator whole=true}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(the_own_grants_are_others_to_change),
        TEST(a_grant_moves_only_between_users_one_may_give_to),
        TEST(a_grant_says_where),
        TEST(no_one_grants_more_than_the_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

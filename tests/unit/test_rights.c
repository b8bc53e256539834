#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Rules of users, grants and keys: no one gives more than the own, takes more than one
   could give, or leaves the region without an administrator. */

static region_t *region;
static arena_t *arena;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    arena = region_arena(region);
    say_places(region);
    say_user(region, "ops", "admin", "");                              /* usr-2 */
    say_user(region, "coordinator", "coordinator", "");                /* usr-3 */
    say_user(region, "broker", "broker", "municipalities=[mun-1880]"); /* usr-4 */
    say_user(region, "viewer", "viewer", "municipalities=[mun-0583]"); /* usr-5 */
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static const char *grant_of(const char *user, const char *role)
{
    value_t list =
        say_well(region, "admin", "list", "kind=grant where={user=%s role=%s}", user, role);
    const value_t *records = value_get(&list, "records");

    assert_int_equal(records->count, 1);
    return value_get_text(&records->items[0], "id");
}

static const char *key_of(const char *user)
{
    value_t list = say_well(region, "admin", "list", "kind=key where={user=%s state=active}", user);

    return value_get_text(&value_get(&list, "records")->items[0], "id");
}

/* Administrators take what anyone has; coordinators what they could give. */
static void one_takes_what_one_could_give(void **state)
{
    (void)state;
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "delete", "id=%s",
              grant_of("usr-2", "admin"));
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "move", "id=usr-2 verb=suspend");
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "move", "id=%s verb=revoke",
              key_of("usr-2"));
    say_badly(region, "coordinator", ERROR_NOT_ALLOWED, "patch", "id=usr-1 fields={name=x}");
    say_well(region, "coordinator", "move", "id=usr-4 verb=suspend");
    say_well(region, "coordinator", "move", "id=usr-4 verb=activate");
    say_well(region, "coordinator", "delete", "id=%s", grant_of("usr-5", "viewer"));
    say_well(region, "ops", "delete", "id=%s", grant_of("usr-4", "broker"));
    say_well(region, "ops", "move", "id=usr-3 verb=suspend");
}

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
        TEST(the_own_grants_are_others_to_change),
        TEST(a_grant_moves_only_between_users_one_may_give_to),
        TEST(a_key_is_given_like_the_rights_behind_it),
        TEST(the_region_keeps_an_administrator),
        TEST(a_suspended_administrator_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

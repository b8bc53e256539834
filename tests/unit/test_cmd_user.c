#include "region_fixture.h"

#include <string.h>

/* User, grant and key are made together or not at all. */
static void an_invitation_is_three_records(void **state)
{
    uint64_t head = region_head(region);

    (void)state;
    say_badly(region, "admin", ERROR_REFERENCE, "invite",
              "name=new role=viewer public_key=@new municipalities=[mun-9999]");
    say_badly(region, "admin", ERROR_REFERENCE, "invite",
              "name=new role=viewer public_key=@new person=per-9");
    say_badly(region, "admin", ERROR_INVALID, "invite",
              "name=new role=viewer public_key=@new language=klingon");
    say_badly(region, "admin", ERROR_INVALID, "invite",
              "name=\"a\\nb\" role=viewer public_key=@new");
    assert_int_equal(region_head(region), head);
    value_t users = say_well(region, "admin", "count", "kind=user");
    assert_int_equal(value_get_integer(&users, "count", 0), 1);

    value_t told =
        say_well(region, "admin", "invite",
                 "name=new role=viewer public_key=@new organisations=[org-1] language=en");
    say_expect(region, &told, "={user=usr-2 key=key-2 expires=*}");
    assert_int_equal(value_get_integer(&told, "expires", 0),
                     (int64_t)region_now(region) + 24 * 3600 * 1000);
    assert_int_equal(region_head(region), head + 1);
    value_t user = say_well(region, "admin", "get", "id=usr-2");
    say_expect(region, &user, "{fields={name=new state=active language=en created_by=usr-1}}");
    value_t grants = say_well(region, "admin", "list", "kind=grant where={user=usr-2}");
    say_expect(
        region, &grants,
        "{records=[{fields={role=viewer organisations=[org-1] municipalities=nil whole=false}}]}");
    value_t key = say_well(region, "admin", "get", "id=key-2");
    say_expect(region, &key, "{fields={user=usr-2 state=invited public_key=@new bound_key=nil}}");
}

/* Without a scope it is the whole, for those who have the whole to give. */
static void no_scope_is_the_whole(void **state)
{
    (void)state;
    say_well(region, "admin", "invite", "name=new role=broker public_key=@new");
    value_t grants = say_well(region, "admin", "list", "kind=grant where={user=usr-2}");
    say_expect(region, &grants, "{records=[{fields={whole=true}}]}");
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    say_badly(region, "broker", ERROR_NOT_ALLOWED, "invite", "name=x role=viewer public_key=@x");
}

/* Two take up one invitation: one is in, the other is told and so is the issuer. */
static void the_second_key_is_refused_and_noted(void **state)
{
    error_t error = {0};

    (void)state;
    say_well(region, "admin", "invite", "name=new role=viewer public_key=@invitation");
    assert_non_null(region_hello(region, "first", "invitation", &error));
    assert_non_null(region_hello(region, "second", "invitation", &error));
    value_t told = say_well(region, "first", "join", "public_key=@first");
    say_expect(region, &told, "={user=usr-2}");
    uint64_t head = region_head(region);
    say_badly(region, "second", ERROR_EXPIRED, "join", "public_key=@second");
    assert_int_equal(region_head(region), head + 1); /* the refusal is on record */
    value_t key = say_well(region, "admin", "get", "id=key-2");
    say_expect(region, &key, "{fields={state=used bound_key=@first refused=*}}");
    /* The first may ask again, and is answered the same. */
    told = say_well(region, "first", "join", "public_key=@first");
    say_expect(region, &told, "={user=usr-2}");
    assert_null(region_hello(region, "second", "second", &error));
    assert_non_null(region_hello(region, "first", "first", &error));
    say_well(region, "first", "list", "kind=inquiry");
    assert_int_equal(region_check(region), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(an_invitation_is_three_records),
        TEST(no_scope_is_the_whole),
        TEST(the_second_key_is_refused_and_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

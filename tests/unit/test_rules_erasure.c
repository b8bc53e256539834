#include "rules_fixture.h"

#include <string.h>

/* A person, and that the administrator has asked for the erasure (ers-1); another officer. */
static int open_asked(void **state)
{
    if (open_region(state) != 0)
        return -1;
    say_user(region, "officer", "privacy", "");
    put("person", "name=\"kontakt, Motala\" organisation=org-1 notes=noted");
    say_well(region, "admin", "erase", "person=per-1 decision=\"GB 2026:3\"");
    return 0;
}

static void two_people_erase(void **state)
{
    (void)state;
    say_badly(region, "admin", ERROR_NOT_ALLOWED, "move", "id=ers-1 verb=approve");
    value_t person = say_well(region, "admin", "get", "id=per-1");
    assert_string_equal(value_get_text(value_get(&person, "fields"), "state"), "active");
    say_well(region, "officer", "move", "id=ers-1 verb=approve");
    person = say_well(region, "admin", "get", "id=per-1 purpose=test");
    assert_string_equal(value_get_text(value_get(&person, "fields"), "state"), "erased");
    assert_null(value_get_text(value_get(&person, "fields"), "name"));
    assert_null(value_get_text(value_get(&person, "fields"), "notes"));
    value_t erasure = say_well(region, "admin", "get", "id=ers-1");
    assert_non_null(value_get_text(value_get(&erasure, "fields"), "approved_by"));
}

static void one_is_asked_for_at_a_time(void **state)
{
    (void)state;
    say_badly(region, "officer", ERROR_DUPLICATE, "erase", "person=per-1 decision=x");
    say_well(region, "officer", "move", "id=ers-1 verb=withdraw");
    say_well(region, "officer", "erase", "person=per-1 decision=x");
}

static void what_was_asked_for_stays(void **state)
{
    (void)state;
    put("person", "name=x organisation=org-1");
    say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=ers-1 fields={person=per-2}");
    say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=ers-1 fields={decision=other}");
    say_well(region, "officer", "move", "id=ers-1 verb=approve");
    say_badly(region, "admin", ERROR_ERASED, "delete", "id=ers-1");
}

static void the_user_is_revoked_first(void **state)
{
    (void)state;
    say_user(region, "leaver", "viewer", "municipalities=[mun-1880]");
    value_t users = say_well(region, "admin", "list", "kind=user where={name=leaver}");
    const char *user = value_get_text(&value_get(&users, "records")->items[0], "id");
    say_well(region, "admin", "patch", "id=%s fields={person=per-1}", user);
    say_badly(region, "officer", ERROR_REFERENCED, "move", "id=ers-1 verb=approve");
    say_well(region, "admin", "move", "id=%s verb=revoke", user);
    say_well(region, "officer", "move", "id=ers-1 verb=approve");
    value_t renamed = say_well(region, "admin", "get", "id=%s", user);
    assert_string_equal(value_get_text(value_get(&renamed, "fields"), "name"), user);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_asked, close_region)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_people_erase),
        TEST(one_is_asked_for_at_a_time),
        TEST(what_was_asked_for_stays),
        TEST(the_user_is_revoked_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "rules_fixture.h"

#include <string.h>

static const char *school(void)
{
    return put("organisation", "name=School types=[provider]");
}

static void it_is_given_by_a_provider(void **state)
{
    (void)state;
    const char *provider = school();
    put("organisation", "name=Firm types=[employer] municipality=mun-1880");
    put("course", arena_format(region_arena(region), "title=x provider=%s unit=org-1", provider));
    error_t error =
        say_badly(region, "admin", ERROR_INVALID, "patch", "id=crs-1 fields={provider=org-4}");
    assert_string_equal(error.field, "provider");
    say_well(region, "admin", "patch", "id=crs-1 fields={provider=org-1}");
}

static void least_is_no_more_than_most(void **state)
{
    (void)state;
    put("course", "title=x provider=org-1 unit=org-1 minimum=8 maximum=8");
    error_t error =
        say_badly(region, "admin", ERROR_INVALID, "patch", "id=crs-1 fields={maximum=7}");
    assert_string_equal(error.field, "maximum");
    assert_string_equal(error.expected, "a number of at least 8");
}

/* A learning centre answers for what others give, a provider for its own. */
static void someone_answers_for_it(void **state)
{
    (void)state;
    const char *provider = school();
    say_user(region, "broker", "broker", "organisations=[org-1]");
    say_user(region, "school", "provider",
             arena_format(region_arena(region), "organisations=[%s]", provider));
    value_t made =
        say_well(region, "broker", "put", "kind=course fields={title=x provider=%s}", provider);
    say_expect(region, &made, "{fields={unit=org-1}}");
    made = say_well(region, "school", "put", "kind=course fields={title=y provider=%s}", provider);
    say_expect(region, &made, "{fields={unit=nil}}");
    error_t error = say_badly(region, "admin", ERROR_REQUIRED, "put",
                              "kind=course fields={title=x provider=%s}", provider);
    assert_string_equal(error.field, "unit");
    say_badly(region, "school", ERROR_NOT_ALLOWED, "put",
              "kind=course fields={title=y provider=org-2 unit=org-2}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(it_is_given_by_a_provider),
        TEST(least_is_no_more_than_most),
        TEST(someone_answers_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "rules_fixture.h"

#include <string.h>

static void steps_are_counted(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    value_t made = say_well(region, "admin", "put", "kind=canvas fields={inquiry=inq-1}");
    say_expect(region, &made, "{fields={completeness=0}}");
    made = say_well(region, "admin", "patch",
                    "id=can-1 fields={background=a participants=b pedagogy=c extent=d resources=e "
                    "follow_up=f}");
    say_expect(region, &made, "{fields={completeness=6}}");
    made = say_well(region, "admin", "patch", "id=can-1 fields={extent=nil notes=n}");
    say_expect(region, &made, "{fields={completeness=5}}");
    error_t error =
        say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=can-1 fields={completeness=6}");
    assert_string_equal(error.field, "completeness");
}

static void an_inquiry_has_one(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    put("canvas", "inquiry=inq-1");
    error_t error =
        say_badly(region, "admin", ERROR_DUPLICATE, "put", "kind=canvas fields={inquiry=inq-1}");
    assert_string_equal(error.field, "inquiry");
}

/* Whether it has one already or not: nobody else hears of it. */
static void anothers_discreet_inquiry_is_not_there(void **state)
{
    (void)state;
    say_user(region, "motala", "broker", "municipalities=[mun-0583]");
    put("inquiry", "title=x municipality=mun-1880 discreet=true");
    put("inquiry", "title=x municipality=mun-1880 discreet=true");
    put("inquiry", "title=x municipality=mun-1880");
    put("canvas", "inquiry=inq-2");
    for (int i = 1; i <= 2; i++) {
        error_t error = say_badly(region, "motala", ERROR_NOT_FOUND, "put",
                                  "kind=canvas fields={inquiry=inq-%d}", i);
        assert_string_equal(error.field, "inquiry");
    }
    say_badly(region, "motala", ERROR_NOT_ALLOWED, "put", "kind=canvas fields={inquiry=inq-3}");
    put("inquiry", "title=x municipality=mun-0583");
    say_well(region, "motala", "put", "kind=canvas fields={inquiry=inq-4}");
    error_t error =
        say_badly(region, "motala", ERROR_NOT_FOUND, "patch", "id=can-2 fields={inquiry=inq-2}");
    assert_string_equal(error.field, "inquiry");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(steps_are_counted),
        TEST(an_inquiry_has_one),
        TEST(anothers_discreet_inquiry_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

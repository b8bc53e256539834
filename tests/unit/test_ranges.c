#include "rules_fixture.h"

#include <string.h>

/* The kinds' own tests see to their fields; here, what is one of these and what is not. */
static void one_end_alone_is_no_range(void **state)
{
    (void)state;
    put("need", "organisation=org-1 area=are-07 period_to=2020-01-01");
    put("need", "organisation=org-1 area=are-07 period_from=2020-01-01");
    put("course", "title=x provider=org-1 unit=org-1 maximum=1");
    put("course", "title=x provider=org-1 unit=org-1 minimum=5");
}

static void ends_may_meet(void **state)
{
    (void)state;
    put("pool", "title=x municipality=mun-1880 period_from=2020-01-01 period_to=2020-01-01 "
                "minimum=5 maximum=5");
    say_badly(region, "admin", ERROR_INVALID, "put",
              "kind=pool fields={title=x municipality=mun-1880 period_from=2020-01-02 "
              "period_to=2020-01-01}");
    say_badly(region, "admin", ERROR_INVALID, "put",
              "kind=pool fields={title=x municipality=mun-1880 minimum=6 maximum=5}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(one_end_alone_is_no_range),
        TEST(ends_may_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

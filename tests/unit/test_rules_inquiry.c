#include "rules_fixture.h"

#include <string.h>

static void a_county_follows_the_municipality(void **state)
{
    (void)state;
    value_t made =
        say_well(region, "admin", "put", "kind=inquiry fields={title=x municipality=mun-1880}");
    say_expect(region, &made, "{fields={county=cty-18}}");
    made =
        say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    say_expect(region, &made, "{fields={county=cty-05}}");
}

static void a_period_has_its_direction(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880 period_from=2026-05-01 period_to=2026-05-01");
    error_t error = say_badly(region, "admin", ERROR_INVALID, "patch",
                              "id=inq-1 fields={period_to=2026-04-30}");
    assert_string_equal(error.field, "period_to");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=inq-1 fields={period_from=2026-06-01}");
    say_well(region, "admin", "patch", "id=inq-1 fields={period_from=nil}");
    say_well(region, "admin", "patch", "id=inq-1 fields={period_to=2026-04-30}");
}

/* Whoever acknowledges has it, unless it says who. */
static void who_acknowledges_is_its_broker(void **state)
{
    (void)state;
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    put("inquiry", "title=x municipality=mun-1880");
    put("inquiry", "title=x municipality=mun-1880 broker=usr-2");
    value_t moved = say_well(region, "admin", "move", "id=inq-1 verb=acknowledge");
    say_expect(region, &moved, "{fields={broker=usr-1}}");
    moved = say_well(region, "admin", "move", "id=inq-2 verb=acknowledge");
    say_expect(region, &moved, "{fields={broker=usr-2}}");
}

/* It is 2026-03-14. Waiting longer does not forget what it was. */
static void one_waits_until_a_day_to_come(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    error_t error = say_badly(region, "admin", ERROR_INVALID, "move",
                              "id=inq-1 verb=pause fields={waiting_until=2026-03-14}");
    assert_string_equal(error.field, "waiting_until");
    say_well(region, "admin", "move", "id=inq-1 verb=pause fields={waiting_until=2026-03-15}");
    value_t moved =
        say_well(region, "admin", "move", "id=inq-1 verb=pause fields={waiting_until=2026-03-16}");
    say_expect(region, &moved, "{fields={state=waiting state_before=new}}");
    moved = say_well(region, "admin", "move", "id=inq-1 verb=resume");
    say_expect(region, &moved, "{fields={state=new state_before=nil waiting_until=nil}}");
}

/* To someone else; whoever had it has it no more. */
static void a_forwarded_inquiry_is_nobodys_yet(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880 broker=usr-1 holder=usr-1 organisation=org-1");
    error_t error = say_badly(region, "admin", ERROR_INVALID, "move",
                              "id=inq-1 verb=forward fields={municipality=mun-1880}");
    assert_string_equal(error.field, "municipality");
    say_badly(region, "admin", ERROR_IMPOSSIBLE_MOVE, "move",
              "id=inq-1 verb=refuse fields={reason=no}");
    value_t moved =
        say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    say_expect(region, &moved,
               "{fields={broker=nil holder=nil organisation=nil forwarded_from=[mun-1880]}}");
}

/* Sent on and on, it comes back the way it went; what it was is kept through waiting. */
static void a_forwarded_inquiry_comes_back(void **state)
{
    (void)state;
    say_well(region, "admin", "put",
             "kind=municipality id=\"0513\" fields={name=Kinda county=cty-05}");
    put("inquiry", "title=x municipality=mun-1880");
    say_well(region, "admin", "move", "id=inq-1 verb=acknowledge");
    say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    value_t moved =
        say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0513}");
    say_expect(region, &moved, "{fields={state=new forwarded_from=[mun-1880 mun-0583]}}");
    moved =
        say_well(region, "admin", "move", "id=inq-1 verb=pause fields={waiting_until=2027-01-01}");
    moved = say_well(region, "admin", "move", "id=inq-1 verb=resume");
    say_expect(region, &moved, "{fields={state=new}}");
    moved = say_well(region, "admin", "move", "id=inq-1 verb=refuse fields={reason=no}");
    say_expect(region, &moved, "{fields={municipality=mun-0583 forwarded_from=[mun-1880]}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_county_follows_the_municipality),  TEST(a_period_has_its_direction),
        TEST(who_acknowledges_is_its_broker),     TEST(one_waits_until_a_day_to_come),
        TEST(a_forwarded_inquiry_is_nobodys_yet), TEST(a_forwarded_inquiry_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "rules_fixture.h"

#include <string.h>

#define DAY ((uint64_t)24 * 60 * 60 * 1000)

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
    moved = say_well(region, "admin", "move", "id=inq-1 verb=refuse fields={reason=no}");
    say_expect(region, &moved,
               "{fields={municipality=mun-1880 forwarded_from=nil"
               " state=acknowledged broker=usr-1 state_sent=nil}}");
}

/* Each finds it as it was: who had it, in which state, by when. A place that has had it
   before is found where it had it last, and then where it had it first. */
static void each_gets_back_what_it_sent(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880 holder=usr-1 organisation=org-1");
    say_well(region, "admin", "move", "id=inq-1 verb=acknowledge");
    say_well(region, "admin", "move", "id=inq-1 verb=start_dialogue");
    region_pass(region, 2 * DAY);
    say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    region_pass(region, DAY);
    value_t moved =
        say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-1880}");
    say_expect(region, &moved,
               "{fields={state=new acknowledge_by=2026-03-19"
               " answer_by=2026-03-31 forwarded_from=[mun-1880 mun-0583]}}");
    moved = say_well(region, "admin", "move", "id=inq-1 verb=refuse fields={reason=no}");
    say_expect(region, &moved,
               "{fields={state=new municipality=mun-0583 acknowledge_by=2026-03-18"
               " answer_by=2026-03-30 forwarded_from=[mun-1880]}}");
    region_pass(region, 20 * DAY);
    moved = say_well(region, "admin", "move", "id=inq-1 verb=refuse fields={reason=no}");
    say_expect(region, &moved,
               "{fields={state=dialogue municipality=mun-1880 broker=usr-1 holder=usr-1"
               " organisation=org-1 acknowledge_by=2026-03-17 answer_by=2026-03-27 overdue=true"
               " forwarded_from=nil}}"); /* its day is past by now */
    say_badly(region, "admin", ERROR_IMPOSSIBLE_MOVE, "move",
              "id=inq-1 verb=refuse fields={reason=no}");
}

/* An organisation that is gone meanwhile does not hold it back. */
static void what_is_gone_is_not_given_back(void **state)
{
    (void)state;
    put("organisation", "name=Centre types=[learning_centre] municipality=mun-1880");
    put("inquiry", "title=x municipality=mun-1880 organisation=org-3");
    say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    say_well(region, "admin", "delete", "id=org-3");
    value_t moved = say_well(region, "admin", "move", "id=inq-1 verb=refuse fields={reason=no}");
    say_expect(region, &moved, "{fields={state=new municipality=mun-1880 organisation=nil}}");
}

/* It is Saturday 2026-03-14: two and ten working days. */
static void deadlines_begin_when_it_comes_in(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    value_t got = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &got,
               "{fields={acknowledge_by=2026-03-17 answer_by=2026-03-27 overdue=nil}}");
    say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=inq-1 fields={answer_by=2026-12-24}");
    region_pass(region, 3 * DAY); /* Tuesday: what is done in the last day is in time */
    got = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &got, "{fields={overdue=nil}}");
    region_pass(region, DAY);
    got = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &got, "{fields={overdue=true}}");
    /* A change that meets nothing leaves it late. */
    got = say_well(region, "admin", "patch", "id=inq-1 fields={title=y}");
    say_expect(region, &got, "{fields={overdue=true}}");
    got = say_well(region, "admin", "move", "id=inq-1 verb=acknowledge");
    say_expect(region, &got, "{fields={answer_by=2026-03-27 overdue=nil}}");
    region_pass(region, 10 * DAY); /* 2026-03-28 */
    got = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &got, "{fields={overdue=true}}");
    got = say_well(region, "admin", "move", "id=inq-1 verb=offer fields={framed=true}");
    say_expect(region, &got, "{fields={overdue=nil}}");
    /* What was offered and is not enough is to be answered anew: over Easter. */
    got = say_well(region, "admin", "move", "id=inq-1 verb=start_dialogue");
    say_expect(region, &got, "{fields={answer_by=2026-04-14 overdue=nil}}");
    say_well(region, "admin", "move", "id=inq-1 verb=map fields={areas=[are-07] participants=3}");
    got = say_well(region, "admin", "move", "id=inq-1 verb=start_dialogue");
    say_expect(region, &got, "{fields={answer_by=2026-04-14}}");
}

/* Nothing is late while it waits, and it does not come back late. */
static void what_rests_begins_anew(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    put("inquiry", "title=x municipality=mun-1880");
    say_well(region, "admin", "move", "id=inq-2 verb=acknowledge");
    for (unsigned i = 1; i <= 2; i++)
        say_well(region, "admin", "move", "id=inq-%u verb=pause fields={waiting_until=2026-05-04}",
                 i);
    region_pass(region, 50 * DAY); /* 2026-05-03 */
    value_t got = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &got, "{fields={state=waiting overdue=nil}}");
    region_pass(region, DAY);
    got = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &got,
               "{fields={state=new acknowledge_by=2026-05-06 answer_by=2026-05-19 overdue=nil}}");
    got = say_well(region, "admin", "get", "id=inq-2");
    say_expect(region, &got,
               "{fields={state=acknowledged acknowledge_by=2026-03-17"
               " answer_by=2026-05-19 overdue=nil}}");
    got = say_well(region, "admin", "history", "id=inq-2 limit=1");
    say_expect(region, &got, "{entries=[{actor=\"\" fields={state={from=waiting}}}]}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_county_follows_the_municipality),  TEST(a_period_has_its_direction),
        TEST(who_acknowledges_is_its_broker),     TEST(one_waits_until_a_day_to_come),
        TEST(a_forwarded_inquiry_is_nobodys_yet), TEST(a_forwarded_inquiry_comes_back),
        TEST(each_gets_back_what_it_sent),        TEST(what_is_gone_is_not_given_back),
        TEST(deadlines_begin_when_it_comes_in),   TEST(what_rests_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

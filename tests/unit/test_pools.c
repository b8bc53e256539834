#include "pool_fixture.h"

#include <string.h>

static void a_pool_is_as_many_as_said_yes(void **state)
{
    (void)state;
    const char *first = ask_in("inq-1"), *second = ask_in("inq-2");
    expect_record("poo-1", "state=forming participants=0");
    step("orebro", first, "accept");
    expect_record("poo-1", "state=forming participants=8");
    step("motala", second, "accept");
    expect_record("poo-1", "state=viable participants=14");
    say_well(region, "motala", "patch", "id=%s fields={participants=3}", second);
    expect_record("poo-1", "state=forming participants=11");
    say_well(region, "motala", "patch", "id=%s fields={participants=4}", second);
    expect_record("poo-1", "state=viable participants=12");
    step("motala", second, "leave");
    expect_record("poo-1", "state=forming participants=8");
    say_well(region, "orebro", "delete", "id=%s", first);
    expect_record("poo-1", "state=forming participants=0");
}

/* From the offer on it is no more or less viable, but too few. */
static void after_the_offer_it_is_short(void **state)
{
    (void)state;
    both_in();
    say_well(region, "orebro", "move", "id=poo-1 verb=offer");
    expect_record("poo-1", "state=offered short=nil");
    say_well(region, "motala", "patch", "id=opt-2 fields={participants=1}");
    expect_record("poo-1", "state=offered short=true participants=9");
    say_well(region, "motala", "patch", "id=opt-2 fields={participants=9}");
    expect_record("poo-1", "state=offered short=nil");
}

/* In one request each sees those before it. */
static void a_batch_counts_them_all(void **state)
{
    (void)state;
    say_well(region, "admin", "batch",
             "operations=[{do=put kind=opt_in fields={pool=poo-1 inquiry=inq-1}} "
             "{do=put kind=opt_in fields={pool=poo-1 inquiry=inq-2}} "
             "{do=move id=\"$1\" verb=accept fields={said_on=2026-03-14 said_how=phone}} "
             "{do=move id=\"$2\" verb=accept fields={said_on=2026-03-14 said_how=phone}}]");
    expect_record("poo-1", "state=viable participants=14");
    say_badly(
        region, "admin", ERROR_DUPLICATE, "batch",
        "operations=[{do=put kind=inquiry fields={title=x municipality=mun-1880 broker=usr-2}} "
        "{do=put kind=opt_in fields={pool=poo-1 inquiry=\"$1\"}} "
        "{do=put kind=opt_in fields={pool=poo-1 inquiry=\"$1\"}}]");
}

/* Whoever opted in is one of the pool's brokers, until the last of theirs has left. */
static void who_is_in_is_one_of_its_brokers(void **state)
{
    (void)state;
    put("inquiry", "title=c municipality=mun-0583 broker=usr-3 participants=1");
    both_in();
    expect_record("poo-1", "coordinator=usr-2 brokers=[usr-3]");
    step("motala", ask_in("inq-3"), "accept");
    expect_record("poo-1", "brokers=[usr-3]");
    step("motala", "opt-2", "leave");
    expect_record("poo-1", "brokers=[usr-3]");
    step("motala", "opt-3", "leave");
    expect_record("poo-1", "brokers=nil");
}

static void opt_ins_follow_their_inquiry(void **state)
{
    (void)state;
    both_in();
    const char *other = say_user(region, "other", "broker", "municipalities=[mun-0583]");
    say_well(region, "motala", "patch", "id=inq-2 fields={broker=%s}", other);
    expect_record("opt-2", "broker=usr-4");
    expect_record("poo-1", "brokers=[usr-4]");
    /* The employer is told from the second step on. */
    say_well(region, "motala", "patch", "id=inq-2 fields={employer=org-3}");
    expect_record("opt-2", "employer=nil");
    step("other", "opt-2", "name");
    say_well(region, "motala", "patch", "id=inq-2 fields={employer=org-4}");
    expect_record("opt-2", "employer=org-4");
}

/* What has ended takes part no more; what was closed with its course did. */
static void the_ended_leave(void **state)
{
    (void)state;
    both_in();
    ask_in(put("inquiry", "title=c municipality=mun-0583 broker=usr-3"));
    say_well(region, "motala", "move", "id=inq-2 verb=withdraw fields={reason=r}");
    expect_record("opt-2", "state=left");
    expect_record("poo-1", "state=forming participants=8");
    say_well(region, "motala", "move", "id=inq-3 verb=decline fields={reason=r}");
    expect_record("opt-3", "state=left");
    put("inquiry", "title=e municipality=mun-0583 broker=usr-3 participants=1");
    step("motala", ask_in("inq-4"), "accept");
    say_well(region, "motala", "move", "id=inq-4 verb=forward fields={municipality=mun-1880}");
    expect_record("opt-4", "state=left broker=nil");
    say_well(region, "orebro", "move", "id=inq-1 verb=acknowledge");
    say_well(region, "orebro", "move", "id=inq-1 verb=close fields={outcome=course}");
    expect_record("opt-1", "state=anonymous");
    put("inquiry", "title=d municipality=mun-1880 broker=usr-2 participants=1");
    step("orebro", ask_in("inq-5"), "accept");
    say_well(region, "orebro", "move", "id=inq-5 verb=acknowledge");
    say_well(region, "orebro", "move", "id=inq-5 verb=close fields={outcome=advice}");
    expect_record("opt-5", "state=left");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_pool_is_as_many_as_said_yes), TEST(after_the_offer_it_is_short),
        TEST(a_batch_counts_them_all),       TEST(who_is_in_is_one_of_its_brokers),
        TEST(opt_ins_follow_their_inquiry),  TEST(the_ended_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

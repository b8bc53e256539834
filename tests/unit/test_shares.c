#include "pool_fixture.h"

#include <string.h>

static const char *offer(const char *fields)
{
    value_t made = say_well(region, "orebro", "put",
                            "kind=offer fields={title=o pool=poo-1 provider=org-1 content=c "
                            "valid_until=2026-04-01 %s}",
                            fields);
    const char *id = value_get_text(&made, "id");

    say_well(region, "orebro", "move", "id=%s verb=receive", id);
    say_well(region, "orebro", "move", "id=%s verb=send", id);
    return id;
}

static void accept(const char *id)
{
    say_well(region, "orebro", "move", "id=%s verb=accept", id);
}

static void three_in(void)
{
    both_in();
    put("inquiry", "title=c municipality=mun-1880 broker=usr-2 participants=1");
    step("orebro", ask_in("inq-3"), "accept");
}

/* By seats: 8, 6 and 1 of 15. What does not divide is the first's. */
static void a_seat_costs_the_same(void **state)
{
    (void)state;
    three_in();
    accept(offer("price=10000"));
    expect_record("opt-1", "share=5334");
    expect_record("opt-2", "share=4000");
    expect_record("opt-3", "share=666");
}

static void equal_shares_are_equal(void **state)
{
    (void)state;
    three_in();
    say_well(region, "orebro", "patch", "id=poo-1 fields={price_split=equal}");
    accept(offer("price=10001 price_model=group"));
    expect_record("opt-1", "share=3335");
    expect_record("opt-2", "share=3333");
    expect_record("opt-3", "share=3333");
}

/* A price a participant is for all of them. */
static void a_price_a_head_is_multiplied(void **state)
{
    (void)state;
    both_in();
    accept(offer("price=1001 price_model=participant"));
    expect_record("opt-1", "share=8008");
    expect_record("opt-2", "share=6006");
}

static void who_leaves_pays_nothing(void **state)
{
    (void)state;
    both_in();
    accept(offer("price=14000"));
    expect_record("opt-2", "share=6000");
    step("motala", "opt-2", "leave");
    expect_record("opt-1", "share=14000");
    expect_record("opt-2", "share=nil");
    step("motala", ask_in("inq-2"), "accept");
    expect_record("opt-3", "share=6000");
    expect_record("opt-1", "share=8000");
    say_well(region, "orebro", "patch", "id=poo-1 fields={price_split=equal}");
    expect_record("opt-1", "share=7000");
}

/* Free is free; what an hour costs says nothing of how many. */
static void some_prices_do_not_tell(void **state)
{
    (void)state;
    both_in();
    accept(offer("price_model=free"));
    expect_record("opt-1", "share=0");
    say_well(region, "admin", "delete", "id=off-1");
    accept(offer("price=500 price_model=hour"));
    expect_record("opt-1", "share=0");
    say_well(region, "admin", "delete", "id=off-2");
    accept(offer(""));
    expect_record("opt-1", "share=0");
}

static void agreed_shares_make_the_price(void **state)
{
    (void)state;
    both_in();
    say_well(region, "orebro", "patch", "id=poo-1 fields={price_split=by_agreement}");
    accept(offer("price=10000"));
    expect_record("opt-1", "share=nil");
    say_well(region, "orebro", "patch", "id=opt-1 fields={share=7000}");
    say_well(region, "motala", "patch", "id=opt-2 fields={share=2999}");
    say_well(region, "orebro", "move", "id=poo-1 verb=offer");
    error_t error = say_badly(region, "orebro", ERROR_INVALID, "move", "id=poo-1 verb=agree");
    assert_string_equal(error.field, "price_split");
    assert_string_equal(error.expected, "shares that make 10000 together; they make 9999");
    say_well(region, "motala", "patch", "id=opt-2 fields={share=3000}");
    say_well(region, "orebro", "move", "id=poo-1 verb=agree");
}

/* Else they are the daemon's, once there is a price to divide. */
static void other_shares_are_not_written(void **state)
{
    (void)state;
    both_in();
    say_well(region, "orebro", "patch", "id=opt-1 fields={share=1}");
    accept(offer("price=14000"));
    expect_record("opt-1", "share=8000");
    error_t error =
        say_badly(region, "orebro", ERROR_READ_ONLY, "patch", "id=opt-1 fields={share=1}");
    assert_string_equal(error.field, "share");
}

/* One offer is accepted; one whose price is more than a record holds is not. */
static void a_pool_has_one_accepted_offer(void **state)
{
    (void)state;
    both_in();
    const char *first = offer("price=1"), *second = offer("price=2");
    const char *huge = offer("price=100000000000 price_model=participant");
    error_t error = say_badly(region, "orebro", ERROR_INVALID, "move", "id=%s verb=accept", huge);
    assert_string_equal(error.field, "price");
    accept(first);
    error = say_badly(region, "orebro", ERROR_DUPLICATE, "move", "id=%s verb=accept", second);
    assert_string_equal(error.field, "pool");
    expect_record("opt-1", "share=1");
    expect_record("opt-2", "share=0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_seat_costs_the_same),        TEST(equal_shares_are_equal),
        TEST(a_price_a_head_is_multiplied), TEST(who_leaves_pays_nothing),
        TEST(some_prices_do_not_tell),      TEST(agreed_shares_make_the_price),
        TEST(other_shares_are_not_written), TEST(a_pool_has_one_accepted_offer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

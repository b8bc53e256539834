#include "pool_fixture.h"

#include <string.h>

#define OFFER "kind=offer fields={title=o provider=org-1 %s}"

static void it_is_of_an_inquiry_or_a_pool(void **state)
{
    (void)state;
    error_t error = say_badly(region, "admin", ERROR_REQUIRED, "put", OFFER, "");
    assert_string_equal(error.field, "inquiry");
    error = say_badly(region, "admin", ERROR_INVALID, "put", OFFER, "inquiry=inq-1 pool=poo-1");
    assert_string_equal(error.field, "pool");
    say_well(region, "admin", "put", OFFER, "inquiry=inq-1");
    say_well(region, "admin", "put", OFFER, "pool=poo-1");
    error = say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=off-1 fields={pool=poo-1}");
    assert_string_equal(error.field, "pool");
    error = say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=off-1 fields={inquiry=nil}");
    assert_string_equal(error.field, "inquiry");
}

static void what_has_ended_is_offered_nothing(void **state)
{
    (void)state;
    for (int i = 1; i <= 2; i++) {
        say_well(region, "admin", "put", OFFER,
                 i == 1 ? "inquiry=inq-1 content=c valid_until=2026-04-01"
                        : "pool=poo-1 content=c valid_until=2026-04-01");
        say_well(region, "admin", "move", "id=off-%d verb=receive", i);
        say_well(region, "admin", "move", "id=off-%d verb=send", i);
    }
    say_well(region, "admin", "move", "id=inq-1 verb=decline fields={reason=r}");
    say_well(region, "admin", "move", "id=poo-1 verb=dissolve fields={reason=r}");
    error_t late = say_badly(region, "admin", ERROR_INVALID, "move", "id=off-1 verb=accept");
    assert_string_equal(late.field, "inquiry");
    late = say_badly(region, "admin", ERROR_INVALID, "move", "id=off-2 verb=accept");
    assert_string_equal(late.field, "pool");
    error_t error = say_badly(region, "admin", ERROR_INVALID, "put", OFFER, "inquiry=inq-1");
    assert_string_equal(error.field, "inquiry");
    error = say_badly(region, "admin", ERROR_INVALID, "put", OFFER, "pool=poo-1");
    assert_string_equal(error.field, "pool");
}

static void providers_give_courses(void **state)
{
    (void)state;
    error_t error = say_badly(region, "admin", ERROR_INVALID, "put",
                              "kind=offer fields={title=o inquiry=inq-1 provider=org-3}");
    assert_string_equal(error.field, "provider");
}

/* It is 2026-03-14. A request that was overlooked can still be written to. */
static void days_are_to_come(void **state)
{
    static const char *const days[] = {"answer_by", "valid_until"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        error_t error =
            say_badly(region, "admin", ERROR_INVALID, "put", OFFER,
                      arena_format(region_arena(region), "inquiry=inq-1 %s=2026-03-13", days[i]));
        assert_string_equal(error.field, days[i]);
        assert_string_equal(error.expected, "a day no earlier than 2026-03-14");
    }
    say_well(region, "admin", "put", OFFER, "inquiry=inq-1 answer_by=2026-03-14");
    region_pass(region, UINT64_C(3) * 24 * 3600 * 1000);
    say_well(region, "admin", "patch", "id=off-1 fields={notes=n}");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=off-1 fields={answer_by=2026-03-15}");
}

static void what_is_past_its_day_is_neither_sent_nor_accepted(void **state)
{
    (void)state;
    say_well(region, "admin", "put", OFFER, "inquiry=inq-1 content=c valid_until=2026-03-15");
    say_well(region, "admin", "move", "id=off-1 verb=receive");
    say_well(region, "admin", "put", OFFER, "inquiry=inq-1 content=c valid_until=2026-03-15");
    say_well(region, "admin", "move", "id=off-2 verb=receive");
    region_pass(region, UINT64_C(24) * 3600 * 1000);
    say_well(region, "admin", "move", "id=off-1 verb=send");
    region_jump(region, INT64_C(24) * 3600 * 1000);
    error_t error = say_badly(region, "admin", ERROR_EXPIRED, "move", "id=off-1 verb=accept");
    assert_string_equal(error.field, "valid_until");
    error = say_badly(region, "admin", ERROR_EXPIRED, "move", "id=off-2 verb=send");
    assert_string_equal(error.field, "valid_until");
    assert_string_equal(error.expected, "a day no earlier than 2026-03-16");
    say_well(region, "admin", "move", "id=off-2 verb=send fields={valid_until=2026-03-16}");
    say_well(region, "admin", "move", "id=off-2 verb=accept");
}

/* What was sent is what was sent; the next is another edition. */
static void what_was_sent_is_revised(void **state)
{
    static const char *const terms[] = {"content=d", "price=2", "valid_until=2026-05-01"};

    (void)state;
    say_well(region, "admin", "put", OFFER,
             "inquiry=inq-1 content=c price=1 valid_until=2026-04-01");
    say_well(region, "admin", "move", "id=off-1 verb=receive");
    say_well(region, "admin", "patch", "id=off-1 fields={price=3}");
    say_well(region, "admin", "move", "id=off-1 verb=send");
    expect_record("off-1", "edition=1");
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        error_t error =
            say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=off-1 fields={%s}", terms[i]);
        assert_string_equal(error.expected, "the move revise");
        say_badly(region, "admin", ERROR_READ_ONLY, "move", "id=off-1 verb=accept fields={%s}",
                  terms[i]);
    }
    say_well(region, "admin", "patch", "id=off-1 fields={notes=n}");
    say_well(region, "admin", "move", "id=off-1 verb=revise fields={price=2}");
    say_well(region, "admin", "move", "id=off-1 verb=send");
    expect_record("off-1", "edition=2 price=2");
    say_well(region, "admin", "move", "id=off-1 verb=accept");
    say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=off-1 fields={price=4}");
}

static void its_unit_is_filled_in(void **state)
{
    (void)state;
    say_user(region, "named", "broker", "organisations=[org-1] municipalities=[mun-1880]");
    value_t made = say_well(region, "named", "put", OFFER, "inquiry=inq-1");
    say_expect(region, &made, "{fields={unit=org-1}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(it_is_of_an_inquiry_or_a_pool),
        TEST(what_has_ended_is_offered_nothing),
        TEST(providers_give_courses),
        TEST(days_are_to_come),
        TEST(what_is_past_its_day_is_neither_sent_nor_accepted),
        TEST(what_was_sent_is_revised),
        TEST(its_unit_is_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

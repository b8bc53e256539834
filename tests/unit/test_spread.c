#include "spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t part(const int64_t *samples, size_t n, const char *which)
{
    arena_t *arena = arena_new();
    spread_t spread = {.arena = arena};
    for (size_t i = 0; i < n; i++)
        spread_add(&spread, samples[i]);
    value_t value = spread_value(&spread);
    int64_t found = value_get_integer(&value, which, -1);
    arena_destroy(&arena);
    return found;
}

static void the_middle_and_the_ends(void **state)
{
    (void)state;
    static const int64_t odd[] = {INT64_MAX, 3, INT64_MIN}, even[] = {9, 2, 2, 40};
    assert_int_equal(part(odd, 3, "least"), INT64_MIN);
    assert_int_equal(part(odd, 3, "median"), 3);
    assert_int_equal(part(odd, 3, "most"), INT64_MAX);
    assert_int_equal(part(even, 4, "least"), 2);
    assert_int_equal(part(even, 4, "median"), 2);
    assert_int_equal(part(even, 4, "most"), 40);
    assert_int_equal(part(even, 1, "median"), 9);
    assert_int_equal(part(NULL, 0, "median"), -1);
}

/* More than fit at first: 1,000 down to 1. */
static void of_many(void **state)
{
    (void)state;
    int64_t samples[1000];
    for (int i = 0; i < 1000; i++)
        samples[i] = 1000 - i;
    assert_int_equal(part(samples, 1000, "least"), 1);
    assert_int_equal(part(samples, 1000, "median"), 500);
    assert_int_equal(part(samples, 1000, "most"), 1000);
}

static void numbers_and_points_in_time_that_are_no_ones(void **state)
{
    (void)state;
    const kind_t *inquiry = schema_kind("inquiry");
    assert_true(spread_takes(kind_field(inquiry, "participants")));
    assert_true(spread_takes(kind_field(inquiry, "created")));
    assert_true(spread_takes(kind_field(inquiry, "budget_hint")));
    assert_false(spread_takes(kind_field(inquiry, "title")));
    assert_false(spread_takes(kind_field(inquiry, "areas")));
    assert_false(spread_takes(kind_field(inquiry, "period_from")));
    field_t field = *kind_field(inquiry, "participants");
    field.class = CLASS_PERSONAL;
    assert_false(spread_takes(&field));
    field = *kind_field(inquiry, "participants");
    field.attributes |= FIELD_SEALED;
    assert_false(spread_takes(&field));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_middle_and_the_ends),
        cmocka_unit_test(of_many),
        cmocka_unit_test(numbers_and_points_in_time_that_are_no_ones),
    };
    if (!schema_start())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

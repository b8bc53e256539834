#include "clock.h"

#include "dates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int in_stockholm(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Stockholm", 1);
    tzset();
    return 0;
}

static uint64_t at(const char *text)
{
    int64_t ms;

    assert_true(instant_parse(text, &ms));
    return (uint64_t)ms;
}

static void a_day_is_the_regions(void **state)
{
    static const struct {
        const char *instant, *day;
    } rows[] = {
        {"2026-03-14T22:59:59Z", "2026-03-14"}, {"2026-03-14T23:00:00Z", "2026-03-15"},
        {"2026-06-30T21:59:59Z", "2026-06-30"}, {"2026-06-30T22:00:00Z", "2026-07-01"},
        {"2026-12-31T23:00:00Z", "2027-01-01"}, {"2028-02-28T23:30:00Z", "2028-02-29"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char day[11];
        clock_day(at(rows[i].instant), day);
        assert_string_equal(day, rows[i].day);
    }
}

/* Also on the two days of the year that have not twenty-four hours. */
static void the_next_day_begins_at_midnight(void **state)
{
    static const struct {
        const char *instant, *next;
    } rows[] = {
        {"2026-03-14T08:00:00Z", "2026-03-14T23:00:00Z"},
        {"2026-03-14T23:00:00Z", "2026-03-15T23:00:00Z"},
        {"2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
        {"2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
        {"2026-12-31T12:00:00Z", "2026-12-31T23:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(clock_next_day(at(rows[i].instant)), at(rows[i].next));
}

typedef struct {
    uint64_t utc_ms, monotonic_ms;
} two_clocks_t;

static uint64_t utc(void *context)
{
    return ((two_clocks_t *)context)->utc_ms;
}

static uint64_t monotonic(void *context)
{
    return ((two_clocks_t *)context)->monotonic_ms;
}

#define MINUTE 60000u
#define HOUR (60u * MINUTE)

static void go(two_clocks_t *time, uint64_t ms)
{
    time->utc_ms += ms;
    time->monotonic_ms += ms;
}

/* A clock that is set ahead by mistake lets nothing expire for ten minutes. */
static void a_step_ahead_is_held_back(void **state)
{
    two_clocks_t time = {.utc_ms = 1773475200000u, .monotonic_ms = 5000};
    clock_face_t clock = {.utc_ms = utc, .monotonic_ms = monotonic, .context = &time};
    clock_step_t step = {0};

    (void)state;
    assert_false(clock_step_look(&step, &clock));
    go(&time, 30 * HOUR);
    assert_false(clock_step_look(&step, &clock));
    assert_int_equal(clock_expiry_ms(&step, &clock), time.utc_ms);

    /* Up to an hour is no step: a machine's clock may be behind at start. */
    time.utc_ms += HOUR;
    assert_false(clock_step_look(&step, &clock));
    assert_int_equal(clock_expiry_ms(&step, &clock), time.utc_ms);

    time.utc_ms += 24 * HOUR;
    assert_true(clock_step_look(&step, &clock));
    assert_false(clock_step_look(&step, &clock));
    assert_int_equal(clock_expiry_ms(&step, &clock), time.utc_ms - 24 * HOUR);
    go(&time, 9 * MINUTE);
    clock_step_look(&step, &clock);
    assert_int_equal(clock_expiry_ms(&step, &clock), time.utc_ms - 24 * HOUR);
    go(&time, MINUTE);
    clock_step_look(&step, &clock);
    assert_int_equal(clock_expiry_ms(&step, &clock), time.utc_ms);
}

static void a_step_that_is_set_right_is_forgotten(void **state)
{
    two_clocks_t time = {.utc_ms = 1773475200000u, .monotonic_ms = 5000};
    clock_face_t clock = {.utc_ms = utc, .monotonic_ms = monotonic, .context = &time};
    clock_step_t step = {0};

    (void)state;
    clock_step_look(&step, &clock);
    time.utc_ms += 24 * HOUR;
    assert_true(clock_step_look(&step, &clock));
    go(&time, MINUTE);
    time.utc_ms -= 24 * HOUR;
    assert_false(clock_step_look(&step, &clock));
    assert_int_equal(clock_expiry_ms(&step, &clock), time.utc_ms);
}

static void the_systems_clock_goes(void **state)
{
    uint64_t first = clock_monotonic_ms(&clock_system);

    (void)state;
    assert_true(clock_utc_ms(&clock_system) > at("2025-01-01T00:00:00Z"));
    assert_true(clock_monotonic_ms(&clock_system) >= first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_the_regions),
        cmocka_unit_test(the_next_day_begins_at_midnight),
        cmocka_unit_test(a_step_ahead_is_held_back),
        cmocka_unit_test(a_step_that_is_set_right_is_forgotten),
        cmocka_unit_test(the_systems_clock_goes),
    };
    return cmocka_run_group_tests(tests, in_stockholm, NULL);
}

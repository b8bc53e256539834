#include "timers.h"

#include "region_fixture.h"
#include "region_parts.h"

#include <stdlib.h>
#include <string.h>

#define DAY ((uint64_t)24 * 60 * 60 * 1000)

static void file_waiting(const char *until)
{
    value_t made =
        say_well(region, "admin", "put", "kind=inquiry fields={title=x municipality=mun-1880}");

    say_well(region, "admin", "move", "id=%s verb=pause fields={waiting_until=%s}",
             value_get_text(&made, "id"), until);
}

static void assert_state(const char *id, const char *state)
{
    value_t got = say_well(region, "admin", "get", "id=%s", id);

    assert_string_equal(value_get_text(value_get(&got, "fields"), "state"), state);
}

/* How many chores a look gives; each is dropped undone, and told as `refused`. */
static unsigned look(timers_t *timers, error_code_t refused)
{
    unsigned count = 0;

    for (job_t *job = timers_look(timers, &region->environment), *next; job != NULL; job = next) {
        next = job->next;
        job->refused = refused;
        timers_settle(timers, job);
        job_destroy(&job);
        count++;
    }
    return count;
}

/* Only when the day has come; and a chore that comes too late does nothing. */
static void what_is_due_is_done_once(void **state)
{
    timers_t timers = {0};

    (void)state;
    file_waiting("2026-03-16");
    assert_int_equal(look(&timers, ERROR_NONE), 0);
    region->time.utc_ms += DAY; /* Sunday 09:00 */
    assert_int_equal(look(&timers, ERROR_NONE), 0);
    region->time.utc_ms += DAY;
    job_t *first = timers_look(&timers, &region->environment);
    assert_non_null(first);
    assert_null(first->next);
    assert_null(timers_look(&timers, &region->environment));
    timers_t other = {0}; /* a daemon that was restarted meanwhile */
    job_t *again = timers_look(&other, &region->environment);
    assert_non_null(again);
    uint64_t head = region_head(region);
    region_do(region, first);
    assert_int_equal(region_head(region), head + 1);
    region_do(region, again);
    assert_int_equal(again->refused, ERROR_NONE);
    assert_int_equal(region_head(region), head + 1);
    job_destroy(&first);
    job_destroy(&again);
    assert_state("inq-1", "new");
}

/* While the writer has some, no more are given; then it goes on where it stood. */
static void some_at_a_time(void **state)
{
    timers_t timers = {0};
    unsigned seen = 0, looks = 0;
    bool more = false;

    (void)state;
    for (unsigned i = 0; i < 150; i++)
        file_waiting("2026-03-15");
    region->time.utc_ms += DAY;
    job_t *jobs = timers_look(&timers, &region->environment);
    assert_non_null(jobs);
    assert_null(timers_look(&timers, &region->environment));
    while (jobs != NULL) {
        for (job_t *next; jobs != NULL; jobs = next, seen++) {
            next = jobs->next;
            region_do(region, jobs);
            more = timers_settle(&timers, jobs);
            job_destroy(&jobs);
            assert_int_equal(more, next == NULL && looks < 2);
        }
        looks++;
        jobs = timers_look(&timers, &region->environment);
    }
    assert_int_equal(seen, 150);
    assert_int_equal(looks, 3);
    value_t counted = say_well(region, "admin", "count", "kind=inquiry where={state=new}");
    assert_int_equal(value_get_integer(&counted, "count", 0), 150);
}

/* What is refused is tried again after a rest, and keeps nothing else waiting. */
static void what_cannot_be_done_rests(void **state)
{
    timers_t timers = {0};

    (void)state;
    file_waiting("2026-03-15");
    region->time.utc_ms += DAY;
    region->time.monotonic_ms += DAY;
    assert_int_equal(look(&timers, ERROR_MAINTENANCE), 1);
    assert_int_equal(look(&timers, ERROR_MAINTENANCE), 0); /* nothing came of it: rest */
    region->time.monotonic_ms += 30 * 1000;
    assert_int_equal(look(&timers, ERROR_MAINTENANCE), 0);
    region->time.monotonic_ms += 31 * 1000;
    assert_int_equal(look(&timers, ERROR_STORAGE_FULL), 1);
    region->time.monotonic_ms += 61 * 1000;
    look(&timers, ERROR_NONE);
    region->time.monotonic_ms += 61 * 1000;
    assert_int_equal(look(&timers, ERROR_NONE), 1);
    assert_int_equal(look(&timers, ERROR_NONE), 1); /* something was done: no rest */
}

/* A clock that jumps ahead fires nothing for ten minutes; set right, it never does. */
static void a_jump_of_the_clock_is_not_believed(void **state)
{
    (void)state;
    file_waiting("2026-03-20");
    region_jump(region, (int64_t)(10 * DAY));
    assert_state("inq-1", "waiting");
    region_pass(region, 5 * 60 * 1000);
    assert_state("inq-1", "waiting");
    region_jump(region, -(int64_t)(10 * DAY));
    region_pass(region, 20 * 60 * 1000);
    assert_state("inq-1", "waiting");
    region_jump(region, (int64_t)(10 * DAY));
    region_pass(region, 11 * 60 * 1000);
    assert_state("inq-1", "new");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(what_is_due_is_done_once),
        TEST(some_at_a_time),
        TEST(what_cannot_be_done_rests),
        TEST(a_jump_of_the_clock_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

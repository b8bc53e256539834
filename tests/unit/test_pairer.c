#include "region_fixture.h"

#include "matches.h"
#include "pairer.h"

#include <czmq.h>
#include <string.h>

/* The next chore, as the front's poll finds it; NULL when none comes. */
static job_t *next_chore(pairer_t *pairer)
{
    zmq_pollitem_t item = {.socket = pairer_socket(pairer), .events = ZMQ_POLLIN};

    return zmq_poll(&item, 1, 10000) > 0 ? pairer_take(pairer) : NULL;
}

/* Two that match, put down where the region has not looked. */
static void put_two(void)
{
    arena_t *arena = region_arena(region);
    store_txn_t *txn = store_write(region_environment(region)->store);
    const kind_t *kind = schema_kind("inquiry");
    value_t fields = say_value(
        region, "{title=x state=new municipality=mun-1880 county=cty-18 areas=[are-0715]}");
    operation_t operations[2];
    error_t error = {0};

    for (size_t i = 0; i < 2; i++) {
        record_t *record = record_new(arena, kind);
        assert_true(record_from_map(record, &fields, false, &error));
        record->id = record_id_numbered(kind, store_next_number(txn, kind));
        operations[i] = (operation_t){.after = record};
    }
    batch_t batch = {
        .time_ms = region_now(region), .actor = "", .operations = operations, .n_operations = 2};
    assert_true(store_apply(txn, &batch) > 0);
    assert_int_equal(store_commit(&txn), 0);
}

static void it_gives_chores_and_waits_for_what_becomes_of_them(void **state)
{
    (void)state;
    pairer_t *pairer = pairer_new(region_environment(region));
    put_two();
    pairer_wake(pairer);
    job_t *job = next_chore(pairer);
    assert_non_null(job);
    assert_ptr_equal(job->chore, matches_write);

    /* Refused, it waits until something has been written. */
    job->refused = ERROR_STORAGE_FULL;
    pairer_settle(pairer, job);
    job_destroy(&job);
    zclock_sleep(100);
    assert_null(pairer_take(pairer));
    pairer_wake(pairer);
    job = next_chore(pairer);
    assert_non_null(job);
    job->refused = region_chore(region, job->chore, job->what);
    assert_int_equal(job->refused, ERROR_NONE);
    pairer_settle(pairer, job);
    job_destroy(&job);

    /* Somebody else's is no affair of its own. */
    job_t other = {.chore = NULL};
    pairer_settle(pairer, &other);
    pairer_wake(pairer);
    zclock_sleep(100);
    assert_null(pairer_take(pairer));
    pairer_destroy(&pairer);
    assert_null(pairer);
    value_t list = say_well(region, "admin", "list", "kind=match where={inquiry=inq-1}");
    say_expect(region, &list, "{records=[{fields={others=[inq-2]}}]}");
}

/* With a chore that nobody has taken. */
static void it_stops_when_told(void **state)
{
    (void)state;
    pairer_t *pairer = pairer_new(region_environment(region));
    put_two();
    pairer_wake(pairer);
    pairer_destroy(&pairer);
    pairer_destroy(&pairer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(it_gives_chores_and_waits_for_what_becomes_of_them),
        TEST(it_stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

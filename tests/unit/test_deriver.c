#include "store_fixture.h"

#include "deriver.h"

#include <czmq.h>

static environment_t environment;

static int setup(void **state)
{
    int status;

    fixture_setup(state);
    zsys_set_pipehwm(0);
    environment = (environment_t){.store = store, .clock = &clock_system};
    environment.derived = derived_open(store, (size_t)64 << 20, &status);
    assert_non_null(environment.derived);
    return 0;
}

static int teardown(void **state)
{
    derived_close(&environment.derived);
    return fixture_teardown(state);
}

/* How many the file finds, or -1 where it cannot tell. */
static int found(const char *email)
{
    const kind_t *kind = schema_kind("person");
    value_t value = value_text(email);
    record_id_t *ids;
    size_t count;
    store_txn_t *txn = store_read(store);
    bool told = derived_find(environment.derived, txn, kind, kind_field(kind, "email"), &value, 1,
                             arena, &ids, &count);

    store_abort(&txn);
    return told ? (int)count : -1;
}

static void wait_for(int count)
{
    for (unsigned i = 0; found("broker@example.se") != count; i++) {
        assert_true(i < 1000);
        zclock_sleep(10);
    }
}

/* It builds by itself, and goes on whenever it is woken. */
static void it_follows_what_is_committed(void **state)
{
    (void)state;
    put(person("per-1", "Ett"));
    deriver_t *deriver = deriver_new(&environment);
    wait_for(1);
    for (unsigned i = 0; i < 600; i++) {
        put(county("cty-05", "Östergötlands län"));
        deriver_wake(deriver);
    }
    /* More than a question would look through itself. */
    wait_for(1);
    deriver_destroy(&deriver);
    assert_null(deriver);
}

/* Told to stop it comes even, so that the file is one that can be put down. */
static void it_stops_even(void **state)
{
    int status;

    (void)state;
    deriver_t *deriver = deriver_new(&environment);
    for (unsigned i = 0; i < 600; i++)
        put(person("per-1", "Ett"));
    deriver_destroy(&deriver);
    assert_int_equal(derived_follow(environment.derived, &status), DERIVED_EVEN);
    derived_close(&environment.derived);
    assert_int_equal(access(in_directory("derived.whole"), F_OK), 0);
}

static void without_a_file_there_is_none(void **state)
{
    (void)state;
    environment_t without = {.store = store};
    deriver_t *deriver = deriver_new(&without);
    assert_null(deriver);
    deriver_wake(deriver);
    deriver_destroy(&deriver);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(it_follows_what_is_committed),
        TEST(it_stops_even),
        TEST(without_a_file_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

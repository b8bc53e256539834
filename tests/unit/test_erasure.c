#include "say.h"

#include "erasure.h"
#include "records.h"
#include "seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "one", "privacy", "");
    say_user(region, "two", "privacy", "");
    for (unsigned i = 0; i < 2; i++)
        say_well(region, "admin", "put", "%s",
                 "kind=person fields={name=Kontakt organisation=org-1}");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

/* Sealed anew under the person's key: what opens tells whether there is the same one. */
static record_t *sealed_person(const char *id)
{
    store_txn_t *txn = store_read(region_environment(region)->store);
    record_id_t person;

    assert_true(record_id_parse(&person, id, NULL));
    record_t *record = records_get(txn, &person, region_arena(region));
    store_abort(&txn);
    return record;
}

static bool opens(const record_t *sealed)
{
    store_txn_t *txn = store_read(region_environment(region)->store);
    record_t *copy = record_copy(region_arena(region), sealed);

    seal_open(txn, copy, FIELD_MASK_ALL, region_arena(region));
    store_abort(&txn);
    return record_get_text(copy, "name") != NULL;
}

/* The change by which a record goes from one state to another. */
static int finish(const record_t *before, const char *state)
{
    record_t *after = record_copy(region_arena(region), before);
    operation_t operation = {.before = before, .after = after};
    change_t change = {.operations = &operation, .n_operations = 1};

    record_set(after, "state", value_text(state));
    return erasure_finish(region_environment(region), &change);
}

static void the_key_goes_with_the_state(void **state)
{
    record_t *first = sealed_person("per-1"), *second = sealed_person("per-2");

    (void)state;
    assert_int_equal(finish(first, "restricted"), 0);
    assert_true(opens(first));
    assert_int_equal(finish(first, "erased"), 0);
    assert_false(opens(first));
    assert_true(opens(second));
    assert_int_equal(finish(first, "erased"), 0); /* a second time is none */
}

/* A start finishes erasures that are done, and no others. */
static void a_start_finishes_what_was_done(void **state)
{
    store_t *store = region_environment(region)->store;
    record_t *first = sealed_person("per-1"), *second = sealed_person("per-2");

    (void)state;
    say_well(region, "one", "erase", "%s", "person=per-1 decision=x");
    say_well(region, "one", "erase", "%s", "person=per-2 decision=x");
    say_well(region, "two", "move", "%s", "id=ers-1 verb=approve");
    assert_false(opens(first));
    /* As after a crash in between: the key is there again. */
    store_txn_t *txn = store_write(store);
    record_t *clear = record_new(region_arena(region), first->id.kind);
    clear->id = first->id;
    record_set(clear, "name", value_text("Kontakt"));
    record_t *again = seal_record(txn, clear, region_arena(region));
    assert_int_equal(store_commit(&txn), 0);
    assert_true(opens(again));
    assert_int_equal(erasure_finish_all(store), 0);
    assert_false(opens(again));
    assert_true(opens(second));
    assert_int_equal(erasure_finish_all(store), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_key_goes_with_the_state, open_region, close_region),
        cmocka_unit_test_setup_teardown(a_start_finishes_what_was_done, open_region, close_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

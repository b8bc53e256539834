#include "region_fixture.h"

#include "past.h"

#include <string.h>

static const char *name_of_last(const char *text)
{
    store_txn_t *txn = store_read(region_environment(region)->store);
    record_id_t id;

    assert_true(record_id_parse(&id, text, NULL));
    const record_t *record = past_last(txn, &id, region_arena(region));
    store_abort(&txn);
    return record != NULL ? record_get_text(record, "name") : NULL;
}

static void the_last_state_outlives_the_record(void **state)
{
    (void)state;
    assert_null(name_of_last("cty-99"));
    say_well(region, "admin", "put", "kind=county id=\"99\" fields={name=first}");
    assert_string_equal(name_of_last("cty-99"), "first");
    say_well(region, "admin", "patch", "id=cty-99 fields={name=second}");
    assert_string_equal(name_of_last("cty-99"), "second");
    say_well(region, "admin", "delete", "id=cty-99");
    assert_string_equal(name_of_last("cty-99"), "second");
    say_well(region, "admin", "put", "kind=county id=\"98\" fields={name=other}");
    assert_string_equal(name_of_last("cty-99"), "second");
    /* A code may be used again: then it is the new one's. */
    say_well(region, "admin", "put", "kind=county id=\"99\" fields={name=again}");
    assert_string_equal(name_of_last("cty-99"), "again");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(the_last_state_outlives_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

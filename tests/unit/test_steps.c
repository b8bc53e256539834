#include "store_fixture.h"

#include "steps.h"
#include "txn.h"

/* test_migrate puts a table of its own in the place of storage's: here it is storage's. */

static void nothing_is_read_of_before_the_first_format(void **state)
{
    (void)state;
    char why[512] = "";
    const unsigned char format = 0;
    assert_null(journal_steps[0]);
    store_txn_t *txn = store_write(store);
    meta_write(store_db(txn), "format", &format, 1);
    assert_int_equal(store_commit(&txn), 0);
    store_close(&store);
    assert_null(store_open(
        &(store_options_t){.directory = directory, .read_only = true, .old_format = true}, why,
        sizeof why));
    assert_non_null(strstr(why, "format"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(nothing_is_read_of_before_the_first_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

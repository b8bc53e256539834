#include "store_fixture.h"

#include "reapply.h"
#include "txn.h"

#include <errno.h>
#include <sys/stat.h>

static store_t *copy;

/* Beside the fixture's store an empty one, which its entries are applied to. */
static int setup(void **state)
{
    char why[512];
    fixture_setup(state);
    assert_int_equal(mkdir(in_directory("copy"), 0700), 0);
    copy = store_open_scratch(in_directory("copy"), (size_t)1 << 24, why, sizeof why);
    assert_non_null(copy);
    return 0;
}

static int teardown(void **state)
{
    store_close(&copy);
    return fixture_teardown(state);
}

/* An entry of the fixture's store, in the copy. */
static bool again(uint64_t revision)
{
    store_txn_t *from = store_read(store);
    const journal_entry_t *entry = journal_get(from, revision, arena);
    assert_non_null(entry);
    store_txn_t *to = store_write(copy);
    bool fits = reapply(to, entry, arena);
    store_abort(&from);
    if (fits)
        assert_int_equal(store_commit(&to), 0);
    store_abort(&to);
    return fits;
}

/* The hash of the last entry says all of the journal: each holds that of the one before.
   A wrong state before leaves its mark in the index. */
static void assert_same(void)
{
    store_txn_t *one = store_read(store), *other = store_read(copy);
    assert_memory_equal(store_head_of(one), store_head_of(other), sizeof(meta_head_t));
    db_cursor_t left, right;
    db_cursor_start(&left, store_db(one), DB_INDEX);
    db_cursor_start(&right, store_db(other), DB_INDEX);
    bool there = db_cursor_first(&left);
    assert_int_equal(db_cursor_first(&right), there);
    while (there) {
        assert_int_equal(db_view_compare(left.key, right.key), 0);
        there = db_cursor_next(&left);
        assert_int_equal(db_cursor_next(&right), there);
    }
    db_cursor_end(&left);
    db_cursor_end(&right);
    store_abort(&one);
    store_abort(&other);
}

static void entries_in_order_make_the_same_store(void **state)
{
    (void)state;
    put(person("per-1", "Handläggare"));
    put(county("cty-18", "One"));
    apply_one(5000, "cty-18", county("cty-18", "Two"));
    apply_one(4000, "cty-18", NULL);
    for (uint64_t revision = 1; revision <= 4; revision++)
        assert_true(again(revision));
    assert_same();
}

static void all_that_a_batch_says_of_itself_is_kept(void **state)
{
    (void)state;
    static const unsigned char id[WIRE_REQUEST_ID_SIZE] = "0123456789abcde";
    const operation_t operation = {.after = record_with("usr-3", "name", "broker, Motala", NULL)};
    store_txn_t *txn = store_write(store);
    assert_int_equal(store_apply(txn, &(batch_t){.time_ms = 2000,
                                                 .actor = "usr-1",
                                                 .as = "usr-2",
                                                 .request_id = id,
                                                 .arguments_hash = {7},
                                                 .operations = &operation,
                                                 .n_operations = 1}),
                     1);
    assert_int_equal(store_commit(&txn), 0);
    assert_true(again(1));
    assert_same();
}

/* The state before is then the one that the entry itself left. */
static void an_entry_may_change_a_record_twice(void **state)
{
    (void)state;
    record_t *first = county("cty-18", "First"), *second = county("cty-18", "Second");
    const operation_t operations[] = {{.after = first},
                                      {.after = county("cty-05", "Other")},
                                      {.before = first, .after = second},
                                      {.before = second}};
    record_id_t id = id_of_text("cty-18");
    store_txn_t *txn = store_write(store);
    assert_int_equal(apply(txn, 1000, operations, 4), 1);
    assert_int_equal(store_commit(&txn), 0);
    assert_true(again(1));
    assert_same();
    txn = store_read(copy);
    assert_false(records_exists(txn, &id));
    store_abort(&txn);
}

static void an_entry_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    put(county("cty-18", "One"));
    put(county("cty-05", "Other"));
    put(county("cty-18", "Two"));
    apply_one(1000, "cty-18", NULL);
    assert_false(again(2)); /* it would be revision 1 here */
    assert_false(again(3)); /* there is nothing that it changes */
    assert_false(again(4)); /* or deletes */
    assert_true(again(1));
    assert_false(again(1));
}

static void a_failed_transaction_takes_none(void **state)
{
    (void)state;
    put(county("cty-18", "One"));
    store_txn_t *from = store_read(store), *to = store_write(copy);
    const journal_entry_t *entry = journal_get(from, 1, arena);
    store_fail(to, EIO);
    assert_false(reapply(to, entry, arena));
    store_abort(&to);
    store_abort(&from);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(entries_in_order_make_the_same_store), TEST(all_that_a_batch_says_of_itself_is_kept),
        TEST(an_entry_may_change_a_record_twice),   TEST(an_entry_that_does_not_fit_is_refused),
        TEST(a_failed_transaction_takes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store_fixture.h"

#include "range.h"
#include "txn.h"

/* One-letter keys under the prefix "p", and neighbours of it. */
static int setup(void **state)
{
    static const char *const keys[] = {"o", "pa", "pc", "pe", "q"};
    int status = fixture_setup(state);
    store_txn_t *txn = store_write(store);
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
        db_put(store_db(txn), DB_READS, (db_view_t){.data = keys[i], .size = strlen(keys[i])},
               (db_view_t){.data = ""});
    assert_int_equal(store_commit(&txn), 0);
    return status;
}

static db_key_t key_of(const char *text)
{
    db_key_t key;
    key_start(&key);
    key_add_bytes(&key, text, strlen(text));
    return key;
}

static const char *walk(const char *prefix_text, bool descending, const char *after_text)
{
    store_txn_t *txn = store_read(store);
    db_key_t prefix = key_of(prefix_text);
    range_t range;
    range_start(&range, store_db(txn), DB_READS, &prefix, descending);
    if (after_text) {
        db_key_t after = key_of(after_text);
        range_after(&range, &after);
    }
    const char *seen = "";
    while (range_next(&range)) {
        db_view_t rest = range_rest(&range);
        seen = arena_format(arena, "%s%.*s", seen, (int)rest.size, (const char *)rest.data);
    }
    assert_false(range_next(&range));
    range_end(&range);
    store_abort(&txn);
    return seen;
}

static void only_what_begins_with_the_prefix_comes(void **state)
{
    (void)state;
    assert_string_equal(walk("p", false, NULL), "ace");
    assert_string_equal(walk("p", true, NULL), "eca");
    assert_string_equal(walk("pb", false, NULL), "");
    assert_string_equal(walk("pb", true, NULL), "");
    assert_string_equal(walk("z", true, NULL), "");
    assert_string_equal(walk("a", true, NULL), "");
}

static void it_begins_after_a_key_that_need_not_be_there(void **state)
{
    (void)state;
    assert_string_equal(walk("p", false, "pa"), "ce");
    assert_string_equal(walk("p", false, "pb"), "ce");
    assert_string_equal(walk("p", false, "pe"), "");
    assert_string_equal(walk("p", true, "pe"), "ca");
    assert_string_equal(walk("p", true, "pd"), "ca");
    assert_string_equal(walk("p", true, "pa"), "");
}

static void a_prefix_of_the_highest_bytes_is_the_end_of_all(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    db_put(store_db(txn), DB_READS,
           (db_view_t){.data = "\xff\xff"
                               "a",
                       .size = 3},
           (db_view_t){.data = ""});
    assert_int_equal(store_commit(&txn), 0);
    assert_string_equal(walk("\xff\xff", true, NULL), "a");
    assert_string_equal(walk("\xff\xff", false, NULL), "a");
    assert_string_equal(walk("\xff\xff", true,
                             "\xff\xff"
                             "b"),
                        "a");
    assert_string_equal(walk("\xff\xff", false, "\xff\xff"), "");
}

static const char *walk_between(const char *first, const char *end, bool descending)
{
    store_txn_t *txn = store_read(store);
    db_key_t prefix = key_of("p"), from = key_of(first), to = key_of(end ? end : "");
    range_t range;
    range_start(&range, store_db(txn), DB_READS, &prefix, descending);
    range_bound(&range, &from, end ? &to : NULL);
    const char *seen = "";
    while (range_next(&range)) {
        db_view_t rest = range_rest(&range);
        seen = arena_format(arena, "%s%.*s", seen, (int)rest.size, (const char *)rest.data);
    }
    range_end(&range);
    store_abort(&txn);
    return seen;
}

static void it_keeps_within_its_bounds(void **state)
{
    (void)state;
    assert_string_equal(walk_between("pa", "pe", false), "ac");
    assert_string_equal(walk_between("pa", "pe", true), "ca");
    assert_string_equal(walk_between("pb", "pd", false), "c");
    assert_string_equal(walk_between("pb", "pd", true), "c");
    assert_string_equal(walk_between("pb", NULL, false), "ce");
    assert_string_equal(walk_between("pb", NULL, true), "ec");
    assert_string_equal(walk_between("pd", "pe", false), "");
    assert_string_equal(walk_between("pd", "pe", true), "");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(only_what_begins_with_the_prefix_comes),
        TEST(it_begins_after_a_key_that_need_not_be_there),
        TEST(a_prefix_of_the_highest_bytes_is_the_end_of_all),
        TEST(it_keeps_within_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

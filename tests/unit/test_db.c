#include "db.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[256];
static char path[300];
static db_t *db;

static db_view_t view(const char *text)
{
    return (db_view_t){.data = text, .size = strlen(text)};
}

static db_t *open_file(size_t map_size, unsigned flags)
{
    int status;
    db_t *opened = db_open(path, map_size, flags, &status);
    if (!opened)
        errno = status;
    return opened;
}

static db_txn_t *begin(db_txn_t *parent, bool write)
{
    int status;
    db_txn_t *txn = db_begin(db, parent, write, &status);
    assert_non_null(txn);
    return txn;
}

static int setup(void **state)
{
    (void)state;
    const char *temporary = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/samverk-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    db = open_file((size_t)1 << 20, DB_CREATE);
    assert_non_null(db);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char lock[310];
    db_close(&db);
    snprintf(lock, sizeof lock, "%s-lock", path);
    unlink(path);
    unlink(lock);
    rmdir(directory);
    return 0;
}

static bool has(const char *key)
{
    db_txn_t *txn = begin(NULL, false);
    db_view_t value;
    bool found = db_get(txn, DB_RECORDS, view(key), &value);
    db_abort(&txn);
    return found;
}

static void put_committed(const char *key)
{
    db_txn_t *txn = begin(NULL, true);
    db_put(txn, DB_RECORDS, view(key), view("value"));
    assert_int_equal(db_commit(&txn), 0);
}

static void file_is_private_and_is_not_made_unasked(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    db_close(&db);
    unlink(path);
    assert_null(open_file((size_t)1 << 20, 0));
    assert_int_equal(errno, ENOENT);
    assert_null(open_file((size_t)1 << 20, DB_READ_ONLY));
}

static void committed_is_kept_and_aborted_is_not(void **state)
{
    (void)state;
    put_committed("kept");
    db_txn_t *txn = begin(NULL, true);
    db_put(txn, DB_RECORDS, view("dropped"), view("value"));
    db_abort(&txn);
    assert_null(txn);
    db_close(&db);
    db = open_file((size_t)1 << 20, 0);
    assert_true(has("kept"));
    assert_false(has("dropped"));
}

static void the_first_failure_sticks(void **state)
{
    (void)state;
    db_txn_t *txn = begin(NULL, true);
    db_put(txn, DB_RECORDS, view("a"), view("1"));
    db_fail(txn, EBADMSG);
    db_fail(txn, EIO);
    assert_int_equal(db_failed(txn), EBADMSG);
    db_view_t value;
    assert_false(db_get(txn, DB_RECORDS, view("a"), &value));
    db_cursor_t cursor;
    db_cursor_start(&cursor, txn, DB_RECORDS);
    assert_false(db_cursor_first(&cursor));
    db_cursor_end(&cursor);
    assert_int_equal(db_commit(&txn), EBADMSG);
    assert_false(has("a"));
}

static void a_failed_child_leaves_its_parent_whole(void **state)
{
    (void)state;
    db_txn_t *parent = begin(NULL, true);
    db_put(parent, DB_RECORDS, view("parent"), view("1"));
    db_txn_t *child = begin(parent, true);
    db_put(child, DB_RECORDS, view("child"), view("1"));
    db_fail(child, EBADMSG);
    assert_int_equal(db_commit(&child), EBADMSG);
    assert_int_equal(db_failed(parent), 0);
    child = begin(parent, true);
    db_put(child, DB_RECORDS, view("second"), view("1"));
    assert_int_equal(db_commit(&child), 0);
    assert_int_equal(db_commit(&parent), 0);
    assert_true(has("parent"));
    assert_true(has("second"));
    assert_false(has("child"));
}

static void a_child_of_a_failed_parent_does_nothing(void **state)
{
    (void)state;
    db_txn_t *parent = begin(NULL, true);
    db_fail(parent, EIO);
    db_txn_t *child = begin(parent, true);
    db_put(child, DB_RECORDS, view("child"), view("1"));
    assert_int_equal(db_commit(&child), EIO);
    assert_int_equal(db_commit(&parent), EIO);
    assert_false(has("child"));
}

static void a_full_map_fails_the_child_alone(void **state)
{
    (void)state;
    static char large[300000];
    db_txn_t *parent = begin(NULL, true);
    db_put(parent, DB_RECORDS, view("small"), view("1"));
    db_txn_t *child = begin(parent, true);
    for (char name = 'a'; name < 'h'; name++)
        db_put(child, DB_RECORDS, (db_view_t){.data = &name, .size = 1},
               (db_view_t){.data = large, .size = sizeof large});
    assert_true(db_is_full(db_failed(child)));
    assert_true(strlen(db_reason(db_failed(child))) > 0);
    assert_true(db_is_full(db_commit(&child)));
    assert_int_equal(db_commit(&parent), 0);
    assert_true(has("small"));
    assert_false(has("a"));
    assert_false(db_is_full(EIO));
}

static void a_key_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static char key[DB_KEY_MAX + 1];
    memset(key, 'k', sizeof key);
    db_txn_t *txn = begin(NULL, true);
    db_put(txn, DB_RECORDS, (db_view_t){.data = key, .size = DB_KEY_MAX}, view("1"));
    assert_int_equal(db_failed(txn), 0);
    db_put(txn, DB_RECORDS, (db_view_t){.data = key, .size = DB_KEY_MAX + 1}, view("1"));
    assert_int_not_equal(db_failed(txn), 0);
    db_abort(&txn);
}

static void assert_at(const db_cursor_t *cursor, bool there, const char *key)
{
    assert_true(there);
    assert_int_equal(db_view_compare(cursor->key, view(key)), 0);
}

static void cursors_go_both_ways(void **state)
{
    (void)state;
    put_committed("b");
    put_committed("d");
    put_committed("f");
    db_txn_t *txn = begin(NULL, false);
    db_cursor_t cursor;
    db_cursor_start(&cursor, txn, DB_RECORDS);
    assert_at(&cursor, db_cursor_first(&cursor), "b");
    assert_at(&cursor, db_cursor_next(&cursor), "d");
    assert_at(&cursor, db_cursor_last(&cursor), "f");
    assert_at(&cursor, db_cursor_previous(&cursor), "d");
    assert_at(&cursor, db_cursor_from(&cursor, view("d")), "d");
    assert_at(&cursor, db_cursor_from(&cursor, view("c")), "d");
    assert_at(&cursor, db_cursor_before(&cursor, view("d")), "b");
    assert_at(&cursor, db_cursor_before(&cursor, view("z")), "f");
    assert_false(db_cursor_before(&cursor, view("b")));
    assert_false(db_cursor_from(&cursor, view("g")));
    assert_int_equal(db_failed(txn), 0);
    db_cursor_end(&cursor);
    db_abort(&txn);
}

static void a_cursor_deletes_and_goes_on(void **state)
{
    (void)state;
    put_committed("a");
    put_committed("b");
    put_committed("c");
    db_txn_t *txn = begin(NULL, true);
    db_cursor_t cursor;
    db_cursor_start(&cursor, txn, DB_RECORDS);
    assert_true(db_cursor_first(&cursor));
    db_cursor_delete(&cursor);
    assert_at(&cursor, db_cursor_next(&cursor), "b");
    db_cursor_end(&cursor);
    assert_int_equal(db_commit(&txn), 0);
    assert_false(has("a"));
    assert_true(has("b"));
}

static void entries_are_counted_deleted_and_emptied(void **state)
{
    (void)state;
    put_committed("a");
    put_committed("b");
    db_txn_t *txn = begin(NULL, true);
    assert_int_equal(db_entries(txn, DB_RECORDS), 2);
    assert_true(db_delete(txn, DB_RECORDS, view("a")));
    assert_false(db_delete(txn, DB_RECORDS, view("a")));
    assert_int_equal(db_failed(txn), 0);
    db_put(txn, DB_INDEX, view("i"), (db_view_t){.data = ""});
    db_empty(txn, DB_RECORDS);
    assert_int_equal(db_entries(txn, DB_RECORDS), 0);
    assert_int_equal(db_entries(txn, DB_INDEX), 1);
    db_abort(&txn);
}

static void a_thread_may_hold_two_reads(void **state)
{
    (void)state;
    put_committed("a");
    db_txn_t *first = begin(NULL, false);
    put_committed("b");
    db_txn_t *second = begin(NULL, false);
    db_view_t value;
    assert_false(db_get(first, DB_RECORDS, view("b"), &value));
    assert_true(db_get(second, DB_RECORDS, view("b"), &value));
    db_abort(&first);
    db_abort(&second);
    assert_int_equal(db_reader_check(db), 0);
}

static void what_is_used_is_known(void **state)
{
    (void)state;
    size_t used = db_used(db);
    assert_true(used > 0 && used < db_map_size(db));
    assert_int_equal(db_map_size(db), 1 << 20);
    static char large[100000];
    db_txn_t *txn = begin(NULL, true);
    db_put(txn, DB_RECORDS, view("a"), (db_view_t){.data = large, .size = sizeof large});
    assert_int_equal(db_commit(&txn), 0);
    assert_true(db_used(db) >= used + sizeof large);
}

static void views_compare_by_bytes_then_length(void **state)
{
    (void)state;
    assert_true(db_view_compare(view("a"), view("b")) < 0);
    assert_true(db_view_compare(view("ab"), view("a")) > 0);
    assert_true(db_view_compare(view("\xff"), view("a")) > 0);
    assert_int_equal(db_view_compare(view(""), view("")), 0);
    assert_true(db_view_begins(view("abc"), view("ab")));
    assert_true(db_view_begins(view("abc"), view("")));
    assert_false(db_view_begins(view("a"), view("ab")));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(file_is_private_and_is_not_made_unasked),
        TEST(committed_is_kept_and_aborted_is_not),
        TEST(the_first_failure_sticks),
        TEST(a_failed_child_leaves_its_parent_whole),
        TEST(a_child_of_a_failed_parent_does_nothing),
        TEST(a_full_map_fails_the_child_alone),
        TEST(a_key_that_is_too_long_is_refused),
        TEST(cursors_go_both_ways),
        TEST(a_cursor_deletes_and_goes_on),
        TEST(entries_are_counted_deleted_and_emptied),
        TEST(a_thread_may_hold_two_reads),
        TEST(what_is_used_is_known),
        TEST(views_compare_by_bytes_then_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

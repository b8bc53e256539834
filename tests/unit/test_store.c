#include "store_fixture.h"

#include <sys/stat.h>

static void a_new_store_is_empty_and_private(void **state)
{
    (void)state;
    struct stat status;
    assert_string_equal(store_region(store), "Östra Mellansverige");
    assert_int_equal(strlen(store_epoch(store)), 16);
    assert_int_equal(strspn(store_epoch(store), "0123456789abcdef"), 16);
    assert_int_equal(stat(in_directory("record.mdb"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(in_directory("person.keys"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_not_equal(access(in_directory("record.mdb.new"), F_OK), 0);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 0);
    assert_int_equal(store_last_time(txn), 0);
    assert_int_equal(store_revision_at(txn, UINT64_MAX), 0);
    store_abort(&txn);
}

static void a_made_directory_is_private(void **state)
{
    (void)state;
    char why[512], path[300];
    struct stat status;
    snprintf(path, sizeof path, "%s/made", directory);
    store_t *made = store_open(
        &(store_options_t){.directory = path, .map_size = 1 << 24, .region = "R", .create = true},
        why, sizeof why);
    assert_non_null(made);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    store_close(&made);
}

static void the_epoch_and_region_stay(void **state)
{
    (void)state;
    char epoch[17];
    snprintf(epoch, sizeof epoch, "%s", store_epoch(store));
    reopen();
    assert_string_equal(store_epoch(store), epoch);
    assert_string_equal(store_region(store), "Östra Mellansverige");
}

static void what_is_there_is_not_made_again(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_close(&store);
    assert_null(open_it(true, false));
    store = open_it(false, false);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    store_abort(&txn);
}

static void a_crash_while_making_leaves_no_store(void **state)
{
    (void)state;
    store_close(&store);
    /* As if the process had died before the new file got its name. */
    assert_int_equal(rename(in_directory("record.mdb"), in_directory("record.mdb.new")), 0);
    assert_null(open_it(false, false));
    store = open_it(true, false);
    assert_non_null(store);
    assert_int_not_equal(access(in_directory("record.mdb.new"), F_OK), 0);
    store_close(&store);
    /* Or in the middle of a page. */
    assert_int_equal(remove(in_directory("record.mdb")), 0);
    FILE *half = fopen(in_directory("record.mdb.new"), "wb");
    fputs("half a page of no use to anyone", half);
    fclose(half);
    store = open_it(true, false);
    assert_non_null(store);
}

static void two_processes_do_not_write(void **state)
{
    (void)state;
    char why[512];
    store_t *second = store_open(&(store_options_t){.directory = directory, .map_size = 1 << 24},
                                 why, sizeof why);
    assert_null(second);
    assert_non_null(strstr(why, "another process"));
}

static void a_directory_without_a_store_is_said(void **state)
{
    (void)state;
    char why[512];
    assert_null(
        store_open(&(store_options_t){.directory = in_directory("nowhere")}, why, sizeof why));
    assert_non_null(strstr(why, "nowhere"));
}

static void room_shrinks_to_the_reserve_and_to_nothing(void **state)
{
    (void)state;
    assert_int_equal(store_room(store), STORE_ROOM);
    store_close(&store);
    char why[512];
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)60 << 20},
                       why, sizeof why);
    assert_int_equal(store_room(store), STORE_RESERVE);
    store_close(&store);
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)2 << 20}, why,
                       sizeof why);
    assert_int_equal(store_room(store), STORE_FULL);
}

static void read_only_stands_beside_a_writer(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_close(&store);
    store = open_it(false, true);
    assert_non_null(store);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    store_abort(&txn);
    assert_null(store_write(store));
}

static void an_unknown_format_is_refused(void **state)
{
    (void)state;
    store_close(&store);
    /* The one place that knows where the byte lies is meta itself. */
    FILE *file = fopen(in_directory("record.mdb"), "r+b");
    assert_non_null(file);
    static char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    unsigned changed = 0;
    for (size_t i = 0; i + 8 < size; i++) {
        if (memcmp(bytes + i, "format\0\1", 8) == 0) {
            fseek(file, (long)i + 7, SEEK_SET);
            fputc(99, file);
            changed++;
        }
    }
    fclose(file);
    assert_true(changed > 0);
    assert_null(open_it(false, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_new_store_is_empty_and_private),
        FIXTURE_TEST(a_made_directory_is_private),
        FIXTURE_TEST(the_epoch_and_region_stay),
        FIXTURE_TEST(what_is_there_is_not_made_again),
        FIXTURE_TEST(a_crash_while_making_leaves_no_store),
        FIXTURE_TEST(two_processes_do_not_write),
        FIXTURE_TEST(a_directory_without_a_store_is_said),
        FIXTURE_TEST(room_shrinks_to_the_reserve_and_to_nothing),
        FIXTURE_TEST(read_only_stands_beside_a_writer),
        FIXTURE_TEST(an_unknown_format_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store_fixture.h"

#include "room.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <time.h>

#define MAP ((size_t)4 << 20)

/* Instead of the C library's: a clock and a disk that are as the test says. */
static uint64_t now_ms;
static uint64_t blocks_left; /* of 512 bytes */
static bool answers;
static unsigned asked;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    *now = (struct timespec){.tv_sec = (time_t)(now_ms / 1000),
                             .tv_nsec = (long)(now_ms % 1000) * 1000000};
    return 0;
}

int statvfs(const char *path, struct statvfs *disk)
{
    assert_string_equal(path, directory);
    asked++;
    if (!answers) {
        errno = EIO;
        return -1;
    }
    /* What is free for root alone is not ours. */
    *disk = (struct statvfs){
        .f_bsize = 4096, .f_frsize = 512, .f_bfree = blocks_left + 7, .f_bavail = blocks_left};
    return 0;
}

static db_t *db;
static room_t room;

static int setup(void **state)
{
    (void)state;
    int status;
    arena = arena_new();
    make_directory();
    db = db_open(in_directory("file"), MAP, DB_CREATE, &status);
    assert_non_null(db);
    room = (room_t){.directory = directory};
    now_ms = 5000;
    blocks_left = UINT32_MAX;
    answers = true;
    asked = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_close(&db);
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

static void the_smaller_of_map_and_disk_is_left(void **state)
{
    (void)state;
    assert_int_equal(room_left(&room, db), MAP - db_used(db));
    now_ms += 1000;
    blocks_left = 3;
    assert_int_equal(room_left(&room, db), 3 * 512);
}

static void the_disk_is_asked_each_100_ms(void **state)
{
    (void)state;
    blocks_left = 3;
    room_left(&room, db);
    blocks_left = 2;
    now_ms += 99;
    assert_int_equal(room_left(&room, db), 3 * 512);
    assert_int_equal(asked, 1);
    now_ms += 1;
    assert_int_equal(room_left(&room, db), 2 * 512);
    assert_int_equal(room_left(&room, db), 2 * 512);
    assert_int_equal(asked, 2);
}

static void a_disk_that_does_not_answer_has_nothing_left(void **state)
{
    (void)state;
    room_left(&room, db);
    answers = false;
    now_ms += 100;
    assert_int_equal(room_left(&room, db), 0);
    answers = true;
    now_ms += 100;
    assert_int_equal(room_left(&room, db), MAP - db_used(db));
}

/* Write a value of this size, or delete it. */
static void change(size_t size)
{
    int status;
    const db_view_t key = {"key", 3};
    db_txn_t *txn = db_begin(db, NULL, true, &status);
    assert_non_null(txn);
    if (size)
        db_put(txn, DB_RECORDS, key,
               (db_view_t){.data = memset(arena_alloc(arena, size), 'x', size), .size = size});
    else
        assert_true(db_delete(txn, DB_RECORDS, key));
    assert_int_equal(db_commit(&txn), 0);
}

static void pages_that_became_free_do_not_count(void **state)
{
    (void)state;
    const size_t size = (size_t)1 << 20;
    size_t before = room_left(&room, db);
    change(size);
    assert_true(room_left(&room, db) <= before - size);
    change(0);
    assert_true(room_left(&room, db) <= before - size);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_smaller_of_map_and_disk_is_left),
        TEST(the_disk_is_asked_each_100_ms),
        TEST(a_disk_that_does_not_answer_has_nothing_left),
        TEST(pages_that_became_free_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

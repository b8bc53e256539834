#include "store_fixture.h"

#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

static unsigned interruptions;
static size_t most = SIZE_MAX;

/* The C library's own but for interruptions, and for how much it takes at once. */
ssize_t write(int file, const void *data, size_t size)
{
    if (interruptions) {
        interruptions--;
        errno = EINTR;
        return -1;
    }
    return syscall(SYS_write, file, data, size < most ? size : most);
}

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    make_directory();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    most = SIZE_MAX;
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

static void all_of_it_is_written_and_read(void **state)
{
    (void)state;
    char back[32];
    size_t got;
    int file = open(in_directory("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    most = 3;
    interruptions = 2;
    assert_int_equal(disk_write(file, "eleven bytes", 12), 0);
    most = SIZE_MAX;
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    assert_int_equal(disk_read(file, back, sizeof back, &got), 0);
    assert_int_equal(got, 12);
    assert_memory_equal(back, "eleven bytes", 12);
    close(file);
}

static void what_fails_says_why(void **state)
{
    (void)state;
    char byte;
    size_t got;
    int file = open(in_directory("file"), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(disk_write(file, "x", 1), EBADF);
    close(file);
    assert_int_equal(disk_read(file, &byte, 1, &got), EBADF);
    assert_int_equal(disk_sync_directory(in_directory("nowhere")), ENOENT);
    assert_int_equal(disk_sync_directory(in_directory("file")), ENOTDIR);
    assert_int_equal(disk_sync_directory(directory), 0);
}

static void a_file_is_new_or_none(void **state)
{
    (void)state;
    char back[8];
    size_t got;
    struct stat status;
    assert_int_equal(disk_write_file(in_directory("file"), "bytes", 5), 0);
    assert_int_equal(disk_write_file(in_directory("file"), "other", 5), EEXIST);
    int file = open(in_directory("file"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(disk_read(file, back, sizeof back, &got), 0);
    assert_int_equal(got, 5);
    assert_memory_equal(back, "bytes", 5);
    assert_int_equal(fstat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    close(file);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_of_it_is_written_and_read),
        TEST(what_fails_says_why),
        TEST(a_file_is_new_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

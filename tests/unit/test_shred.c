#include "store_fixture.h"

#include "shred.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#define SIZE 150000u /* more than is written at once, and no even part of it */

static unsigned interruptions;
static size_t most;
static int failing; /* of pwrite */
static int syncing; /* what fsync says */
static unsigned synced;

/* The C library's own but for what the test has fail. */
ssize_t pwrite(int file, const void *data, size_t size, off_t at)
{
    if (interruptions || failing) {
        errno = interruptions ? EINTR : failing;
        interruptions -= interruptions > 0;
        return -1;
    }
    synced = 0; /* what was synced before a write is not on disk after it */
    return syscall(SYS_pwrite64, file, data, size < most ? size : most, at);
}

int fsync(int file)
{
    (void)file;
    synced++;
    errno = syncing;
    return syncing ? -1 : 0;
}

static int file;

/* "secret" is a file full of text, and open. */
static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    make_directory();
    interruptions = synced = 0;
    failing = syncing = 0;
    most = SIZE_MAX;
    file = open(in_directory("secret"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, memset(arena_alloc(arena, SIZE), 'x', SIZE), SIZE), SIZE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(file);
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

/* All SIZE bytes of it, and no more. */
static bool holds_only(char byte)
{
    char *bytes = arena_alloc(arena, SIZE + 1);
    if (pread(file, bytes, SIZE + 1, 0) != SIZE)
        return false;
    for (size_t i = 0; i < SIZE; i++)
        if (bytes[i] != byte)
            return false;
    return true;
}

static bool is_there(const char *name)
{
    return faccessat(AT_FDCWD, in_directory(name), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void all_of_it_is_overwritten_on_disk(void **state)
{
    (void)state;
    assert_int_equal(shred(file), 0);
    assert_true(holds_only(0));
    assert_int_equal(synced, 1);
}

static void it_goes_on_after_interruptions_and_short_writes(void **state)
{
    (void)state;
    interruptions = 2;
    most = 7001;
    assert_int_equal(shred(file), 0);
    assert_true(holds_only(0));
}

static void what_fails_says_why(void **state)
{
    (void)state;
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    assert_int_equal(shred(pipes[1]), ESPIPE);
    close(pipes[0]);
    close(pipes[1]);
    failing = ENOSPC;
    assert_int_equal(shred(file), ENOSPC);
    failing = 0;
    syncing = EIO;
    assert_int_equal(shred(file), EIO);
}

static void a_name_goes_after_its_bytes(void **state)
{
    (void)state;
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(shred_remove(folder, "secret"), 0);
    assert_true(holds_only(0));
    assert_int_equal(synced, 1);
    assert_false(is_there("secret"));
    /* As a crash may have left it: nothing is there any more. */
    assert_int_equal(shred_remove(folder, "secret"), 0);
    close(folder);
}

static void a_path_will_do(void **state)
{
    (void)state;
    assert_int_equal(shred_remove(AT_FDCWD, in_directory("secret")), 0);
    assert_true(holds_only(0));
    assert_false(is_there("secret"));
}

/* Otherwise nobody would come back for what it still holds. */
static void what_could_not_be_overwritten_keeps_its_name(void **state)
{
    (void)state;
    failing = EIO;
    assert_int_equal(shred_remove(AT_FDCWD, in_directory("secret")), EIO);
    assert_true(is_there("secret"));
    failing = 0;
    syncing = EIO;
    assert_int_equal(shred_remove(AT_FDCWD, in_directory("secret")), EIO);
    assert_true(is_there("secret"));
}

static void a_link_is_not_followed(void **state)
{
    (void)state;
    assert_int_equal(symlink("secret", in_directory("link")), 0);
    assert_int_equal(shred_remove(AT_FDCWD, in_directory("link")), ELOOP);
    assert_true(is_there("link"));
    assert_true(holds_only('x'));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_of_it_is_overwritten_on_disk),
        TEST(it_goes_on_after_interruptions_and_short_writes),
        TEST(what_fails_says_why),
        TEST(a_name_goes_after_its_bytes),
        TEST(a_path_will_do),
        TEST(what_could_not_be_overwritten_keeps_its_name),
        TEST(a_link_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

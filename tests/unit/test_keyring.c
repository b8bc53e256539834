#include "store_fixture.h"

#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ENTRY_SIZE 96
#define HEAD_SIZE 16
#define SECTOR_SIZE 512
#define SPANNING ((SECTOR_SIZE - HEAD_SIZE) / ENTRY_SIZE) /* this entry lies in two sectors */

static keyring_t *keyring;
static unsigned char key[KEYRING_KEY_SIZE];
static bool directory_fails;

/* The C library's own but for a directory that does not sync. */
int fsync(int file)
{
    struct stat status;
    if (directory_fails && fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EIO;
        return -1;
    }
    return fdatasync(file);
}

static keyring_t *open_keyring(bool read_only)
{
    char why[512];
    return keyring_open(directory, read_only, why, sizeof why);
}

static int setup(void **state)
{
    (void)state;
    assert_true(schema_start());
    arena = arena_new();
    make_directory();
    keyring = open_keyring(false);
    assert_non_null(keyring);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    keyring_close(&keyring);
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

static void need(const char *subject)
{
    record_id_t id = id_of_text(subject);
    assert_int_equal(keyring_need(keyring, &id, key), 0);
}

static bool knows(const char *subject)
{
    record_id_t id = id_of_text(subject);
    return keyring_find(keyring, &id, key);
}

static void reopen_keyring(void)
{
    keyring_close(&keyring);
    keyring = open_keyring(false);
    assert_non_null(keyring);
}

static long file_size(void)
{
    struct stat status;
    assert_int_equal(stat(in_directory("person.keys"), &status), 0);
    return (long)status.st_size;
}

static void append_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen(in_directory("person.keys"), "ab");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void flip(long at)
{
    FILE *file = fopen(in_directory("person.keys"), "r+b");
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
}

static void a_key_is_made_once_and_stays(void **state)
{
    (void)state;
    unsigned char first[KEYRING_KEY_SIZE];
    assert_false(knows("per-1"));
    need("per-1");
    memcpy(first, key, sizeof first);
    need("per-1");
    assert_memory_equal(key, first, sizeof first);
    need("per-2");
    assert_memory_not_equal(key, first, sizeof first);
    assert_int_equal(keyring_sync(keyring), 0);
    assert_int_equal(file_size(), HEAD_SIZE + 2 * ENTRY_SIZE);
    reopen_keyring();
    assert_true(knows("per-1"));
    assert_memory_equal(key, first, sizeof first);
    assert_false(knows("per-3"));
}

static void many_keys_are_found(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 1000; i++)
        need(arena_format(arena, "per-%u", i));
    reopen_keyring();
    for (unsigned i = 1; i <= 1000; i++)
        assert_true(knows(arena_format(arena, "per-%u", i)));
    for (unsigned i = 1; i <= 1000; i += 3) {
        record_id_t id = id_of_text(arena_format(arena, "per-%u", i));
        assert_int_equal(keyring_forget(keyring, &id), 0);
        if (i > 60)
            break;
    }
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 1; i <= 1000; i++)
            assert_int_equal(knows(arena_format(arena, "per-%u", i)), i % 3 != 1 || i > 61);
        reopen_keyring();
    }
}

static void half_an_entry_is_cut_away(void **state)
{
    (void)state;
    need("per-1");
    need("per-2");
    keyring_close(&keyring);
    assert_int_equal(truncate(in_directory("person.keys"), HEAD_SIZE + 2 * ENTRY_SIZE - 5), 0);
    keyring = open_keyring(false);
    assert_true(knows("per-1"));
    assert_false(knows("per-2"));
    need("per-3");
    reopen_keyring();
    assert_true(knows("per-1"));
    assert_true(knows("per-3"));
    assert_int_equal(file_size(), HEAD_SIZE + 2 * ENTRY_SIZE);
}

static void zeros_of_a_power_cut_are_passed_over(void **state)
{
    (void)state;
    need("per-1");
    keyring_close(&keyring);
    append_bytes((char[ENTRY_SIZE]){0}, ENTRY_SIZE);
    keyring = open_keyring(false);
    assert_non_null(keyring);
    assert_int_equal(keyring_damaged(keyring), 0);
    need("per-2");
    reopen_keyring();
    assert_true(knows("per-1"));
    assert_true(knows("per-2"));
}

static void wipe(long from, long to)
{
    FILE *file = fopen(in_directory("person.keys"), "r+b");
    fseek(file, from, SEEK_SET);
    for (; from < to; from++)
        fputc(0, file);
    fclose(file);
}

/* Of two keys never synced, the one in two sectors lost either of them. */
static void a_torn_key_is_passed_over(void **state)
{
    (void)state;
    const long first = HEAD_SIZE + SPANNING * ENTRY_SIZE, last = first + ENTRY_SIZE;
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned i = 0; i <= SPANNING; i++)
            need(arena_format(arena, "per-%u", 1 + i + half * 100));
        keyring_close(&keyring);
        wipe(half ? SECTOR_SIZE : first, half ? last : SECTOR_SIZE);
        keyring = open_keyring(false);
        assert_non_null(keyring);
        assert_int_equal(keyring_damaged(keyring), 0);
        assert_true(knows(arena_format(arena, "per-%u", SPANNING + half * 100)));
        assert_false(knows(arena_format(arena, "per-%u", 1 + SPANNING + half * 100)));
        keyring_close(&keyring);
        unlink(in_directory("person.keys"));
        keyring = open_keyring(false);
    }
    /* Zeros in part of what a sector has of it are no power cut. */
    for (unsigned i = 0; i <= SPANNING; i++)
        need(arena_format(arena, "per-%u", 1 + i));
    keyring_close(&keyring);
    wipe(SECTOR_SIZE, last - 8);
    assert_null(open_keyring(false));
}

static void a_file_of_zeros_is_one_being_made(void **state)
{
    (void)state;
    keyring_close(&keyring);
    wipe(0, HEAD_SIZE);
    keyring = open_keyring(false);
    assert_non_null(keyring);
    need("per-1");
    reopen_keyring();
    assert_true(knows("per-1"));
    keyring_close(&keyring);
    /* One with a key in it is not. */
    wipe(0, HEAD_SIZE);
    assert_null(open_keyring(false));
}

/* Its new name may still be lost: then the old file must have the keys. */
static void a_rename_that_is_not_synced_leaves_the_old_file_alone(void **state)
{
    (void)state;
    need("per-1");
    need("per-2");
    FILE *old = fopen(in_directory("person.keys"), "rb");
    record_id_t one = id_of_text("per-1");
    directory_fails = true;
    assert_int_equal(keyring_forget(keyring, &one), EIO);
    directory_fails = false;
    char bytes[8] = "";
    assert_int_equal(fread(bytes, 1, sizeof bytes, old), sizeof bytes);
    assert_memory_equal(bytes, "samverk ", sizeof bytes);
    fclose(old);
    /* And nothing more is promised until it is opened anew. */
    assert_int_equal(keyring_sync(keyring), EIO);
    reopen_keyring();
    assert_true(knows("per-2"));
}

static void a_damaged_key_is_not_passed_over(void **state)
{
    (void)state;
    need("per-1");
    need("per-2");
    keyring_close(&keyring);
    flip(HEAD_SIZE + 50);
    assert_null(open_keyring(false));
    keyring = open_keyring(true);
    assert_non_null(keyring);
    assert_int_equal(keyring_damaged(keyring), 1);
    assert_false(knows("per-1"));
    assert_true(knows("per-2"));
    keyring_close(&keyring);
    flip(HEAD_SIZE + 50);
    flip(3);
    assert_null(open_keyring(true));
}

static void read_only_makes_no_key_and_no_file(void **state)
{
    (void)state;
    need("per-1");
    keyring_close(&keyring);
    keyring = open_keyring(true);
    record_id_t one = id_of_text("per-1"), two = id_of_text("per-2");
    assert_int_equal(keyring_need(keyring, &one, key), 0);
    assert_int_not_equal(keyring_need(keyring, &two, key), 0);
    assert_int_not_equal(keyring_forget(keyring, &one), 0);
    keyring_close(&keyring);
    unlink(in_directory("person.keys"));
    assert_null(open_keyring(true));
    assert_int_not_equal(access(in_directory("person.keys"), F_OK), 0);
}

static void forgetting_leaves_nothing_even_in_the_old_file(void **state)
{
    (void)state;
    need("per-1");
    need("per-2");
    FILE *old = fopen(in_directory("person.keys"), "rb");
    record_id_t one = id_of_text("per-1"), never = id_of_text("per-9");
    assert_int_equal(keyring_forget(keyring, &one), 0);
    assert_int_equal(keyring_forget(keyring, &never), 0);
    char bytes[HEAD_SIZE + 2 * ENTRY_SIZE];
    assert_int_equal(fread(bytes, 1, sizeof bytes, old), sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0);
    fclose(old);
    assert_int_equal(file_size(), HEAD_SIZE + 2 * ENTRY_SIZE);
    assert_int_not_equal(access(in_directory("person.keys.new"), F_OK), 0);
    need("per-3");
    assert_int_equal(keyring_sync(keyring), 0);
    reopen_keyring();
    assert_false(knows("per-1"));
    assert_true(knows("per-2"));
    assert_true(knows("per-3"));
}

static bool was_forgotten(const char *subject)
{
    record_id_t id = id_of_text(subject);
    return keyring_forgotten(keyring, &id);
}

/* A crash may have left half of a new file, with keys that are forgotten later. */
static void what_a_crash_left_is_overwritten(void **state)
{
    (void)state;
    char left[14];
    record_id_t one = id_of_text("per-1");
    need("per-1");
    int file = open(in_directory("person.keys.new"), O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_int_equal(write(file, "someone's keys", sizeof left), sizeof left);
    assert_int_equal(keyring_forget(keyring, &one), 0);
    assert_int_equal(pread(file, left, sizeof left, 0), sizeof left);
    for (size_t i = 0; i < sizeof left; i++)
        assert_int_equal(left[i], 0);
    close(file);
    assert_int_not_equal(access(in_directory("person.keys.new"), F_OK), 0);
}

static void forget(const char *subject)
{
    record_id_t id = id_of_text(subject);
    assert_int_equal(keyring_forget(keyring, &id), 0);
}

/* Also beside the key that its number has got since. */
static void a_tombstone_stays(void **state)
{
    (void)state;
    need("per-1");
    need("per-2");
    forget("per-1");
    reopen_keyring();
    assert_true(was_forgotten("per-1"));
    assert_false(was_forgotten("per-2"));
    assert_false(was_forgotten("per-3"));
    need("per-1");
    assert_int_equal(keyring_sync(keyring), 0);
    forget("per-2");
    reopen_keyring();
    assert_true(knows("per-1"));
    assert_true(was_forgotten("per-1"));
    assert_true(was_forgotten("per-2"));
}

static void put_image(const void *image, size_t size)
{
    keyring_close(&keyring);
    FILE *file = fopen(in_directory("person.keys"), "wb");
    assert_int_equal(fwrite(image, 1, size, file), size);
    fclose(file);
    keyring = open_keyring(false);
    assert_non_null(keyring);
}

/* A backup's keys and those of now, both ways round: whoever was forgotten by either
   stays so, and nobody else's key is lost. */
static void merging_keeps_the_forgotten_forgotten(void **state)
{
    (void)state;
    void *old, *new;
    size_t old_size, new_size;
    unsigned char again[KEYRING_KEY_SIZE];
    need("per-1");
    need("per-2");
    need("per-4");
    assert_int_equal(keyring_image(keyring, &old, &old_size), 0);
    forget("per-1");
    forget("per-2");
    need("per-2");
    memcpy(again, key, sizeof again);
    need("per-3");
    assert_int_equal(keyring_image(keyring, &new, &new_size), 0);
    for (int turn = 0; turn < 2; turn++) {
        put_image(turn ? new : old, turn ? new_size : old_size);
        keyring_t *other = open_keyring(true);
        keyring_close(&keyring);
        put_image(turn ? old : new, turn ? old_size : new_size);
        assert_int_equal(keyring_merge(keyring, other), 0);
        keyring_close(&other);
        reopen_keyring();
        assert_false(knows("per-1"));
        assert_true(was_forgotten("per-1"));
        assert_true(knows("per-2"));
        assert_memory_equal(key, again, sizeof key);
        assert_true(knows("per-3"));
        assert_true(knows("per-4"));
    }
    keyring_image_free(old, old_size);
    keyring_image_free(new, new_size);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_made_once_and_stays),
        TEST(many_keys_are_found),
        TEST(half_an_entry_is_cut_away),
        TEST(zeros_of_a_power_cut_are_passed_over),
        TEST(a_torn_key_is_passed_over),
        TEST(a_file_of_zeros_is_one_being_made),
        TEST(a_rename_that_is_not_synced_leaves_the_old_file_alone),
        TEST(a_damaged_key_is_not_passed_over),
        TEST(read_only_makes_no_key_and_no_file),
        TEST(forgetting_leaves_nothing_even_in_the_old_file),
        TEST(what_a_crash_left_is_overwritten),
        TEST(a_tombstone_stays),
        TEST(merging_keeps_the_forgotten_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

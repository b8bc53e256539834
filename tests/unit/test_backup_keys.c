#include "store_fixture.h"

#include "backup_keys.h"
#include "keyring.h"
#include "txn.h"

static char why[512];

static bool write_keys(void)
{
    const backup_secret_t secrets[] = {{"server.secret", "the server's", 12},
                                       {"server.next", "", 0}};
    return backup_keys_write(store, directory, secrets, 2, why, sizeof why);
}

static void assert_holds(const backup_keys_t *keys, const char *name, const char *bytes)
{
    const backup_secret_t *found = backup_keys_find(keys, name);
    assert_non_null(found);
    assert_int_equal(found->size, strlen(bytes));
    assert_memory_equal(found->bytes, bytes, found->size);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    void *image;
    size_t size;
    put(person("per-1", "Namn"));
    assert_true(write_keys());
    const char *path = in_directory(BACKUP_KEYS_NAME);
    backup_keys_t *keys = backup_keys_open(path, why, sizeof why);
    assert_non_null(keys);
    assert_holds(keys, "server.secret", "the server's");
    assert_holds(keys, "server.next", "");
    assert_null(backup_keys_find(keys, "other"));
    const backup_secret_t *people = backup_keys_find(keys, KEYRING_FILE_NAME);
    assert_non_null(people);
    assert_int_equal(keyring_image(store->keyring, &image, &size), 0);
    assert_int_equal(people->size, size);
    assert_memory_equal(people->bytes, image, size);
    keyring_image_free(image, size);
    backup_keys_close(&keys);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* There is one, and nothing of those before is left in the file system's hands. */
static void the_old_one_is_overwritten(void **state)
{
    (void)state;
    char bytes[512];
    put(person("per-1", "Namn"));
    assert_true(write_keys());
    FILE *old = fopen(in_directory(BACKUP_KEYS_NAME), "rb");
    assert_true(write_keys());
    size_t size = fread(bytes, 1, sizeof bytes, old);
    fclose(old);
    assert_true(size > 200);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0);
    assert_int_not_equal(access(in_directory(BACKUP_KEYS_NAME ".new"), F_OK), 0);
}

static void damage_is_refused_by_name(void **state)
{
    (void)state;
    char bytes[512];
    put(person("per-1", "Namn"));
    assert_true(write_keys());
    FILE *file = fopen(in_directory(BACKUP_KEYS_NAME), "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    const char *other = in_directory("other");
    for (size_t i = 0; i < 2 * size; i++) {
        size_t count = i < size ? size : i - size; /* a byte wrong, or cut there */
        bytes[i % size] ^= (char)(i < size);
        file = fopen(other, "wb");
        assert_int_equal(fwrite(bytes, 1, count, file), count);
        fclose(file);
        bytes[i % size] ^= (char)(i < size);
        assert_null(backup_keys_open(other, why, sizeof why));
        assert_int_equal(strncmp(why, other, strlen(other)), 0);
    }
    assert_null(backup_keys_open(in_directory("nowhere"), why, sizeof why));
    assert_non_null(strstr(why, "No such file"));
}

static void what_cannot_be_written_is_said(void **state)
{
    (void)state;
    assert_false(backup_keys_write(store, in_directory("nowhere"), NULL, 0, why, sizeof why));
    assert_non_null(strstr(why, "nowhere/" BACKUP_KEYS_NAME));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_is_written_is_read),
        FIXTURE_TEST(the_old_one_is_overwritten),
        FIXTURE_TEST(damage_is_refused_by_name),
        FIXTURE_TEST(what_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

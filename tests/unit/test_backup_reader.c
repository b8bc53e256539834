#include "store_fixture.h"

#include "backup_reader.h"

static backup_progress_t progress;
static char why[512];
static unsigned char *bytes;
static size_t size;

static int setup(void **state)
{
    fixture_setup(state);
    put(person("per-1", "Namn"));
    put(county("cty-05", "Östergötlands län"));
    assert_true(backup_write(
        &(backup_options_t){
            .store = store, .directory = directory, .name = "one", .progress = &progress},
        why, sizeof why));
    FILE *file = fopen(in_directory("one"), "rb");
    bytes = arena_alloc(arena, 1 << 16);
    size = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    assert_true(size > 200);
    return 0;
}

/* Whether the first `count` bytes, as they are now, are taken for a backup. */
static bool opens(size_t count)
{
    FILE *file = fopen(in_directory("other"), "wb");
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
    const char *path = in_directory("other");
    backup_reader_t *reader = backup_reader_open(path, why, sizeof why);
    bool good = reader != NULL;
    backup_reader_close(&reader);
    assert_true(good || strncmp(why, path, strlen(path)) == 0);
    return good;
}

static void every_bit_counts(void **state)
{
    (void)state;
    assert_true(opens(size));
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (unsigned char)(1u << i % 8);
        assert_false(opens(size));
        bytes[i] ^= (unsigned char)(1u << i % 8);
    }
}

static void one_that_was_cut_says_so(void **state)
{
    (void)state;
    for (size_t count = 0; count < size; count++) {
        assert_false(opens(count));
        assert_non_null(strstr(why, "ends too soon"));
    }
    assert_false(opens(size + 1));
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    assert_null(backup_reader_open("/nowhere/at/all", why, sizeof why));
    assert_string_equal(why, "/nowhere/at/all: No such file or directory");
    assert_null(backup_reader_open(in_directory("record.mdb"), why, sizeof why));
    assert_non_null(strstr(why, "it is no backup"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_bit_counts),
        TEST(one_that_was_cut_says_so),
        TEST(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

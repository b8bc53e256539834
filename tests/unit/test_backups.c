#include "store_fixture.h"

#include "backup_reader.h"
#include "backups.h"
#include "server_key.h"

#include <time.h>

static backups_t *backups;
static char why[512];
static const char *folder;
static right_t right;
static access_t access_now;
static call_t call;

static int setup(void **state)
{
    unsigned char public_key[32], secret_key[32];
    fixture_setup(state);
    put(county("cty-05", "Östergötlands län"));
    assert_true(server_key_create(directory, public_key, secret_key, why, sizeof why));
    folder = arena_text(arena, in_directory("backups"));
    assert_int_equal(mkdir(folder, 0700), 0);
    backups = backups_new(store, folder);
    right = (right_t){.role = ROLE_admin, .whole = true};
    access_now =
        (access_t){.valid = true, .roles = ROLE_BIT(ROLE_admin), .rights = &right, .n_rights = 1};
    return 0;
}

static int teardown(void **state)
{
    assert_true(backups_destroy(&backups));
    return fixture_teardown(state);
}

/* The command with this file, NULL for none; its state, or the error's code. */
static const char *ask(const char *file)
{
    static value_t arguments;
    value_builder_t map = value_builder(arena);
    if (file)
        value_add_pair(&map, "file", value_text(file));
    arguments = value_build_map(&map);
    call = (call_t){.command = schema_command("backup"),
                    .arguments = &arguments,
                    .access = &access_now,
                    .arena = arena,
                    .now_ms = 1000};
    if (backups_command(backups, &call))
        return value_get_text(&call.result, "state");
    return error_name(call.error.code);
}

static const char *wait_for_end(void)
{
    const char *said;
    while (strcmp(said = ask(NULL), "running") == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return said;
}

/* Begun with this file, or as short as it is ended by now: its end. */
static const char *begin_and_wait(const char *file)
{
    const char *said = ask(file);
    return strcmp(said, "running") == 0 ? wait_for_end() : said;
}

static void one_is_begun_and_told_of(void **state)
{
    (void)state;
    char text[SERVER_KEY_TEXT_SIZE];
    assert_string_equal(ask(NULL), "none");
    assert_string_equal(begin_and_wait("monday"), "done");
    assert_string_equal(value_get_text(&call.result, "file"), "monday");
    assert_int_equal(value_get_integer(&call.result, "rev", -1), 1);
    assert_int_equal(value_get_integer(&call.result, "of", -1), 1);
    assert_int_equal(value_get_integer(&call.result, "started", -1), 1000);
    backup_reader_t *reader =
        backup_reader_open(arena_text(arena, in_directory("backups/monday")), why, sizeof why);
    assert_non_null(reader);
    backup_reader_close(&reader);
    backup_keys_t *keys =
        backup_keys_open(in_directory("backups/" BACKUP_KEYS_NAME), why, sizeof why);
    assert_non_null(keys);
    const backup_secret_t *secret = backup_keys_find(keys, "server.secret");
    assert_true(server_key_text(directory, text));
    assert_int_equal(secret->size, strlen(text));
    assert_memory_equal(secret->bytes, text, secret->size);
    assert_non_null(backup_keys_find(keys, "person.keys"));
    assert_null(backup_keys_find(keys, "server.next"));
    backup_keys_close(&keys);
    /* The next one takes its place. */
    assert_string_equal(begin_and_wait("tuesday"), "done");
    assert_string_equal(value_get_text(&call.result, "file"), "tuesday");
}

static void only_plain_names_are_taken(void **state)
{
    (void)state;
    static const char *const names[] = {"",           "../up",          "a/b",       ".hidden",
                                        "monday.new", BACKUP_KEYS_NAME, "two words", "måndag"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(ask(names[i]), "invalid");
        assert_string_equal(call.error.field, "file");
    }
    assert_string_equal(ask(arena_format(arena, "%0101d", 0)), "invalid");
    assert_string_equal(ask(NULL), "none");
}

static void it_is_for_who_administers_all(void **state)
{
    (void)state;
    right.whole = false;
    assert_string_equal(ask("monday"), "not-allowed");
    assert_string_equal(ask(NULL), "not-allowed");
    right = (right_t){.role = ROLE_coordinator, .whole = true};
    assert_string_equal(ask("monday"), "not-allowed");
}

static void without_a_directory_there_is_none(void **state)
{
    (void)state;
    backups_t *with = backups;
    backups = backups_new(store, "");
    assert_string_equal(ask("monday"), "backup");
    assert_non_null(strstr(call.error.expected, "backup_directory"));
    assert_true(backups_destroy(&backups));
    assert_string_equal(ask("monday"), "backup");
    backups = with;
}

static void what_went_wrong_is_told(void **state)
{
    (void)state;
    assert_int_equal(rmdir(folder), 0);
    assert_string_equal(begin_and_wait("monday"), "failed");
    assert_string_equal(value_get_text(&call.result, "why"), "No such file or directory");
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_string_equal(begin_and_wait("monday"), "done");
}

/* Long enough to be asked about: two at once are refused, the same again is the same. */
static void there_is_one_at_a_time(void **state)
{
    (void)state;
    char *text = arena_alloc(arena, 8001);
    memset(text, 'x', 8000);
    for (unsigned i = 0; i < 200; i++)
        put(record_with(arena_format(arena, "cty-%u", 10 + i), "name", "Län", "notes", text, NULL));
    assert_string_equal(ask("long"), "running");
    assert_string_equal(ask("other"), "backup");
    assert_string_equal(call.error.expected, "the end of the one under way");
    assert_string_equal(ask("long"), "running");
    /* Told to stop it leaves nothing behind. */
    assert_true(backups_destroy(&backups));
    assert_int_not_equal(access(in_directory("backups/long"), F_OK), 0);
    assert_int_not_equal(access(in_directory("backups/long.new"), F_OK), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_is_begun_and_told_of),      TEST(only_plain_names_are_taken),
        TEST(it_is_for_who_administers_all), TEST(without_a_directory_there_is_none),
        TEST(what_went_wrong_is_told),       TEST(there_is_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

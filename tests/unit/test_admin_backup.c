#include "admin.h"
#include "cli_fixture.h"

/* How often the daemon was asked, and what it says from the third time on. */
static int looks;
static const char *last_state;
static const char *last_file;

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t map = value_builder(arena);
    if (strcmp(command, "backup") != 0)
        error_set(error, ERROR_UNKNOWN_COMMAND, NULL, NULL);
    bool begun = value_get_text(arguments, "file") != NULL;
    bool running = looks++ < 2 && (begun || looks > 1);
    value_add_pair(&map, "state", value_text(running ? "running" : last_state));
    if (!running && strcmp(last_state, "none") == 0)
        return value_build_map(&map);
    value_add_pair(&map, "file", value_text(running ? "monday" : last_file));
    value_add_pair(&map, "rev", value_integer(running ? 400 : 812));
    value_add_pair(&map, "of", value_integer(812));
    value_add_pair(&map, "bytes", value_integer(65536));
    value_add_pair(&map, "ended", value_integer(1773478800250));
    value_add_pair(&map, "why", value_text("No space\033[2Jleft"));
    return value_build_map(&map);
}

/* One run that ends so; whether it succeeded. */
static bool run(const char *file, const char *state, const char *of_file, heard_t *said)
{
    fake_t *daemon = daemon_begin(serve);
    arguments_t arguments = {.words = &file, .n_words = file ? 1 : 0};
    looks = 0;
    last_state = state;
    last_file = of_file;
    hear();
    bool good = admin_backup_run(&cli, &arguments);
    *said = heard();
    daemon_end(&daemon);
    return good;
}

static void one_is_followed_to_its_end(void **state)
{
    (void)state;
    heard_t said;
    assert_true(run("monday", "done", "monday", &said));
    assert_string_equal(said.out, "Backup monday, 2026-03-14 10:00: 812 revisions, 65536 bytes.\n");
    assert_string_equal(asked(0), "backup {\"file\":\"monday\"}");
    assert_string_equal(asked(1), "backup {}");
    assert_string_equal(asked(2), "backup {}");
    assert_null(asked(3));
}

static void without_a_file_nothing_is_begun(void **state)
{
    (void)state;
    heard_t said;
    assert_true(run(NULL, "none", "", &said));
    assert_string_equal(said.out, "No backup has been made since the daemon was started.\n");
    assert_string_equal(asked(0), "backup {}");
    assert_null(asked(1));
}

static void what_went_wrong_is_said(void **state)
{
    (void)state;
    heard_t said;
    assert_false(run("monday", "failed", "monday", &said));
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_non_null(strstr(said.err, "monday was not made: No space"));
    assert_null(strchr(said.err, '\033'));
    assert_string_equal(said.out, "");
}

/* Someone else's backup, or none, is not taken for ours. */
static void a_daemon_started_anew_is_noticed(void **state)
{
    (void)state;
    heard_t said;
    assert_false(run("monday", "done", "tuesday", &said));
    assert_non_null(strstr(said.err, "started anew"));
    assert_false(run("monday", "none", "", &said));
    assert_non_null(strstr(said.err, "started anew"));
}

static void as_json_it_is_one_document(void **state)
{
    (void)state;
    heard_t said;
    cli.output = OUTPUT_JSON;
    assert_true(run("monday", "done", "monday", &said));
    json_t *document = json_loads(said.out, 0, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "state")), "done");
    assert_int_equal(json_integer_value(json_object_get(document, "bytes")), 65536);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(one_is_followed_to_its_end), CLI_TEST(without_a_file_nothing_is_begun),
        CLI_TEST(what_went_wrong_is_said),    CLI_TEST(a_daemon_started_anew_is_noticed),
        CLI_TEST(as_json_it_is_one_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

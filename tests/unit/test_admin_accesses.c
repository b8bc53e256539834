#include "admin.h"
#include "cli_fixture.h"

static bool unread;

static value_t readings(const char *command, const value_t *arguments, arena_t *arena,
                        error_t *error)
{
    (void)arguments;
    (void)error;
    value_builder_t items = value_builder(arena), result = value_builder(arena);
    if (strcmp(command, "list") == 0) {
        value_add(&items, VIEW(arena, "usr-2", "name", "Mäklare, Motala"));
        value_add_pair(&result, "records", value_build_list(&items));
        return value_build_map(&result);
    }
    value_builder_t row = value_builder(arena), subjects = value_builder(arena);
    value_add(&subjects, value_text("per-1"));
    value_add(&subjects, value_text("per-4\033[1m"));
    value_add_pair(&row, "time", value_integer(INT64_C(1795320222424)));
    value_add_pair(&row, "user", value_text("usr-9"));
    value_add_pair(&row, "as", value_text("usr-2"));
    value_add_pair(&row, "command", value_text("get"));
    value_add_pair(&row, "purpose", value_text("ringa\033[2J"));
    value_add_pair(&row, "subjects", value_build_list(&subjects));
    if (!unread)
        value_add(&items, value_build_map(&row));
    value_add_pair(&result, "items", value_build_list(&items));
    value_add_pair(&result, "next", value_absent);
    return value_build_map(&result);
}

static const option_t user = {"user", "ID", ""}, person = {"person", "ID", ""},
                      since = {"since", "DAY", ""};

static bool run(const given_t *given, size_t n_given, heard_t *said)
{
    arguments_t arguments = {.given = (given_t *)given, .n_given = n_given};
    fake_t *daemon = daemon_begin(readings);
    cli.status = 0;
    hear();
    bool good = admin_accesses_run(&cli, &arguments);
    *said = heard();
    daemon_end(&daemon);
    assert_int_equal(good, cli.status == 0);
    return good;
}

/* Who it was for, not the program that asked; nothing that steers the terminal. */
static void who_read_what_and_why(void **state)
{
    (void)state;
    heard_t said;
    given_t given[] = {{.option = &person, .value = "per-1"},
                       {.option = &since, .value = "2026-11-22"}};
    cli.purpose = "stickprov";
    assert_true(run(given, 2, &said));
    /* The day begins at midnight here. */
    assert_string_equal(asked(0), "accesses {\"since\":1795302000000,\"person\":\"per-1\","
                                  "\"purpose\":\"stickprov\"}");
    assert_non_null(strstr(said.out, "Mäklare, Motala (usr-2)"));
    assert_null(strstr(said.out, "usr-9"));
    assert_non_null(strstr(said.out, "ringa\xef\xbf\xbd[2J"));
    assert_non_null(strstr(said.out, "per-1 per-4\xef\xbf\xbd[1m"));
    /* Nothing is said to be nothing. */
    unread = true;
    assert_true(run(given, 2, &said));
    unread = false;
    assert_string_equal(said.out, "");
    assert_non_null(strstr(said.err, "no such readings"));
}

static void as_json(void **state)
{
    (void)state;
    heard_t said;
    given_t given = {.option = &user, .value = "usr-2"};
    cli.purpose = "stickprov";
    cli.output = OUTPUT_JSON;
    assert_true(run(&given, 1, &said));
    json_t *document = json_loads(said.out, 0, NULL);
    json_t *row = json_array_get(json_object_get(document, "accesses"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "user")), "usr-9");
    assert_string_equal(json_string_value(json_object_get(row, "as")), "usr-2");
    assert_int_equal(json_array_size(json_object_get(row, "subjects")), 2);
    json_decref(document);
    assert_null(asked(1));
}

static void what_must_be_said(void **state)
{
    (void)state;
    heard_t said;
    given_t given = {.option = &user, .value = "usr-2"};
    given_t days[] = {{.option = &user, .value = "usr-2"}, {.option = &since, .value = "igår"}};
    assert_false(run(&given, 1, &said));
    assert_non_null(strstr(said.err, "--purpose"));
    cli.purpose = "stickprov";
    assert_false(run(NULL, 0, &said));
    assert_non_null(strstr(said.err, "--person"));
    assert_false(run(days, 2, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_non_null(strstr(said.err, "YYYY-MM-DD"));
    assert_null(asked(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(who_read_what_and_why),
        CLI_TEST(as_json),
        CLI_TEST(what_must_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

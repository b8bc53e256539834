#include "admin.h"
#include "cli_fixture.h"
#include "format.h"

static int64_t count; /* of connections that there are */

static value_t connected(const char *command, const value_t *arguments, arena_t *arena,
                         error_t *error)
{
    (void)arguments;
    (void)error;
    value_builder_t list = value_builder(arena), result = value_builder(arena);
    if (strcmp(command, "list") == 0) {
        value_add(&list, VIEW(arena, "usr-2", "name", "Mäklare, Motala"));
        value_add_pair(&result, "records", value_build_list(&list));
        return value_build_map(&result);
    }
    value_builder_t row = value_builder(arena);
    value_add_pair(&row, "user", value_text("usr-2"));
    value_add_pair(&row, "program", value_text("samverk 0.1.0\033[2J"));
    value_add_pair(&row, "since", value_integer(INT64_C(1795320222424)));
    value_add_pair(&row, "heard", value_integer(INT64_C(1795323822424)));
    value_add_pair(&row, "watches", value_integer(3));
    value_add(&list, value_build_map(&row));
    value_add_pair(&result, "sessions", value_build_list(&list));
    value_add_pair(&result, "count", value_integer(count));
    return value_build_map(&result);
}

static heard_t run(output_t output)
{
    arguments_t arguments = {0};
    fake_t *daemon = daemon_begin(connected);
    cli.output = output;
    hear();
    assert_true(admin_sessions_run(&cli, &arguments));
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

static void who_is_there_and_with_what(void **state)
{
    (void)state;
    count = 1;
    heard_t said = run(OUTPUT_TEXT);
    assert_string_equal(asked(0), "sessions {}");
    assert_non_null(strstr(said.out, "Mäklare, Motala (usr-2)"));
    assert_non_null(strstr(said.out, "samverk 0.1.0\xef\xbf\xbd[2J"));
    assert_non_null(strstr(said.out, arena_format(cli.arena, "%s  %s  ",
                                                  format_instant(1795320222424, cli.arena),
                                                  format_instant(1795323822424, cli.arena))));
    assert_string_equal(said.err, "");
}

static void that_there_are_more_is_said(void **state)
{
    (void)state;
    count = 5000;
    assert_non_null(strstr(run(OUTPUT_TEXT).err, "connections in all"));
}

static void as_json(void **state)
{
    (void)state;
    count = 1;
    json_t *document = json_loads(run(OUTPUT_JSON).out, 0, NULL);
    json_t *row = json_array_get(json_object_get(document, "sessions"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "watches")), 3);
    assert_int_equal(json_integer_value(json_object_get(document, "count")), 1);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(who_is_there_and_with_what),
        CLI_TEST(that_there_are_more_is_said),
        CLI_TEST(as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli_fixture.h"
#include "move.h"
#include "verbs.h"

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    (void)arguments;
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    if (strcmp(command, "list") == 0) {
        value_add(&records, VIEW(arena, "usr-4", "name", "broker, Motala"));
        value_add_pair(&map, "records", value_build_list(&records));
        return value_build_map(&map);
    }
    if (strcmp(command, "status") != 0)
        error_set(error, ERROR_UNKNOWN_COMMAND, NULL, NULL);
    value_add_pair(&records, "inquiry", value_integer(12));
    value_add_pair(&records, "area", value_integer(0));
    value_add_pair(&map, "region", value_text("Östra Mellansverige"));
    value_add_pair(&map, "version", value_text("0.1.0"));
    value_add_pair(&map, "rev", value_integer(812));
    value_add_pair(&map, "time", value_integer(1773478800250));
    value_add_pair(&map, "records", value_build_map(&records));
    return value_build_map(&map);
}

static const arguments_t no_arguments;

static void status_says_who_where_and_how_much(void **state)
{
    (void)state;
    speak("sv");
    fake_t *daemon = daemon_begin(serve);
    snprintf(cli.profile.endpoint, sizeof cli.profile.endpoint, "tcp://samverk.example.se:7761");
    snprintf(cli.profile.name, sizeof cli.profile.name, "motala");
    hear();
    assert_true(status_run(&cli, &no_arguments));
    heard_t said = heard();
    static const char *const expected[] = {"Östra Mellansverige",
                                           "tcp://samverk.example.se:7761",
                                           "broker, Motala (usr-4)",
                                           "kompetensmäklare",
                                           "812",
                                           "2026-03-14 10:00",
                                           "0.1.0",
                                           "förfrågningar",
                                           "motala"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(said.out, expected[i]))
            fail_msg("\"%s\" is not in:\n%s", expected[i], said.out);
    /* What there is none of takes no line. */
    assert_null(strstr(said.out, "kompetensområden"));
    assert_string_equal(said.err, "");
    daemon_end(&daemon);
}

static void a_newer_daemon_is_told(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    atomic_store(&daemon->schema, SCHEMA_VERSION + 1);
    hear();
    assert_true(status_run(&cli, &no_arguments));
    assert_non_null(strstr(heard().err, "upgrade"));
    daemon_end(&daemon);
}

static void status_as_json_is_one_document(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    cli.output = OUTPUT_JSON;
    snprintf(cli.profile.name, sizeof cli.profile.name, "motala");
    hear();
    assert_true(status_run(&cli, &no_arguments));
    json_t *document = json_loads(heard().out, 0, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "user")), "usr-4");
    assert_string_equal(json_string_value(json_object_get(document, "profile")), "motala");
    assert_int_equal(json_integer_value(json_object_get(document, "rev")), 812);
    assert_string_equal(json_string_value(json_array_get(json_object_get(document, "roles"), 0)),
                        "broker");
    json_decref(document);
    daemon_end(&daemon);
}

static void status_as_csv_is_a_row_a_name(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    cli.output = OUTPUT_CSV;
    hear();
    assert_true(status_run(&cli, &no_arguments));
    const char *text = heard().out;
    static const char *const rows[] = {"rev,812\r\n", "time,2026-03-14T09:00:00.250Z\r\n",
                                       "inquiry,12\r\n", "roles,broker\r\n", "user,usr-4\r\n"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strstr(text, rows[i]))
            fail_msg("%s is not in\n%s", rows[i], text);
    daemon_end(&daemon);
}

/* -- schema ------------------------------------------------------------------------------------ */

static heard_t schema_of(const char *kind)
{
    arguments_t arguments = {.words = &kind, .n_words = kind ? 1 : 0};
    hear();
    schema_run(&cli, &arguments);
    return heard();
}

static void every_kind_is_listed(void **state)
{
    (void)state;
    const char *text = schema_of(NULL).out;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        assert_non_null(strstr(text, arena_format(cli.arena, "\n%s ", kind->name)));
        assert_non_null(strstr(text, label_of_kinds(kind)));
    }
}

static void every_field_and_move_has_its_swedish_words(void **state)
{
    (void)state;
    speak("sv");
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        const char *text = schema_of(kind->name).out;
        for (size_t i = 0; i < kind->n_fields; i++)
            if (arguments_field_ok(&kind->fields[i], FIELDS_READABLE))
                assert_non_null(strstr(text, label_of_field(kind, &kind->fields[i])));
        const char *moves = strstr(text, "\n\n");
        if (!kind->n_moves) {
            assert_null(moves);
            continue;
        }
        for (size_t i = 0; i < kind->n_moves; i++) {
            const move_t *move = &kind->moves[i];
            const state_t *from = kind_state(kind, move->from), *to = kind_state(kind, move->to);
            assert_non_null(strstr(moves, move_name(&cli, kind, move->verb)));
            assert_true(!from || strstr(moves, label_of_state(kind, from)));
            assert_true(!to || strstr(moves, label_of_state(kind, to)));
        }
    }
    /* A row by its words, what it needs included. */
    assert_non_null(strstr(schema_of("inquiry").out, "map (slutför behovsinventering)"));
    const char *row = strstr(schema_of("inquiry").out, "map (slutför behovsinventering)");
    row = arena_text_of(cli.arena, row, strcspn(row, "\n"));
    assert_non_null(strstr(row, "i dialog"));
    assert_non_null(strstr(row, "behov inventerat"));
    assert_non_null(strstr(row, "kompetensområden, deltagare"));
    /* A field that remembers a state has the states' words too. */
    assert_non_null(strstr(strstr(schema_of("inquiry").out, "state_sent"), "new (ny)"));
}

static void schema_as_json_has_the_words_of_the_wire(void **state)
{
    (void)state;
    speak("sv");
    cli.output = OUTPUT_JSON;
    json_t *document = json_loads(schema_of("inquiry").out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(document, "version")), SCHEMA_VERSION);
    const kind_t *kind = schema_kind("inquiry");
    json_t *row = json_array_get(json_object_get(document, "kinds"), 0);
    assert_int_equal(json_array_size(json_object_get(document, "kinds")), 1);
    json_t *moves = json_object_get(row, "moves");
    assert_int_equal(json_array_size(moves), kind->n_moves);
    for (size_t i = 0; i < kind->n_moves; i++) {
        json_t *move = json_array_get(moves, i);
        assert_string_equal(json_string_value(json_object_get(move, "verb")), kind->moves[i].verb);
        assert_string_equal(json_string_value(json_object_get(move, "from")), kind->moves[i].from);
        assert_string_equal(json_string_value(json_object_get(move, "to")), kind->moves[i].to);
    }
    json_decref(document);
}

static void a_kind_that_is_none_is_wrong_usage(void **state)
{
    (void)state;
    const char *err = schema_of("inquiries").err;
    assert_non_null(strstr(err, "inquiries"));
    assert_int_equal(cli.status, EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(status_says_who_where_and_how_much, cli_begin, cli_end),
        cmocka_unit_test_setup_teardown(a_newer_daemon_is_told, cli_begin, cli_end),
        cmocka_unit_test_setup_teardown(status_as_json_is_one_document, cli_begin, cli_end),
        cmocka_unit_test_setup_teardown(status_as_csv_is_a_row_a_name, cli_begin, cli_end),
        cmocka_unit_test_setup_teardown(every_kind_is_listed, cli_begin, cli_end),
        cmocka_unit_test_setup_teardown(every_field_and_move_has_its_swedish_words, cli_begin,
                                        cli_end),
        cmocka_unit_test_setup_teardown(schema_as_json_has_the_words_of_the_wire, cli_begin,
                                        cli_end),
        cmocka_unit_test_setup_teardown(a_kind_that_is_none_is_wrong_usage, cli_begin, cli_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

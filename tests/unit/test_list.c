#include "typed.h"
#include "verbs.h"

/* list and count, before a daemon that has so many inquiries. */

static int n_records;
static int n_counted = 33; /* what a count says; the daemon may refuse one */

static value_t listed(const value_t *arguments, arena_t *arena)
{
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    int from = (int)value_get_integer(arguments, "after", 0);
    int limit = (int)value_get_integer(arguments, "limit", 50), n = from;
    const char *kind = value_get_text(arguments, "kind");
    /* Names of what is referred to. */
    if (strcmp(kind, "municipality") == 0)
        value_add(&records, VIEW(arena, "mun-0583", "name", "Motala"));
    for (; strcmp(kind, "inquiry") == 0 && n < n_records && n < from + limit; n++)
        value_add(&records, VIEW(arena, arena_format(arena, "inq-%d", n_records - n), "title",
                                 "CAD", "municipality", "mun-0583"));
    value_add_pair(&map, "records", value_build_list(&records));
    value_add_pair(&map, "rev", value_integer(812));
    if (strcmp(kind, "inquiry") == 0 && n < n_records)
        value_add_pair(&map, "next", value_integer(n));
    return value_build_map(&map);
}

static value_t counted(const value_t *arguments, arena_t *arena)
{
    value_builder_t map = value_builder(arena), counts = value_builder(arena);
    static const char *const states[] = {"new", "closed", NULL};
    for (int i = 0; i < 3; i++) {
        value_builder_t count = value_builder(arena);
        value_add_pair(&count, "value", states[i] ? value_text(states[i]) : value_absent);
        value_add_pair(&count, "count", value_integer(10 * i + 1));
        value_add(&counts, value_build_map(&count));
    }
    if (value_get_text(arguments, "by"))
        value_add_pair(&map, "counts", value_build_list(&counts));
    value_add_pair(&map, "count", value_integer(n_counted));
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    if (n_counted == 0 && strcmp(command, "count") == 0)
        error_set(error, ERROR_TOO_BROAD, NULL, NULL);
    return strcmp(command, "count") == 0 ? counted(arguments, arena) : listed(arguments, arena);
}

static bool good;
static int n_lists; /* pages that were asked for */

static heard_t run(const char *verb, const char *const *words)
{
    fake_t *daemon = daemon_begin(serve);
    cli.kind = schema_kind("inquiry");
    const verb_t *row = verb_find(verb_of_kinds, verb);
    row = row ? row : verb_find(verb_general, verb);
    arguments_t arguments = typed(row, words);
    hear();
    good = row->run(&cli, &arguments);
    heard_t said = heard();
    n_lists = 0;
    for (int i = 0; asked(i); i++)
        n_lists += strstr(asked(i), "list {\"kind\":\"inquiry\"") != NULL;
    daemon_end(&daemon);
    return said;
}

#define RUN(verb, ...) run(verb, (const char *const[]){__VA_ARGS__, NULL})

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* -- list ------------------------------------------------------------------------------------------ */

static void a_list_is_fifty_and_says_when_there_are_more(void **state)
{
    (void)state;
    n_records = n_counted = 120;
    heard_t said = RUN("list", NULL);
    assert_true(good);
    assert_int_equal(lines_of(said.out), 51);
    assert_non_null(strstr(said.out, "inq-120"));
    assert_non_null(strstr(said.out, "Motala"));
    assert_string_equal(said.err, "50 of 120. --limit 120 shows them all.\n");
    n_counted = 0;
    said = RUN("list", NULL);
    assert_true(good);
    assert_non_null(strstr(said.err, "The first 50; there are more."));
    n_counted = 33;
    n_records = 50;
    said = RUN("list", NULL);
    assert_int_equal(lines_of(said.out), 51);
    assert_string_equal(said.err, "");
}

static void a_long_list_comes_in_pages(void **state)
{
    (void)state;
    n_records = 450;
    heard_t said = RUN("list", "--limit", "430", "--sort", "-created", "--state", "new");
    assert_int_equal(lines_of(said.out), 431);
    assert_int_equal(n_lists, 3);
    assert_non_null(strstr(said.err, "430"));
    assert_string_equal(asked(0), "list {\"kind\":\"inquiry\",\"where\":{\"state\":\"new\"},"
                                  "\"sort\":\"-created\",\"limit\":200}");
    assert_string_equal(asked(2), "list {\"kind\":\"inquiry\",\"where\":{\"state\":\"new\"},"
                                  "\"sort\":\"-created\",\"limit\":30,\"after\":400}");
}

static void what_is_asked_is_what_was_typed(void **state)
{
    (void)state;
    n_records = 1;
    RUN("list", "--mine", "--participants", "5..10", "--purpose", "to ring", "--sort",
        "travel-limit-km");
    assert_string_equal(asked(0),
                        "list {\"kind\":\"inquiry\",\"where\":{\"participants\":{\"from\":5,"
                        "\"to\":10}},\"mine\":true,\"sort\":\"travel_limit_km\",\"limit\":50,"
                        "\"purpose\":\"to ring\"}");
    RUN("count", "--mine", "--by", "state");
    assert_string_equal(asked(0), "count {\"kind\":\"inquiry\",\"mine\":true,\"by\":\"state\"}");
}

static void json_and_csv_are_one_document(void **state)
{
    (void)state;
    n_records = 2;
    cli.output = OUTPUT_JSON;
    json_t *document = json_loads(RUN("list", NULL).out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "records")), 2);
    assert_int_equal(json_integer_value(json_object_get(document, "rev")), 812);
    json_decref(document);
    cli.output = OUTPUT_CSV;
    heard_t said = RUN("list", NULL);
    assert_int_equal(lines_of(said.out), 3);
    assert_non_null(strstr(said.out, "mun-0583"));
}

static void nothing_is_said_to_be_nothing(void **state)
{
    (void)state;
    n_records = 0;
    heard_t said = RUN("list", "--state", "closed");
    assert_true(good);
    assert_string_equal(said.out, "");
    assert_non_null(strstr(said.err, "No inquiries."));
    n_records = 3;
    cli.output = OUTPUT_JSON;
    n_records = 0;
    json_t *document = json_loads(RUN("list", NULL).out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "records")), 0);
    json_decref(document);
}

static void wrong_usage_asks_nobody(void **state)
{
    (void)state;
    static const char *const wrong[][3] = {{"--limit", "0"},
                                           {"--limit", "many"},
                                           {"--sort", "colour"},
                                           {"--sort", "-titel"},
                                           {"--limit=-3", NULL}};
    static const char *const told[] = {"--limit", "--limit", "colour", "title", "--limit"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        heard_t said = run("list", wrong[i]);
        assert_false(good);
        assert_int_equal(cli.status, EXIT_USAGE);
        assert_non_null(strstr(said.err, told[i]));
        assert_null(asked(0));
    }
    RUN("count", "--by", "colour");
    assert_false(good);
    assert_null(asked(0));
}

/* -- count ------------------------------------------------------------------------------------------- */

static void a_count_is_a_number_or_a_table(void **state)
{
    (void)state;
    assert_string_equal(RUN("count", NULL).out, "33\n");
    speak("sv");
    assert_string_equal(RUN("count", "--by", "state").out, "Status    Antal\n"
                                                           "ny            1\n"
                                                           "avslutad     11\n"
                                                           "–            21\n");
    cli.output = OUTPUT_CSV;
    assert_string_equal(RUN("count", "--by", "state").out, "\xef\xbb\xbfstate;count\r\n"
                                                           "new;1\r\n"
                                                           "closed;11\r\n"
                                                           ";21\r\n");
    cli.output = OUTPUT_JSON;
    json_t *document = json_loads(RUN("count", "--by", "state").out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "counts")), 3);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_list_is_fifty_and_says_when_there_are_more),
        CLI_TEST(a_long_list_comes_in_pages),
        CLI_TEST(what_is_asked_is_what_was_typed),
        CLI_TEST(json_and_csv_are_one_document),
        CLI_TEST(nothing_is_said_to_be_nothing),
        CLI_TEST(wrong_usage_asks_nobody),
        CLI_TEST(a_count_is_a_number_or_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

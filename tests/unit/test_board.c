#include "table.h"
#include "typed.h"
#include "verbs.h"

/* The region by state on 18 May 2033, before a daemon that counts. */

#define DAYS_AGO(days) (2000000000000 - (int64_t)(days)*86400000)

static bool empty;
static bool too_many; /* new ones */
static error_code_t refusal;

static value_t counted(arena_t *arena, int64_t count, int64_t late, int64_t oldest, int64_t median)
{
    value_builder_t map = value_builder(arena), counts = value_builder(arena);
    const int64_t numbers[] = {count - late, late};
    for (int i = 0; i < 2; i++) {
        value_builder_t group = value_builder(arena);
        value_add_pair(&group, "value", i ? value_boolean(true) : value_absent);
        value_add_pair(&group, "count", value_integer(numbers[i]));
        if (numbers[i])
            value_add(&counts, value_build_map(&group));
    }
    value_add_pair(&map, "count", value_integer(count));
    value_add_pair(&map, "counts", value_build_list(&counts));
    if (count) {
        value_builder_t spread = value_builder(arena);
        value_add_pair(&spread, "least", value_integer(DAYS_AGO(oldest)));
        value_add_pair(&spread, "median", value_integer(DAYS_AGO(median)));
        value_add_pair(&spread, "most", value_integer(DAYS_AGO(0)));
        value_add_pair(&map, "of", value_build_map(&spread));
    }
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    const char *state = value_get_text(value_get(arguments, "where"), "state");
    if (strcmp(command, "list") == 0) {
        value_t place = VIEW(arena, "mun-0583", "name", "Motala");
        value_builder_t map = value_builder(arena);
        value_add_pair(&map, "records", value_list(arena_copy(arena, &place, sizeof place), 1));
        return value_build_map(&map);
    }
    if (refusal != ERROR_NONE)
        error_set(error, refusal, NULL, NULL);
    if (too_many && strcmp(state, "new") == 0)
        error_set(error, ERROR_TOO_BROAD, "where", NULL);
    if (empty)
        return counted(arena, 0, 0, 0, 0);
    if (strcmp(state, "new") == 0)
        return counted(arena, 3, 1, 12, 4);
    if (strcmp(state, "dialogue") == 0)
        return counted(arena, 1400, 0, 120, 1);
    return counted(arena, 0, 0, 0, 0);
}

static bool good;

static heard_t run(const char *const *words)
{
    fake_t *daemon = daemon_begin(serve);
    assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
    cli.kind = schema_kind("inquiry");
    cli.status = 0;
    arguments_t arguments = typed(verb_of_kind(cli.kind, "board"), words);
    hear();
    good = board_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static int begin(void **state)
{
    empty = too_many = false;
    refusal = ERROR_NONE;
    return cli_begin(state);
}

static void states_by_number_lateness_and_age(void **state)
{
    (void)state;
    speak("sv");
    heard_t said = RUN(NULL);
    assert_true(good);
    static const char begun[] = "Hela samverkansområdet\n"
                                "Status            Antal  Försenade      Äldst  Medianålder\n"
                                "ny                    3          1   12 dagar      4 dagar\n"
                                "bekräftad             0\n";
    assert_memory_equal(said.out, begun, sizeof begun - 1);
    assert_non_null(strstr(said.out, "\ni dialog          1\xe2\x80\xaf"
                                     "400             120 dagar        1 dag\n"));
    assert_non_null(strstr(said.out, "\ntotalt            1\xe2\x80\xaf"
                                     "403          1  120 dagar\n"));
    assert_string_equal(said.err, "De försenade: samverk inquiry list --overdue\n");
    assert_string_equal(asked(0), "count {\"kind\":\"inquiry\",\"where\":{\"state\":\"new\"},"
                                  "\"by\":\"overdue\",\"of\":\"created\"}");
    for (int i = 0; asked(i); i++)
        assert_null(strstr(asked(i), "closed"));
}

static void of_one_municipality(void **state)
{
    (void)state;
    heard_t said = RUN("--municipality", "0583");
    assert_memory_equal(said.out, "Motala (0583)\n", 14);
    assert_string_equal(asked(0), "count {\"kind\":\"inquiry\",\"where\":{\"state\":\"new\","
                                  "\"municipality\":\"mun-0583\"},\"by\":\"overdue\","
                                  "\"of\":\"created\"}");
    assert_non_null(strstr(said.err, "--overdue --municipality mun-0583\n"));
    said = RUN("--municipality", "org-7");
    assert_false(good);
    assert_non_null(strstr(said.err, "org-7"));
}

static void it_fits_the_terminal(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "sv"};
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        fake_t *daemon = daemon_begin(serve);
        assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
        cli.kind = schema_kind("inquiry");
        hear_on_terminal(60, false);
        assert_true(board_run(&cli, &(arguments_t){0}));
        char *rest = arena_text(cli.arena, heard().out);
        for (char *line; (line = strsep(&rest, "\n"));)
            assert_true(table_width_of(line) <= 60);
        daemon_end(&daemon);
    }
}

static void what_cannot_be_counted_is_not_guessed(void **state)
{
    (void)state;
    too_many = true;
    heard_t said = RUN(NULL);
    assert_true(good);
    assert_non_null(strstr(said.out, "\nnew           too many\n"));
    assert_non_null(strstr(said.out, "\nin all        too many"));
    cli.output = OUTPUT_JSON;
    said = RUN(NULL);
    assert_non_null(strstr(said.out, "\"state\": \"new\",\n      \"count\": null,"));
    assert_non_null(strstr(said.out, "\"count\": 1400,\n      \"overdue\": 0,\n      "
                                     "\"oldest_days\": 120,\n      \"median_days\": 1"));
    cli.output = OUTPUT_CSV;
    said = RUN(NULL);
    assert_non_null(strstr(said.out, "\r\nnew,,,,\r\nacknowledged,0,0,,\r\n"));
    cli.output = OUTPUT_TEXT;
    too_many = false;
    refusal = ERROR_NOT_ALLOWED;
    said = RUN(NULL);
    assert_false(good);
    assert_int_equal(cli.status, error_exit_status(ERROR_NOT_ALLOWED));
}

static void a_region_without_inquiries(void **state)
{
    (void)state;
    empty = true;
    heard_t said = RUN(NULL);
    assert_true(good);
    assert_string_equal(said.out, "");
    assert_string_equal(said.err, "No open inquiries.\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, cli_end)
    const struct CMUnitTest tests[] = {
        TEST(states_by_number_lateness_and_age),
        TEST(of_one_municipality),
        TEST(it_fits_the_terminal),
        TEST(what_cannot_be_counted_is_not_guessed),
        TEST(a_region_without_inquiries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

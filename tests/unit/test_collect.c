#include "collect.h"
#include "temporary_home.h"
#include "typed.h"

/* The day of the test's clock, in Stockholm: 00:00 of it, and the last millisecond. */
#define NOVEMBER_22_FIRST "1795302000000"
#define NOVEMBER_22_LAST "1795388399999"

/* There is Motala, and two that are called alike. */
static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    (void)command;
    (void)error;
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    const char *name = value_get_text(value_get(arguments, "where"), "name");
    if (name && strcmp(name, "Motala") == 0)
        value_add(&records, VIEW(arena, "mun-0583", "name", "Motala"));
    for (int i = 1; name && strcmp(name, "Verkstaden, AB") == 0 && i <= 2; i++)
        value_add(&records,
                  VIEW(arena, arena_format(arena, "org-%d", i), "name", "Verkstaden, AB"));
    value_add_pair(&map, "records", value_build_list(&records));
    return value_build_map(&map);
}

/* The filter of a list, as JSON; NULL when it was refused. */
static const char *filter_for(const char *kind, const char *const *words)
{
    value_t filter;
    cli.kind = schema_kind(kind);
    cli.status = 0;
    arguments_t arguments = typed(verb_of_kind(cli.kind, "list"), words);
    return collect_filter(&cli, cli.kind, &arguments, &filter) ? json_text(&filter) : NULL;
}

static const char *filter_of(const char *const *words)
{
    return filter_for("inquiry", words);
}

#define FILTER(...) filter_of((const char *const[]){__VA_ARGS__, NULL})
#define EMPLOYERS(...) filter_for("organisation", (const char *const[]){__VA_ARGS__, NULL})

/* -- filters ----------------------------------------------------------------------------------- */

static void values_are_alternatives(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    speak("sv");
    assert_string_equal(filter_of((const char *const[]){NULL}), "{}");
    assert_string_equal(FILTER("--state", "ny"), "{\"where\":{\"state\":\"new\"}}");
    assert_string_equal(FILTER("--state", "new", "--state", "I dialog"),
                        "{\"where\":{\"state\":[\"new\",\"dialogue\"]}}");
    assert_string_equal(FILTER("--municipality", "0583, 1880"),
                        "{\"where\":{\"municipality\":[\"mun-0583\",\"mun-1880\"]}}");
    assert_string_equal(FILTER("--municipality", "Motala", "--mine"),
                        "{\"where\":{\"municipality\":\"mun-0583\"},\"mine\":true}");
    /* A comma in a text is its own. */
    assert_string_equal(FILTER("--case-number", "A, B"), "{\"where\":{\"case_number\":\"A, B\"}}");
    assert_string_equal(FILTER("--participants", "3", "--participants", "8"),
                        "{\"where\":{\"participants\":[3,8]}}");
    /* What is empty is asked for as empty. */
    assert_string_equal(FILTER("--employer", ""), "{\"where\":{\"employer\":null}}");
    daemon_end(&daemon);
}

static void ranges_are_from_and_to(void **state)
{
    (void)state;
    assert_string_equal(FILTER("--participants", "5..10"),
                        "{\"where\":{\"participants\":{\"from\":5,\"to\":10}}}");
    assert_string_equal(FILTER("--participants=5.."),
                        "{\"where\":{\"participants\":{\"from\":5}}}");
    assert_string_equal(FILTER("--participants=..10"),
                        "{\"where\":{\"participants\":{\"to\":10}}}");
    assert_string_equal(FILTER("--budget-hint", "100..2500.50"),
                        "{\"where\":{\"budget_hint\":{\"from\":10000,\"to\":250050}}}");
    assert_string_equal(
        FILTER("--period-from", "2026-12-01..2027-01-31"),
        "{\"where\":{\"period_from\":{\"from\":\"2026-12-01\",\"to\":\"2027-01-31\"}}}");
    /* Where there is no order, dots are dots. */
    assert_string_equal(FILTER("--case-number", "5..10"),
                        "{\"where\":{\"case_number\":\"5..10\"}}");
}

static void a_day_of_a_point_in_time_is_the_whole_day(void **state)
{
    (void)state;
    assert_string_equal(FILTER("--created", "2026-11-22"),
                        "{\"where\":{\"created\":{\"from\":" NOVEMBER_22_FIRST
                        ",\"to\":" NOVEMBER_22_LAST "}}}");
    assert_string_equal(FILTER("--created", "2026-11-01..2026-11-22"),
                        "{\"where\":{\"created\":{\"from\":1793487600000,\"to\":" NOVEMBER_22_LAST
                        "}}}");
    assert_string_equal(FILTER("--created", "2026-11-22.."),
                        "{\"where\":{\"created\":{\"from\":" NOVEMBER_22_FIRST "}}}");
    assert_string_equal(FILTER("--created", "2026-11-21T23:00:00Z"),
                        "{\"where\":{\"created\":" NOVEMBER_22_FIRST "}}");
    /* Days of 25 and of 23 hours. */
    int64_t first, last;
    assert_true(collect_day("2026-10-25", &first, &last));
    assert_int_equal(last - first + 1, 25 * 3600000);
    assert_true(collect_day("2026-03-29", &first, &last));
    assert_int_equal(last - first + 1, 23 * 3600000);
    assert_false(collect_day("2026-03-29 ", &first, &last));
    assert_false(collect_day("812", &first, &last));
    assert_false(collect_day("2026-02-29", &first, &last));
}

static void what_is_no_range_is_told(void **state)
{
    (void)state;
    static const char *const wrong[][4] = {
        {"--participants", "5..x"}, {"--participants", ".."},          {"--participants", "0..3"},
        {"--created", "igår.."},    {"--period-from", "2026-02-30.."},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hear();
        const char *filter = filter_of(wrong[i]);
        heard_t said = heard();
        assert_null(filter);
        assert_int_equal(cli.status, error_exit_status(ERROR_INVALID));
        assert_non_null(strstr(said.err, wrong[i][0]));
    }
    hear();
    assert_null(FILTER("--participants", "3..8", "--participants", "9"));
    assert_non_null(strstr(heard().err, "one range"));
    assert_int_equal(cli.status, EXIT_USAGE);
}

/* -- outreach ------------------------------------------------------------------------------------ */

static void sizes_are_joined(void **state)
{
    (void)state;
    static const char *const whole[][2] = {
        {"1-49", "[\"1-9\",\"10-49\"]"},
        {"10-249", "[\"10-49\",\"50-249\"]"},
        {"10+", "[\"10-49\",\"50-249\",\"250+\"]"},
        {"1–49", "[\"1-9\",\"10-49\"]"},
        {"1-9", "\"1-9\""},
        {"250+", "\"250+\""},
        {"10–49", "\"10-49\""},
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        assert_string_equal(EMPLOYERS("--size", whole[i][0]),
                            arena_format(cli.arena, "{\"where\":{\"size\":%s}}", whole[i][1]));
    assert_string_equal(EMPLOYERS("--size", "1-9", "--size", "50+"),
                        "{\"where\":{\"size\":[\"1-9\",\"50-249\",\"250+\"]}}");
    /* A class is not cut in two, and what is no range is none. */
    static const char *const cut[] = {"1-20",  "5-49", "10", "49-1", "-49",
                                      "1-49x", "0-9",  "+",  "1--9"};
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        hear();
        const char *filter = EMPLOYERS("--size", cut[i]);
        heard_t said = heard();
        if (filter)
            fail_msg("%s was taken: %s", cut[i], filter);
        assert_non_null(strstr(said.err, "10-49"));
    }
}

static void employers_that_nobody_has_been_to(void **state)
{
    (void)state;
#define WITHOUT                                                                                    \
    "\"without\":{\"kind\":\"contact\",\"field\":\"organisation\",\"where\":{\"day\":{\"from\":"   \
    "\"2025-11-22\"},\"state\":[\"planned\",\"done\"]}}"
    assert_string_equal(EMPLOYERS("--not-contacted-since", "2025-11-22"),
                        "{\"where\":{\"types\":\"employer\",\"merged_into\":null}," WITHOUT "}");
    assert_string_equal(
        EMPLOYERS("--not-contacted-since", "2025-11-22", "--municipality", "0583", "--size", "1-49",
                  "--sector", "25"),
        "{\"where\":{\"municipality\":\"mun-0583\",\"sector\":\"25\",\"size\":[\"1-9\",\"10-49\"],"
        "\"types\":\"employer\",\"merged_into\":null}," WITHOUT "}");
    assert_string_equal(EMPLOYERS("--not-contacted-since", "2025-11-22", "--types", "provider"),
                        "{\"where\":{\"types\":\"provider\",\"merged_into\":null}," WITHOUT "}");
    hear();
    assert_null(EMPLOYERS("--not-contacted-since", "ett år"));
    assert_non_null(strstr(heard().err, "--not-contacted-since takes a date"));
    assert_int_equal(cli.status, EXIT_USAGE);
}

/* -- fields -------------------------------------------------------------------------------------- */

static const char *fields_of(const char *const *words)
{
    value_t fields;
    cli.kind = schema_kind("inquiry");
    cli.status = 0;
    arguments_t arguments = typed(verb_find(verb_of_kinds, "edit"), words);
    return collect_fields(&cli, cli.kind, &arguments, &fields) ? json_text(&fields) : NULL;
}

#define FIELDS(...) fields_of((const char *const[]){__VA_ARGS__, NULL})

static void every_type_comes_as_the_wire_has_it(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    speak("sv");
    assert_string_equal(
        FIELDS("--title", "CAD", "--municipality", "Motala", "--participants", "8", "--discreet",
               "--budget-hint", "25000", "--period-from", "2026-12-01"),
        "{\"title\":\"CAD\",\"municipality\":\"mun-0583\",\"participants\":8,"
        "\"period_from\":\"2026-12-01\",\"budget_hint\":2500000,\"discreet\":true}");
    assert_string_equal(
        FIELDS("--form", "på distans, on_site", "--areas", "0715 0413"),
        "{\"areas\":[\"are-0715\",\"are-0413\"],\"form\":[\"distance\",\"on_site\"]}");
    assert_string_equal(FIELDS("--form", "hybrid", "--form", "on_site"),
                        "{\"form\":[\"hybrid\",\"on_site\"]}");
    daemon_end(&daemon);
}

static void what_is_empty_or_cleared_is_nil(void **state)
{
    (void)state;
    assert_string_equal(FIELDS("--participants", "", "--areas", "", "--clear", "period-from",
                               "--clear", "travel_limit_km"),
                        "{\"areas\":null,\"participants\":null,\"period_from\":null,"
                        "\"travel_limit_km\":null}");
    speak("sv");
    hear();
    assert_null(FIELDS("--clear", "deltagare"));
    assert_non_null(strstr(heard().err, "participants"));
    assert_int_equal(cli.status, EXIT_USAGE);
    hear();
    assert_null(FIELDS("--clear", "deltagar"));
    assert_non_null(strstr(heard().err, "participants"));
    hear();
    assert_null(FIELDS("--clear", "state"));
    heard();
    assert_int_not_equal(cli.status, 0);
}

static void a_name_that_is_not_clear_is_refused(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    hear();
    assert_null(FIELDS("--employer", "Verkstaden, AB"));
    const char *err = heard().err;
    assert_non_null(strstr(err, "org-1"));
    assert_non_null(strstr(err, "org-2"));
    hear();
    assert_null(FIELDS("--municipality", "Nowhere"));
    assert_non_null(strstr(heard().err, "Nowhere"));
    daemon_end(&daemon);
}

/* -- text from elsewhere ------------------------------------------------------------------------- */

static const char *file_of(const char *content, size_t size)
{
    const char *path = arena_format(cli.arena, "%s/text", home);
    FILE *file = fopen(path, "we");
    assert_int_equal(fwrite(content, 1, size, file), size);
    fclose(file);
    return arena_format(cli.arena, "@%s", path);
}

static void text_comes_from_a_file(void **state)
{
    (void)state;
    assert_int_equal(home_make(state), 0);
    assert_string_equal(FIELDS("--description", file_of("two\nlines\r\n\n", 12)),
                        "{\"description\":\"two\\nlines\"}");
    assert_string_equal(FIELDS("--title", "@@home"), "{\"title\":\"@home\"}");
    assert_string_equal(FIELDS("--title", "@"), "{\"title\":\"@\"}");
    static char large[(64 << 10) + 1];
    memset(large, 'x', sizeof large);
    const char *const wrong[] = {file_of("a\0b", 3), "@/nowhere/at/all"};
    for (size_t i = 0; i < 2; i++) {
        hear();
        assert_null(FIELDS("--description", wrong[i]));
        assert_non_null(strstr(heard().err, wrong[i] + 1));
        assert_int_equal(cli.status, EXIT_REFUSED);
    }
    hear();
    assert_null(FIELDS("--description", file_of(large, sizeof large)));
    assert_non_null(strstr(heard().err, "larger"));
    home_remove(state);
}

static void text_comes_from_standard_input(void **state)
{
    (void)state;
    assert_int_equal(home_make(state), 0);
    FILE *real = stdin;
    stdin = fopen(file_of("said\n", 5) + 1, "re");
    assert_string_equal(FIELDS("--description", "-"), "{\"description\":\"said\"}");
    fclose(stdin);
    stdin = real;
    home_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(values_are_alternatives),
        CLI_TEST(ranges_are_from_and_to),
        CLI_TEST(a_day_of_a_point_in_time_is_the_whole_day),
        CLI_TEST(what_is_no_range_is_told),
        CLI_TEST(sizes_are_joined),
        CLI_TEST(employers_that_nobody_has_been_to),
        CLI_TEST(every_type_comes_as_the_wire_has_it),
        CLI_TEST(what_is_empty_or_cleared_is_nil),
        CLI_TEST(a_name_that_is_not_clear_is_refused),
        CLI_TEST(text_comes_from_a_file),
        CLI_TEST(text_comes_from_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

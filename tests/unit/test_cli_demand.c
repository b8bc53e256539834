#include "typed.h"
#include "verbs.h"

/* The outlook as a table, as CSV and as JSON, with what is withheld. */

static value_t cell(arena_t *arena, const char *area, const char *quarter, int64_t asked,
                    int64_t unmet)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "area", area ? value_text(area) : value_absent);
    value_add_pair(&map, "quarter", value_text(quarter));
    value_add_pair(&map, "asked", value_integer(asked));
    value_add_pair(&map, "met", value_absent);
    value_add_pair(&map, "unmet", unmet ? value_integer(unmet) : value_absent);
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t map = value_builder(arena), list = value_builder(arena);
    if (strcmp(command, "list") == 0) {
        value_add(&list, VIEW(arena, "are-07", "name_en", "Engineering", "name_sv", "Teknik"));
        value_add_pair(&map, "records", value_build_list(&list));
        return value_build_map(&map);
    }
    if (strcmp(command, "demand") != 0)
        error_set(error, ERROR_UNKNOWN_COMMAND, NULL, NULL);
    (void)arguments;
    value_add(&list, cell(arena, "are-07", "2026-Q1", 25, 5));
    value_add(&list, cell(arena, "are-07", "2026-Q2", 40, 15));
    value_add(&list, cell(arena, NULL, "2026-Q2", 5, 0));
    value_add_pair(&map, "cells", value_build_list(&list));
    value_add_pair(&map, "from", value_text("2025-Q4"));
    value_add_pair(&map, "to", value_text("2026-Q4"));
    return value_build_map(&map);
}

static bool good;

static heard_t run(const char *const *words)
{
    const verb_t *verb = verb_find(verb_general, "demand");
    fake_t *daemon = daemon_begin(serve);
    arguments_t arguments = typed(verb, words);
    hear();
    good = verb->run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void what_is_asked_for_is_passed_on(void **state)
{
    (void)state;
    RUN("--by", "area,quarter", "--level", "2", "--from", "2025-Q4");
    assert_true(good);
    assert_string_equal(asked(0),
                        "demand {\"level\":2,\"by\":[\"area\",\"quarter\"],\"from\":\"2025-Q4\"}");
    run((const char *const[]){NULL});
    assert_string_equal(asked(0), "demand {\"by\":[\"area\"]}");
}

static void what_it_is_not_by_is_wrong_usage(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "employer", "area,", "area, county",
                                        "area,county,quarter,area"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cli.status = 0;
        RUN("--by", wrong[i]);
        assert_false(good);
        assert_int_equal(cli.status, EXIT_USAGE);
        assert_null(asked(0));
    }
    cli.status = 0;
    RUN("--level", "deep");
    assert_int_equal(cli.status, EXIT_USAGE);
}

static void what_is_withheld_is_said(void **state)
{
    (void)state;
    heard_t said = RUN("--by", "area,quarter");
    assert_non_null(strstr(said.out, "Engineering (07)"));
    assert_non_null(strstr(said.out, "not shown (fewer than 5)"));
    assert_non_null(strstr(said.err, "in whole fives"));
    speak("sv");
    said = RUN("--by", "area,quarter");
    assert_non_null(strstr(said.out, "Teknik (07)"));
    assert_non_null(strstr(said.out, "visas inte (färre än 5)"));
}

/* The same figures, where there is one of those that are not met, the largest first. */
static void unmet_leaves_out_the_rest(void **state)
{
    (void)state;
    heard_t said = RUN("--by", "area,quarter", "--unmet");
    const char *first = strstr(said.out, "2026-Q2"), *second = strstr(said.out, "2026-Q1");
    assert_true(first && second && first < second);
    assert_null(strstr(second, "–"));
}

static void spreadsheets_and_programs_get_no_words(void **state)
{
    (void)state;
    cli.output = OUTPUT_CSV;
    heard_t said = RUN("--by", "area,quarter");
    assert_non_null(strstr(said.out, "area,quarter,asked,met,unmet\r\n"
                                     "are-07,2026-Q1,25,,5\r\n"
                                     "are-07,2026-Q2,40,,15\r\n"
                                     ",2026-Q2,5,,\r\n"));
    cli.output = OUTPUT_JSON;
    said = RUN("--by", "area,quarter", "--unmet");
    json_t *document = json_loads(said.out, 0, NULL);
    json_t *cells = json_object_get(document, "cells");
    assert_int_equal(json_array_size(cells), 2);
    json_t *cell_1 = json_array_get(cells, 0);
    assert_int_equal(json_integer_value(json_object_get(cell_1, "unmet")), 15);
    assert_true(json_is_null(json_object_get(cell_1, "met")));
    assert_string_equal(json_string_value(json_object_get(document, "to")), "2026-Q4");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(what_is_asked_for_is_passed_on),
        CLI_TEST(what_it_is_not_by_is_wrong_usage),
        CLI_TEST(what_is_withheld_is_said),
        CLI_TEST(unmet_leaves_out_the_rest),
        CLI_TEST(spreadsheets_and_programs_get_no_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

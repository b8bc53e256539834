#include "arguments.h"
#include "verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;
static arguments_t arguments;
static error_t error;

static int begin(void **state)
{
    (void)state;
    arena = arena_new();
    return schema_start() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* As main does: global options first, then those of the verb. */
static bool read_words(const char *verb, const char *kind, const char *const *words)
{
    const char **rest;
    size_t n_rest, n = 0;
    while (words[n])
        n++;
    memset(&arguments, 0, sizeof arguments);
    memset(&error, 0, sizeof error);
    const verb_t *row = verb_find(verb_of_kinds, verb);
    if (!row)
        row = verb_find(verb_general, verb);
    return arguments_take_global(&arguments, (int)n, words, &rest, &n_rest, arena, &error) &&
           arguments_read(&arguments, rest, n_rest, row->options, schema_kind(kind), row->fields,
                          arena, &error);
}

#define READ(verb, kind, ...) read_words(verb, kind, (const char *const[]){__VA_ARGS__, NULL})

static const char *field_value(const char *name)
{
    for (size_t i = arguments.n_given; i-- > 0;)
        if (arguments.given[i].field && strcmp(arguments.given[i].field->name, name) == 0)
            return arguments.given[i].value;
    return NULL;
}

static void reads_fields_and_options(void **state)
{
    (void)state;
    assert_true(READ("add", "inquiry", "--title", "CAD", "--participants=8", "--dry-run",
                     "--travel-limit-km", "30", "--json"));
    assert_string_equal(field_value("title"), "CAD");
    assert_string_equal(field_value("participants"), "8");
    assert_string_equal(field_value("travel_limit_km"), "30");
    assert_true(arguments_has(&arguments, "dry-run"));
    assert_true(arguments_has(&arguments, "json"));
    assert_false(arguments_has(&arguments, "confirm"));
    assert_int_equal(arguments.n_words, 0);
}

static void names_may_be_cut_short(void **state)
{
    (void)state;
    assert_true(READ("add", "inquiry", "--area", "0715", "--muni", "Motala"));
    assert_string_equal(field_value("areas"), "0715");
    assert_string_equal(field_value("municipality"), "Motala");
    assert_false(READ("add", "inquiry", "--period", "x"));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_non_null(strstr(error.expected, "--period-from"));
    assert_non_null(strstr(error.expected, "--period-to"));
}

static void a_whole_name_is_not_a_prefix(void **state)
{
    (void)state;
    /* `form` is a field, and so would be anything that begins with it. */
    assert_true(READ("list", "inquiry", "--form", "on_site", "--state", "new"));
    assert_string_equal(field_value("state"), "new");
    assert_null(field_value("state_before"));
}

static void suggests(void **state)
{
    (void)state;
    assert_false(READ("add", "inquiry", "--titel", "x"));
    assert_int_equal(error.code, ERROR_UNKNOWN_FIELD);
    assert_string_equal(error.field, "--titel");
    assert_non_null(strstr(error.expected, "--title"));
}

/* A task is called by what is to be done, an organisation has a number. */
static void suggests_what_names_the_kind(void **state)
{
    (void)state;
    assert_false(READ("add", "task", "--title", "Ring"));
    assert_non_null(strstr(error.expected, "--what"));
    assert_false(READ("add", "municipality", "--title", "Kinda"));
    assert_non_null(strstr(error.expected, "--name"));
    assert_false(READ("add", "organisation", "--organisation-number", "5560360793"));
    assert_non_null(strstr(error.expected, "--number"));
    assert_false(READ("add", "task", "--colour", "red"));
    assert_string_equal(error.expected, "");
}

static void booleans_need_no_value(void **state)
{
    (void)state;
    assert_true(READ("add", "inquiry", "--discreet", "--title", "x"));
    assert_string_equal(field_value("discreet"), "yes");
    assert_true(READ("add", "inquiry", "--discreet", "nej", "--title", "x"));
    assert_string_equal(field_value("discreet"), "nej");
    assert_true(READ("add", "inquiry", "--no-discreet"));
    assert_string_equal(field_value("discreet"), "no");
    assert_true(READ("edit", "inquiry", "--framed", "inq-1"));
    assert_string_equal(field_value("framed"), "yes");
    assert_string_equal(arguments.words[0], "inq-1");
    assert_false(READ("add", "inquiry", "--no-title"));
}

static void a_value_may_begin_with_a_dash(void **state)
{
    (void)state;
    assert_true(READ("add", "municipality", "--longitude", "-12.5"));
    assert_string_equal(field_value("longitude"), "-12.5");
    assert_true(READ("add", "inquiry", "--title=--help"));
    assert_string_equal(field_value("title"), "--help");
    assert_true(READ("list", "inquiry", "--sort", "-created"));
    assert_string_equal(arguments_value(&arguments, "sort"), "-created");
}

static void what_lacks_a_value_is_wrong(void **state)
{
    (void)state;
    assert_false(READ("add", "inquiry", "--title"));
    assert_int_equal(error.code, ERROR_REQUIRED);
    assert_false(READ("add", "inquiry", "--title", "--participants", "8"));
    assert_false(READ("add", "inquiry", "--profile"));
    assert_false(READ("add", "inquiry", "--dry-run=yes"));
}

static void the_daemons_fields_are_not_written(void **state)
{
    (void)state;
    assert_false(READ("add", "inquiry", "--created", "2026-01-01"));
    assert_true(READ("list", "inquiry", "--state", "new"));
    assert_false(READ("add", "inquiry", "--state", "new"));
    assert_false(READ("list", "organisation", "--folded-name", "x"));
}

static void two_dashes_end_options(void **state)
{
    (void)state;
    assert_true(READ("show", "county", "--", "--json"));
    assert_int_equal(arguments.n_words, 1);
    assert_string_equal(arguments.words[0], "--json");
}

/* Every field can be reached: none is called as an option of its verbs is. */
static void no_field_is_hidden_by_an_option(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const char *name = arguments_option_name(kind->fields[i].name, arena);
            for (const option_t *option = arguments_global; option->name; option++)
                assert_string_not_equal(option->name, name);
            for (const verb_t *verb = verb_of_kinds; verb->name; verb++)
                for (const option_t *option = verb->options;
                     verb->fields != FIELDS_NONE && option->name; option++)
                    assert_string_not_equal(option->name, name);
        }
    }
}

/* Every field that can be written is an option of `add`, by its whole name. */
static void every_field_is_an_option(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            const char *word =
                arena_format(arena, "--%s=1", arguments_option_name(field->name, arena));
            bool writable = arguments_field_ok(field, FIELDS_WRITABLE);
            bool readable = arguments_field_ok(field, FIELDS_READABLE);
            assert_int_equal(READ("list", kind->name, word), readable);
            if (!writable)
                continue;
            assert_true(READ("add", kind->name, word));
            assert_ptr_equal(arguments.given[0].field, field);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fields_and_options),
        cmocka_unit_test(names_may_be_cut_short),
        cmocka_unit_test(a_whole_name_is_not_a_prefix),
        cmocka_unit_test(suggests),
        cmocka_unit_test(suggests_what_names_the_kind),
        cmocka_unit_test(booleans_need_no_value),
        cmocka_unit_test(a_value_may_begin_with_a_dash),
        cmocka_unit_test(what_lacks_a_value_is_wrong),
        cmocka_unit_test(the_daemons_fields_are_not_written),
        cmocka_unit_test(two_dashes_end_options),
        cmocka_unit_test(no_field_is_hidden_by_an_option),
        cmocka_unit_test(every_field_is_an_option),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

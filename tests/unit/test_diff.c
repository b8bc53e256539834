#include "typed.h"
#include "verbs.h"

/* Two versions of an inquiry, and of a canvas that has but one, before a daemon that has
   their past. */

static bool mute; /* the daemon has no history to decorate with */

static value_t version(arena_t *arena, int64_t at)
{
    value_t whole =
        at < 800
            ? VIEW(arena, "inq-12", "title", "Grundkurs i CAD", "municipality", "mun-0583", "areas",
                   "are-0715, are-0713", "description", "Fem personer\nBehovet är stort")
            : VIEW(arena, "inq-12", "title", "Grundkurs i Revit", "municipality", "mun-0583",
                   "areas", "are-0715, are-0612", "participants", "12", "description",
                   "Sju personer\nBehovet är stort", "period_from", "2027-01-01");
    value_builder_t map = value_builder(arena);
    for (uint32_t i = 0; i < whole.count; i++)
        if (strcmp(whole.items[2 * i].text, "rev") != 0)
            value_add_pair(&map, whole.items[2 * i].text, whole.items[2 * i + 1]);
    value_add_pair(&map, "rev", value_integer(at));
    return value_build_map(&map);
}

static value_t history(const value_t *arguments, arena_t *arena)
{
    value_builder_t map = value_builder(arena), entries = value_builder(arena);
    int64_t before = value_get_integer(arguments, "before", 0);
    bool one = strcmp(value_get_text(arguments, "id"), "can-1") == 0;
    for (int64_t rev = 810; rev >= 790 && entries.count == 0; rev -= 20) {
        value_builder_t entry = value_builder(arena);
        if (rev >= before || one)
            continue;
        value_add_pair(&entry, "rev", value_integer(rev));
        value_add_pair(&entry, "time", value_integer(1773478800250));
        value_add_pair(&entry, "actor", value_text(rev == 810 ? "usr-4" : ""));
        value_add(&entries, value_build_map(&entry));
    }
    value_add_pair(&map, "entries", value_build_list(&entries));
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    int64_t at = value_get_integer(arguments, "at", 810);
    if (strcmp(command, "history") == 0 && !mute)
        return history(arguments, arena);
    if (strcmp(command, "history") == 0)
        error_set(error, ERROR_INTERNAL, NULL, NULL);
    if (strcmp(command, "list") == 0)
        return fake_map(arena);
    if (strcmp(value_get_text(arguments, "id"), "can-1") == 0)
        return VIEW(arena, "can-1", "extent", "x");
    if (at < 700)
        error_set(error, ERROR_NOT_FOUND, NULL, NULL);
    if (value_get(arguments, "at_time")->form != VALUE_ABSENT)
        at = 790;
    return version(arena, at);
}

static bool good;

static heard_t run(const char *kind, const char *const *words)
{
    fake_t *daemon = daemon_begin(serve);
    cli.kind = schema_kind(kind);
    cli.status = 0;
    arguments_t arguments = typed(verb_of_kind(cli.kind, "diff"), words);
    hear();
    good = diff_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

#define RUN(kind, ...) run(kind, (const char *const[]){__VA_ARGS__, NULL})

static int begin(void **state)
{
    mute = false;
    return cli_begin(state);
}

static void the_last_change_word_by_word(void **state)
{
    (void)state;
    speak("sv");
    heard_t said = RUN("inquiry", "inq-12");
    assert_true(good);
    assert_string_equal(said.out, "inq-12 Grundkurs i Revit\n"
                                  "före: revision 790, 2026-03-14 10:00, systemet\n"
                                  "efter: revision 810, 2026-03-14 10:00, usr-4\n"
                                  "rubrik: Grundkurs i [-CAD-]{+Revit+}\n"
                                  "kompetensområden: [-are-0713-] {+are-0612+}\n"
                                  "beskrivning:\n"
                                  "  [-Fem-] {+Sju+} personer\n"
                                  "  …\n"
                                  "deltagare: – → 12\n"
                                  "önskad från och med: – → 2027-01-01\n");
    assert_string_equal(asked(0), "get {\"id\":\"inq-12\"}");
    assert_string_equal(asked(1), "history {\"id\":\"inq-12\",\"before\":810,\"limit\":1}");
    assert_string_equal(asked(2), "get {\"id\":\"inq-12\",\"at\":790}");
}

static void any_two_versions(void **state)
{
    (void)state;
    heard_t said = RUN("inquiry", "12", "--from", "810", "--to", "790");
    assert_non_null(strstr(said.out, "participants: 12 → –\n"));
    assert_non_null(strstr(said.out, "title: Grundkurs i [-Revit-]{+CAD+}\n"));
    assert_string_equal(asked(0), "get {\"id\":\"inq-12\",\"at\":790}");
    assert_string_equal(asked(1), "get {\"id\":\"inq-12\",\"at\":810}");
    RUN("inquiry", "12", "--from", "2026-01-14", "--purpose", "ringa");
    assert_string_equal(asked(1), "get {\"id\":\"inq-12\",\"at_time\":1768431599999,"
                                  "\"purpose\":\"ringa\"}");
    said = RUN("inquiry", "12", "--from", "805", "--to", "810");
    assert_non_null(strstr(said.out, "There is no difference.\n"));
    /* When, and by whom, is a courtesy. */
    mute = true;
    said = RUN("inquiry", "12", "--from", "790");
    assert_true(good);
    assert_non_null(strstr(said.out, "\nbefore: revision 790\nafter: revision 810\n"));
}

static void for_programs(void **state)
{
    (void)state;
    cli.output = OUTPUT_JSON;
    heard_t said = RUN("inquiry", "12");
    assert_memory_equal(said.out, "{\n  \"id\": \"inq-12\",\n  \"from\": 790,\n  \"to\": 810,\n",
                        48);
    assert_non_null(strstr(said.out, "\"participants\": {\n      \"from\": null,\n      "
                                     "\"to\": 12\n    }"));
    assert_null(strstr(said.out, "municipality"));
}

static void what_is_not_there_is_told(void **state)
{
    (void)state;
    heard_t said = RUN("canvas", "can-1");
    assert_false(good);
    assert_non_null(strstr(said.err, "There is only one version of can-1."));
    said = RUN("inquiry", "12", "--from", "12");
    assert_false(good);
    assert_string_equal(said.err, "samverk: There was no inq-12 at 12.\n");
    assert_int_equal(cli.status, error_exit_status(ERROR_NOT_FOUND));
    said = RUN("inquiry", "12", "--to", "igår");
    assert_false(good);
    assert_non_null(strstr(said.err, "--to takes a revision or a day"));
    assert_int_equal(cli.status, EXIT_USAGE);
    said = RUN("inquiry", "12", "--from", "0");
    assert_non_null(strstr(said.err, "--from takes a revision or a day"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, cli_end)
    const struct CMUnitTest tests[] = {
        TEST(the_last_change_word_by_word),
        TEST(any_two_versions),
        TEST(for_programs),
        TEST(what_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

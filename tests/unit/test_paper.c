#include "cli_fixture.h"
#include "temporary_home.h"
#include "verbs.h"

#include <sys/stat.h>

static const option_t format = {"format", "", ""}, pages = {"pages", "", ""},
                      language = {"language", "", ""}, output = {"output", "", ""},
                      yes = {"yes", NULL, ""};

/* A helper that shows what it was given. */
static int begin(void **state)
{
    if (home_make(state) != 0 || cli_begin(state) != 0 || chdir(home) != 0)
        return -1;
    setenv("SAMVERK_LIBEXECDIR", home, 1);
    FILE *file = fopen("samverk-paper", "w");
    fputs("#!/bin/sh\necho \"$@\"; cat; echo; [ ! -e remark ] || echo 'Another font.' >&2\n", file);
    fclose(file);
    return chmod("samverk-paper", 0700);
}

static int end(void **state)
{
    unsetenv("SAMVERK_LIBEXECDIR");
    cli_end(state);
    return chdir("/") == 0 ? home_remove(state) : -1;
}

#define PAPER_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

static value_t offers(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    (void)error;
    return strcmp(command, "get") == 0
               ? VIEW(arena, value_get_text(arguments, "id"), "title", "CAD", "edition", "2")
               : fake_map(arena);
}

static heard_t said;

static bool printed(const given_t *given, size_t n_given)
{
    const char *words[] = {"off-3"};
    arguments_t arguments = {words, 1, (given_t *)given, n_given};
    fake_t *daemon = daemon_begin(offers);
    cli.kind = schema_kind("offer");
    cli.status = 0;
    hear();
    bool good = paper_run(&cli, &arguments);
    said = heard();
    daemon_end(&daemon);
    assert_int_equal(good, cli.status == 0);
    return good;
}

#define PRINTED(...)                                                                               \
    printed((const given_t[]){__VA_ARGS__}, sizeof(const given_t[]){__VA_ARGS__} / sizeof(given_t))

static void where_it_goes(void **state)
{
    (void)state;
    assert_true(printed(NULL, 0));
    assert_memory_equal(content_of("off-3-v2.pdf"), "--format pdf\n{\"language\":\"en\"", 29);
    assert_string_equal(said.err, "Written: off-3-v2.pdf\n");
    assert_string_equal(said.out, "");
    assert_true(PRINTED({.option = &format, .value = "html"}));
    assert_memory_equal(content_of("off-3-v2.html"), "--format html\n", 14);
    /* The name says what it is to be, unless --format does. */
    assert_true(PRINTED({.option = &output, .value = "a.md"}, {.option = &pages, .value = "3"}));
    assert_memory_equal(content_of("a.md"), "--format md --pages 3\n", 22);
    assert_true(PRINTED({.option = &output, .value = "a.txt"}));
    assert_memory_equal(content_of("a.txt"), "--format pdf\n", 13);
    assert_true(PRINTED({.option = &output, .value = "-"}, {.option = &format, .value = "md"},
                        {.option = &language, .value = "sv"}));
    assert_memory_equal(said.out, "--format md\n{\"language\":\"sv\"", 28);
    assert_string_equal(said.err, "");
}

static void a_file_that_is_there(void **state)
{
    (void)state;
    FILE *file = fopen("a.md", "w");
    fputs("mine", file);
    fclose(file);
    assert_false(PRINTED({.option = &output, .value = "a.md"}));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_non_null(strstr(said.err, "a.md is there already"));
    assert_string_equal(content_of("a.md"), "mine");
    assert_true(PRINTED({.option = &output, .value = "a.md"}, {.option = &yes}));
    assert_memory_equal(content_of("a.md"), "--format md\n", 12);
    assert_false(PRINTED({.option = &output, .value = "none/a.md"}));
    assert_int_equal(cli.status, EXIT_REFUSED);
}

static void what_the_helper_says(void **state)
{
    (void)state;
    assert_int_equal(mkdir("remark", 0700), 0);
    assert_true(printed(NULL, 0));
    assert_string_equal(said.err, "Another font.\nWritten: off-3-v2.pdf\n");
    unlink("samverk-paper");
    unlink("off-3-v2.pdf");
    assert_false(printed(NULL, 0));
    assert_non_null(strstr(said.err, "samverk-paper is not there"));
    assert_null(content_of("off-3-v2.pdf"));
    /* The document itself needs no helper. */
    cli.output = OUTPUT_JSON;
    assert_true(printed(NULL, 0));
    json_t *document = json_loads(said.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(document, "title")), "CAD");
    json_decref(document);
}

static void wrong_usage(void **state)
{
    (void)state;
    assert_false(PRINTED({.option = &format, .value = "docx"}));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_false(PRINTED({.option = &language, .value = "fi"}));
    assert_int_equal(cli.status, EXIT_USAGE);
    static const char *const numbers[] = {"0", "51", "x", "", "-1", "100"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_false(PRINTED({.option = &pages, .value = numbers[i]}));
        assert_int_equal(cli.status, EXIT_USAGE);
    }
    assert_null(asked(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAPER_TEST(where_it_goes),
        PAPER_TEST(a_file_that_is_there),
        PAPER_TEST(what_the_helper_says),
        PAPER_TEST(wrong_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

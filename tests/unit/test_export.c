#include "cli_fixture.h"
#include "temporary_home.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static unsigned n_pages; /* there are, of two records each */
static bool breaks;      /* after the first page */
static size_t text_size; /* of a title; 0 for a short one */

static int begin(void **state)
{
    n_pages = 3;
    breaks = false;
    text_size = 0;
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

static value_t pages(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    assert_string_equal(command, "export");
    value_builder_t records = value_builder(arena), result = value_builder(arena);
    const char *after = value_get_text(arguments, "after");
    unsigned page = after ? (unsigned)atoi(after) : 0;
    if (breaks && page == 1) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, NULL);
        return value_absent;
    }
    for (unsigned i = 0; i < 2 && page < n_pages; i++) {
        char *title = arena_alloc(arena, text_size + 32);
        memset(title, 'x', text_size);
        snprintf(title + text_size, 32, "=Kurs %u", 2 * page + i + 1);
        value_add(&records, VIEW(arena, arena_format(arena, "inq-%u", 2 * page + i + 1), "title",
                                 title, "participants", "8"));
    }
    value_add_pair(&result, "records", value_build_list(&records));
    value_add_pair(&result, "rev", value_integer(800 + page));
    if (page + 1 < n_pages)
        value_add_pair(&result, "next", value_text(arena_format(arena, "%u", page + 1)));
    return value_build_map(&result);
}

static bool exported(const given_t *given, size_t n_given, heard_t *said)
{
    fake_t *daemon = daemon_begin(pages);
    arguments_t arguments = {.given = (given_t *)given, .n_given = n_given};
    cli.kind = schema_kind("inquiry");
    cli.status = 0;
    hear();
    bool good = export_run(&cli, &arguments);
    *said = heard();
    daemon_end(&daemon);
    assert_int_equal(good, cli.status == 0);
    return good;
}

static const option_t format_option = {"format", "csv|json", ""}, output = {"output", "FILE", ""};

static void all_pages_as_csv(void **state)
{
    (void)state;
    heard_t said;
    cli.purpose = "statistik";
    assert_true(exported(NULL, 0, &said));
    assert_string_equal(asked(0), "export {\"kind\":\"inquiry\",\"limit\":200,"
                                  "\"purpose\":\"statistik\"}");
    assert_string_equal(asked(2), "export {\"kind\":\"inquiry\",\"limit\":200,"
                                  "\"purpose\":\"statistik\",\"after\":\"2\"}");
    assert_null(asked(3));
    assert_memory_equal(said.out, "\xef\xbb\xbfid,title,state,", 18);
    char *rest = arena_text(cli.arena, strchr(said.out, '\n') + 1), *line;
    for (int i = 1; i <= 6; i++) {
        const char *row = arena_format(cli.arena, "inq-%d,\"'=Kurs %d\",,", i, i);
        line = strsep(&rest, "\n");
        assert_memory_equal(line, row, strlen(row));
        assert_int_equal(line[strlen(line) - 1], '\r');
    }
    assert_string_equal(rest, "");
    assert_string_equal(said.err, "6 records, as of revision 802.\n");
    speak("sv");
    assert_true(exported(NULL, 0, &said));
    assert_non_null(strstr(said.out, "\r\ninq-6;\"'=Kurs 6\";;"));
}

static void all_pages_as_json(void **state)
{
    (void)state;
    heard_t said;
    given_t given = {.option = &format_option, .value = "json"};
    assert_true(exported(&given, 1, &said));
    json_t *document = json_loads(said.out, 0, NULL),
           *records = json_object_get(document, "records");
    assert_string_equal(json_string_value(json_object_get(document, "kind")), "inquiry");
    assert_int_equal(json_array_size(records), 6);
    assert_string_equal(json_string_value(json_object_get(json_array_get(records, 5), "id")),
                        "inq-6");
    assert_int_equal(json_integer_value(json_object_get(document, "first_rev")), 800);
    assert_int_equal(json_integer_value(json_object_get(document, "last_rev")), 802);
    json_decref(document);
    /* A record a line, for whoever reads it with other tools. */
    assert_non_null(strstr(said.out,
                           "[\n{\"id\":\"inq-1\",\"rev\":812,\"fields\":{\"title\":\"=Kurs 1\","
                           "\"participants\":8}},\n{\"id\":\"inq-2\","));
    /* --json means the same, and no remarks. */
    const char *out = said.out;
    cli.output = OUTPUT_JSON;
    assert_true(exported(NULL, 0, &said));
    assert_string_equal(said.out, out);
    assert_string_equal(said.err, "");
}

static void of_nothing(void **state)
{
    (void)state;
    heard_t said;
    n_pages = 0;
    assert_true(exported(NULL, 0, &said));
    assert_ptr_equal(strchr(said.out, '\n')[1], 0);
    assert_string_equal(said.err, "0 records, as of revision 800.\n");
    cli.output = OUTPUT_JSON;
    assert_true(exported(NULL, 0, &said));
    assert_string_equal(said.out, "{\"kind\": \"inquiry\", \"records\": [\n], \"first_rev\": 800, "
                                  "\"last_rev\": 800}\n");
}

static void only_what_was_asked_for(void **state)
{
    (void)state;
    heard_t said;
    given_t given = {.field = kind_field(schema_kind("inquiry"), "municipality"), .value = "0583"};
    assert_true(exported(&given, 1, &said));
    for (int i = 0; i < 3; i++)
        assert_non_null(strstr(asked(i), "\"where\":{\"municipality\":\"mun-0583\"}"));
}

/* What a terminal shows on which both outputs are. */
static const char *on_a_terminal(const given_t *given, size_t n_given)
{
    fake_t *daemon = daemon_begin(pages);
    arguments_t arguments = {.given = (given_t *)given, .n_given = n_given};
    cli.kind = schema_kind("inquiry");
    hear_on_terminal(80, false);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    bool good = export_run(&cli, &arguments);
    const char *said = heard().out;
    daemon_end(&daemon);
    assert_true(good);
    return said;
}

static void progress_on_a_terminal(void **state)
{
    (void)state;
    given_t given = {.option = &output, .value = arena_format(cli.arena, "%s/ut.csv", home)};
    /* It goes away for what is said at the end. */
    assert_string_equal(on_a_terminal(&given, 1), "\r2 records\r4 records\r6 records\r6 records"
                                                  "\r\033[K6 records, as of revision 802.\n");
    /* And it is not among the records. */
    const char *said = on_a_terminal(NULL, 0);
    assert_non_null(strstr(said, "\r\ninq-3,"));
    assert_null(strstr(said, "4 records"));
}

static void no_other_format(void **state)
{
    (void)state;
    heard_t said;
    given_t given = {.option = &format_option, .value = "xml"};
    assert_false(exported(&given, 1, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_string_equal(said.err, "samverk: --format takes csv or json, not xml.\n");
    assert_null(asked(0));
}

/* -- into a file ------------------------------------------------------------------------------- */

static void into_a_file(void **state)
{
    (void)state;
    heard_t said, file;
    const char *path = arena_format(cli.arena, "%s/ut.csv", home);
    given_t given = {.option = &output, .value = path};
    assert_true(exported(NULL, 0, &said));
    assert_true(exported(&given, 1, &file));
    assert_string_equal(file.out, "");
    assert_string_equal(file.err, "6 records, as of revision 802.\n");
    assert_string_equal(content_of(path), said.out);
    assert_null(content_of(arena_format(cli.arena, "%s.part", path)));
}

static void half_an_export_replaces_nothing(void **state)
{
    (void)state;
    heard_t said;
    const char *path = arena_format(cli.arena, "%s/ut.csv", home);
    given_t given = {.option = &output, .value = path};
    n_pages = 1;
    assert_true(exported(&given, 1, &said));
    const char *before = content_of(path);
    n_pages = 3;
    breaks = true;
    assert_false(exported(&given, 1, &said));
    assert_int_equal(cli.status, 5);
    assert_non_null(strstr(said.err, "You may not do this."));
    assert_null(strstr(said.err, "records, as of"));
    assert_string_equal(content_of(path), before);
    assert_null(content_of(arena_format(cli.arena, "%s.part", path)));
}

static void where_nothing_can_be_written(void **state)
{
    (void)state;
    heard_t said;
    given_t given = {.option = &output, .value = "/no/such/folder/ut.csv"};
    assert_false(exported(&given, 1, &said));
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_string_equal(said.err,
                        "samverk: /no/such/folder/ut.csv.part: No such file or directory\n");
    assert_null(asked(0)); /* nobody's data was read for nothing */
    /* A disk that is full. */
    const char *path = arena_format(cli.arena, "%s/ut.csv", home);
    assert_int_equal(symlink("/dev/full", arena_format(cli.arena, "%s.part", path)), 0);
    given.value = path;
    assert_false(exported(&given, 1, &said));
    assert_string_equal(said.err,
                        arena_format(cli.arena, "samverk: %s: No space left on device\n", path));
    assert_null(content_of(path));
    assert_int_equal(access("/dev/full", F_OK), 0);
}

/* What is said when standard output is `handle`, and how many pages were asked for. */
static const char *written_to(int handle, bool *good, int *n_p)
{
    n_pages = 100;
    text_size = 100;
    fake_t *daemon = daemon_begin(pages);
    arguments_t arguments = {0};
    cli.kind = schema_kind("inquiry");
    hear();
    dup2(handle, STDOUT_FILENO);
    close(handle);
    *good = export_run(&cli, &arguments);
    const char *said = heard().err;
    clearerr(stdout);
    *n_p = atomic_load(&n_asked);
    daemon_end(&daemon);
    return said;
}

static void a_full_standard_output(void **state)
{
    (void)state;
    bool good;
    int n;
    assert_string_equal(written_to(open("/dev/full", O_WRONLY | O_CLOEXEC), &good, &n),
                        "samverk: standard output: No space left on device\n");
    assert_false(good);
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_int_equal(n, 1); /* the rest was not asked for */
}

static void a_reader_that_has_seen_enough(void **state)
{
    (void)state;
    bool good;
    int n, ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    assert_string_equal(written_to(ends[1], &good, &n), "");
    signal(SIGPIPE, SIG_DFL);
    assert_true(good);
    assert_int_equal(cli.status, 0);
    assert_int_equal(n, 1);
}

#define EXPORT_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXPORT_TEST(all_pages_as_csv),
        EXPORT_TEST(all_pages_as_json),
        EXPORT_TEST(of_nothing),
        EXPORT_TEST(only_what_was_asked_for),
        EXPORT_TEST(progress_on_a_terminal),
        EXPORT_TEST(no_other_format),
        EXPORT_TEST(into_a_file),
        EXPORT_TEST(half_an_export_replaces_nothing),
        EXPORT_TEST(where_nothing_can_be_written),
        EXPORT_TEST(a_full_standard_output),
        EXPORT_TEST(a_reader_that_has_seen_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

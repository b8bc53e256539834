#include "cli_fixture.h"
#include "pages.h"
#include "temporary_home.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static unsigned n_pages; /* there are, of two items each; the next of one is its number */

static int begin(void **state)
{
    n_pages = 3;
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

static value_t pages(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t items = value_builder(arena), result = value_builder(arena);
    int64_t page = value_get_integer(arguments, "after", 0);
    assert_string_equal(command, "disclose");
    if (page == 7)
        error_set(error, ERROR_NOT_ALLOWED, NULL, NULL);
    for (int64_t i = 0; i < 2; i++)
        value_add(&items, value_integer(2 * page + i));
    value_add_pair(&result, "items", value_build_list(&items));
    value_add_pair(&result, "next", page + 1 < n_pages ? value_integer(page + 1) : value_absent);
    return value_build_map(&result);
}

static value_t request_of(const char *person)
{
    value_builder_t map = value_builder(cli.arena);
    value_add_pair(&map, "person", value_text(person));
    return value_build_map(&map);
}

static void every_item_of_every_page(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(pages);
    value_t request = request_of("per-1"), items;
    assert_true(pages_items(&cli, "disclose", &request, &items));
    assert_int_equal(items.count, 6);
    for (uint32_t i = 0; i < items.count; i++)
        assert_int_equal(items.items[i].integer, i);
    assert_string_equal(asked(0), "disclose {\"person\":\"per-1\"}");
    assert_string_equal(asked(2), "disclose {\"person\":\"per-1\",\"after\":2}");
    assert_null(asked(3));
    daemon_end(&daemon);
}

static bool take_one(cli_t *run, const value_t *page, void *context)
{
    (void)run;
    (void)page;
    return --*(int *)context > 0;
}

static void no_more_than_is_wanted(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(pages);
    value_t request = request_of("per-1");
    int wanted = 2;
    assert_true(pages_each(&cli, "disclose", &request, take_one, &wanted));
    assert_non_null(asked(1));
    assert_null(asked(2));
    daemon_end(&daemon);
}

static void a_refusal_ends_it(void **state)
{
    (void)state;
    n_pages = 20;
    fake_t *daemon = daemon_begin(pages);
    value_t request = request_of("per-1"), items;
    hear();
    assert_false(pages_items(&cli, "disclose", &request, &items));
    assert_non_null(strstr(heard().err, "You may not do this."));
    assert_int_equal(items.count, 14);
    assert_null(asked(8));
    daemon_end(&daemon);
}

/* -- files ------------------------------------------------------------------------------------ */

static bool write_word(cli_t *run, output_file_t *file, void *context)
{
    (void)run;
    fputs("ord\n", file->file);
    return pages_written(file) && *(bool *)context;
}

static const char *content(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = arena_alloc(cli.arena, 64);
    if (!file)
        return NULL;
    assert_true(fread(text, 1, 63, file) < 63);
    fclose(file);
    return text;
}

static void a_file_is_whole_or_as_it_was(void **state)
{
    (void)state;
    output_file_t output;
    struct stat status;
    bool good = true;
    const char *path = arena_format(cli.arena, "%s/ut", home);
    umask(022);
    assert_true(pages_to_file(&cli, path, 0600, &output, write_word, &good));
    assert_string_equal(content(path), "ord\n");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    /* What could not be written whole leaves what was there. */
    good = false;
    assert_int_equal(truncate(path, 0), 0);
    assert_false(pages_to_file(&cli, path, 0600, &output, write_word, &good));
    assert_string_equal(content(path), "");
    assert_null(content(arena_format(cli.arena, "%s.part", path)));
}

static bool write_more(cli_t *run, output_file_t *file, void *context)
{
    (void)run;
    (void)context;
    fputs("ord\n", file->file);
    return true;
}

/* What is said when standard output is `handle`. */
static const char *written_to(int handle, bool *good, int *failure)
{
    output_file_t output;
    hear();
    dup2(handle, STDOUT_FILENO);
    close(handle);
    *good = pages_to_file(&cli, NULL, 0, &output, write_more, NULL);
    const char *said = heard().err;
    clearerr(stdout);
    *failure = output.failure;
    return said;
}

static void what_does_not_get_there_is_told(void **state)
{
    (void)state;
    bool good;
    int failure, ends[2];
    const char *said = written_to(open("/dev/full", O_WRONLY | O_CLOEXEC), &good, &failure);
    assert_false(good);
    assert_int_equal(failure, ENOSPC);
    assert_string_equal(said, "samverk: standard output: No space left on device\n");
    /* Who has seen enough of it is no failure. */
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    said = written_to(ends[1], &good, &failure);
    assert_true(good);
    assert_int_equal(failure, EPIPE);
    assert_string_equal(said, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(every_item_of_every_page),
        TEST(no_more_than_is_wanted),
        TEST(a_refusal_ends_it),
        TEST(a_file_is_whole_or_as_it_was),
        TEST(what_does_not_get_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

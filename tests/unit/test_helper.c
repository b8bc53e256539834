#include "cli_fixture.h"
#include "helper.h"
#include "temporary_home.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static int begin(void **state)
{
    if (home_make(state) != 0)
        return -1;
    setenv("SAMVERK_LIBEXECDIR", home, 1);
    signal(SIGPIPE, SIG_IGN); /* as main does */
    return cli_begin(state);
}

static int end(void **state)
{
    unsetenv("SAMVERK_LIBEXECDIR");
    signal(SIGPIPE, SIG_DFL);
    cli_end(state);
    return home_remove(state);
}

#define HELPER_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* A helper of a few lines. */
static void install(const char *name, const char *script)
{
    const char *path = arena_format(cli.arena, "%s/%s", home, name);
    FILE *file = fopen(path, "w");
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

static bool run(helper_t *helper, const char *name, const char *input, heard_t *said)
{
    const char *const arguments[] = {"--one", "a b;$(c)", NULL};
    int file = helper_input(input, strlen(input));
    assert_true(file >= 0);
    cli.status = 0;
    hear();
    bool good = helper_run(helper, &cli, name, arguments, file);
    *said = heard();
    close(file);
    assert_int_equal(good, cli.status == 0);
    return good;
}

/* Input, arguments as they are, and output with whatever is in it. */
static void what_goes_in_and_out(void **state)
{
    (void)state;
    helper_t helper;
    heard_t said;
    install("one", "cat; printf '\\000%s|%s' \"$1\" \"$2\"; echo remark >&2");
    assert_true(run(&helper, "one", "hej", &said));
    assert_int_equal(helper.size, strlen("hej") + 1 + strlen("--one|a b;$(c)"));
    assert_memory_equal(helper.output, "hej\0--one|a b;$(c)", helper.size + 1);
    assert_string_equal(helper.said, "remark");
    assert_string_equal(said.err, "");
}

static void much_in_and_out(void **state)
{
    (void)state;
    helper_t helper;
    heard_t said;
    size_t size = 2u << 20;
    char *much = arena_alloc(cli.arena, size + 1);
    memset(much, 'x', size);
    install("one", "cat; cat /dev/zero | head -c 300000 >&2");
    assert_true(run(&helper, "one", much, &said));
    assert_int_equal(helper.size, size);
    assert_memory_equal(helper.output, much, size);
}

/* It speaks the language that we do, and ends when nobody reads it. */
static void what_it_is_born_with(void **state)
{
    (void)state;
    helper_t helper;
    heard_t said;
    speak("sv");
    setenv("LC_ALL", "xx_XX.UTF-8", 1);
    install("one", "printf '%s %s' \"$LC_ALL\" \"$LANGUAGE\"; yes | head -n 1 >/dev/null");
    assert_true(run(&helper, "one", "", &said));
    assert_string_equal(helper.output, "C.UTF-8 sv");
    assert_string_equal(helper.said, "");
}

static void what_it_refuses(void **state)
{
    (void)state;
    helper_t helper;
    heard_t said;
    install("one", "echo 'Too long: \033[2J by two.' >&2; exit 1");
    assert_false(run(&helper, "one", "", &said));
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_string_equal(said.err, "samverk: Too long: \xef\xbf\xbd[2J by two.\n");
    install("one", "exit 3");
    assert_false(run(&helper, "one", "", &said));
    assert_string_equal(said.err, "samverk: one did not end well (3).\n");
    install("one", "kill -9 $$");
    assert_false(run(&helper, "one", "", &said));
    assert_string_equal(said.err, "samverk: one did not end well (137).\n");
}

static void what_is_not_there(void **state)
{
    (void)state;
    helper_t helper;
    heard_t said;
    assert_false(run(&helper, "none", "", &said));
    assert_non_null(strstr(said.err, "none is not there"));
    install("one", "");
    assert_int_equal(chmod(arena_format(cli.arena, "%s/one", home), 0600), 0);
    if (geteuid() != 0)
        assert_false(run(&helper, "one", "", &said));
    /* A file that is no program is told as the system tells it. */
    int file = open(arena_format(cli.arena, "%s/two", home), O_CREAT | O_WRONLY, 0700);
    assert_int_equal(write(file, "\177ELF", 4), 4);
    close(file);
    assert_false(run(&helper, "two", "", &said));
    assert_non_null(strstr(said.err, "/two: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HELPER_TEST(what_goes_in_and_out), HELPER_TEST(much_in_and_out),
        HELPER_TEST(what_it_is_born_with), HELPER_TEST(what_it_refuses),
        HELPER_TEST(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

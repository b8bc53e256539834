#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2], own;

static int catch_stderr(void **state)
{
    (void)state;
    assert_int_equal(pipe(ends), 0);
    own = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    return 0;
}

static int give_back_stderr(void **state)
{
    (void)state;
    dup2(own, STDERR_FILENO);
    close(own);
    close(ends[0]);
    close(ends[1]);
    log_start(LOG_LEVEL_INFO, 0);
    return 0;
}

/* All that was written since; a mark of our own ends it. */
static const char *written(void)
{
    static char text[8192];
    size_t size = 0;

    assert_int_equal(write(STDERR_FILENO, "\4", 1), 1);
    do {
        ssize_t got = read(ends[0], text + size, 1);
        assert_int_equal(got, 1);
        size++;
    } while (text[size - 1] != '\4' && size + 1 < sizeof text);
    text[size - 1] = '\0';
    return text;
}

static void a_line_has_its_priority(void **state)
{
    (void)state;
    log_start(LOG_LEVEL_DEBUG, 1);
    log_error("a %d", 1);
    log_warning("b");
    log_notice("c");
    log_info("d");
    log_debug("e");
    assert_string_equal(written(), "<3>a 1\n<4>b\n<5>c\n<6>d\n<7>e\n");
    log_start(LOG_LEVEL_DEBUG, 0);
    log_info("on a terminal");
    assert_string_equal(written(), "samverkd: on a terminal\n");
}

static void what_is_not_asked_for_is_left_out(void **state)
{
    (void)state;
    log_start(LOG_LEVEL_WARNING, 1);
    log_info("no");
    log_notice("no");
    log_warning("yes");
    assert_string_equal(written(), "<4>yes\n");
}

static void a_long_line_is_cut_and_ends(void **state)
{
    char much[3000];

    (void)state;
    memset(much, 'x', sizeof much);
    much[sizeof much - 1] = '\0';
    log_start(LOG_LEVEL_INFO, 1);
    log_info("%s", much);
    const char *text = written();
    assert_true(strlen(text) > 900 && strlen(text) <= 1024);
    assert_string_equal(text + strlen(text) - 2, "x\n");
}

static void what_is_fatal_ends_the_process(void **state)
{
    int status;

    (void)state;
    log_start(LOG_LEVEL_INFO, 1);
    pid_t child = fork();
    if (child == 0)
        log_fatal("the disk is %s", "gone");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_string_equal(written(), "<3>the disk is gone\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_stderr, give_back_stderr)
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_its_priority),
        TEST(what_is_not_asked_for_is_left_out),
        TEST(a_long_line_is_cut_and_ends),
        TEST(what_is_fatal_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

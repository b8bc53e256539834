#include "cli_fixture.h"
#include "temporary_home.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int begin(void **state)
{
    static const char *const ours[] = {"COLUMNS", "NO_COLOR", "SAMVERK_PAGER", "PAGER", "LESS"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        unsetenv(ours[i]);
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    signal(SIGINT, SIG_DFL);
    cli_end(state);
    return home_remove(state);
}

/* -- what it is -------------------------------------------------------------------------------- */

static void no_terminal_has_no_colours(void **state)
{
    (void)state;
    hear();
    terminal_start(true, true);
    bool out = terminal_out(), in = terminal_in();
    const char *tone = tone_begin(TONE_BAD), *after = tone_end(TONE_BAD);
    size_t width = terminal_width(), height = terminal_height();
    heard();
    assert_false(out);
    assert_false(in);
    assert_string_equal(tone, "");
    assert_string_equal(after, "");
    assert_int_equal(width, 100);
    assert_int_equal(height, 40);
}

static void every_tone_ends(void **state)
{
    (void)state;
    const char *begins[TONE_BAD + 1], *ends[TONE_BAD + 1];
    hear_on_terminal(80, true);
    bool out = terminal_out();
    for (int tone = TONE_PLAIN; tone <= TONE_BAD; tone++) {
        begins[tone] = tone_begin((tone_t)tone);
        ends[tone] = tone_end((tone_t)tone);
    }
    heard();
    assert_true(out);
    for (int tone = TONE_PLAIN; tone <= TONE_BAD; tone++) {
        assert_string_equal(ends[tone], tone == TONE_PLAIN ? "" : "\033[0m");
        for (int other = TONE_PLAIN; other < tone; other++)
            assert_string_not_equal(begins[tone], begins[other]);
    }
    assert_string_equal(begins[TONE_PLAIN], "");
}

static bool coloured(const char *variable, const char *value, bool wanted)
{
    hear_on_terminal(80, true);
    if (variable)
        setenv(variable, value, 1);
    terminal_start(wanted, false);
    bool begins = tone_begin(TONE_BAD)[0], ends = tone_end(TONE_BAD)[0];
    heard();
    assert_int_equal(begins, ends);
    return begins;
}

static void colours_can_be_declined(void **state)
{
    (void)state;
    assert_true(coloured(NULL, NULL, true));
    assert_false(coloured(NULL, NULL, false));
    assert_false(coloured("NO_COLOR", "1", true));
    assert_false(coloured("NO_COLOR", "0", true));
    assert_true(coloured("NO_COLOR", "", true));
    assert_false(coloured("TERM", "dumb", true));
}

static void as_wide_as_it_says(void **state)
{
    (void)state;
    static const unsigned short widths[] = {40, 80, 200};
    for (size_t i = 0; i < 3; i++) {
        hear_on_terminal(widths[i], false);
        size_t width = terminal_width(), height = terminal_height();
        heard();
        assert_int_equal(width, widths[i]);
        assert_int_equal(height, 24);
    }
    hear_on_terminal(0, false); /* one that does not know */
    size_t width = terminal_width();
    heard();
    assert_int_equal(width, 100);
    static const struct {
        const char *columns;
        size_t width;
    } rows[] = {{"132", 132}, {"0", 80}, {"-5", 80}, {"wide", 80}, {"", 80}, {"99999", 80}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hear_on_terminal(80, false);
        setenv("COLUMNS", rows[i].columns, 1);
        width = terminal_width();
        heard();
        assert_int_equal(width, rows[i].width);
    }
}

/* -- the pager --------------------------------------------------------------------------------- */

static const char *paged(bool wanted)
{
    hear_on_terminal(80, false);
    terminal_start(false, wanted);
    puts("before");
    terminal_page();
    puts("after");
    terminal_page(); /* one is enough */
    puts("last");
    fflush(stdout);
    terminal_page_end();
    terminal_page_end();
    bool waited = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
    puts("below");
    fflush(stdout);
    const char *out = heard().out;
    assert_true(waited);
    return out;
}

static void long_output_goes_through_the_pager(void **state)
{
    (void)state;
    setenv("PAGER", "sed s/^/pager:/", 1);
    assert_string_equal(paged(true), "before\npager:after\npager:last\nbelow\n");
    setenv("SAMVERK_PAGER", "sed s/^/ours:/", 1);
    assert_string_equal(paged(true), "before\nours:after\nours:last\nbelow\n");
    setenv("SAMVERK_PAGER", "", 1);
    assert_string_equal(paged(true), "before\npager:after\npager:last\nbelow\n");
    assert_string_equal(paged(false), "before\nafter\nlast\nbelow\n");
}

static void less_is_told_to_leave_short_output(void **state)
{
    (void)state;
    setenv("PAGER", "printf '%s\\n' \"$LESS\"; cat >/dev/null", 1);
    assert_string_equal(paged(true), "before\nFIRX\nbelow\n");
    setenv("LESS", "R", 1);
    assert_string_equal(paged(true), "before\nR\nbelow\n");
}

static void less_or_what_there_is(void **state)
{
    (void)state;
    char path[300], *kept = arena_text(cli.arena, getenv("PATH"));
    snprintf(path, sizeof path, "%s/less", home);
    FILE *file = fopen(path, "w");
    fputs("#!/bin/sh\nexec /bin/sed \"s/^/less $1:/\"\n", file);
    fclose(file);
    chmod(path, 0700);
    setenv("PATH", home, 1);
    const char *with = paged(true);
    remove(path);
    snprintf(path, sizeof path, "%s/cat", home);
    assert_int_equal(symlink("/bin/cat", path), 0);
    const char *without = paged(true);
    setenv("PATH", kept, 1);
    assert_string_equal(with, "before\nless -FIRX:after\nless -FIRX:last\nbelow\n");
    assert_string_equal(without, "before\nafter\nlast\nbelow\n");
}

static void a_file_is_not_paged(void **state)
{
    (void)state;
    setenv("SAMVERK_PAGER", "sed s/^/ours:/", 1);
    hear();
    terminal_start(true, true);
    terminal_page();
    puts("after");
    terminal_page_end();
    assert_string_equal(heard().out, "after\n");
}

/* -- asking ------------------------------------------------------------------------------------ */

static bool answered(const char *text)
{
    int ends[2], kept = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    clearerr(stdin);
    hear();
    bool yes = terminal_confirm("Delete it?");
    heard_t said = heard();
    while (getchar() != EOF)
        ;
    clearerr(stdin);
    dup2(kept, STDIN_FILENO);
    close(kept);
    assert_string_equal(said.err, "Delete it? ");
    assert_string_equal(said.out, "");
    return yes;
}

static void only_a_yes_is_yes(void **state)
{
    (void)state;
    static const char *const yes[] = {"y\n", "yes\n", "Y\n", "YES\n", "y", "yes \n"};
    static const char *const no[] = {"",       "\n",   "n\n",  "no\n", "ye\n",
                                     "yess\n", " y\n", "ja\n", "j\n"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!answered(yes[i]))
            fail_msg("%s is no", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (answered(no[i]))
            fail_msg("%s is yes", no[i]);
    speak("sv");
    assert_true(answered("Ja\n"));
    assert_true(answered("j\n"));
    assert_true(answered("yes\n"));
    assert_false(answered("nej\n"));
}

static void someone_can_be_asked(void **state)
{
    (void)state;
    int kept = dup(STDIN_FILENO), nobody = open("/dev/null", O_RDONLY | O_CLOEXEC);
    hear_on_terminal(80, false);
    dup2(STDOUT_FILENO, STDIN_FILENO);
    bool both = terminal_in();
    dup2(nobody, STDIN_FILENO);
    bool out_alone = terminal_in();
    heard();
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(nobody);
    assert_true(both);
    assert_false(out_alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_terminal_has_no_colours, begin, end),
        cmocka_unit_test_setup_teardown(every_tone_ends, begin, end),
        cmocka_unit_test_setup_teardown(colours_can_be_declined, begin, end),
        cmocka_unit_test_setup_teardown(as_wide_as_it_says, begin, end),
        cmocka_unit_test_setup_teardown(long_output_goes_through_the_pager, begin, end),
        cmocka_unit_test_setup_teardown(less_is_told_to_leave_short_output, begin, end),
        cmocka_unit_test_setup_teardown(less_or_what_there_is, begin, end),
        cmocka_unit_test_setup_teardown(a_file_is_not_paged, begin, end),
        cmocka_unit_test_setup_teardown(only_a_yes_is_yes, begin, end),
        cmocka_unit_test_setup_teardown(someone_can_be_asked, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

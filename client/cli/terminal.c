#include "terminal.h"
#include "language.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH_OTHERWISE 100u
#define HEIGHT_OTHERWISE 40u

static bool out_is_terminal, colours, paged;
static pid_t pager;
static int unpaged = -1; /* standard output as it was before the pager */

void terminal_start(bool colours_wanted, bool pager_wanted)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    out_is_terminal = isatty(STDOUT_FILENO);
    paged = pager_wanted && out_is_terminal;
    colours = colours_wanted && out_is_terminal && !(no_color && no_color[0]) &&
              !(term && strcmp(term, "dumb") == 0);
}

bool terminal_out(void)
{
    return out_is_terminal;
}

bool terminal_in(void)
{
    return out_is_terminal && isatty(STDIN_FILENO);
}

static size_t from_environment(const char *name)
{
    const char *text = getenv(name);
    long value = text ? strtol(text, NULL, 10) : 0;
    return value > 0 && value < 10000 ? (size_t)value : 0;
}

size_t terminal_width(void)
{
    struct winsize size;
    size_t width = from_environment("COLUMNS");
    if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    return width ? width : WIDTH_OTHERWISE;
}

size_t terminal_height(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row)
        return size.ws_row;
    return HEIGHT_OTHERWISE;
}

const char *tone_begin(tone_t tone)
{
    static const char *const begin[] = {
        [TONE_PLAIN] = "",        [TONE_HEADING] = "\033[1m", [TONE_FAINT] = "\033[2m",
        [TONE_GOOD] = "\033[32m", [TONE_BAD] = "\033[31m",
    };
    return colours ? begin[tone] : "";
}

const char *tone_end(tone_t tone)
{
    return colours && tone != TONE_PLAIN ? "\033[0m" : "";
}

void terminal_page(void)
{
    if (!paged || pager)
        return;
    const char *program = getenv("SAMVERK_PAGER");
    if (!program || !program[0])
        program = getenv("PAGER");
    int ends[2];
    if (pipe(ends) != 0)
        return;
    fflush(stdout);
    unpaged = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    pager = fork();
    if (pager == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (program && program[0]) {
            setenv("LESS", "FIRX", 0);
            execl("/bin/sh", "sh", "-c", program, (char *)NULL);
        }
        execlp("less", "less", "-FIRX", (char *)NULL);
        execlp("cat", "cat", (char *)NULL);
        _exit(127);
    }
    if (pager > 0)
        dup2(ends[1], STDOUT_FILENO);
    else
        pager = 0;
    close(ends[0]);
    close(ends[1]);
}

void terminal_page_end(void)
{
    if (!pager)
        return;
    fflush(stdout);
    if (dup2(unpaged, STDOUT_FILENO) < 0)
        close(STDOUT_FILENO); /* or the pager would wait for more */
    close(unpaged);
    /* An interrupt is the pager's while it runs. */
    void (*interrupted)(int) = signal(SIGINT, SIG_IGN);
    waitpid(pager, NULL, 0);
    signal(SIGINT, interrupted);
    pager = 0;
}

bool terminal_confirm(const char *question)
{
    fprintf(stderr, "%s ", question);
    fflush(stderr);
    char answer[64];
    if (!fgets(answer, sizeof answer, stdin))
        return false;
    answer[strcspn(answer, " \n")] = 0;
    for (char *c = answer; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    /* Translators: what someone may type for yes, words apart. */
    return answer[0] && schema_words_have(_("y yes"), answer);
}

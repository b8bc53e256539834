#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static log_level_t most_shown = LOG_LEVEL_INFO;
static int with_priorities = 0;

void log_start(log_level_t most, int priorities)
{
    most_shown = most;
    with_priorities = priorities;
}

/* One write a line, so that lines of several threads do not mix. */
__attribute__((format(printf, 2, 0))) static void write_line(log_level_t level, const char *format,
                                                             va_list arguments)
    __attribute__((format(printf, 2, 0)));

__attribute__((format(printf, 2, 0))) static void write_line(log_level_t level, const char *format,
                                                             va_list arguments)
{
    char line[1024];
    int start = 0;

    if (with_priorities)
        start = snprintf(line, sizeof line, "<%d>", (int)level);
    else
        start = snprintf(line, sizeof line, "samverkd: ");
    int length = vsnprintf(line + start, sizeof line - (size_t)start - 1, format, arguments);
    if (length < 0)
        return;
    size_t size = (size_t)start + (size_t)length;
    if (size > sizeof line - 2)
        size = sizeof line - 2;
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
}

void log_line(log_level_t level, const char *format, ...)
{
    va_list arguments;

    if (level > most_shown)
        return;
    va_start(arguments, format);
    write_line(level, format, arguments);
    va_end(arguments);
}

_Noreturn void log_fatal(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_line(LOG_LEVEL_ERROR, format, arguments);
    va_end(arguments);
    _exit(1);
}

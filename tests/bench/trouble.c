#include "trouble.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANERS_MAX 16u

static struct {
    void (*clean)(void *object);
    void *object;
} cleaners[CLEANERS_MAX];
static unsigned n_cleaners;

static void trouble_clean(void)
{
    while (n_cleaners > 0) {
        n_cleaners--;
        cleaners[n_cleaners].clean(cleaners[n_cleaners].object);
    }
}

void trouble(const char *format, ...)
{
    static atomic_flag begun = ATOMIC_FLAG_INIT;
    va_list arguments;

    /* Whose trouble comes of the cleaning up has none of its own. */
    while (atomic_flag_test_and_set(&begun))
        pause();
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    trouble_clean();
    /* Threads may still run: leave without ado. */
    fflush(NULL);
    _Exit(1);
}

void trouble_at_exit(void (*clean)(void *object), void *object)
{
    if (n_cleaners == CLEANERS_MAX)
        trouble("too much to clean up");
    cleaners[n_cleaners].clean = clean;
    cleaners[n_cleaners++].object = object;
}

void trouble_forget(void *object)
{
    for (unsigned i = 0; i < n_cleaners; i++) {
        if (cleaners[i].object != object)
            continue;
        n_cleaners--;
        for (unsigned j = i; j < n_cleaners; j++)
            cleaners[j] = cleaners[j + 1];
        return;
    }
}

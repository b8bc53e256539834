#include "program.h"

#include "client.h"
#include "schema.h"
#include "trouble.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

const char *program_directory(void)
{
    const char *temporary = getenv("TMPDIR");

    return temporary != NULL ? temporary : "/tmp";
}

uint64_t program_number(const char *text, uint64_t least, uint64_t most)
{
    char *end = NULL;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < least || number > most)
        trouble("%s: a whole number from %llu to %llu expected", text, (unsigned long long)least,
                (unsigned long long)most);
    return number;
}

static void leave(int number)
{
    trouble("ended by signal %d", number);
}

void program_start(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    signal(SIGPIPE, SIG_IGN); /* report_print sees it, and cleans up */
    signal(SIGINT, leave);    /* with nothing left running */
    signal(SIGTERM, leave);
    if (!schema_start())
        trouble("the tables are wrong");
    clients_start();
}

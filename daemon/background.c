#include "background.h"

#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICENESS 10 /* a tenth of what the others get, where they want it all */

void background_begin(void)
{
    /* Linux keeps it by thread, whatever POSIX says of processes. */
    id_t self = (id_t)gettid();

    if (getpriority(PRIO_PROCESS, self) < NICENESS &&
        setpriority(PRIO_PROCESS, self, NICENESS) != 0)
        log_warning("a background thread runs as all others do: %s", strerror(errno));
}

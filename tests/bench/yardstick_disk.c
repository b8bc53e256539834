#include "measure.h"
#include "trouble.h"
#include "yardstick.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 256

double yardstick_fdatasync(const char *directory, unsigned times)
{
    char path[600];
    unsigned char page[PAGE] = {0};
    samples_t waited = {0};

    snprintf(path, sizeof path, "%s/samverk-bench-page-%d", directory, getpid());
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        trouble("%s: %s", path, strerror(errno));
    unlink(path);
    /* Written and synced once, so that the file does not grow while we measure. */
    for (int i = 0; i < PAGES; i++)
        if (pwrite(file, page, PAGE, (off_t)i * PAGE) != PAGE)
            trouble("%s: %s", path, strerror(errno));
    fsync(file);
    for (unsigned i = 0; i < times; i++) {
        memset(page, (int)i, sizeof page);
        uint64_t begun = now_ns();
        if (pwrite(file, page, PAGE, (off_t)(i % PAGES) * PAGE) != PAGE || fdatasync(file) != 0)
            trouble("%s: %s", path, strerror(errno));
        samples_add(&waited, seconds_since(begun));
    }
    close(file);
    double median = samples_median(&waited);
    samples_clear(&waited);
    return median;
}

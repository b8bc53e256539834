#include "shred.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

int shred(int file)
{
    static const char zeros[1 << 16];
    off_t size = lseek(file, 0, SEEK_END);
    if (size < 0)
        return errno;
    for (off_t at = 0; at < size;) {
        size_t part = (size_t)(size - at);
        ssize_t written = pwrite(file, zeros, part < sizeof zeros ? part : sizeof zeros, at);
        if (written < 0 && errno != EINTR)
            return errno;
        at += written > 0 ? written : 0;
    }
    return fsync(file) ? errno : 0;
}

int shred_remove(int directory, const char *name)
{
    int file = openat(directory, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return errno == ENOENT ? 0 : errno;
    int status = shred(file);
    close(file);
    if (!status && unlinkat(directory, name, 0))
        status = errno;
    return status;
}

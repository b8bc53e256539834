#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int disk_write(int file, const void *data, size_t size)
{
    const char *at = data;
    while (size) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written ? errno : EIO;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

int disk_read(int file, void *data, size_t size, size_t *got)
{
    char *at = data;
    *got = 0;
    while (*got < size) {
        ssize_t part = read(file, at + *got, size - *got);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return errno;
        if (part == 0)
            break;
        *got += (size_t)part;
    }
    return 0;
}

int disk_write_file(const char *path, const void *data, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return errno;
    int status = disk_write(file, data, size);
    if (!status && fsync(file))
        status = errno;
    close(file);
    return status;
}

int disk_sync_directory(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return errno;
    int status = fsync(directory) ? errno : 0;
    close(directory);
    return status;
}

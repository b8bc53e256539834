#include "samverk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* XDG Base Directory Specification: a relative path in the variable is ignored. */
static bool folder_of(char *path, size_t size, const char *variable, const char *below_home)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");
    int written;
    if (base && base[0] == '/')
        written = snprintf(path, size, "%s/samverk", base);
    else
        written = snprintf(path, size, "%s/%s/samverk", home ? home : "", below_home);
    return written > 0 && (size_t)written < size;
}

bool samverk_config_path(char *path, size_t size)
{
    return folder_of(path, size, "XDG_CONFIG_HOME", ".config");
}

bool samverk_state_path(char *path, size_t size)
{
    return folder_of(path, size, "XDG_STATE_HOME", ".local/state");
}

bool samverk_sync_name(const char *path)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == folder)
        slash[1] = 0;
    else if (slash)
        *slash = 0;
    int directory = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return false;
    bool synced = fsync(directory) == 0;
    close(directory);
    return synced;
}

/* One that was made lasts; one that was there is taken to. */
static bool make_one(const char *path)
{
    if (mkdir(path, 0700) == 0)
        return samverk_sync_name(path);
    return errno == EEXIST;
}

bool samverk_make_folder(const char *path)
{
    char part[4096];
    if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *slash = part + 1; *slash; slash++) {
        if (*slash != '/')
            continue;
        *slash = 0;
        if (!make_one(part))
            return false;
        *slash = '/';
    }
    return make_one(part);
}

static bool write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

bool samverk_write_file(const char *path, const void *data, size_t size, unsigned mode)
{
    char temporary[4096];
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0)
        return false;
    bool whole = fchmod(file, (mode_t)mode) == 0 && write_all(file, data, size) && fsync(file) == 0;
    int reason = errno;
    if (close(file) != 0 && whole) {
        whole = false;
        reason = errno;
    }
    if (whole && rename(temporary, path) == 0)
        return samverk_sync_name(path);
    if (whole)
        reason = errno;
    unlink(temporary);
    errno = reason;
    return false;
}

/* Loaded before a program's libraries (LD_PRELOAD), makes its n-th call to disk or
   memory fail, gives it a small disk, or a small map (disk_faults.h). Only regular
   files are disks: sockets and pipes go on. */

#include "disk_faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

static fault_control_t nothing;
static fault_control_t *control = &nothing;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("SAMVERK_FAULT_CONTROL");
    int file = path ? REAL(open)(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        abort();
    control = mapped;
    close(file);
}

/* Whether this call is to fail; `first` whether it is the n-th. */
static bool fails(uint32_t sort, bool *first)
{
    *first = false;
    if (!(control->armed & sort))
        return false;
    if (control->fired)
        return control->mode != FAULT_ONCE;
    if (control->left-- > 0)
        return false;
    *first = control->fired++ == 0;
    if (control->mode == FAULT_KILL)
        kill(getpid(), SIGKILL);
    return true;
}

static bool disk_fails(void)
{
    bool first;
    if (!fails(FAULT_DISK, &first))
        return false;
    errno = (int)control->error;
    return true;
}

static bool is_disk(int file)
{
    struct stat status;
    int saved = errno;
    bool disk = file > STDERR_FILENO && fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    errno = saved;
    return disk;
}

/* -- the target of a backup -------------------------------------------------------------- */

static bool is_target(int file)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return false;
    path[length] = 0;
    return strstr(path, "/backups/") != NULL;
}

static void wait_for_target(int file)
{
    while (control->stalled && is_target(file))
        usleep(1000);
}

/* -- a small disk --------------------------------------------------------------------- */

/* How many of `size` bytes at `offset` there is room for. Files next to each other share
   the disk; what is written over takes no more. */
static size_t room(int file, off_t offset, size_t size)
{
    static const char *const names[] = {"record.mdb", "person.keys", "person.keys.new"};
    uint64_t limit = control->disk_size, used = 0, target = control->target_size;
    struct stat status;
    char link[64], path[4096];
    if (target && is_target(file)) {
        uint64_t left = target > (uint64_t)offset ? target - (uint64_t)offset : 0;
        return size < left ? size : (size_t)left;
    }
    if (!limit || fstat(file, &status))
        return size;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 32);
    if (length < 0)
        return size;
    path[length] = 0;
    char *end = strrchr(path, '/');
    for (size_t i = 0; end && i < sizeof names / sizeof *names; i++) {
        struct stat other;
        strcpy(end + 1, names[i]);
        used += stat(path, &other) == 0 ? (uint64_t)other.st_size : 0;
    }
    uint64_t last = (uint64_t)offset + size, now = (uint64_t)status.st_size;
    if (last <= now || used + (last - now) <= limit)
        return size;
    uint64_t most = limit > used ? now + (limit - used) : now;
    return most > (uint64_t)offset ? (size_t)(most - (uint64_t)offset) : 0;
}

int statvfs(const char *restrict path, struct statvfs *restrict disk)
{
    if (disk_fails())
        return -1;
    int status = REAL(statvfs)(path, disk);
    char file[4096];
    struct stat record;
    snprintf(file, sizeof file, "%s/record.mdb", path);
    if (!status && control->disk_size && stat(file, &record) == 0) {
        uint64_t limit = control->disk_size, used = (uint64_t)record.st_size;
        disk->f_bavail = limit > used ? (limit - used) / disk->f_frsize : 0;
    }
    return status;
}

/* -- writing ---------------------------------------------------------------------------- */

/* How many bytes this write may write; less than none when it fails, errno set. */
static ssize_t allowed(int file, off_t offset, size_t size)
{
    bool first;
    if (!is_disk(file))
        return (ssize_t)size;
    wait_for_target(file);
    if (fails(FAULT_DISK, &first)) {
        if (control->mode == FAULT_SHORT && first && size > 1)
            return (ssize_t)(size / 2);
        errno = (int)control->error;
        return -1;
    }
    size_t fit = room(file, offset, size);
    if (fit == 0 && size > 0) {
        errno = ENOSPC;
        return -1;
    }
    return (ssize_t)fit;
}

ssize_t write(int file, const void *data, size_t size)
{
    ssize_t may = is_disk(file) ? allowed(file, lseek(file, 0, SEEK_CUR), size) : (ssize_t)size;
    return may < 0 ? -1 : REAL(write)(file, data, (size_t)may);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    ssize_t may = allowed(file, offset, size);
    return may < 0 ? -1 : REAL(pwrite)(file, data, (size_t)may, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    size_t size = 0;
    if (!is_disk(file))
        return REAL(writev)(file, parts, count);
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    ssize_t may = allowed(file, lseek(file, 0, SEEK_CUR), size);
    if (may < 0)
        return -1;
    /* Whole parts, and then a piece of the next one. */
    ssize_t done = 0;
    for (int i = 0; i < count && done < may; i++) {
        size_t left = (size_t)(may - done);
        size_t part = parts[i].iov_len < left ? parts[i].iov_len : left;
        if (REAL(write)(file, parts[i].iov_base, part) != (ssize_t)part)
            return -1;
        done += (ssize_t)part;
    }
    return done;
}

#define DISK_CALL(name)                                                                            \
    int name(int file)                                                                             \
    {                                                                                              \
        wait_for_target(file);                                                                     \
        return disk_fails() ? -1 : REAL(name)(file);                                               \
    }

DISK_CALL(fsync)
DISK_CALL(fdatasync)

int rename(const char *from, const char *to)
{
    return disk_fails() ? -1 : REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
    return disk_fails() ? -1 : REAL(link)(from, to);
}

int ftruncate(int file, off_t size)
{
    return disk_fails() ? -1 : REAL(ftruncate)(file, size);
}

#define OPEN(name, parameters, values)                                                             \
    int name parameters                                                                            \
    {                                                                                              \
        mode_t mode = 0;                                                                           \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
            va_list arguments;                                                                     \
            va_start(arguments, flags);                                                            \
            mode = va_arg(arguments, mode_t);                                                      \
            va_end(arguments);                                                                     \
        }                                                                                          \
        return disk_fails() ? -1 : REAL(name) values;                                              \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))

int mdb_env_set_mapsize(MDB_env *env, size_t size)
{
    return REAL(mdb_env_set_mapsize)(env, control->map_size ? control->map_size : size);
}

/* -- memory ------------------------------------------------------------------------------- */

/* Under their own names, since looking for them by name may need memory itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool no_memory(void)
{
    bool first;
    if (!fails(FAULT_MEMORY, &first))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return no_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return no_memory() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return no_memory() ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    void *memory = no_memory() ? NULL : __libc_memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *result = memory;
    return 0;
}

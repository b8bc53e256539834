/* Loaded before a program's libraries (LD_PRELOAD), records what it does to the files
   of one directory: writes, syncs and names, in the order of their beginning. A write is
   recorded before it is made and a sync once it has returned, so whatever lies between
   two events may or may not be on disk when the power goes.

     SAMVERK_DISK_DIRECTORY  the directory, absolute
     SAMVERK_DISK_TRACE      where to record
     SAMVERK_DISK_LIES       positive controls: syncs that are not recorded, as if the disk
                             had lied about them: any of "data commit keys directory" */

#include "disk_trace.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS 4096
#define FILES 4096
#define NAME_ROOM 64u
#define NONE (-1)
#define DIRECTORY (-2)

uint64_t disk_recorder_position(void);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char directory[4096];
static size_t directory_length;
static const char *lies = "";
static int trace = -1;
static uint64_t position;
static int n_files;
static char names[FILES][NAME_ROOM]; /* "": has none any more */
static int file_of[DESCRIPTORS];     /* an index of names, NONE or DIRECTORY */
static bool synced_writes[DESCRIPTORS];

/* The next one of this name: the C library's own. */
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
    const char *path = getenv("SAMVERK_DISK_TRACE"), *where = getenv("SAMVERK_DISK_DIRECTORY");
    for (int i = 0; i < DESCRIPTORS; i++)
        file_of[i] = NONE;
    if (!path || !where)
        return;
    directory_length = (size_t)snprintf(directory, sizeof directory, "%s", where);
    if (getenv("SAMVERK_DISK_LIES"))
        lies = getenv("SAMVERK_DISK_LIES");
    trace = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (trace < 0)
        abort();
}

uint64_t disk_recorder_position(void)
{
    pthread_mutex_lock(&mutex);
    uint64_t now = position;
    pthread_mutex_unlock(&mutex);
    return now;
}

/* With the mutex held. Returns the event's position. */
static uint64_t record(trace_kind_t kind, int file, uint64_t offset, const struct iovec *parts,
                       int count)
{
    struct iovec all[64];
    trace_head_t head = {.kind = kind, .file = (uint32_t)file, .offset = offset};
    uint64_t at = position;
    if (count > (int)(sizeof all / sizeof *all) - 1)
        abort();
    all[0] = (struct iovec){&head, sizeof head};
    for (int i = 0; i < count; i++) {
        all[i + 1] = parts[i];
        head.size += parts[i].iov_len;
    }
    ssize_t size = (ssize_t)(sizeof head + head.size);
    if (REAL(writev)(trace, all, count + 1) != size)
        abort();
    position += (uint64_t)size;
    return at;
}

static uint64_t record_bytes(trace_kind_t kind, int file, uint64_t offset, const void *data,
                             size_t size)
{
    struct iovec part = {(void *)(uintptr_t)data, size};
    return record(kind, file, offset, &part, 1);
}

static bool lied(const char *name)
{
    return strstr(lies, name) != NULL;
}

/* -- names ------------------------------------------------------------------------------- */

static int find_name(const char *name)
{
    for (int i = 0; i < n_files; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return NONE;
}

/* The name within the directory that an open descriptor has; NULL when it is not there,
   "" for the directory itself. The lock file of LMDB is none of the record's. */
static const char *name_of(int descriptor, char path[4096])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(link, path, 4095);
    if (size < 0)
        return NULL;
    path[size] = 0;
    if (strncmp(path, directory, directory_length) != 0)
        return NULL;
    if (!path[directory_length])
        return "";
    const char *name = path + directory_length + 1;
    size_t length = strlen(name);
    bool lock = length > 5 && strcmp(name + length - 5, "-lock") == 0;
    return path[directory_length] == '/' && !strchr(name, '/') && !lock && length < NAME_ROOM
               ? name
               : NULL;
}

static void record_base(int file, int descriptor, size_t size)
{
    char *content = size ? malloc(size) : NULL, name[4096];
    int copy = -1;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    copy = REAL(open)(link, O_RDONLY | O_CLOEXEC);
    if (size && (!content || copy < 0 || pread(copy, content, size, 0) != (ssize_t)size))
        abort();
    snprintf(name, sizeof name, "%s", names[file]);
    struct iovec parts[] = {{name, strlen(name) + 1}, {content, size}};
    record(TRACE_BASE, file, 0, parts, 2);
    REAL(close)(copy);
    free(content);
}

static void opened(int descriptor, int flags, bool was_there)
{
    char path[4096];
    if (trace < 0 || descriptor < 0 || descriptor >= DESCRIPTORS)
        return;
    int saved = errno;
    const char *name = name_of(descriptor, path);
    pthread_mutex_lock(&mutex);
    file_of[descriptor] = NONE;
    if (name && !*name) {
        file_of[descriptor] = DIRECTORY;
    } else if (name && ((flags & O_ACCMODE) != O_RDONLY || find_name(name) != NONE)) {
        struct stat status;
        int file = find_name(name);
        if (fstat(descriptor, &status))
            abort();
        if (file == NONE) {
            if (n_files == FILES)
                abort();
            file = n_files++;
            snprintf(names[file], NAME_ROOM, "%s", name);
            if (was_there)
                record_base(file, descriptor, (size_t)status.st_size);
            else
                record_bytes(TRACE_CREATE, file, 0, name, strlen(name) + 1);
        } else if (flags & O_TRUNC) {
            record(TRACE_RESIZE, file, 0, NULL, 0);
        }
        file_of[descriptor] = file;
        synced_writes[descriptor] = (flags & O_DSYNC) != 0;
    }
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

static bool is_there(int at, const char *path)
{
    struct stat status;
    int saved = errno;
    bool there = fstatat(at, path, &status, 0) == 0;
    errno = saved;
    return there;
}

static mode_t mode_of(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = mode_of(flags, arguments);                                                   \
        va_end(arguments);                                                                         \
        bool there = is_there(AT_FDCWD, path);                                                     \
        int descriptor = REAL(name)(path, flags, mode);                                            \
        opened(descriptor, flags, there);                                                          \
        return descriptor;                                                                         \
    }

#define OPEN_AT(name)                                                                              \
    int name(int at, const char *path, int flags, ...)                                             \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = mode_of(flags, arguments);                                                   \
        va_end(arguments);                                                                         \
        bool there = is_there(at, path);                                                           \
        int descriptor = REAL(name)(at, path, flags, mode);                                        \
        opened(descriptor, flags, there);                                                          \
        return descriptor;                                                                         \
    }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

int close(int descriptor)
{
    if (descriptor >= 0 && descriptor < DESCRIPTORS) {
        pthread_mutex_lock(&mutex);
        file_of[descriptor] = NONE;
        pthread_mutex_unlock(&mutex);
    }
    return REAL(close)(descriptor);
}

static void renamed(const char *from, const char *to)
{
    const char *old = strrchr(from, '/') ? strrchr(from, '/') + 1 : from;
    const char *new = strrchr(to, '/') ? strrchr(to, '/') + 1 : to;
    pthread_mutex_lock(&mutex);
    int file = find_name(old), over = find_name(new);
    if (file != NONE) {
        struct iovec parts[] = {{(void *)(uintptr_t)old, strlen(old) + 1},
                                {(void *)(uintptr_t) new, strlen(new) + 1}};
        record(TRACE_RENAME, file, 0, parts, 2);
        if (over != NONE)
            names[over][0] = 0;
        snprintf(names[file], NAME_ROOM, "%s", new);
    }
    pthread_mutex_unlock(&mutex);
}

int rename(const char *from, const char *to)
{
    int status = REAL(rename)(from, to);
    if (!status && trace >= 0)
        renamed(from, to);
    return status;
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
    int status = REAL(renameat)(from_at, from, to_at, to);
    if (!status && trace >= 0)
        renamed(from, to);
    return status;
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    int status = REAL(renameat2)(from_at, from, to_at, to, flags);
    if (!status && trace >= 0)
        renamed(from, to);
    return status;
}

static void removed(const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    pthread_mutex_lock(&mutex);
    int file = find_name(name);
    if (file != NONE) {
        record_bytes(TRACE_REMOVE, file, 0, name, strlen(name) + 1);
        names[file][0] = 0;
    }
    pthread_mutex_unlock(&mutex);
}

int unlink(const char *path)
{
    int status = REAL(unlink)(path);
    if (!status && trace >= 0)
        removed(path);
    return status;
}

int unlinkat(int at, const char *path, int flags)
{
    int status = REAL(unlinkat)(at, path, flags);
    if (!status && trace >= 0 && !(flags & AT_REMOVEDIR))
        removed(path);
    return status;
}

/* -- writing -------------------------------------------------------------------------------- */

static int tracked(int descriptor)
{
    return trace >= 0 && descriptor >= 0 && descriptor < DESCRIPTORS ? file_of[descriptor] : NONE;
}

static uint64_t begin_write(int descriptor, off_t offset, const struct iovec *parts, int count)
{
    pthread_mutex_lock(&mutex);
    uint64_t at = record(TRACE_WRITE, file_of[descriptor], (uint64_t)offset, parts, count);
    pthread_mutex_unlock(&mutex);
    return at;
}

static ssize_t end_write(int descriptor, uint64_t at, ssize_t written, size_t size)
{
    if (written != (ssize_t)size)
        abort(); /* what is on its way would not be what was recorded */
    if (synced_writes[descriptor] && !lied("commit")) {
        pthread_mutex_lock(&mutex);
        record(TRACE_SYNC_WRITE, file_of[descriptor], at, NULL, 0);
        pthread_mutex_unlock(&mutex);
    }
    return written;
}

static size_t size_of(const struct iovec *parts, int count)
{
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

ssize_t write(int descriptor, const void *data, size_t size)
{
    if (tracked(descriptor) < 0)
        return REAL(write)(descriptor, data, size);
    struct iovec part = {(void *)(uintptr_t)data, size};
    uint64_t at = begin_write(descriptor, lseek(descriptor, 0, SEEK_CUR), &part, 1);
    return end_write(descriptor, at, REAL(write)(descriptor, data, size), size);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    if (tracked(descriptor) < 0)
        return REAL(writev)(descriptor, parts, count);
    /* LMDB gives at most 64 pages at a time, more than one event of ours holds. */
    size_t done = 0;
    while (count > 0) {
        int some = count < 32 ? count : 32;
        size_t size = size_of(parts, some);
        uint64_t at = begin_write(descriptor, lseek(descriptor, 0, SEEK_CUR), parts, some);
        done += (size_t)end_write(descriptor, at, REAL(writev)(descriptor, parts, some), size);
        parts += some;
        count -= some;
    }
    return (ssize_t)done;
}

#define PWRITE(name)                                                                               \
    ssize_t name(int descriptor, const void *data, size_t size, off_t offset)                      \
    {                                                                                              \
        if (tracked(descriptor) < 0)                                                               \
            return REAL(name)(descriptor, data, size, offset);                                     \
        struct iovec part = {(void *)(uintptr_t)data, size};                                       \
        uint64_t at = begin_write(descriptor, offset, &part, 1);                                   \
        return end_write(descriptor, at, REAL(name)(descriptor, data, size, offset), size);        \
    }

PWRITE(pwrite)
PWRITE(pwrite64)

int ftruncate(int descriptor, off_t size)
{
    int file = tracked(descriptor);
    struct stat status;
    if (file >= 0 && fstat(descriptor, &status) == 0 && status.st_size != size) {
        pthread_mutex_lock(&mutex);
        record(TRACE_RESIZE, file, (uint64_t)size, NULL, 0);
        pthread_mutex_unlock(&mutex);
    }
    return REAL(ftruncate)(descriptor, size);
}

/* -- syncing ---------------------------------------------------------------------------------- */

static void synced(int file, uint64_t begun)
{
    pthread_mutex_lock(&mutex);
    if (file == DIRECTORY && !lied("directory"))
        record(TRACE_SYNC_DIRECTORY, 0, begun, NULL, 0);
    else if (file >= 0 && !lied(strncmp(names[file], "person.keys", 11) == 0 ? "keys" : "data"))
        record(TRACE_SYNC, file, begun, NULL, 0);
    pthread_mutex_unlock(&mutex);
}

#define SYNC(name)                                                                                 \
    int name(int descriptor)                                                                       \
    {                                                                                              \
        int file = tracked(descriptor);                                                            \
        uint64_t begun = file == NONE ? 0 : disk_recorder_position();                              \
        int status = REAL(name)(descriptor);                                                       \
        if (file != NONE && !status)                                                               \
            synced(file, begun);                                                                   \
        return status;                                                                             \
    }

SYNC(fsync)
SYNC(fdatasync)

/* LMDB as we open it writes through descriptors; writes through a mapping would go
   unrecorded, so there must be none. */
void *mmap(void *where, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    if (tracked(descriptor) >= 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED))
        abort();
    return REAL(mmap)(where, size, protection, flags, descriptor, offset);
}

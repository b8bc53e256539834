#include "room.h"

#include <sys/statvfs.h>
#include <time.h>

#define ASK_EACH_MS 100u

static uint64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static size_t disk_left(const char *directory)
{
    struct statvfs disk;
    if (statvfs(directory, &disk))
        return 0;
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    return left > SIZE_MAX ? SIZE_MAX : (size_t)left;
}

size_t room_left(room_t *self, const db_t *db)
{
    uint64_t now_ms = monotonic_ms();
    if (!self->asked_ms || now_ms - self->asked_ms >= ASK_EACH_MS) {
        self->disk_left = disk_left(self->directory);
        self->asked_ms = now_ms;
    }
    size_t size = db_map_size(db), used = db_used(db);
    size_t map_left = used < size ? size - used : 0;
    return map_left < self->disk_left ? map_left : self->disk_left;
}

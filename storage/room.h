#ifndef SAMVERK_ROOM_H
#define SAMVERK_ROOM_H

#include "db.h"

#include <stdint.h>

/* How much more fits: the smaller of what the map and the file system have left.
   Used by one thread. */

#define ROOM_RESERVE ((size_t)64 << 20) /* kept for revoking, deleting and erasing */
#define ROOM_LEAST ((size_t)4 << 20)    /* a group commit and its copied pages */

typedef struct {
    const char *directory;
    uint64_t asked_ms; /* monotonic; 0 never */
    size_t disk_left;
} room_t;

/* Bytes left. The file system is asked at most each 100 ms; when it does not
   answer nothing is left. Free pages within the map do not count: the journal
   only grows. */
size_t room_left(room_t *self, const db_t *db);

#endif

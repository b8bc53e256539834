#ifndef SAMVERK_TEST_DISK_TRACE_H
#define SAMVERK_TEST_DISK_TRACE_H

/* What disk_recorder writes and disk_images reads: events one after another in a
   file, each a head and `size` bytes. A position is a byte offset in that file: what
   was promised at a position must survive a power cut there. */

#include <stdint.h>

typedef enum {
    TRACE_BASE = 1,       /* a file that was there before: its content */
    TRACE_CREATE,         /* a new, empty file; the name */
    TRACE_WRITE,          /* bytes at `offset`; on its way, not on disk */
    TRACE_RESIZE,         /* to `offset` bytes */
    TRACE_SYNC,           /* all of the file that was written before `offset` (a position) */
    TRACE_SYNC_WRITE,     /* the one write at the position `offset` */
    TRACE_RENAME,         /* "from\0to\0" */
    TRACE_REMOVE,         /* the name */
    TRACE_SYNC_DIRECTORY, /* names changed before `offset` (a position) */
} trace_kind_t;

typedef struct {
    uint32_t kind;
    uint32_t file; /* numbered from 0 in the order of their opening */
    uint64_t offset;
    uint64_t size; /* of what follows; names end with a NUL */
} trace_head_t;

#endif

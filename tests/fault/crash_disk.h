#ifndef SAMVERK_TEST_CRASH_DISK_H
#define SAMVERK_TEST_CRASH_DISK_H

/* A disk that plays a trace (disk_trace.h) and can be asked what a power cut would
   leave. Sectors of 512 bytes are written whole, in any order, at any time between the
   write and its sync; names change in their order, at any time before the directory is
   synced. */

#include <stdbool.h>
#include <stdint.h>

typedef struct crash_disk crash_disk_t;

/* NULL when the trace cannot be read. */
crash_disk_t *crash_disk_new(const char *trace_path);
void crash_disk_destroy(crash_disk_t **self_p);

uint64_t crash_disk_events(const crash_disk_t *self);
/* Where the n-th event begins; for n = crash_disk_events, the end. */
uint64_t crash_disk_position(const crash_disk_t *self, uint64_t n);
/* The file that the n-th event is about. */
unsigned crash_disk_file(const crash_disk_t *self, uint64_t n);
/* Play all events before the n-th. Only forwards. */
void crash_disk_play(crash_disk_t *self, uint64_t n);

/* Which of the unsynced sectors reach the disk. */
typedef enum {
    CUT_NONE,   /* none of them */
    CUT_ALL,    /* all */
    CUT_WRITES, /* some writes, whole */
    CUT_TORN,   /* some sectors */
    CUT_KINDS
} cut_t;

/* What is left, as files in an empty directory. False when they cannot be written. */
bool crash_disk_leave(crash_disk_t *self, const char *directory, cut_t cut, uint64_t *random);

#endif

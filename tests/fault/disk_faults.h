#ifndef SAMVERK_TEST_DISK_FAULTS_H
#define SAMVERK_TEST_DISK_FAULTS_H

/* What disk_faults is told, in a file that it and a test have mapped: the one named by
   SAMVERK_FAULT_CONTROL. test_disk.py writes the same layout. */

#include <stdint.h>

#define FAULT_DISK 0x1u   /* opens, writes, syncs, names, sizes, questions for room */
#define FAULT_MEMORY 0x2u /* allocations */

typedef enum {
    FAULT_ONCE,  /* one call fails */
    FAULT_ON,    /* it and all after it */
    FAULT_SHORT, /* a write writes half, and all after it fail */
    FAULT_KILL,  /* the process is killed there, as by kill -9 */
} fault_mode_t;

typedef struct {
    _Atomic uint32_t armed; /* FAULT_DISK, FAULT_MEMORY; 0: nothing fails */
    uint32_t mode;
    _Atomic int64_t left; /* calls that succeed before */
    uint32_t error;       /* errno of a disk that fails */
    _Atomic uint32_t fired;
    _Atomic uint64_t disk_size; /* what the store's files may grow to; 0: no limit */
    uint64_t map_size;          /* of LMDB, whatever the program asks for; 0: that */
    /* Of files in a folder called "backups": */
    _Atomic uint64_t target_size; /* what each may grow to; 0: no limit */
    _Atomic uint32_t stalled;     /* writes and syncs wait as long as this is set */
} fault_control_t;

#endif

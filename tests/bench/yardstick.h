#ifndef BENCH_YARDSTICK_H
#define BENCH_YARDSTICK_H

#include <stddef.h>
#include <stdint.h>

/* What the machine gives without us: the disk, LMDB, libzmq. */

/* Median seconds of writing one page in place and fdatasync, in `directory`. */
double yardstick_fdatasync(const char *directory, unsigned times);

/* -- LMDB ----------------------------------------------------------------------------- */

/* How many commits this store has had: LMDB's own count. */
uint64_t yardstick_commits(const char *store);

#define YARDSTICK_DATABASES 8u
typedef struct {
    const char *names[YARDSTICK_DATABASES];
    double bytes[YARDSTICK_DATABASES]; /* in pages that it uses */
    uint64_t entries[YARDSTICK_DATABASES];
    unsigned count;
    double file;   /* bytes on disk */
    double unused; /* of that, in free pages */
} yardstick_census_t;
void yardstick_census(const char *store, yardstick_census_t *census);

typedef struct {
    uint64_t writes;
    double puts_a_write; /* rows */
    double writes_second;
    double commit_p50_ms;
} yardstick_lmdb_t;

/* Put the rows of the store's revisions `after` to `last`, whole and in that order, into
   a new environment in `directory`, `batch` revisions a commit, for at most `seconds`.
   FORMAT.md says how a row tells its revision. */
void yardstick_lmdb(const char *store, uint64_t after, uint64_t last, const char *directory,
                    unsigned batch, double seconds, yardstick_lmdb_t *result);

/* -- ROUTER ------------------------------------------------------------------------------ */

typedef struct {
    const void *data;
    size_t size;
    uint32_t entries;
} yardstick_frame_t;

/* Send the frames, again and again, each to all of `peers`, over CURVE, for about
   `seconds`; deliveries (entries received) a second. */
double yardstick_router(const yardstick_frame_t *frames, unsigned count, unsigned peers,
                        double seconds);

#endif

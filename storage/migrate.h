#ifndef SAMVERK_MIGRATE_H
#define SAMVERK_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A store of an earlier format brought up to this version's, under the same epoch and
   revisions: its journal, stepped up, is replayed into a fresh store. */
typedef struct {
    const char *directory;
    bool dry_run; /* prove it on a copy and leave all as it is; also beside a daemon */
    size_t map_size;
    uint64_t now_ms; /* UTC */
} migrate_options_t;

/* What would change or has changed goes to `out`, a line each. The real one makes a backup
   in the data directory first. False with one sentence in `why`: the store is as it was. */
bool migrate_store(const migrate_options_t *options, FILE *out, char *why, size_t why_size);

#endif

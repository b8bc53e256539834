#ifndef SAMVERK_RESTORE_H
#define SAMVERK_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A backup back into place, under a new epoch: proved, replayed into a fresh store,
   proved again, and only then put where the old one lay, which is kept. */
typedef struct {
    const char *directory; /* the data directory: of a stopped daemon, empty, or missing */
    const char *file;      /* the backup */
    const char *keys;      /* the keys file; NULL: the one beside the backup when it is there */
    size_t map_size;
    uint64_t now_ms; /* UTC */
} restore_options_t;

/* What was done goes to `out`, a line each. False with one sentence in `why`: the store is
   then as it was. */
bool restore_store(const restore_options_t *options, FILE *out, char *why, size_t why_size);

#endif

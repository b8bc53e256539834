#ifndef SAMVERK_REBUILD_H
#define SAMVERK_REBUILD_H

#include "db.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A store made anew from journal entries, beside the one whose place it is to take: what
   restore and migrate share. It grows in a folder of its own in the data directory; until
   it is proved and put in place nothing else there is touched, and what a kill leaves of
   it is cleared away by the next one. One thread. */
typedef struct rebuild rebuild_t;

typedef struct {
    const char *directory; /* made when it is missing */
    const char *region;
    const char *epoch; /* NULL: a new one */
    uint64_t began_ms; /* when a restore began it; 0: none did */
    uint64_t now_ms;   /* UTC; what requests are forgotten by, and the name of what is kept */
    size_t map_size;
    bool dry; /* beside a daemon that serves, and never put in place */
} rebuild_options_t;

/* All of these give false, or NULL, with one sentence in `why`. */
rebuild_t *rebuild_new(const rebuild_options_t *options, char *why, size_t why_size);
/* Clears away what was not put in place. */
void rebuild_destroy(rebuild_t **self_p);

/* Where its person.keys must lie before it is proved. */
const char *rebuild_folder(const rebuild_t *self);

/* Of its time, for names: "20261122T031500Z". */
const char *rebuild_stamp(const rebuild_t *self);

/* The next journal entry, as some version stored it; its place in the chain is proved. */
bool rebuild_entry(rebuild_t *self, db_view_t value, char *why, size_t why_size);
/* A row of `reads`. */
bool rebuild_read(rebuild_t *self, db_view_t key, db_view_t value, char *why, size_t why_size);
/* The last entry's hash is `hash`, all is on disk, and a check of it finds nothing; what it
   finds goes to `out`. */
bool rebuild_prove(rebuild_t *self, const unsigned char *hash, FILE *out, char *why,
                   size_t why_size);

/* Its keys and then its record in place of those that are there. A kill leaves the old
   store or the new one, whole. The old record stays under a dated name, which goes into
   `kept` ("" there was none). */
bool rebuild_put_in_place(rebuild_t *self, char *kept, size_t kept_size, char *why,
                          size_t why_size);

#endif

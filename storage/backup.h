#ifndef SAMVERK_BACKUP_H
#define SAMVERK_BACKUP_H

#include "backup_keys.h"
#include "store.h"

#include <stdatomic.h>

/* A backup: the journal and `reads` of a store in one file, from which all the rest is
   made again (FORMAT.md). The keys of people's data are not in it (backup_keys.h). */

#define BACKUP_MAGIC "samverk backup 1"
#define BACKUP_MAGIC_SIZE 16u
#define BACKUP_HASH_SIZE 32u
#define BACKUP_ROW_HEAD 9u /* sort, u64 size */

typedef enum {
    BACKUP_HEADER = 'H',
    BACKUP_ENTRY = 'J',  /* a journal entry as it is stored, from revision 1 on */
    BACKUP_READ = 'R',   /* a row of `reads`: its key of 16 bytes, its value */
    BACKUP_FOOTER = 'F', /* the last one; the hash of all before it follows */
} backup_sort_t;

/* How far it is; written by who makes it, read by any thread. */
typedef struct {
    atomic_uint_least64_t head; /* revisions that it will hold */
    atomic_uint_least64_t revision;
    atomic_uint_least64_t bytes;
    atomic_bool stop; /* set by another thread: leave off */
} backup_progress_t;

typedef struct {
    store_t *store;
    const char *directory;
    const char *name;
    const backup_secret_t *secrets; /* for the keys file, beside people's; NULL: no keys file */
    size_t n_secrets;
    backup_progress_t *progress;
    void (*pause)(void *context); /* called after each piece; NULL: no pauses */
    void *context;
} backup_options_t;

/* Write it in `directory`: as NAME.new, synced, renamed over the backup that was there,
   never over another file, directory synced; the keys file before the rename, so that no
   backup lacks its keys. It holds all up to the head at the beginning. Reads in
   transactions of a few milliseconds and writes outside them, so that a target that stalls
   holds nothing up. Every hash of the journal's chain is proved on the way. False with one
   sentence in `why`; NAME is then as it was. Any one thread. */
bool backup_write(const backup_options_t *options, char *why, size_t why_size);

#endif

#ifndef SAMVERK_BACKUP_KEYS_H
#define SAMVERK_BACKUP_KEYS_H

#include "store.h"

/* The file beside backups that holds secrets: the keys of people's data with their
   tombstones, and the server's keys (FORMAT.md). One a directory, overwritten by each
   backup: an old backup is restored under the keys of now, and the erased stay erased. */

#define BACKUP_KEYS_NAME "samverk.keys"
#define BACKUP_KEYS_MAGIC "samverk keybox 1"
#define BACKUP_KEYS_MOST 4u

/* A file by name, as it lies in the data directory. */
typedef struct {
    const char *name;
    const void *bytes;
    size_t size;
} backup_secret_t;

/* Write it in `directory`, with people's keys as they are now and these: new, synced,
   renamed, directory synced, and what was there before overwritten. False with one
   sentence in `why`. Any one thread. */
bool backup_keys_write(store_t *store, const char *directory, const backup_secret_t *secrets,
                       size_t count, char *why, size_t why_size);

/* The file read whole and proved. NULL with one sentence in `why` that names it. */
typedef struct backup_keys backup_keys_t;
backup_keys_t *backup_keys_open(const char *path, char *why, size_t why_size);
void backup_keys_close(backup_keys_t **self_p); /* wipes it */
/* What it holds under a name, until it is closed; NULL when there is nothing. */
const backup_secret_t *backup_keys_find(const backup_keys_t *self, const char *name);

#endif

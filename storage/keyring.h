#ifndef SAMVERK_KEYRING_H
#define SAMVERK_KEYRING_H

#include "record.h"

#include <stdbool.h>
#include <stddef.h>

/* The keys that people's data is sealed under, one a subject, in the file
   "person.keys" outside LMDB (a key deleted in LMDB stays readable in freed
   pages). All in memory after opening; any thread may call. For storage alone. */
typedef struct keyring keyring_t;

#define KEYRING_KEY_SIZE 32u
#define KEYRING_FILE_NAME "person.keys"

/* Opened for writing, the file is made when it is missing and cut to whole
   entries (what a crash left was never used by a commit). NULL with one sentence
   in `why`. A damaged entry refuses to be opened for writing; read only it is
   counted. */
keyring_t *keyring_open(const char *directory, bool read_only, char *why, size_t why_size);
void keyring_close(keyring_t **self_p);
size_t keyring_damaged(const keyring_t *self);

/* False when the subject has none. */
bool keyring_find(keyring_t *self, const record_id_t *subject, unsigned char key[KEYRING_KEY_SIZE]);
/* The subject's key, made and appended when there is none. 0 or errno. */
int keyring_need(keyring_t *self, const record_id_t *subject, unsigned char key[KEYRING_KEY_SIZE]);
/* All appended keys are on disk. Must succeed before a commit. 0 or errno. */
int keyring_sync(keyring_t *self);
/* Rewrite the file without the subject's key and with a tombstone for it, synced and
   renamed; the old file is overwritten. 0 or errno; a subject without a key is no
   failure. A number that is used again after a restore may get another key. */
int keyring_forget(keyring_t *self, const record_id_t *subject);
/* Whether a key of the subject was ever forgotten: what was sealed under it never opens. */
bool keyring_forgotten(keyring_t *self, const record_id_t *subject);

/* The whole file as it should be, keys and tombstones, for a backup. 0 or errno. */
int keyring_image(keyring_t *self, void **image_p, size_t *size_p);
void keyring_image_free(void *image, size_t size); /* wipes it */
/* Take up what another keyring knows and write the file anew. Where both know a subject
   the one with a tombstone has the last word, since tombstones stay; else `other`.
   0 or errno. */
int keyring_merge(keyring_t *self, const keyring_t *other);

#endif

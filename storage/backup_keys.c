#include "backup_keys.h"

#include "disk.h"
#include "key.h"
#include "shred.h"
#include "txn.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 4096u
#define MAGIC_SIZE 16u
#define HASH_SIZE 32u
#define NAME_SIZE 24u                /* padded with NULs */
#define SECRET_HEAD (NAME_SIZE + 8u) /* and u64 size */
#define SIZE_MOST ((size_t)4 << 30)  /* forty million people's keys */

struct backup_keys {
    unsigned char *bytes;
    size_t size;
    backup_secret_t secrets[BACKUP_KEYS_MOST];
    char names[BACKUP_KEYS_MOST][NAME_SIZE + 1];
    size_t count;
};

static bool fail(char *why, size_t why_size, const char *path, const char *what)
{
    snprintf(why, why_size, "%s: %s", path, what);
    return false;
}

/* -- writing --------------------------------------------------------------------------- */

static int write_hashed(int file, crypto_generichash_state *hash, const void *bytes, size_t size)
{
    crypto_generichash_update(hash, bytes, size);
    return disk_write(file, bytes, size);
}

static int write_secret(int file, crypto_generichash_state *hash, const backup_secret_t *secret)
{
    unsigned char head[SECRET_HEAD] = {0};
    memcpy(head, secret->name, strnlen(secret->name, NAME_SIZE));
    key_write_u64(head + NAME_SIZE, secret->size);
    int status = write_hashed(file, hash, head, sizeof head);
    return status ? status : write_hashed(file, hash, secret->bytes, secret->size);
}

static int write_file(int file, const backup_secret_t *people, const backup_secret_t *secrets,
                      size_t count)
{
    unsigned char sum[HASH_SIZE];
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof sum);
    int status = write_hashed(file, &hash, BACKUP_KEYS_MAGIC, MAGIC_SIZE);
    if (!status)
        status = write_secret(file, &hash, people);
    for (size_t i = 0; i < count && !status; i++)
        status = write_secret(file, &hash, &secrets[i]);
    crypto_generichash_final(&hash, sum, sizeof sum);
    if (!status)
        status = disk_write(file, sum, sizeof sum);
    if (!status && fsync(file))
        status = errno;
    return status;
}

/* The new file under its name, and the one that had it overwritten: a key that was
   forgotten since is not to be found on that disk either. */
static int put_in_place(const char *directory, const char *new_path, const char *path)
{
    int old = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int status = rename(new_path, path) ? errno : disk_sync_directory(directory);
    if (!status && old >= 0)
        status = shred(old);
    if (old >= 0)
        close(old);
    return status;
}

bool backup_keys_write(store_t *store, const char *directory, const backup_secret_t *secrets,
                       size_t count, char *why, size_t why_size)
{
    char path[PATH_ROOM], new_path[PATH_ROOM + 8];
    void *image;
    size_t size;
    if ((size_t)snprintf(path, sizeof path, "%s/" BACKUP_KEYS_NAME, directory) >= sizeof path)
        return fail(why, why_size, BACKUP_KEYS_NAME, strerror(ENAMETOOLONG));
    snprintf(new_path, sizeof new_path, "%s.new", path);
    int status = shred_remove(AT_FDCWD, new_path);
    if (status)
        return fail(why, why_size, new_path, strerror(status));
    int file = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return fail(why, why_size, new_path, strerror(errno));
    status = keyring_image(store->keyring, &image, &size);
    if (!status) {
        const backup_secret_t people = {KEYRING_FILE_NAME, image, size};
        status = write_file(file, &people, secrets, count);
        keyring_image_free(image, size);
    }
    close(file);
    if (!status)
        status = put_in_place(directory, new_path, path);
    else
        shred_remove(AT_FDCWD, new_path);
    return !status || fail(why, why_size, path, strerror(status));
}

/* -- reading ----------------------------------------------------------------------------- */

static bool load(backup_keys_t *self, const char *path, char *why, size_t why_size)
{
    struct stat about;
    int status = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about)) {
        status = errno;
    } else if ((size_t)about.st_size > SIZE_MOST) {
        status = EFBIG;
    } else {
        self->size = (size_t)about.st_size;
        self->bytes = malloc(self->size + 1);
        status = self->bytes ? disk_read(file, self->bytes, self->size, &self->size) : ENOMEM;
    }
    if (file >= 0)
        close(file);
    return !status || fail(why, why_size, path, strerror(status));
}

static bool parse(backup_keys_t *self)
{
    unsigned char sum[HASH_SIZE];
    if (self->size < MAGIC_SIZE + HASH_SIZE ||
        memcmp(self->bytes, BACKUP_KEYS_MAGIC, MAGIC_SIZE) != 0)
        return false;
    size_t at = MAGIC_SIZE, end = self->size - HASH_SIZE;
    crypto_generichash(sum, sizeof sum, self->bytes, end, NULL, 0);
    if (memcmp(sum, self->bytes + end, sizeof sum) != 0)
        return false;
    for (; at < end; self->count++) {
        if (self->count == BACKUP_KEYS_MOST || end - at < SECRET_HEAD)
            return false;
        backup_secret_t *secret = &self->secrets[self->count];
        uint64_t size = key_read_u64(self->bytes + at + NAME_SIZE);
        memcpy(self->names[self->count], self->bytes + at, NAME_SIZE);
        at += SECRET_HEAD;
        if (size > end - at)
            return false;
        *secret = (backup_secret_t){self->names[self->count], self->bytes + at, size};
        at += size;
    }
    return true;
}

backup_keys_t *backup_keys_open(const char *path, char *why, size_t why_size)
{
    backup_keys_t *self = calloc(1, sizeof *self);
    if (!self) {
        fail(why, why_size, path, strerror(ENOMEM));
        return NULL;
    }
    if (!load(self, path, why, why_size))
        backup_keys_close(&self);
    else if (!parse(self)) {
        fail(why, why_size, path, "it is no keys file of backups, or damaged");
        backup_keys_close(&self);
    }
    return self;
}

void backup_keys_close(backup_keys_t **self_p)
{
    backup_keys_t *self = *self_p;
    if (!self)
        return;
    if (self->bytes)
        sodium_memzero(self->bytes, self->size);
    free(self->bytes);
    free(self);
    *self_p = NULL;
}

const backup_secret_t *backup_keys_find(const backup_keys_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->secrets[i].name, name) == 0)
            return &self->secrets[i];
    return NULL;
}

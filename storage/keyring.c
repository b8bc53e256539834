#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_KEYRING_FILE_NAME "person.keys.new"
#define MAGIC "samverk keys 1\n\0"
#define MAGIC_SIZE 16u
#define CHECKSUM_SIZE 16u
#define SECTOR_SIZE 512u /* the least that disks write whole */
#define ROOM_LEAST 64u

/* As it lies in the file: the subject's id padded with NULs, the key, and a
   BLAKE2b checksum over both. */
typedef struct {
    char subject[RECORD_ID_MAX];
    unsigned char key[KEYRING_KEY_SIZE];
    unsigned char checksum[CHECKSUM_SIZE];
} entry_t;

struct keyring {
    pthread_mutex_t mutex;
    int directory;
    int file;  /* -1: read only */
    off_t end; /* of the last whole entry */
    bool unsynced;
    bool failed; /* what the file holds is unknown: append and commit no more */
    size_t damaged;
    /* Open addressing, a power of two of slots, less than three quarters full;
       an empty slot has no subject. */
    entry_t *slots;
    size_t room;
    size_t count;
};

/* -- the table in memory ------------------------------------------------------ */

static size_t hash(const char *subject)
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (; *subject; subject++)
        sum = (sum ^ (unsigned char)*subject) * UINT64_C(1099511628211);
    return (size_t)(sum ^ sum >> 32);
}

static entry_t *slot_of(entry_t *slots, size_t room, const char *subject)
{
    size_t at = hash(subject) & (room - 1);
    while (slots[at].subject[0] && strcmp(slots[at].subject, subject) != 0)
        at = (at + 1) & (room - 1);
    return &slots[at];
}

static void free_slots(entry_t *slots, size_t room)
{
    if (slots)
        sodium_memzero(slots, room * sizeof *slots);
    free(slots);
}

static int grow(keyring_t *self)
{
    size_t room = self->room ? self->room * 2 : ROOM_LEAST;
    entry_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return ENOMEM;
    for (size_t i = 0; i < self->room; i++)
        if (self->slots[i].subject[0])
            *slot_of(slots, room, self->slots[i].subject) = self->slots[i];
    free_slots(self->slots, self->room);
    self->slots = slots;
    self->room = room;
    return 0;
}

static int keep(keyring_t *self, const entry_t *entry)
{
    if ((self->count + 1) * 4 > self->room * 3) {
        int status = grow(self);
        if (status)
            return status;
    }
    entry_t *slot = slot_of(self->slots, self->room, entry->subject);
    if (!slot->subject[0])
        self->count++;
    *slot = *entry;
    return 0;
}

static const entry_t *find(const keyring_t *self, const record_id_t *subject)
{
    if (!self->room)
        return NULL;
    const entry_t *slot = slot_of(self->slots, self->room, subject->text);
    return slot->subject[0] ? slot : NULL;
}

/* -- the file ------------------------------------------------------------------- */

static void checksum(const entry_t *entry, unsigned char sum[CHECKSUM_SIZE])
{
    crypto_generichash(sum, CHECKSUM_SIZE, (const unsigned char *)entry,
                       offsetof(entry_t, checksum), NULL, 0);
}

static int write_all(int file, const void *data, size_t size)
{
    const char *at = data;
    while (size) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written ? errno : EIO;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Bytes read, less than `size` at the end of the file, or -1. */
static ssize_t read_all(int file, void *data, size_t size)
{
    char *at = data;
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(file, at + have, size - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

/* What a power cut may leave of an entry that was never synced: disks write sectors
   whole, so of each sector that it lies in it has all or zeros. Any other entry
   whose checksum does not hold is damage. */
static bool was_cut(const entry_t *entry, off_t at)
{
    const unsigned char *bytes = (const unsigned char *)entry;
    size_t in_first = SECTOR_SIZE - (size_t)at % SECTOR_SIZE;
    if (in_first >= sizeof *entry)
        return sodium_is_zero(bytes, sizeof *entry);
    return sodium_is_zero(bytes, in_first) ||
           sodium_is_zero(bytes + in_first, sizeof *entry - in_first);
}

/* Take up every whole entry. */
static int load(keyring_t *self, int file)
{
    char magic[MAGIC_SIZE];
    ssize_t got = read_all(file, magic, sizeof magic);
    if (got < 0)
        return errno;
    self->end = 0;
    /* A file that was being made: nothing was appended before its beginning was synced. */
    if (got < (ssize_t)sizeof magic || (sodium_is_zero((unsigned char *)magic, sizeof magic) &&
                                        lseek(file, 0, SEEK_END) == (off_t)sizeof magic))
        return 0;
    if (memcmp(magic, MAGIC, MAGIC_SIZE) != 0)
        return EBADMSG;
    self->end = MAGIC_SIZE;
    entry_t entry;
    int status = 0;
    while (!status && (got = read_all(file, &entry, sizeof entry)) == (ssize_t)sizeof entry) {
        off_t at = self->end;
        self->end += (off_t)sizeof entry;
        unsigned char sum[CHECKSUM_SIZE];
        checksum(&entry, sum);
        if (memcmp(sum, entry.checksum, sizeof sum) == 0 && entry.subject[0] &&
            memchr(entry.subject, 0, sizeof entry.subject))
            status = keep(self, &entry);
        else if (!was_cut(&entry, at))
            self->damaged++;
    }
    if (got < 0)
        status = errno;
    sodium_memzero(&entry, sizeof entry);
    return status;
}

static int cut_to_end(keyring_t *self)
{
    return ftruncate(self->file, self->end) || lseek(self->file, self->end, SEEK_SET) < 0 ? -1 : 0;
}

static int open_to_write(keyring_t *self)
{
    self->file =
        openat(self->directory, KEYRING_FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->file < 0)
        return errno;
    int status = load(self, self->file);
    if (status)
        return status;
    if (self->damaged)
        return EBADMSG;
    if (cut_to_end(self))
        return errno;
    if (self->end == 0) {
        status = write_all(self->file, MAGIC, MAGIC_SIZE);
        self->end = MAGIC_SIZE;
    }
    if (!status && (fsync(self->file) || fsync(self->directory)))
        status = errno;
    return status;
}

static int open_to_read(keyring_t *self)
{
    int file = openat(self->directory, KEYRING_FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return errno;
    int status = load(self, file);
    close(file);
    return status;
}

keyring_t *keyring_open(const char *directory, bool read_only, char *why, size_t why_size)
{
    keyring_t *self = calloc(1, sizeof *self);
    int status = self ? 0 : ENOMEM;
    if (self) {
        self->file = -1;
        pthread_mutex_init(&self->mutex, NULL);
        self->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (self->directory < 0)
            status = errno;
    }
    if (!status && sodium_init() < 0)
        status = ENOSYS;
    if (!status)
        status = read_only ? open_to_read(self) : open_to_write(self);
    if (!status)
        return self;
    if (status == EBADMSG)
        snprintf(why, why_size, "%s/" KEYRING_FILE_NAME " is damaged; put it back from a backup",
                 directory);
    else
        snprintf(why, why_size, "%s/" KEYRING_FILE_NAME ": %s", directory, strerror(status));
    keyring_close(&self);
    return NULL;
}

void keyring_close(keyring_t **self_p)
{
    keyring_t *self = *self_p;
    if (!self)
        return;
    if (self->file >= 0)
        close(self->file);
    if (self->directory >= 0)
        close(self->directory);
    free_slots(self->slots, self->room);
    pthread_mutex_destroy(&self->mutex);
    free(self);
    *self_p = NULL;
}

size_t keyring_damaged(const keyring_t *self)
{
    return self->damaged;
}

bool keyring_find(keyring_t *self, const record_id_t *subject, unsigned char key[KEYRING_KEY_SIZE])
{
    pthread_mutex_lock(&self->mutex);
    const entry_t *entry = find(self, subject);
    if (entry)
        memcpy(key, entry->key, KEYRING_KEY_SIZE);
    pthread_mutex_unlock(&self->mutex);
    return entry != NULL;
}

static int append(keyring_t *self, const entry_t *entry)
{
    if (self->failed || self->file < 0)
        return EIO;
    int status = write_all(self->file, entry, sizeof *entry);
    if (!status)
        status = keep(self, entry);
    if (status) {
        /* A full disk is no reason to stop, half an entry is. */
        if (cut_to_end(self))
            self->failed = true;
        return status;
    }
    self->end += (off_t)sizeof *entry;
    self->unsynced = true;
    return 0;
}

int keyring_need(keyring_t *self, const record_id_t *subject, unsigned char key[KEYRING_KEY_SIZE])
{
    pthread_mutex_lock(&self->mutex);
    int status = 0;
    const entry_t *found = find(self, subject);
    if (found) {
        memcpy(key, found->key, KEYRING_KEY_SIZE);
    } else {
        entry_t entry = {0};
        memcpy(entry.subject, subject->text, strlen(subject->text));
        randombytes_buf(entry.key, sizeof entry.key);
        checksum(&entry, entry.checksum);
        memcpy(key, entry.key, KEYRING_KEY_SIZE);
        status = append(self, &entry);
        sodium_memzero(&entry, sizeof entry);
    }
    pthread_mutex_unlock(&self->mutex);
    return status;
}

int keyring_sync(keyring_t *self)
{
    pthread_mutex_lock(&self->mutex);
    int status = self->failed ? EIO : 0;
    if (!status && self->unsynced) {
        /* After a failed fsync the kernel may have dropped the pages: a second
           one that succeeds would prove nothing. */
        if (fdatasync(self->file)) {
            status = errno;
            self->failed = true;
        } else {
            self->unsynced = false;
        }
    }
    pthread_mutex_unlock(&self->mutex);
    return status;
}

/* -- forgetting ------------------------------------------------------------------- */

static int write_without(const keyring_t *self, int file, const char *subject)
{
    int status = write_all(file, MAGIC, MAGIC_SIZE);
    for (size_t i = 0; i < self->room && !status; i++) {
        const entry_t *entry = &self->slots[i];
        if (entry->subject[0] && strcmp(entry->subject, subject) != 0)
            status = write_all(file, entry, sizeof *entry);
    }
    if (!status && fsync(file))
        status = errno;
    return status;
}

/* Take the entry out of the table. */
static void drop(keyring_t *self, const char *subject)
{
    entry_t *gone = slot_of(self->slots, self->room, subject);
    size_t at = (size_t)(gone - self->slots), mask = self->room - 1;
    sodium_memzero(gone, sizeof *gone);
    self->count--;
    /* Those after it may have been pushed past it: put each where it now belongs. */
    for (at = (at + 1) & mask; self->slots[at].subject[0]; at = (at + 1) & mask) {
        entry_t moved = self->slots[at];
        sodium_memzero(&self->slots[at], sizeof self->slots[at]);
        *slot_of(self->slots, self->room, moved.subject) = moved;
        sodium_memzero(&moved, sizeof moved);
    }
}

/* The file's blocks go back to the disk as they are: leave nothing in them. */
static int overwrite(int file)
{
    static const char zeros[4096];
    off_t size = lseek(file, 0, SEEK_END);
    if (size < 0 || lseek(file, 0, SEEK_SET) < 0)
        return errno;
    int status = 0;
    while (size > 0 && !status) {
        size_t part = size < (off_t)sizeof zeros ? (size_t)size : sizeof zeros;
        status = write_all(file, zeros, part);
        size -= (off_t)part;
    }
    if (!status && fsync(file))
        status = errno;
    return status;
}

static int rewrite_without(keyring_t *self, const char *subject)
{
    int file = openat(self->directory, NEW_KEYRING_FILE_NAME,
                      O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return errno;
    int status = write_without(self, file, subject);
    if (!status &&
        renameat(self->directory, NEW_KEYRING_FILE_NAME, self->directory, KEYRING_FILE_NAME))
        status = errno;
    if (status) {
        close(file);
        unlinkat(self->directory, NEW_KEYRING_FILE_NAME, 0);
        return status;
    }
    /* From here on the new file is the one: the old must take no more keys. */
    int old = self->file;
    self->file = file;
    self->end = lseek(file, 0, SEEK_CUR);
    self->unsynced = false;
    drop(self, subject);
    /* While the new name may be lost, the old file is all there is: it keeps its keys,
       and nothing more is promised. */
    if (fsync(self->directory)) {
        status = errno;
        self->failed = true;
    } else {
        status = overwrite(old);
    }
    close(old);
    return status;
}

int keyring_forget(keyring_t *self, const record_id_t *subject)
{
    pthread_mutex_lock(&self->mutex);
    int status = self->failed || self->file < 0 ? EIO : 0;
    if (!status && find(self, subject))
        status = rewrite_without(self, subject->text);
    pthread_mutex_unlock(&self->mutex);
    return status;
}

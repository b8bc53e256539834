#include "keyring.h"

#include "disk.h"
#include "shred.h"

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
   BLAKE2b checksum over both. Zeros for a key: the one before was forgotten. */
typedef struct {
    char subject[RECORD_ID_MAX];
    unsigned char key[KEYRING_KEY_SIZE];
    unsigned char checksum[CHECKSUM_SIZE];
} entry_t;

typedef struct {
    entry_t entry; /* the key that is in force, or zeros for one */
    bool forgotten;
} slot_t;

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
    slot_t *slots;
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

static slot_t *slot_of(slot_t *slots, size_t room, const char *subject)
{
    size_t at = hash(subject) & (room - 1);
    while (slots[at].entry.subject[0] && strcmp(slots[at].entry.subject, subject) != 0)
        at = (at + 1) & (room - 1);
    return &slots[at];
}

static void free_slots(slot_t *slots, size_t room)
{
    if (slots)
        sodium_memzero(slots, room * sizeof *slots);
    free(slots);
}

static int grow(keyring_t *self)
{
    size_t room = self->room ? self->room * 2 : ROOM_LEAST;
    slot_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return ENOMEM;
    for (size_t i = 0; i < self->room; i++)
        if (self->slots[i].entry.subject[0])
            *slot_of(slots, room, self->slots[i].entry.subject) = self->slots[i];
    free_slots(self->slots, self->room);
    self->slots = slots;
    self->room = room;
    return 0;
}

static bool is_tombstone(const entry_t *entry)
{
    return sodium_is_zero(entry->key, sizeof entry->key);
}

/* Later entries of a subject stand; that it was forgotten once stays known. */
static int keep(keyring_t *self, const entry_t *entry)
{
    if ((self->count + 1) * 4 > self->room * 3) {
        int status = grow(self);
        if (status)
            return status;
    }
    slot_t *slot = slot_of(self->slots, self->room, entry->subject);
    if (!slot->entry.subject[0])
        self->count++;
    slot->entry = *entry;
    slot->forgotten = slot->forgotten || is_tombstone(entry);
    return 0;
}

/* What is known of the subject, or NULL. */
static slot_t *known(const keyring_t *self, const char *subject)
{
    if (!self->room)
        return NULL;
    slot_t *slot = slot_of(self->slots, self->room, subject);
    return slot->entry.subject[0] ? slot : NULL;
}

static const entry_t *find(const keyring_t *self, const record_id_t *subject)
{
    const slot_t *slot = known(self, subject->text);
    return slot && !is_tombstone(&slot->entry) ? &slot->entry : NULL;
}

/* -- the file ------------------------------------------------------------------- */

static void checksum(const entry_t *entry, unsigned char sum[CHECKSUM_SIZE])
{
    crypto_generichash(sum, CHECKSUM_SIZE, (const unsigned char *)entry,
                       offsetof(entry_t, checksum), NULL, 0);
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
    size_t got;
    int status = disk_read(file, magic, sizeof magic, &got);
    if (status)
        return status;
    self->end = 0;
    /* A file that was being made: nothing was appended before its beginning was synced. */
    if (got < sizeof magic || (sodium_is_zero((unsigned char *)magic, sizeof magic) &&
                               lseek(file, 0, SEEK_END) == (off_t)sizeof magic))
        return 0;
    if (memcmp(magic, MAGIC, MAGIC_SIZE) != 0)
        return EBADMSG;
    self->end = MAGIC_SIZE;
    entry_t entry;
    while (!status && !(status = disk_read(file, &entry, sizeof entry, &got)) &&
           got == sizeof entry) {
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
        status = disk_write(self->file, MAGIC, MAGIC_SIZE);
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
    int status = disk_write(self->file, entry, sizeof *entry);
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

/* -- the whole file -------------------------------------------------------------- */

static void add_entry(char **at, const entry_t *entry)
{
    memcpy(*at, entry, sizeof *entry);
    *at += sizeof *entry;
}

/* The file as it should be, in memory; without the key of `forget`, which may be NULL. */
static int make_image(const keyring_t *self, const char *forget, void **image_p, size_t *size_p)
{
    char *image = malloc(MAGIC_SIZE + 2 * self->count * sizeof(entry_t));
    if (!image)
        return ENOMEM;
    char *at = image + MAGIC_SIZE;
    memcpy(image, MAGIC, MAGIC_SIZE);
    for (size_t i = 0; i < self->room; i++) {
        const slot_t *slot = &self->slots[i];
        const char *subject = slot->entry.subject;
        bool goes = forget && strcmp(subject, forget) == 0;
        if (slot->forgotten || goes) {
            entry_t tombstone = {0};
            memcpy(tombstone.subject, subject, sizeof tombstone.subject);
            checksum(&tombstone, tombstone.checksum);
            add_entry(&at, &tombstone);
        }
        if (subject[0] && !goes && !is_tombstone(&slot->entry))
            add_entry(&at, &slot->entry);
    }
    *image_p = image;
    *size_p = (size_t)(at - image);
    return 0;
}

void keyring_image_free(void *image, size_t size)
{
    if (image)
        sodium_memzero(image, size);
    free(image);
}

static int write_image(const keyring_t *self, int file, const char *forget)
{
    void *image = NULL;
    size_t size = 0;
    int status = make_image(self, forget, &image, &size);
    if (!status)
        status = disk_write(file, image, size);
    if (!status && fsync(file))
        status = errno;
    keyring_image_free(image, size);
    return status;
}

/* Write the file anew, without the key of `forget`, which may be NULL. */
static int rewrite(keyring_t *self, const char *forget)
{
    int status = shred_remove(self->directory, NEW_KEYRING_FILE_NAME);
    if (status)
        return status;
    int file =
        openat(self->directory, NEW_KEYRING_FILE_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return errno;
    status = write_image(self, file, forget);
    if (!status &&
        renameat(self->directory, NEW_KEYRING_FILE_NAME, self->directory, KEYRING_FILE_NAME))
        status = errno;
    if (status) {
        close(file);
        shred_remove(self->directory, NEW_KEYRING_FILE_NAME);
        return status;
    }
    /* From here on the new file is the one: the old must take no more keys. */
    int old = self->file;
    self->file = file;
    self->end = lseek(file, 0, SEEK_CUR);
    self->unsynced = false;
    slot_t *slot = forget ? known(self, forget) : NULL;
    if (slot) {
        sodium_memzero(slot->entry.key, sizeof slot->entry.key);
        slot->forgotten = true;
    }
    /* While the new name may be lost, the old file is all there is: it keeps its keys,
       and nothing more is promised. */
    if (fsync(self->directory)) {
        status = errno;
        self->failed = true;
    } else {
        status = shred(old);
    }
    close(old);
    return status;
}

int keyring_forget(keyring_t *self, const record_id_t *subject)
{
    pthread_mutex_lock(&self->mutex);
    int status = self->failed || self->file < 0 ? EIO : 0;
    if (!status && find(self, subject))
        status = rewrite(self, subject->text);
    pthread_mutex_unlock(&self->mutex);
    return status;
}

bool keyring_forgotten(keyring_t *self, const record_id_t *subject)
{
    pthread_mutex_lock(&self->mutex);
    const slot_t *slot = known(self, subject->text);
    bool forgotten = slot && slot->forgotten;
    pthread_mutex_unlock(&self->mutex);
    return forgotten;
}

int keyring_image(keyring_t *self, void **image_p, size_t *size_p)
{
    pthread_mutex_lock(&self->mutex);
    int status = make_image(self, NULL, image_p, size_p);
    pthread_mutex_unlock(&self->mutex);
    return status;
}

int keyring_merge(keyring_t *self, const keyring_t *other)
{
    pthread_mutex_lock(&self->mutex);
    int status = self->failed || self->file < 0 ? EIO : 0;
    for (size_t i = 0; i < other->room && !status; i++) {
        const slot_t *theirs = &other->slots[i];
        if (!theirs->entry.subject[0])
            continue;
        slot_t *ours = known(self, theirs->entry.subject);
        if (!ours || theirs->forgotten || !ours->forgotten)
            status = keep(self, &theirs->entry);
        if (!status && theirs->forgotten)
            known(self, theirs->entry.subject)->forgotten = true;
    }
    if (!status)
        status = rewrite(self, NULL);
    pthread_mutex_unlock(&self->mutex);
    return status;
}

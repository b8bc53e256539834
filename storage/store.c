#include "store.h"

#include "collation.h"
#include "disk.h"
#include "due.h"
#include "index.h"
#include "steps.h"
#include "txn.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_NAME STORE_FILE_NAME ".new"
#define MAP_SIZE_DEFAULT ((size_t)64 << 30)
#define PATH_ROOM 4096u

static bool fail(char *why, size_t why_size, const char *sentence, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(char *why, size_t why_size, const char *sentence, ...)
{
    va_list arguments;
    va_start(arguments, sentence);
    vsnprintf(why, why_size, sentence, arguments);
    va_end(arguments);
    return false;
}

/* -- what meta says ------------------------------------------------------------- */

static void hash_text(crypto_generichash_state *state, const char *text)
{
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

/* Everything that decides what entries there are of what is due. */
static void hash_dues(crypto_generichash_state *state, const kind_t *kind)
{
    for (size_t i = 0; i < kind->n_dues; i++) {
        const due_t *row = &kind->dues[i];
        hash_text(state, row->on);
        hash_text(state, row->after ? "after" : "on");
        hash_text(state, row->states);
        hash_text(state, row->flag ? row->does : "");
    }
}

/* Everything that decides what index entries look like. */
static void index_list(unsigned char sum[META_HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, META_HASH_SIZE);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_indexes; j++) {
            const index_t *index = &kind->indexes[j];
            uint32_t row[4] = {INDEX_FORMAT, kind->number, index->number, index->n_fields};
            crypto_generichash_update(&state, (const unsigned char *)row, sizeof row);
            for (unsigned k = 0; k < index->n_fields; k++) {
                uint32_t type = (uint32_t)index->fields[k]->type;
                crypto_generichash_update(&state, (const unsigned char *)&type, sizeof type);
            }
        }
        hash_dues(&state, kind);
    }
    crypto_generichash_final(&state, sum, META_HASH_SIZE);
}

static void write_index_list(db_txn_t *txn)
{
    unsigned char sum[META_HASH_SIZE], version[COLLATION_VERSION_SIZE];
    index_list(sum);
    collation_version(version);
    meta_write(txn, "indexes", sum, sizeof sum);
    meta_write(txn, "collation", version, sizeof version);
}

static bool indexes_are_current(db_txn_t *txn)
{
    unsigned char sum[META_HASH_SIZE], version[COLLATION_VERSION_SIZE];
    index_list(sum);
    collation_version(version);
    return meta_equals(txn, "indexes", sum, sizeof sum) &&
           meta_equals(txn, "collation", version, sizeof version);
}

void store_write_meta(db_txn_t *txn, const char *region, const char *epoch, uint64_t began_ms)
{
    unsigned char random[STORE_EPOCH_BYTES], format = META_FORMAT, began[8];
    char new_epoch[2 * STORE_EPOCH_BYTES + 1];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(new_epoch, sizeof new_epoch, random, sizeof random);
    if (!epoch)
        epoch = new_epoch;
    meta_write(txn, "format", &format, 1);
    meta_write(txn, "region", region, strlen(region));
    meta_write(txn, "epoch", epoch, strlen(epoch));
    key_write_u64(began, began_ms);
    if (began_ms)
        meta_write(txn, "began", began, sizeof began);
    write_index_list(txn);
}

static void read_text(db_txn_t *txn, const char *name, char *text, size_t size)
{
    db_view_t value;
    if (!meta_read(txn, name, &value) || value.size >= size) {
        db_fail(txn, EBADMSG);
        return;
    }
    memcpy(text, value.data, value.size);
    text[value.size] = 0;
}

/* Whether this is a format to open: the present one, or with `old` one that steps lead up
   from. */
static bool is_known_format(unsigned format, bool old)
{
    return format == META_FORMAT || (old && format < META_FORMAT && journal_steps[format]);
}

static bool refuse_format(const store_t *self, char *why, size_t why_size)
{
    if (is_known_format(self->format, true))
        return fail(why, why_size,
                    "%s: this store has format %u, before this version's %u: samverkd migrate "
                    "brings it up",
                    self->directory, self->format, META_FORMAT);
    return fail(why, why_size,
                "%s: this store has a format that this version (%u) does "
                "not know",
                self->directory, META_FORMAT);
}

static bool read_meta(store_t *self, bool old, char *why, size_t why_size)
{
    int status;
    db_txn_t *txn = db_begin(self->db, NULL, false, &status);
    if (!txn)
        return fail(why, why_size, "%s: %s", self->directory, db_reason(status));
    db_view_t format, began;
    self->format = UINT_MAX;
    if (meta_read(txn, "format", &format) && format.size == 1)
        self->format = *(const unsigned char *)format.data;
    bool known = is_known_format(self->format, old);
    if (known) {
        read_text(txn, "region", self->region, sizeof self->region);
        read_text(txn, "epoch", self->epoch, sizeof self->epoch);
        if (meta_read(txn, "began", &began) && began.size == 8)
            self->began_ms = key_read_u64(began.data);
        self->indexes_current = indexes_are_current(txn);
    }
    status = db_failed(txn);
    db_abort(&txn);
    if (status)
        return fail(why, why_size, "%s: %s", self->directory, db_reason(status));
    return known || refuse_format(self, why, why_size);
}

/* -- creating --------------------------------------------------------------------- */

static int sync_parent(const char *path)
{
    char copy[PATH_ROOM];
    snprintf(copy, sizeof copy, "%s", path);
    return disk_sync_directory(dirname(copy));
}

static int make_file(const char *path, size_t map_size, const char *region)
{
    int status;
    db_t *db = db_open(path, map_size, DB_CREATE, &status);
    if (!db)
        return status;
    db_txn_t *txn = db_begin(db, NULL, true, &status);
    if (txn) {
        store_write_meta(txn, region, NULL, 0);
        status = db_commit(&txn);
    }
    if (!status)
        status = db_sync(db);
    db_close(&db);
    return status;
}

/* The new file gets its name when it is whole and on disk: a crash before that
   leaves no store. */
static int create(const char *directory, size_t map_size, const char *region)
{
    char path[PATH_ROOM], new_path[PATH_ROOM], new_lock[PATH_ROOM];
    snprintf(path, sizeof path, "%s/" STORE_FILE_NAME, directory);
    snprintf(new_path, sizeof new_path, "%s/" NEW_FILE_NAME, directory);
    snprintf(new_lock, sizeof new_lock, "%s/" NEW_FILE_NAME "-lock", directory);
    if (access(path, F_OK) == 0)
        return EEXIST;
    unlink(new_path);
    int status = make_file(new_path, map_size, region);
    unlink(new_lock);
    if (!status && renameat2(AT_FDCWD, new_path, AT_FDCWD, path, RENAME_NOREPLACE))
        status = errno;
    if (status) {
        unlink(new_path);
        return status;
    }
    status = disk_sync_directory(directory);
    return status ? status : sync_parent(directory);
}

/* -- opening ---------------------------------------------------------------------- */

int store_lock(const char *directory, char *why, size_t why_size)
{
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock;
    fail(why, why_size, "%s: %s", directory,
         errno == EWOULDBLOCK ? "another process has this store open" : strerror(errno));
    if (lock >= 0)
        close(lock);
    return -1;
}

static bool open_directory(store_t *self, const store_options_t *options, char *why,
                           size_t why_size)
{
    const char *directory = options->directory;
    if (strlen(directory) + sizeof(NEW_FILE_NAME "-lock") + 1 > PATH_ROOM)
        return fail(why, why_size, "the path of the directory is too long");
    if (options->create && mkdir(directory, 0700) && errno != EEXIST)
        return fail(why, why_size, "%s: %s", directory, strerror(errno));
    self->directory = strdup(directory);
    if (!self->directory)
        return fail(why, why_size, "%s", strerror(ENOMEM));
    self->room.directory = self->directory;
    if (options->read_only)
        return true;
    self->lock = store_lock(directory, why, why_size);
    return self->lock >= 0;
}

static bool create_file(const store_options_t *options, size_t map_size, char *why, size_t why_size)
{
    if (!options->region || !*options->region || strlen(options->region) > META_TEXT_MAX)
        return fail(why, why_size, "a region needs a name of 1 to %u bytes", META_TEXT_MAX);
    int status = create(options->directory, map_size, options->region);
    if (status == EEXIST)
        return fail(why, why_size, "%s: there is a store already", options->directory);
    return !status || fail(why, why_size, "%s: %s", options->directory, db_reason(status));
}

static bool open_file(store_t *self, size_t map_size, bool read_only, char *why, size_t why_size)
{
    char path[PATH_ROOM];
    int status;
    snprintf(path, sizeof path, "%s/" STORE_FILE_NAME, self->directory);
    self->db = db_open(path, map_size, read_only ? DB_READ_ONLY : 0, &status);
    if (self->db)
        return true;
    if (status == ENOENT)
        return fail(why, why_size, "%s: there is no store here", self->directory);
    return fail(why, why_size, "%s: %s", path, db_reason(status));
}

static bool rebuild_indexes(store_t *self, char *why, size_t why_size)
{
    store_txn_t *txn = store_write(self);
    if (!txn)
        return fail(why, why_size, "%s: no transaction for the indexes", self->directory);
    index_rebuild(txn);
    due_rebuild(txn);
    write_index_list(store_db(txn));
    int status = store_commit(&txn);
    self->indexes_current = status == 0;
    return !status || fail(why, why_size, "%s: the indexes could not be rebuilt: %s",
                           self->directory, db_reason(status));
}

static store_t *store_new(char *why, size_t why_size)
{
    store_t *self = calloc(1, sizeof *self);
    if (!self) {
        fail(why, why_size, "%s", strerror(ENOMEM));
        return NULL;
    }
    self->lock = -1;
    self->scratch = arena_new();
    for (size_t i = 0; i < schema_n_kinds(); i++)
        if (schema_kind_at(i)->number >= self->numbers)
            self->numbers = schema_kind_at(i)->number + 1;
    if (sodium_init() < 0 || !collation_start()) {
        fail(why, why_size, "libsodium or ICU cannot be used here");
        store_close(&self);
    }
    return self;
}

/* A store that has been written to without its person keys would take all of people's
   data for erased. */
static bool keys_are_there(store_t *self, char *why, size_t why_size)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/" KEYRING_FILE_NAME, self->directory);
    if (access(path, F_OK) == 0)
        return true;
    store_txn_t *txn = store_read(self);
    uint64_t head = txn ? store_head(txn) : 0;
    bool empty = txn && head == 0 && !store_failed(txn);
    if (txn)
        store_abort(&txn);
    if (!empty)
        fail(why, why_size, "%s is missing; put it back from a backup", path);
    return empty;
}

store_t *store_open(const store_options_t *options, char *why, size_t why_size)
{
    store_t *self = store_new(why, why_size);
    if (!self)
        return NULL;
    size_t map_size = options->map_size ? options->map_size : MAP_SIZE_DEFAULT;
    bool open = open_directory(self, options, why, why_size) &&
                (!options->create || create_file(options, map_size, why, why_size)) &&
                open_file(self, map_size, options->read_only, why, why_size) &&
                read_meta(self, options->old_format, why, why_size);
    if (open && (options->create || keys_are_there(self, why, why_size))) {
        self->keyring = keyring_open(self->directory, options->read_only, why, why_size);
        open = self->keyring && (self->indexes_current || options->read_only ||
                                 rebuild_indexes(self, why, why_size));
    } else {
        open = false;
    }
    if (!open)
        store_close(&self);
    return self;
}

store_t *store_open_scratch(const char *directory, size_t map_size, char *why, size_t why_size)
{
    store_t *self = store_new(why, why_size);
    if (!self)
        return NULL;
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/" STORE_FILE_NAME, directory);
    int status;
    self->db = db_open(path, map_size, DB_CREATE | DB_SCRATCH, &status);
    self->directory = strdup(directory);
    if (!self->db || !self->directory) {
        fail(why, why_size, "%s: %s", path, db_reason(self->db ? ENOMEM : status));
        store_close(&self);
    }
    return self;
}

void store_close(store_t **self_p)
{
    store_t *self = *self_p;
    if (!self)
        return;
    db_close(&self->db);
    keyring_close(&self->keyring);
    if (self->lock >= 0)
        close(self->lock);
    arena_destroy(&self->scratch);
    free(self->directory);
    free(self);
    *self_p = NULL;
}

const char *store_region(const store_t *self)
{
    return self->region;
}

const char *store_epoch(const store_t *self)
{
    return self->epoch;
}

uint64_t store_began(const store_t *self)
{
    return self->began_ms;
}

const char *store_directory(const store_t *self)
{
    return self->directory;
}

int store_reader_check(store_t *self)
{
    return db_reader_check(self->db);
}

store_room_t store_room(store_t *self)
{
    size_t left = room_left(&self->room, self->db);
    if (left < ROOM_LEAST)
        return STORE_FULL;
    return left < ROOM_RESERVE ? STORE_RESERVE : STORE_ROOM;
}

#include "backup.h"

#include "disk.h"
#include "journal.h"
#include "key.h"
#include "meta.h"
#include "txn.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096u
#define PIECE_SIZE ((size_t)256 << 10) /* what one read transaction gathers, and a row more */

typedef struct {
    const backup_options_t *options;
    int file;
    crypto_generichash_state hash; /* of all that is in the file */
    unsigned char *piece;          /* rows on their way to it */
    size_t size, room;
    meta_head_t head;                       /* where it will end */
    uint64_t revision;                      /* of the last entry taken */
    unsigned char chain[JOURNAL_HASH_SIZE]; /* and its hash */
    db_key_t read;                          /* of the last row of `reads` taken */
    uint64_t n_reads;
    char *why;
    size_t why_size;
} making_t;

static bool fail(making_t *self, const char *what)
{
    snprintf(self->why, self->why_size, "%s", what);
    return false;
}

/* -- a piece --------------------------------------------------------------------------- */

static bool add_bytes(making_t *self, const void *bytes, size_t size)
{
    if (self->size + size > self->room) {
        size_t room = 2 * (self->size + size) + PIECE_SIZE;
        unsigned char *more = realloc(self->piece, room);
        if (!more)
            return fail(self, strerror(ENOMEM));
        self->piece = more;
        self->room = room;
    }
    if (size)
        memcpy(self->piece + self->size, bytes, size);
    self->size += size;
    return true;
}

/* A row; `key` may be empty. */
static bool add_row(making_t *self, backup_sort_t sort, db_view_t key, db_view_t value)
{
    unsigned char head[BACKUP_ROW_HEAD] = {(unsigned char)sort};
    key_write_u64(head + 1, key.size + value.size);
    return add_bytes(self, head, sizeof head) && add_bytes(self, key.data, key.size) &&
           add_bytes(self, value.data, value.size);
}

static bool flush(making_t *self)
{
    crypto_generichash_update(&self->hash, self->piece, self->size);
    int status = disk_write(self->file, self->piece, self->size);
    if (status)
        return fail(self, strerror(status));
    atomic_fetch_add(&self->options->progress->bytes, self->size);
    atomic_store(&self->options->progress->revision, self->revision);
    self->size = 0;
    return !atomic_load(&self->options->progress->stop) ||
           fail(self, "the daemon was told to stop");
}

static bool add_map(making_t *self, backup_sort_t sort, const char *const *names,
                    const value_t *values, size_t count)
{
    arena_t *arena = arena_new();
    value_builder_t map = value_builder(arena);
    void *bytes;
    size_t size;
    for (size_t i = 0; i < count; i++)
        value_add_pair(&map, names[i], values[i]);
    value_t value = value_build_map(&map);
    wire_encode(&value, arena, &bytes, &size);
    bool added = add_row(self, sort, (db_view_t){0}, (db_view_t){.data = bytes, .size = size});
    arena_destroy(&arena);
    return added;
}

/* -- what goes in ------------------------------------------------------------------------ */

static bool add_entry(making_t *self, const db_cursor_t *cursor)
{
    db_view_t rest = cursor->key;
    uint64_t revision;
    const unsigned char *previous = journal_previous(cursor->value.data, cursor->value.size);
    if (!key_take_u64(&rest, &revision) || revision != self->revision + 1 || !previous ||
        memcmp(previous, self->chain, sizeof self->chain) != 0) {
        snprintf(self->why, self->why_size, "the journal is damaged at revision %llu",
                 (unsigned long long)self->revision + 1);
        return false;
    }
    self->revision = revision;
    journal_hash(cursor->value.data, cursor->value.size, self->chain);
    return add_row(self, BACKUP_ENTRY, (db_view_t){0}, cursor->value);
}

/* The next entries; false as well when the head is reached. */
static bool gather_entries(making_t *self, store_txn_t *txn)
{
    db_key_t key;
    db_cursor_t cursor;
    key_start(&key);
    key_add_u64(&key, self->revision + 1);
    db_cursor_start(&cursor, store_db(txn), DB_JOURNAL);
    bool good = true;
    if (db_cursor_from(&cursor, key_view(&key)))
        do
            good = add_entry(self, &cursor);
        while (good && self->size < PIECE_SIZE && self->revision < self->head.revision &&
               db_cursor_next(&cursor));
    else
        good = fail(self, "the journal ends before its head");
    db_cursor_end(&cursor);
    return good;
}

/* The next rows of `reads`; `*more` when there may be others. */
static bool gather_reads(making_t *self, store_txn_t *txn, bool *more)
{
    db_cursor_t cursor;
    bool good = true;
    db_cursor_start(&cursor, store_db(txn), DB_READS);
    if (self->read.size)
        key_add_u8(&self->read, 0); /* the least key after it */
    *more =
        self->read.size ? db_cursor_from(&cursor, key_view(&self->read)) : db_cursor_first(&cursor);
    while (*more && good && self->size < PIECE_SIZE) {
        key_start(&self->read);
        key_add_bytes(&self->read, cursor.key.data, cursor.key.size);
        good = add_row(self, BACKUP_READ, cursor.key, cursor.value);
        self->n_reads++;
        *more = db_cursor_next(&cursor);
    }
    db_cursor_end(&cursor);
    return good;
}

/* One short transaction, and then, with none open, the writing. */
static bool write_piece(making_t *self, bool *more)
{
    store_txn_t *txn = store_read(self->options->store);
    if (!txn)
        return fail(self, store_reason(errno));
    bool good;
    if (self->revision < self->head.revision) {
        good = gather_entries(self, txn);
        *more = true;
    } else {
        good = gather_reads(self, txn, more);
    }
    if (store_failed(txn))
        good = fail(self, store_reason(store_failed(txn)));
    store_abort(&txn);
    return good && flush(self);
}

static bool write_header(making_t *self)
{
    static const char *const names[] = {"region", "epoch", "format", "rev"};
    store_txn_t *txn = store_read(self->options->store);
    if (!txn)
        return fail(self, store_reason(errno));
    self->head = *store_head_of(txn);
    store_abort(&txn);
    atomic_store(&self->options->progress->head, self->head.revision);
    const value_t values[] = {value_text(store_region(self->options->store)),
                              value_text(store_epoch(self->options->store)),
                              value_integer(self->options->store->format),
                              value_integer((int64_t)self->head.revision)};
    return add_bytes(self, BACKUP_MAGIC, BACKUP_MAGIC_SIZE) &&
           add_map(self, BACKUP_HEADER, names, values, sizeof values / sizeof *values) &&
           flush(self);
}

static bool write_footer(making_t *self)
{
    static const char *const names[] = {"rev", "reads", "epoch", "hash"};
    unsigned char sum[BACKUP_HASH_SIZE];
    if (memcmp(self->chain, self->head.hash, sizeof self->chain) != 0)
        return fail(self, "the journal's last entry is not the one that the head names");
    const value_t values[] = {value_integer((int64_t)self->revision),
                              value_integer((int64_t)self->n_reads),
                              value_text(store_epoch(self->options->store)),
                              value_bytes(self->chain, sizeof self->chain)};
    if (!add_map(self, BACKUP_FOOTER, names, values, sizeof values / sizeof *values) ||
        !flush(self))
        return false;
    crypto_generichash_final(&self->hash, sum, sizeof sum);
    int status = disk_write(self->file, sum, sizeof sum);
    return !status || fail(self, strerror(status));
}

static bool write_rows(making_t *self)
{
    bool more = true;
    if (!write_header(self))
        return false;
    while (more) {
        if (!write_piece(self, &more))
            return false;
        if (self->options->pause)
            self->options->pause(self->options->context);
    }
    return write_footer(self);
}

/* -- the file ------------------------------------------------------------------------------ */

/* Whoever names a file over the wire replaces a backup by it, and none of the store's own
   nor of anyone else's. */
static bool may_replace(making_t *self, const char *path)
{
    char magic[BACKUP_MAGIC_SIZE];
    size_t got = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT || fail(self, strerror(errno));
    int status = disk_read(file, magic, sizeof magic, &got);
    close(file);
    return (!status && got == sizeof magic && memcmp(magic, BACKUP_MAGIC, sizeof magic) == 0) ||
           fail(self, "a file of that name is there, and is no backup");
}

bool backup_write(const backup_options_t *options, char *why, size_t why_size)
{
    char path[PATH_ROOM], new_path[PATH_ROOM];
    making_t self = {.options = options, .why = why, .why_size = why_size};
    if ((size_t)snprintf(path, sizeof path, "%s/%s", options->directory, options->name) >=
            sizeof path ||
        (size_t)snprintf(new_path, sizeof new_path, "%s.new", path) >= sizeof new_path)
        return fail(&self, strerror(ENAMETOOLONG));
    if (!may_replace(&self, path))
        return false;
    self.file = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self.file < 0)
        return fail(&self, strerror(errno));
    crypto_generichash_init(&self.hash, NULL, 0, BACKUP_HASH_SIZE);
    bool good = write_rows(&self);
    if (good && fsync(self.file))
        good = fail(&self, strerror(errno));
    close(self.file);
    if (good && options->secrets)
        good = backup_keys_write(options->store, options->directory, options->secrets,
                                 options->n_secrets, why, why_size);
    if (good && rename(new_path, path))
        good = fail(&self, strerror(errno));
    int status = good ? disk_sync_directory(options->directory) : 0;
    if (!good)
        unlink(new_path);
    free(self.piece);
    return good && (!status || fail(&self, strerror(status)));
}

#include "backup_reader.h"

#include "key.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_KEY_SIZE 16u /* time, sequence */
#define ROW_MAX (wire_limits_stored.bytes + 4096u)
#define WHY_ROOM 512u

struct backup_reader {
    const char *path;
    FILE *file;
    backup_about_t about;
    crypto_generichash_state hash; /* of what was read */
    unsigned char *row;
    size_t size, room;
    char sort;
    uint64_t revision; /* of the last entry read */
    unsigned char chain[JOURNAL_HASH_SIZE];
    uint64_t n_reads;
    char why[WHY_ROOM]; /* "" nothing is wrong */
};

static bool wrong(backup_reader_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool wrong(backup_reader_t *self, const char *format, ...)
{
    va_list arguments;
    if (*self->why)
        return false;
    int at = snprintf(self->why, sizeof self->why, "%s: ", self->path);
    va_start(arguments, format);
    if (at > 0 && (size_t)at < sizeof self->why)
        vsnprintf(self->why + at, sizeof self->why - (size_t)at, format, arguments);
    va_end(arguments);
    return false;
}

/* -- bytes and rows -------------------------------------------------------------------- */

static bool read_bytes(backup_reader_t *self, void *bytes, size_t size)
{
    if (size && fread(bytes, size, 1, self->file) != 1) {
        if (ferror(self->file))
            return wrong(self, "it cannot be read: %s", strerror(errno));
        return wrong(self, "it ends too soon, after revision %llu: a backup that was cut",
                     (unsigned long long)self->revision);
    }
    return true;
}

static bool damaged(backup_reader_t *self)
{
    return wrong(self, "it is damaged after revision %llu", (unsigned long long)self->revision);
}

static bool read_row(backup_reader_t *self)
{
    unsigned char head[BACKUP_ROW_HEAD];
    if (!read_bytes(self, head, sizeof head))
        return false;
    uint64_t size = key_read_u64(head + 1);
    if (size > ROW_MAX)
        return damaged(self);
    if (size > self->room) {
        unsigned char *more = realloc(self->row, size);
        if (!more)
            return wrong(self, "%s", strerror(ENOMEM));
        self->row = more;
        self->room = size;
    }
    self->sort = (char)head[0];
    self->size = size;
    if (!read_bytes(self, self->row, size))
        return false;
    crypto_generichash_update(&self->hash, head, sizeof head);
    crypto_generichash_update(&self->hash, self->row, size);
    return true;
}

/* The row as a map with a whole number under `rev`. */
static bool read_map(backup_reader_t *self, arena_t *arena, value_t *map)
{
    error_t error = {0};
    return (wire_decode(self->row, self->size, &wire_limits_stored, arena, map, &error) &&
            map->form == VALUE_MAP && value_get_integer(map, "rev", -1) >= 0) ||
           damaged(self);
}

/* -- what they say --------------------------------------------------------------------------- */

static bool take_text(const value_t *map, const char *name, char text[META_TEXT_MAX + 1])
{
    const char *found = value_get_text(map, name);
    size_t size = found ? strlen(found) : 0;
    if (!found || size > META_TEXT_MAX)
        return false;
    memcpy(text, found, size + 1);
    return true;
}

static bool take_header(backup_reader_t *self, arena_t *arena)
{
    value_t map;
    int64_t format;
    if (self->sort != BACKUP_HEADER || !read_map(self, arena, &map))
        return damaged(self);
    format = value_get_integer(&map, "format", -1);
    if (!take_text(&map, "region", self->about.region) ||
        !take_text(&map, "epoch", self->about.epoch) || format < 0)
        return damaged(self);
    if (format > META_FORMAT)
        return wrong(self, "it was made by a later version");
    self->about.format = (unsigned)format;
    self->about.head = (uint64_t)value_get_integer(&map, "rev", 0);
    return true;
}

static bool take_entry(backup_reader_t *self)
{
    const unsigned char *previous = journal_previous(self->row, self->size);
    if (self->n_reads || !previous || memcmp(previous, self->chain, sizeof self->chain) != 0)
        return damaged(self);
    self->revision++;
    self->about.last_time = journal_stored_time(self->row);
    journal_hash(self->row, self->size, self->chain);
    return true;
}

static bool take_footer(backup_reader_t *self, arena_t *arena)
{
    value_t map;
    if (!read_map(self, arena, &map))
        return false;
    const value_t *hash = value_get(&map, "hash");
    if ((uint64_t)value_get_integer(&map, "rev", -1) != self->revision ||
        self->revision != self->about.head ||
        (uint64_t)value_get_integer(&map, "reads", -1) != self->n_reads ||
        hash->form != VALUE_BYTES || hash->size != sizeof self->chain ||
        memcmp(hash->bytes, self->chain, sizeof self->chain) != 0)
        return wrong(self, "its footer says other than what it holds");
    self->about.n_reads = self->n_reads;
    memcpy(self->about.hash, self->chain, sizeof self->about.hash);
    return true;
}

/* Take the row that was just read; `*end` after the footer. */
static bool take_row(backup_reader_t *self, bool *end)
{
    arena_t *arena;
    bool good;
    *end = self->sort == BACKUP_FOOTER;
    switch (self->sort) {
    case BACKUP_ENTRY:
        return take_entry(self);
    case BACKUP_READ:
        self->n_reads++;
        return self->size > READ_KEY_SIZE || damaged(self);
    case BACKUP_FOOTER:
        arena = arena_new();
        good = take_footer(self, arena);
        arena_destroy(&arena);
        return good;
    default:
        return damaged(self);
    }
}

/* -- the file ---------------------------------------------------------------------------------- */

static bool begin(backup_reader_t *self)
{
    char magic[BACKUP_MAGIC_SIZE];
    arena_t *arena = arena_new();
    rewind(self->file);
    self->revision = self->n_reads = 0;
    memset(self->chain, 0, sizeof self->chain);
    crypto_generichash_init(&self->hash, NULL, 0, BACKUP_HASH_SIZE);
    bool good = read_bytes(self, magic, sizeof magic) &&
                (memcmp(magic, BACKUP_MAGIC, sizeof magic) == 0 || wrong(self, "it is no backup"));
    crypto_generichash_update(&self->hash, (unsigned char *)magic, sizeof magic);
    good = good && read_row(self) && take_header(self, arena);
    arena_destroy(&arena);
    return good;
}

static bool prove(backup_reader_t *self)
{
    unsigned char said[BACKUP_HASH_SIZE], sum[BACKUP_HASH_SIZE];
    bool end = false;
    if (!begin(self))
        return false;
    while (!end)
        if (!read_row(self) || !take_row(self, &end))
            return false;
    crypto_generichash_final(&self->hash, sum, sizeof sum);
    if (!read_bytes(self, said, sizeof said))
        return false;
    if (memcmp(said, sum, sizeof sum) != 0 || fgetc(self->file) != EOF)
        return wrong(self, "it is damaged: the hash at its end does not hold");
    return true;
}

backup_reader_t *backup_reader_open(const char *path, char *why, size_t why_size)
{
    backup_reader_t *self = calloc(1, sizeof *self);
    if (!self) {
        snprintf(why, why_size, "%s", strerror(ENOMEM));
        return NULL;
    }
    self->path = path;
    self->file = fopen(path, "re");
    if (!self->file)
        wrong(self, "%s", strerror(errno));
    if (self->file && prove(self) && begin(self))
        return self;
    snprintf(why, why_size, "%s", self->why);
    backup_reader_close(&self);
    return NULL;
}

void backup_reader_close(backup_reader_t **self_p)
{
    backup_reader_t *self = *self_p;
    if (!self)
        return;
    if (self->file)
        fclose(self->file);
    free(self->row);
    free(self);
    *self_p = NULL;
}

const backup_about_t *backup_reader_about(const backup_reader_t *self)
{
    return &self->about;
}

bool backup_reader_next(backup_reader_t *self, backup_row_t *row)
{
    bool end = false;
    if (!read_row(self) || !take_row(self, &end) || end)
        return false;
    size_t key_size = self->sort == BACKUP_READ ? READ_KEY_SIZE : 0;
    *row = (backup_row_t){.sort = (backup_sort_t)self->sort,
                          .revision = self->revision,
                          .key = {.data = self->row, .size = key_size},
                          .value = {.data = self->row + key_size, .size = self->size - key_size}};
    return true;
}

const char *backup_reader_failed(const backup_reader_t *self)
{
    return *self->why ? self->why : NULL;
}

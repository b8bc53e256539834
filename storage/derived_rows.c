#include "derived_rows.h"

#include "checksum.h"
#include "seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 2u
#define HASH_SIZE 16u
#define BEGINNING_MOST 8u /* letters of a sealed word that are told apart: 1, 2, 4, 8 */

/* -- what rows are kept of ---------------------------------------------------------- */

/* Words of a vocabulary and long texts are of no use to a filter that is to find few. */
static bool may_hold(const field_t *field)
{
    return (field->class == CLASS_PERSONAL || field->type == TYPE_NUMBER) &&
           field->type != TYPE_WORD && field->type != TYPE_LONG_TEXT;
}

bool derived_holds(const field_t *field, const value_t *value)
{
    return value->form == VALUE_TEXT && may_hold(field) && seal_is_personal(field, value);
}

static bool has_bit(field_mask_t mask, const field_t *field)
{
    return mask >> field->index & 1;
}

void derived_rows_form(unsigned char form[META_HASH_SIZE])
{
    crypto_generichash_state state;
    unsigned char version[WORDS_VERSION_SIZE];
    words_version(version);
    crypto_generichash_init(&state, NULL, 0, META_HASH_SIZE);
    crypto_generichash_update(&state, (const unsigned char[]){FORMAT}, 1);
    crypto_generichash_update(&state, version, sizeof version);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            const char *parts[] = {kind->name, field->name, type_name(field->type)};
            for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
                crypto_generichash_update(&state, (const unsigned char *)parts[k],
                                          strlen(parts[k]) + 1);
            const unsigned char facts[] = {(unsigned char)field->class,
                                           has_bit(kind->searched, field),
                                           has_bit(kind->titles, field)};
            crypto_generichash_update(&state, facts, sizeof facts);
        }
    }
    crypto_generichash_final(&state, form, META_HASH_SIZE);
}

/* -- the rows of a record ------------------------------------------------------------- */

/* What tells a row from others of its kind: sort, then hash or text. */
typedef struct {
    const unsigned char *bytes;
    unsigned char size;
    unsigned char title;
} row_t;

typedef struct {
    arena_t *arena;
    const unsigned char *key;
    row_t *rows;
    size_t count, room;
} rows_t;

static void add_row(rows_t *self, row_sort_t sort, const void *data, size_t size, bool title)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 32;
        row_t *rows = arena_alloc(self->arena, self->room * sizeof *rows);
        if (self->count > 0)
            memcpy(rows, self->rows, self->count * sizeof *rows);
        self->rows = rows;
    }
    unsigned char *bytes = arena_alloc(self->arena, 1 + size);
    bytes[0] = (unsigned char)sort;
    memcpy(bytes + 1, data, size);
    self->rows[self->count++] =
        (row_t){.bytes = bytes, .size = (unsigned char)(1 + size), .title = title};
}

static void hash_text(const unsigned char key[DERIVED_KEY_SIZE], const char *name, const char *text,
                      size_t size, unsigned char hash[HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, DERIVED_KEY_SIZE, HASH_SIZE);
    crypto_generichash_update(&state, (const unsigned char *)name, strlen(name) + 1);
    crypto_generichash_update(&state, (const unsigned char *)text, size);
    crypto_generichash_final(&state, hash, HASH_SIZE);
}

static void add_hash(rows_t *self, const char *name, const char *text, size_t size)
{
    unsigned char hash[HASH_SIZE];
    hash_text(self->key, name, text, size, hash);
    add_row(self, ROW_HASH, hash, sizeof hash, false);
}

/* A hash tells no beginnings: those of some lengths have their own. No field is called "". */
static void add_beginnings(rows_t *self, const token_t *word)
{
    size_t size;
    for (size_t letters = 1; letters <= BEGINNING_MOST && (size = token_letters(word, letters)) > 0;
         letters *= 2)
        add_hash(self, "", word->text, size);
}

static void add_words(rows_t *self, const char *text, bool sealed, bool title)
{
    token_t word;
    while (words_next(&text, &word)) {
        if (sealed)
            add_beginnings(self, &word);
        else
            add_row(self, ROW_WORD, word.text, word.size + 1, title);
    }
}

/* What an id leads to may have a name that everybody may know. */
static void add_named(rows_t *self, const char *text)
{
    record_id_t id;
    if (record_id_parse(&id, text, NULL) && (id.kind->titles & id.kind->open))
        add_row(self, ROW_NAMED, id.text, strlen(id.text) + 1, false);
}

static void add_value(rows_t *self, const kind_t *kind, const field_t *field, const value_t *value,
                      bool sealed)
{
    if (derived_holds(field, value))
        add_hash(self, field->name, value->text, value->size);
    if (value->form != VALUE_TEXT)
        return;
    if (has_bit(kind->searched, field))
        add_words(self, value->text, sealed, has_bit(kind->titles, field));
    if (field->type == TYPE_REFERENCE && !sealed)
        add_named(self, value->text);
}

static int compare_rows(const void *a, const void *b)
{
    const row_t *one = a, *other = b;
    int order = db_view_compare((db_view_t){.data = one->bytes, .size = one->size},
                                (db_view_t){.data = other->bytes, .size = other->size});
    return order ? order : other->title - one->title;
}

/* In order, each once: in the title, where it stands there and elsewhere. */
static rows_t rows_of(const unsigned char *key, const record_t *state, field_mask_t sealed,
                      arena_t *arena)
{
    const kind_t *kind = state->id.kind;
    rows_t rows = {.arena = arena, .key = key};
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = &state->fields[i];
        bool list = value->form == VALUE_LIST;
        for (uint32_t j = 0; j < (list ? value->count : 1); j++)
            add_value(&rows, kind, field, list ? &value->items[j] : value, has_bit(sealed, field));
    }
    size_t kept = 0;
    if (rows.count > 1)
        qsort(rows.rows, rows.count, sizeof *rows.rows, compare_rows);
    for (size_t i = 0; i < rows.count; i++) {
        const row_t *row = &rows.rows[i], *last = kept ? &rows.rows[kept - 1] : NULL;
        if (!last || row->size != last->size || memcmp(row->bytes, last->bytes, row->size) != 0)
            rows.rows[kept++] = *row;
    }
    rows.count = kept;
    return rows;
}

/* -- as they lie with their record ------------------------------------------------------ */

/* Size, title, bytes, one row after another. */
static db_view_t pack(const rows_t *self)
{
    size_t size = 0;
    for (size_t i = 0; i < self->count; i++)
        size += 2 + self->rows[i].size;
    unsigned char *packed = arena_alloc(self->arena, size), *at = packed;
    for (size_t i = 0; i < self->count; i++) {
        const row_t *row = &self->rows[i];
        at[0] = row->size;
        at[1] = row->title;
        memcpy(at + 2, row->bytes, row->size);
        at += 2 + row->size;
    }
    return (db_view_t){.data = packed, .size = size};
}

/* The bytes are copied: what is written meanwhile may move them. */
static rows_t unpack(db_view_t stored, arena_t *arena)
{
    rows_t rows = {.arena = arena};
    const unsigned char *at = stored.data, *end = at + stored.size;
    for (; end - at > 2 && end - at >= 2 + at[0] && at[0] > 0; at += 2 + at[0])
        add_row(&rows, at[2], at + 3, at[0] - 1u, at[1]);
    return rows;
}

/* -- changing --------------------------------------------------------------------------- */

static void start_row(db_key_t *row, const kind_t *kind, const unsigned char *bytes, size_t size)
{
    key_start(row);
    key_add_kind(row, kind);
    key_add_bytes(row, bytes, size);
}

static void start_hash(db_key_t *row, const kind_t *kind, const unsigned char hash[HASH_SIZE])
{
    unsigned char bytes[1 + HASH_SIZE] = {ROW_HASH};
    memcpy(bytes + 1, hash, HASH_SIZE);
    start_row(row, kind, bytes, sizeof bytes);
}

void derived_rows_prefix(db_key_t *prefix, const unsigned char key[DERIVED_KEY_SIZE],
                         const kind_t *kind, const field_t *field, const value_t *value)
{
    unsigned char hash[HASH_SIZE];
    hash_text(key, field->name, value->text, value->size, hash);
    start_hash(prefix, kind, hash);
}

void derived_rows_beginning(db_key_t *prefix, const unsigned char key[DERIVED_KEY_SIZE],
                            const kind_t *kind, const token_t *word)
{
    unsigned char hash[HASH_SIZE];
    size_t letters = BEGINNING_MOST;
    while (letters > 1 && token_letters(word, letters) == 0)
        letters /= 2;
    hash_text(key, "", word->text, token_letters(word, letters), hash);
    start_hash(prefix, kind, hash);
}

void derived_rows_text(db_key_t *prefix, const kind_t *kind, row_sort_t sort, const char *text)
{
    key_start(prefix);
    key_add_kind(prefix, kind);
    key_add_u8(prefix, sort);
    key_add_text(prefix, text);
}

uint64_t derived_rows_sum(db_view_t row)
{
    unsigned char sum[CHECKSUM_SIZE];
    checksum_of(&row, 1, sum);
    return key_read_u64(sum);
}

/* Rows of `from` that `other` has not are put, or deleted. Both are in order. */
static size_t change_rows(db_txn_t *work, const record_id_t *id, const rows_t *from,
                          const rows_t *other, bool put, uint64_t *sum)
{
    size_t changed = 0, beside = 0;
    for (size_t i = 0; i < from->count; i++) {
        const row_t *own = &from->rows[i];
        db_key_t row;
        while (beside < other->count && compare_rows(&other->rows[beside], own) < 0)
            beside++;
        if (beside < other->count && compare_rows(&other->rows[beside], own) == 0)
            continue;
        start_row(&row, id->kind, own->bytes, own->size);
        key_add_own_id(&row, id);
        if (own->bytes[0] != ROW_HASH)
            key_add_u8(&row, own->title);
        if (put)
            db_put(work, DB_INDEX, key_view(&row), (db_view_t){.data = ""});
        if (put || db_delete(work, DB_INDEX, key_view(&row)))
            *sum ^= derived_rows_sum(key_view(&row));
        changed++;
    }
    return changed;
}

size_t derived_rows_replace(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE],
                            const record_id_t *id, const record_t *state, field_mask_t sealed,
                            arena_t *arena, uint64_t *sum)
{
    db_key_t own;
    db_view_t stored;
    rows_t before = {0}, after = {0};
    key_start(&own);
    key_add_id(&own, id);
    if (db_get(work, DB_RECORDS, key_view(&own), &stored))
        before = unpack(stored, arena);
    if (state)
        after = rows_of(key, state, sealed, arena);
    size_t changed = change_rows(work, id, &before, &after, false, sum);
    changed += change_rows(work, id, &after, &before, true, sum);
    if (changed == 0)
        return 0;
    if (after.count > 0)
        db_put(work, DB_RECORDS, key_view(&own), pack(&after));
    else
        db_delete(work, DB_RECORDS, key_view(&own));
    return changed;
}

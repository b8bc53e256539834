#include "derived_rows.h"

#include "checksum.h"
#include "seal.h"

#include <sodium.h>
#include <string.h>

#define FORMAT 1u
#define HASH_SIZE 16u

/* -- what rows are kept of ---------------------------------------------------------- */

/* Words and long texts are of no use to a filter that is to find few. */
static bool may_hold(const field_t *field)
{
    return (field->class == CLASS_PERSONAL || field->type == TYPE_NUMBER) &&
           field->type != TYPE_WORD && field->type != TYPE_LONG_TEXT;
}

bool derived_holds(const field_t *field, const value_t *value)
{
    return value->form == VALUE_TEXT && may_hold(field) && seal_is_personal(field, value);
}

bool derived_rows_kept(const kind_t *kind)
{
    for (size_t i = 0; *kind->subject != '\0' && i < kind->n_fields; i++)
        if (may_hold(&kind->fields[i]))
            return true;
    return false;
}

void derived_rows_form(unsigned char form[META_HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, META_HASH_SIZE);
    crypto_generichash_update(&state, (const unsigned char[]){FORMAT}, 1);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; derived_rows_kept(kind) && j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            const char *parts[] = {kind->name, field->name, type_name(field->type)};
            for (size_t k = 0; may_hold(field) && k < sizeof parts / sizeof *parts; k++)
                crypto_generichash_update(&state, (const unsigned char *)parts[k],
                                          strlen(parts[k]) + 1);
        }
    }
    crypto_generichash_final(&state, form, META_HASH_SIZE);
}

/* -- the rows of a record ------------------------------------------------------------- */

typedef struct {
    unsigned char (*hashes)[HASH_SIZE];
    size_t count;
} rows_t;

static void hash_value(const unsigned char key[DERIVED_KEY_SIZE], const field_t *field,
                       const value_t *value, unsigned char hash[HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, DERIVED_KEY_SIZE, HASH_SIZE);
    crypto_generichash_update(&state, (const unsigned char *)field->name, strlen(field->name) + 1);
    crypto_generichash_update(&state, (const unsigned char *)value->text, value->size);
    crypto_generichash_final(&state, hash, HASH_SIZE);
}

static bool rows_have(const rows_t *self, const unsigned char hash[HASH_SIZE])
{
    for (size_t i = 0; i < self->count; i++)
        if (memcmp(self->hashes[i], hash, HASH_SIZE) == 0)
            return true;
    return false;
}

static void add_row(rows_t *self, const unsigned char key[DERIVED_KEY_SIZE], const field_t *field,
                    const value_t *value)
{
    unsigned char hash[HASH_SIZE];
    if (!derived_holds(field, value))
        return;
    hash_value(key, field, value, hash);
    if (!rows_have(self, hash))
        memcpy(self->hashes[self->count++], hash, HASH_SIZE);
}

static rows_t rows_of(const unsigned char key[DERIVED_KEY_SIZE], const record_t *state,
                      arena_t *arena)
{
    const kind_t *kind = state->id.kind;
    size_t room = 0;
    for (size_t i = 0; i < kind->n_fields; i++)
        room += state->fields[i].form == VALUE_LIST ? state->fields[i].count : 1;
    rows_t rows = {.hashes = arena_alloc(arena, room * sizeof *rows.hashes)};
    for (size_t i = 0; i < kind->n_fields; i++) {
        const value_t *value = &state->fields[i];
        bool list = value->form == VALUE_LIST;
        for (uint32_t j = 0; j < (list ? value->count : 1); j++)
            add_row(&rows, key, &kind->fields[i], list ? &value->items[j] : value);
    }
    return rows;
}

static void start_row(db_key_t *row, const kind_t *kind, const unsigned char hash[HASH_SIZE])
{
    key_start(row);
    key_add_kind(row, kind);
    key_add_bytes(row, hash, HASH_SIZE);
}

void derived_rows_prefix(db_key_t *prefix, const unsigned char key[DERIVED_KEY_SIZE],
                         const kind_t *kind, const field_t *field, const value_t *value)
{
    unsigned char hash[HASH_SIZE];
    hash_value(key, field, value, hash);
    start_row(prefix, kind, hash);
}

uint64_t derived_rows_sum(db_view_t row)
{
    unsigned char sum[CHECKSUM_SIZE];
    checksum_of(&row, 1, sum);
    return key_read_u64(sum);
}

/* Rows of `from` that `other` has not are put, or deleted. */
static void change_rows(db_txn_t *work, const record_id_t *id, const rows_t *from,
                        const rows_t *other, bool put, uint64_t *sum)
{
    for (size_t i = 0; i < from->count; i++) {
        db_key_t row;
        if (rows_have(other, from->hashes[i]))
            continue;
        start_row(&row, id->kind, from->hashes[i]);
        key_add_own_id(&row, id);
        if (put)
            db_put(work, DB_INDEX, key_view(&row), (db_view_t){.data = ""});
        if (put || db_delete(work, DB_INDEX, key_view(&row)))
            *sum ^= derived_rows_sum(key_view(&row));
    }
}

void derived_rows_replace(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE],
                          const record_id_t *id, const record_t *state, arena_t *arena,
                          uint64_t *sum)
{
    db_key_t own;
    db_view_t stored;
    rows_t before = {0}, after = {0};
    key_start(&own);
    key_add_id(&own, id);
    if (db_get(work, DB_RECORDS, key_view(&own), &stored))
        before = (rows_t){.hashes = arena_copy(arena, stored.data, stored.size),
                          .count = stored.size / HASH_SIZE};
    if (state)
        after = rows_of(key, state, arena);
    change_rows(work, id, &before, &after, false, sum);
    change_rows(work, id, &after, &before, true, sum);
    if (after.count > 0)
        db_put(work, DB_RECORDS, key_view(&own),
               (db_view_t){.data = after.hashes, .size = after.count * HASH_SIZE});
    else if (before.count > 0)
        db_delete(work, DB_RECORDS, key_view(&own));
}

#include "records.h"

#include "checksum.h"
#include "range.h"
#include "txn.h"

#include <errno.h>
#include <string.h>

/* A value: revision, format, checksum, body. */
#define FORMAT 1u
#define REVISION_AT 0u
#define FORMAT_AT 8u
#define CHECKSUM_AT 10u
#define BODY_AT (CHECKSUM_AT + CHECKSUM_SIZE)

/* Over the key and all of the value but the checksum itself. */
static void checksum(db_view_t key, const unsigned char *value, size_t size,
                     unsigned char sum[CHECKSUM_SIZE])
{
    const db_view_t parts[] = {key,
                               {.data = value, .size = CHECKSUM_AT},
                               {.data = value + BODY_AT, .size = size - BODY_AT}};
    checksum_of(parts, sizeof parts / sizeof *parts, sum);
}

static bool holds(db_view_t key, db_view_t value)
{
    const unsigned char *bytes = value.data;
    unsigned char sum[CHECKSUM_SIZE];
    if (value.size < BODY_AT)
        return false;
    checksum(key, bytes, value.size, sum);
    return memcmp(sum, bytes + CHECKSUM_AT, CHECKSUM_SIZE) == 0;
}

value_t records_body(const record_t *record, arena_t *arena)
{
    return record_to_map(record, FIELD_MASK_ALL, arena);
}

bool records_from_body(record_t *record, const value_t *body)
{
    error_t error = {0};
    return record_from_map(record, body, false, &error);
}

static record_t *decode(const record_id_t *id, db_view_t key, db_view_t value, arena_t *arena)
{
    const unsigned char *bytes = value.data;
    if (!holds(key, value) || bytes[FORMAT_AT] != 0 || bytes[FORMAT_AT + 1] != FORMAT)
        return NULL;
    value_t body;
    error_t error = {0};
    if (!wire_decode(bytes + BODY_AT, value.size - BODY_AT, &wire_limits_stored, arena, &body,
                     &error))
        return NULL;
    record_t *record = record_new(arena, id->kind);
    record->id = *id;
    record->revision = key_read_u64(bytes + REVISION_AT);
    return records_from_body(record, &body) ? record : NULL;
}

record_t *records_decode(const void *key, size_t key_size, const void *value, size_t size,
                         arena_t *arena)
{
    record_id_t id;
    db_view_t whole = {.data = key, .size = key_size}, rest = whole;
    if (!key_take_id(&rest, &id) || rest.size)
        return NULL;
    return decode(&id, whole, (db_view_t){.data = value, .size = size}, arena);
}

static db_view_t id_key(db_key_t *key, const record_id_t *id)
{
    key_start(key);
    key_add_id(key, id);
    return key_view(key);
}

record_t *records_get(store_txn_t *txn, const record_id_t *id, arena_t *arena)
{
    db_key_t key;
    db_view_t value;
    if (!db_get(store_db(txn), DB_RECORDS, id_key(&key, id), &value))
        return NULL;
    record_t *record = decode(id, key_view(&key), value, arena);
    if (!record)
        store_fail(txn, EBADMSG);
    return record;
}

bool records_exists(store_txn_t *txn, const record_id_t *id)
{
    db_key_t key;
    db_view_t value;
    return db_get(store_db(txn), DB_RECORDS, id_key(&key, id), &value);
}

uint64_t records_revision(store_txn_t *txn, const record_id_t *id)
{
    db_key_t key;
    db_view_t value;
    if (!db_get(store_db(txn), DB_RECORDS, id_key(&key, id), &value))
        return 0;
    if (!holds(key_view(&key), value)) {
        store_fail(txn, EBADMSG);
        return 0;
    }
    return key_read_u64((const unsigned char *)value.data + REVISION_AT);
}

uint64_t records_count(store_txn_t *txn, const kind_t *kind)
{
    meta_kind_t counts;
    meta_read_kind(store_db(txn), kind, &counts);
    return counts.live;
}

/* -- scans --------------------------------------------------------------------- */

struct records_scan {
    store_txn_t *txn;
    const kind_t *kind;
    range_t range;
};

records_scan_t *records_scan(store_txn_t *txn, const kind_t *kind, bool descending,
                             const record_id_t *after, arena_t *arena)
{
    records_scan_t *self = arena_alloc(arena, sizeof *self);
    self->txn = txn;
    self->kind = kind;
    db_key_t key;
    key_start(&key);
    key_add_kind(&key, kind);
    range_start(&self->range, store_db(txn), DB_RECORDS, &key, descending);
    if (after) {
        key_add_own_id(&key, after);
        range_after(&self->range, &key);
    }
    return self;
}

bool records_next_id(records_scan_t *self, record_id_t *id)
{
    if (!range_next(&self->range))
        return false;
    db_view_t rest = range_rest(&self->range);
    if (key_take_own_id(&rest, self->kind, id) && rest.size == 0)
        return true;
    store_fail(self->txn, EBADMSG);
    return false;
}

record_t *records_next(records_scan_t *self, arena_t *arena)
{
    record_id_t id;
    if (!records_next_id(self, &id))
        return NULL;
    const db_cursor_t *at = &self->range.cursor;
    record_t *record = decode(&id, at->key, at->value, arena);
    if (!record)
        store_fail(self->txn, EBADMSG);
    return record;
}

void records_scan_end(records_scan_t **self_p)
{
    if (*self_p)
        range_end(&(*self_p)->range);
    *self_p = NULL;
}

/* -- writing -------------------------------------------------------------------- */

void records_put(store_txn_t *txn, const record_t *record, uint64_t revision)
{
    arena_t *arena = store_scratch(txn);
    value_t map = records_body(record, arena);
    void *body;
    size_t body_size;
    wire_encode(&map, arena, &body, &body_size);
    size_t size = BODY_AT + body_size;
    unsigned char *value = arena_alloc(arena, size);
    key_write_u64(value + REVISION_AT, revision);
    value[FORMAT_AT + 1] = FORMAT;
    memcpy(value + BODY_AT, body, body_size);
    db_key_t key;
    checksum(id_key(&key, &record->id), value, size, value + CHECKSUM_AT);
    db_put(store_db(txn), DB_RECORDS, key_view(&key), (db_view_t){.data = value, .size = size});
}

void records_delete(store_txn_t *txn, const record_id_t *id)
{
    db_key_t key;
    db_delete(store_db(txn), DB_RECORDS, id_key(&key, id));
}

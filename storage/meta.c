#include "meta.h"

#include "checksum.h"
#include "key.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define HEAD_SIZE (3u * 8u + META_HASH_SIZE)
#define KIND_SIZE (2u * 8u)

static db_view_t name_key(db_key_t *key, const char *name)
{
    key_start(key);
    key_add_text(key, name);
    return key_view(key);
}

static db_view_t kind_key(db_key_t *key, const kind_t *kind)
{
    name_key(key, "kind");
    key_add_kind(key, kind);
    return key_view(key);
}

/* The value when it is there and its checksum holds. */
static bool get(db_txn_t *txn, db_view_t key, db_view_t *value)
{
    unsigned char sum[CHECKSUM_SIZE];
    db_view_t stored;
    if (!db_get(txn, DB_META, key, &stored))
        return false;
    if (stored.size >= sizeof sum) {
        *value = (db_view_t){.data = stored.data, .size = stored.size - sizeof sum};
        checksum_of((const db_view_t[]){key, *value}, 2, sum);
        if (memcmp((const unsigned char *)stored.data + value->size, sum, sizeof sum) == 0)
            return true;
    }
    db_fail(txn, EBADMSG);
    return false;
}

static void put(db_txn_t *txn, db_view_t key, const void *bytes, size_t size)
{
    unsigned char stored[META_TEXT_MAX + CHECKSUM_SIZE];
    assert(size <= META_TEXT_MAX);
    memcpy(stored, bytes, size);
    checksum_of((const db_view_t[]){key, {.data = bytes, .size = size}}, 2, stored + size);
    db_put(txn, DB_META, key, (db_view_t){.data = stored, .size = size + CHECKSUM_SIZE});
}

/* And as long as it must be. */
static const unsigned char *sized(db_txn_t *txn, db_view_t key, size_t size)
{
    db_view_t value;
    if (!get(txn, key, &value))
        return NULL;
    if (value.size != size) {
        db_fail(txn, EBADMSG);
        return NULL;
    }
    return value.data;
}

/* Records that are not counted: the count's key was changed, and zero is not the truth. */
static void must_be_empty(db_txn_t *txn, db_view_t prefix)
{
    db_cursor_t cursor;
    db_cursor_start(&cursor, txn, DB_RECORDS);
    if (db_cursor_from(&cursor, prefix) && db_view_begins(cursor.key, prefix))
        db_fail(txn, EBADMSG);
    db_cursor_end(&cursor);
}

void meta_read_head(db_txn_t *txn, meta_head_t *head)
{
    db_key_t key;
    *head = (meta_head_t){0};
    const unsigned char *bytes = sized(txn, name_key(&key, "head"), HEAD_SIZE);
    if (!bytes) {
        if (db_entries(txn, DB_JOURNAL))
            db_fail(txn, EBADMSG);
        return;
    }
    head->revision = key_read_u64(bytes);
    head->time_ms = key_read_u64(bytes + 8);
    head->rights = key_read_u64(bytes + 16);
    memcpy(head->hash, bytes + 24, META_HASH_SIZE);
}

void meta_write_head(db_txn_t *txn, const meta_head_t *head)
{
    unsigned char bytes[HEAD_SIZE];
    key_write_u64(bytes, head->revision);
    key_write_u64(bytes + 8, head->time_ms);
    key_write_u64(bytes + 16, head->rights);
    memcpy(bytes + 24, head->hash, META_HASH_SIZE);
    meta_write(txn, "head", bytes, sizeof bytes);
}

void meta_read_kind(db_txn_t *txn, const kind_t *kind, meta_kind_t *counts)
{
    db_key_t key;
    *counts = (meta_kind_t){0};
    const unsigned char *bytes = sized(txn, kind_key(&key, kind), KIND_SIZE);
    if (!bytes) {
        key_start(&key);
        key_add_kind(&key, kind);
        must_be_empty(txn, key_view(&key));
        return;
    }
    counts->last_number = key_read_u64(bytes);
    counts->live = key_read_u64(bytes + 8);
}

void meta_write_kind(db_txn_t *txn, const kind_t *kind, const meta_kind_t *counts)
{
    db_key_t key;
    unsigned char bytes[KIND_SIZE];
    key_write_u64(bytes, counts->last_number);
    key_write_u64(bytes + 8, counts->live);
    put(txn, kind_key(&key, kind), bytes, sizeof bytes);
}

bool meta_read(db_txn_t *txn, const char *name, db_view_t *value)
{
    db_key_t key;
    return get(txn, name_key(&key, name), value);
}

bool meta_equals(db_txn_t *txn, const char *name, const void *bytes, size_t size)
{
    db_view_t value;
    return meta_read(txn, name, &value) && value.size == size &&
           memcmp(value.data, bytes, size) == 0;
}

void meta_write(db_txn_t *txn, const char *name, const void *value, size_t size)
{
    db_key_t key;
    put(txn, name_key(&key, name), value, size);
}

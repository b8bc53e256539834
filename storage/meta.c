#include "meta.h"

#include "key.h"

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

/* The value when it is there and as long as it must be. */
static const unsigned char *sized(db_txn_t *txn, db_view_t key, size_t size)
{
    db_view_t value;
    if (!db_get(txn, DB_META, key, &value))
        return NULL;
    if (value.size != size) {
        db_fail(txn, EBADMSG);
        return NULL;
    }
    return value.data;
}

void meta_read_head(db_txn_t *txn, meta_head_t *head)
{
    db_key_t key;
    *head = (meta_head_t){0};
    const unsigned char *bytes = sized(txn, name_key(&key, "head"), HEAD_SIZE);
    if (!bytes)
        return;
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
    if (!bytes)
        return;
    counts->last_number = key_read_u64(bytes);
    counts->live = key_read_u64(bytes + 8);
}

void meta_write_kind(db_txn_t *txn, const kind_t *kind, const meta_kind_t *counts)
{
    db_key_t key;
    unsigned char bytes[KIND_SIZE];
    key_write_u64(bytes, counts->last_number);
    key_write_u64(bytes + 8, counts->live);
    db_put(txn, DB_META, kind_key(&key, kind), (db_view_t){.data = bytes, .size = sizeof bytes});
}

bool meta_read(db_txn_t *txn, const char *name, db_view_t *value)
{
    db_key_t key;
    return db_get(txn, DB_META, name_key(&key, name), value);
}

void meta_write(db_txn_t *txn, const char *name, const void *value, size_t size)
{
    db_key_t key;
    db_put(txn, DB_META, name_key(&key, name), (db_view_t){.data = value, .size = size});
}

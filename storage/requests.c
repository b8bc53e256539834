#include "requests.h"

#include "key.h"
#include "txn.h"

#include <errno.h>
#include <string.h>

/* A value: revision, hash of the arguments. */
#define HASH_AT 8u
#define HASH_SIZE 32u
#define VALUE_SIZE (HASH_AT + HASH_SIZE)

static db_view_t request_key(db_key_t *key, const char *user, const unsigned char id[16])
{
    key_start(key);
    key_add_text(key, user);
    key_add_bytes(key, id, WIRE_REQUEST_ID_SIZE);
    return key_view(key);
}

bool requests_find(store_txn_t *txn, const char *user, const unsigned char id[16],
                   uint64_t *revision, unsigned char arguments_hash[32])
{
    db_key_t key;
    db_view_t value;
    if (!db_get(store_db(txn), DB_REQUESTS, request_key(&key, user, id), &value))
        return false;
    if (value.size != VALUE_SIZE) {
        store_fail(txn, EBADMSG);
        return false;
    }
    *revision = key_read_u64(value.data);
    memcpy(arguments_hash, (const unsigned char *)value.data + HASH_AT, HASH_SIZE);
    return true;
}

void requests_put(store_txn_t *txn, const char *user, const unsigned char id[16], uint64_t revision,
                  const unsigned char arguments_hash[32])
{
    unsigned char value[VALUE_SIZE];
    key_write_u64(value, revision);
    memcpy(value + HASH_AT, arguments_hash, HASH_SIZE);
    db_key_t key;
    db_put(store_db(txn), DB_REQUESTS, request_key(&key, user, id),
           (db_view_t){.data = value, .size = sizeof value});
}

/* What may be looked at: rows forgotten and users passed. */
typedef struct {
    uint64_t oldest_ms;
    unsigned left;
    unsigned gone;
} prune_t;

/* Forget the row when it is old, else pass its user. True when there is a next. */
static bool prune_row(store_txn_t *txn, prune_t *self, db_cursor_t *cursor)
{
    db_view_t rest = cursor->key;
    const char *user;
    if (!key_take_text(&rest, &user) || rest.size != WIRE_REQUEST_ID_SIZE) {
        store_fail(txn, EBADMSG);
        return false;
    }
    if (request_id_time(rest.data) < self->oldest_ms) {
        self->gone++;
        db_cursor_delete(cursor);
        return db_cursor_next(cursor);
    }
    /* All that follow of this user are younger. */
    db_key_t next;
    key_start(&next);
    key_add_text(&next, user);
    key_after(&next);
    return db_cursor_from(cursor, key_view(&next));
}

unsigned requests_prune(store_txn_t *txn, uint64_t now_ms, unsigned most)
{
    if (now_ms <= REQUESTS_KEPT_MS)
        return 0;
    prune_t prune = {.oldest_ms = now_ms - REQUESTS_KEPT_MS, .left = most};
    db_key_t *from = &store_of(txn)->prune_from;
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(txn), DB_REQUESTS);
    bool there = from->size ? db_cursor_from(&cursor, key_view(from)) : db_cursor_first(&cursor);
    for (; there && prune.left; prune.left--)
        there = prune_row(txn, &prune, &cursor);
    key_start(from);
    if (there)
        key_add_bytes(from, cursor.key.data, cursor.key.size);
    db_cursor_end(&cursor);
    return prune.gone;
}

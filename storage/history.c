#include "history.h"

#include "key.h"
#include "txn.h"

static db_view_t history_key(db_key_t *key, const record_id_t *id, uint64_t revision)
{
    key_start(key);
    key_add_id(key, id);
    key_add_u64(key, revision);
    return key_view(key);
}

uint64_t history_at(store_txn_t *txn, const record_id_t *id, uint64_t revision)
{
    db_key_t key, prefix;
    history_key(&key, id, revision);
    key_start(&prefix);
    key_add_id(&prefix, id);
    uint64_t found = 0;
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(txn), DB_HISTORY);
    /* At `revision` itself, or the last before it; the greatest key has none after. */
    bool there =
        key_after(&key) ? db_cursor_before(&cursor, key_view(&key)) : db_cursor_last(&cursor);
    if (there && db_view_begins(cursor.key, key_view(&prefix))) {
        db_view_t rest = {.data = (const unsigned char *)cursor.key.data + prefix.size,
                          .size = cursor.key.size - prefix.size};
        key_take_u64(&rest, &found);
    }
    db_cursor_end(&cursor);
    return found;
}

void history_append(store_txn_t *txn, const record_id_t *id, uint64_t revision)
{
    db_key_t key;
    db_put(store_db(txn), DB_HISTORY, history_key(&key, id, revision), (db_view_t){.data = ""});
}

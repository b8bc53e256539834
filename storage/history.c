#include "history.h"

#include "journal.h"
#include "key.h"
#include "records.h"
#include "txn.h"

#include <errno.h>

static db_view_t history_key(db_key_t *key, const record_id_t *id, uint64_t revision)
{
    key_start(key);
    key_add_id(key, id);
    key_add_u64(key, revision);
    return key_view(key);
}

/* The revision in the entry where the cursor stands; 0 when it is another record's. */
static uint64_t revision_in(const db_cursor_t *cursor, bool there, const record_id_t *id)
{
    db_key_t prefix;
    uint64_t revision = 0;
    key_start(&prefix);
    key_add_id(&prefix, id);
    if (!there || !db_view_begins(cursor->key, key_view(&prefix)))
        return 0;
    db_view_t rest = {.data = (const unsigned char *)cursor->key.data + prefix.size,
                      .size = cursor->key.size - prefix.size};
    key_take_u64(&rest, &revision);
    return revision;
}

static bool deletes(store_txn_t *txn, uint64_t revision, const record_id_t *id)
{
    arena_t *arena = arena_new();
    uint64_t before;
    bool deleted =
        journal_before(txn, revision, id, &before) && !journal_state(txn, revision, id, arena);
    arena_destroy(&arena);
    return deleted;
}

/* Keys have no checksum: what proves that none is changed or hidden between two changes
   is that the later one says which the earlier was, and after the last the record. */
static bool follow(store_txn_t *txn, const record_id_t *id, uint64_t found, uint64_t next)
{
    uint64_t before;
    if (!next)
        before = records_revision(txn, id);
    else if (!journal_before(txn, next, id, &before))
        return false;
    return before == found || (before == 0 && found && deletes(txn, found, id));
}

uint64_t history_at(store_txn_t *txn, const record_id_t *id, uint64_t revision)
{
    db_key_t key;
    db_cursor_t cursor;
    uint64_t next = 0;
    history_key(&key, id, revision);
    db_cursor_start(&cursor, store_db(txn), DB_HISTORY);
    /* At `revision` itself, or the last before it; the greatest key has none after. */
    bool later = key_after(&key);
    bool there = later ? db_cursor_before(&cursor, key_view(&key)) : db_cursor_last(&cursor);
    uint64_t found = revision_in(&cursor, there, id);
    if (later)
        next = revision_in(&cursor, db_cursor_from(&cursor, key_view(&key)), id);
    db_cursor_end(&cursor);
    if (!store_failed(txn) && !follow(txn, id, found, next))
        store_fail(txn, EBADMSG);
    return store_failed(txn) ? 0 : found;
}

uint64_t history_first(store_txn_t *txn, const record_id_t *id)
{
    db_key_t key;
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(txn), DB_HISTORY);
    bool there = db_cursor_from(&cursor, history_key(&key, id, 0));
    uint64_t found = revision_in(&cursor, there, id);
    db_cursor_end(&cursor);
    return found;
}

void history_append(store_txn_t *txn, const record_id_t *id, uint64_t revision)
{
    db_key_t key;
    db_put(store_db(txn), DB_HISTORY, history_key(&key, id, revision), (db_view_t){.data = ""});
}

record_t *store_record_at(store_txn_t *self, const record_id_t *id, uint64_t revision,
                          arena_t *arena)
{
    uint64_t changed = history_at(self, id, revision);
    const record_t *state = changed ? journal_state(self, changed, id, arena) : NULL;
    return state ? record_copy(arena, state) : NULL;
}

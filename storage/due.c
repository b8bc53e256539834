#include "due.h"

#include "records.h"
#include "txn.h"

#include <errno.h>
#include <string.h>

bool due_day(const record_t *record, const due_t *row, char day[DAY_TEXT_SIZE])
{
    const value_t *value = &record->fields[row->field->index];
    const char *state = record_get_text(record, "state");
    int64_t number;
    if (value->form != VALUE_TEXT || !state || !schema_words_have(row->states, state) ||
        !day_parse(value->text, &number))
        return false;
    day_print(number + row->after, day);
    return *day;
}

static void make_key(db_key_t *key, const char *day, const record_id_t *id, const due_t *row)
{
    key_start(key);
    key_add_text(key, day);
    key_add_id(key, id);
    key_add_text(key, row->on);
}

static const due_t *row_of(const kind_t *kind, const char *field)
{
    for (size_t i = 0; i < kind->n_dues; i++)
        if (strcmp(kind->dues[i].on, field) == 0)
            return &kind->dues[i];
    return NULL;
}

static bool read_key(db_view_t key, due_entry_t *entry)
{
    const char *day, *field;
    if (!key_take_text(&key, &day) || strlen(day) >= sizeof entry->day ||
        !key_take_id(&key, &entry->id) || !key_take_text(&key, &field))
        return false;
    strcpy(entry->day, day);
    entry->row = row_of(entry->id.kind, field);
    return entry->row;
}

bool due_next(store_txn_t *txn, due_entry_t *self)
{
    db_key_t key;
    db_cursor_t cursor;
    key_start(&key);
    if (*self->day) {
        make_key(&key, self->day, &self->id, self->row);
        key_add_u8(&key, 0); /* the least that comes after it */
    }
    db_cursor_start(&cursor, store_db(txn), DB_DUE);
    bool there = key.size ? db_cursor_from(&cursor, key_view(&key)) : db_cursor_first(&cursor);
    if (there && !read_key(cursor.key, self)) {
        store_fail(txn, EBADMSG);
        there = false;
    }
    db_cursor_end(&cursor);
    return there;
}

/* The record's entry for the row. False when it has none: also once it is marked late,
   there is nothing more to do. */
static bool entry_of(const record_t *record, const due_t *row, db_key_t *key)
{
    char day[DAY_TEXT_SIZE];
    if (!record || (row->flag && record_get_boolean(record, row->does)) ||
        !due_day(record, row, day))
        return false;
    make_key(key, day, &record->id, row);
    return true;
}

void due_change(store_txn_t *txn, const record_t *before, const record_t *after)
{
    const kind_t *kind = before ? before->id.kind : after->id.kind;
    for (size_t i = 0; i < kind->n_dues; i++) {
        db_key_t old, new;
        bool was = entry_of(before, &kind->dues[i], &old);
        bool is = entry_of(after, &kind->dues[i], &new);
        if (was && is && db_view_compare(key_view(&old), key_view(&new)) == 0)
            continue;
        if (was)
            db_delete(store_db(txn), DB_DUE, key_view(&old));
        if (is)
            db_put(store_db(txn), DB_DUE, key_view(&new), (db_view_t){.data = ""});
    }
}

void due_rebuild(store_txn_t *txn)
{
    arena_t *arena = arena_new(), *scans = arena_new();
    db_empty(store_db(txn), DB_DUE);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        if (schema_kind_at(i)->n_dues == 0)
            continue;
        records_scan_t *scan = records_scan(txn, schema_kind_at(i), false, NULL, scans);
        const record_t *record;
        while ((record = records_next(scan, arena))) {
            due_change(txn, NULL, record);
            arena_reset(arena);
        }
        records_scan_end(&scan);
    }
    arena_destroy(&arena);
    arena_destroy(&scans);
}

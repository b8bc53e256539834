#include "reads.h"

#include "checksum.h"
#include "key.h"
#include "txn.h"

#include <errno.h>
#include <string.h>

/* A value: checksum over key and body, then the body, msgpack
   [user, command, purpose, [subject ...], as or nil]. */
enum { USER, COMMAND, PURPOSE, SUBJECTS, AS, PARTS };

static db_view_t time_key(db_key_t *key, uint64_t time_ms, uint64_t sequence)
{
    key_start(key);
    key_add_u64(key, time_ms);
    key_add_u64(key, sequence);
    return key_view(key);
}

/* One more than the last row of the same millisecond has. */
static uint64_t next_sequence(store_txn_t *txn, uint64_t time_ms)
{
    db_key_t key;
    db_cursor_t cursor;
    uint64_t at_ms, sequence, next = 1;
    db_cursor_start(&cursor, store_db(txn), DB_READS);
    if (db_cursor_before(&cursor, time_key(&key, time_ms, UINT64_MAX))) {
        db_view_t rest = cursor.key;
        if (key_take_u64(&rest, &at_ms) && at_ms == time_ms && key_take_u64(&rest, &sequence))
            next = sequence + 1;
    }
    db_cursor_end(&cursor);
    return next;
}

void reads_append(store_txn_t *txn, const read_t *read)
{
    if (store_failed(txn))
        return;
    arena_t *arena = store_scratch(txn);
    arena_reset(arena);
    value_builder_t subjects = value_builder(arena);
    for (const char *const *subject = read->subjects; *subject; subject++)
        value_add(&subjects, value_text(*subject));
    const value_t parts[PARTS] = {
        [USER] = value_text(read->user),
        [COMMAND] = value_text(read->command),
        [PURPOSE] = value_text(read->purpose),
        [SUBJECTS] = value_build_list(&subjects),
        [AS] = read->as != NULL ? value_text(read->as) : value_absent,
    };
    value_t list = value_list(parts, PARTS);
    void *body;
    size_t size;
    wire_encode(&list, arena, &body, &size);
    db_key_t key;
    const db_view_t row[] = {time_key(&key, read->time_ms, next_sequence(txn, read->time_ms)),
                             {.data = body, .size = size}};
    unsigned char *value = arena_alloc(arena, CHECKSUM_SIZE + size);
    checksum_of(row, 2, value);
    memcpy(value + CHECKSUM_SIZE, body, size);
    db_put(store_db(txn), DB_READS, key_view(&key),
           (db_view_t){.data = value, .size = CHECKSUM_SIZE + size});
}

static bool decode(db_view_t key, db_view_t value, read_t *read, arena_t *arena)
{
    value_t list;
    error_t error = {0};
    unsigned char sum[CHECKSUM_SIZE];
    if (value.size < CHECKSUM_SIZE)
        return false;
    const db_view_t row[] = {key,
                             {.data = (const unsigned char *)value.data + CHECKSUM_SIZE,
                              .size = value.size - CHECKSUM_SIZE}};
    checksum_of(row, 2, sum);
    if (memcmp(sum, value.data, sizeof sum) != 0 ||
        !wire_decode(row[1].data, row[1].size, &wire_limits_stored, arena, &list, &error) ||
        list.form != VALUE_LIST || list.count != PARTS || list.items[SUBJECTS].form != VALUE_LIST)
        return false;
    for (unsigned i = USER; i <= PURPOSE; i++)
        if (list.items[i].form != VALUE_TEXT)
            return false;
    const value_t *listed = &list.items[SUBJECTS];
    const char **subjects = arena_alloc(arena, (listed->count + 1) * sizeof *subjects);
    for (uint32_t i = 0; i < listed->count; i++) {
        if (listed->items[i].form != VALUE_TEXT)
            return false;
        subjects[i] = listed->items[i].text;
    }
    read->user = list.items[USER].text;
    read->command = list.items[COMMAND].text;
    read->purpose = list.items[PURPOSE].text;
    read->as = list.items[AS].form == VALUE_TEXT ? list.items[AS].text : NULL;
    read->subjects = subjects;
    return true;
}

void reads_each(store_txn_t *txn, uint64_t from_ms, uint64_t to_ms,
                bool (*handle)(const read_t *read, void *context), void *context)
{
    arena_t *arena = arena_new();
    db_key_t key;
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(txn), DB_READS);
    bool there = db_cursor_from(&cursor, time_key(&key, from_ms, 0));
    while (there) {
        db_view_t rest = cursor.key;
        read_t read;
        if (!key_take_u64(&rest, &read.time_ms)) {
            store_fail(txn, EBADMSG);
            break;
        }
        if (read.time_ms > to_ms)
            break;
        if (!decode(cursor.key, cursor.value, &read, arena)) {
            store_fail(txn, EBADMSG);
            break;
        }
        if (!handle(&read, context))
            break;
        arena_reset(arena);
        there = db_cursor_next(&cursor);
    }
    db_cursor_end(&cursor);
    arena_destroy(&arena);
}

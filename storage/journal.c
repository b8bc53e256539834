#include "journal.h"

#include "key.h"
#include "records.h"
#include "steps.h"
#include "txn.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

/* A value: format, time, hash of the entry before, then msgpack:
   [actor, as, request id, arguments hash, [[id, revision before, body or nil] ...]] */
#define TIME_AT 2u
#define PREVIOUS_AT 10u
#define BODY_AT (PREVIOUS_AT + JOURNAL_HASH_SIZE)

enum { ACTOR, AS, REQUEST_ID, ARGUMENTS_HASH, OPERATIONS, PARTS };
enum { OPERATION_ID, OPERATION_BEFORE, OPERATION_BODY, OPERATION_PARTS };

void journal_hash(const void *value, size_t size, unsigned char hash[JOURNAL_HASH_SIZE])
{
    crypto_generichash(hash, JOURNAL_HASH_SIZE, value, size, NULL, 0);
}

const unsigned char *journal_previous(const void *value, size_t size)
{
    return size < BODY_AT ? NULL : (const unsigned char *)value + PREVIOUS_AT;
}

uint64_t journal_stored_time(const void *value)
{
    return key_read_u64((const unsigned char *)value + TIME_AT);
}

/* -- reading --------------------------------------------------------------------- */

static bool look_up(store_txn_t *txn, uint64_t revision, db_view_t *value)
{
    db_key_t key;
    key_start(&key);
    key_add_u64(&key, revision);
    return revision && db_get(store_db(txn), DB_JOURNAL, key_view(&key), value);
}

/* The chain is each entry's checksum: what comes after it holds its hash. */
static bool is_whole(store_txn_t *txn, uint64_t revision, db_view_t value)
{
    unsigned char hash[JOURNAL_HASH_SIZE];
    const meta_head_t *head = store_head_of(txn);
    const unsigned char *said = head->hash;
    db_view_t next;
    if (value.size < BODY_AT)
        return false;
    if (revision != head->revision) {
        said = look_up(txn, revision + 1, &next) ? journal_previous(next.data, next.size) : NULL;
        if (!said)
            return false;
    }
    journal_hash(value.data, value.size, hash);
    return memcmp(hash, said, sizeof hash) == 0;
}

/* False when there is none, or a damaged one: that is never shown (EBADMSG). */
static bool find(store_txn_t *txn, uint64_t revision, db_view_t *value)
{
    if (!look_up(txn, revision, value))
        return false;
    if (is_whole(txn, revision, *value))
        return true;
    store_fail(txn, EBADMSG);
    return false;
}

static bool step_up(unsigned format, value_t *body, arena_t *arena)
{
    for (; format < META_FORMAT; format++)
        if (!journal_steps[format] || !journal_steps[format](body, arena))
            return false;
    return format == META_FORMAT;
}

/* The five parts of an entry, or NULL when it is no entry. */
static const value_t *open_entry(db_view_t value, arena_t *arena)
{
    const unsigned char *bytes = value.data;
    if (value.size < BODY_AT || bytes[0] != 0)
        return NULL;
    value_t *body = arena_alloc(arena, sizeof *body);
    error_t error = {0};
    if (!wire_decode(bytes + BODY_AT, value.size - BODY_AT, &wire_limits_stored, arena, body,
                     &error) ||
        !step_up(bytes[1], body, arena))
        return NULL;
    bool whole = body->form == VALUE_LIST && body->count == PARTS &&
                 body->items[OPERATIONS].form == VALUE_LIST;
    return whole ? body->items : NULL;
}

static bool read_operation(const value_t *value, record_id_t *id, uint64_t *before,
                           const value_t **body)
{
    if (value->form != VALUE_LIST || value->count != OPERATION_PARTS)
        return false;
    const value_t *parts = value->items;
    if (parts[OPERATION_ID].form != VALUE_TEXT || parts[OPERATION_BEFORE].form != VALUE_INTEGER ||
        parts[OPERATION_BEFORE].integer < 0)
        return false;
    *before = (uint64_t)parts[OPERATION_BEFORE].integer;
    *body = &parts[OPERATION_BODY];
    return record_id_parse(id, parts[OPERATION_ID].text, NULL);
}

/* The record after the operation; NULL in `*after` when it deleted. */
static bool read_state(const record_id_t *id, uint64_t revision, const value_t *body,
                       arena_t *arena, const record_t **after)
{
    *after = NULL;
    if (body->form == VALUE_ABSENT)
        return true;
    record_t *record = record_new(arena, id->kind);
    record->id = *id;
    record->revision = revision;
    *after = record;
    return records_from_body(record, body);
}

static bool read_bytes(const value_t *value, size_t size, const unsigned char **bytes)
{
    *bytes = NULL;
    if (value->form == VALUE_ABSENT)
        return true;
    *bytes = value->bytes;
    return value->form == VALUE_BYTES && value->size == size;
}

static bool read_entry(journal_entry_t *entry, const value_t *parts, arena_t *arena)
{
    if (parts[ACTOR].form != VALUE_TEXT ||
        (parts[AS].form != VALUE_TEXT && parts[AS].form != VALUE_ABSENT))
        return false;
    entry->actor = parts[ACTOR].text;
    entry->as = parts[AS].form == VALUE_TEXT ? parts[AS].text : NULL;
    if (!read_bytes(&parts[REQUEST_ID], WIRE_REQUEST_ID_SIZE, &entry->request_id) ||
        !read_bytes(&parts[ARGUMENTS_HASH], JOURNAL_HASH_SIZE, &entry->arguments_hash) ||
        !entry->request_id != !entry->arguments_hash)
        return false;
    entry->n_operations = parts[OPERATIONS].count;
    journal_operation_t *operations =
        arena_alloc(arena, (entry->n_operations + 1) * sizeof *operations);
    entry->operations = operations;
    for (size_t i = 0; i < entry->n_operations; i++) {
        journal_operation_t *operation = &operations[i];
        const value_t *body;
        if (!read_operation(&parts[OPERATIONS].items[i], &operation->id, &operation->before,
                            &body) ||
            !read_state(&operation->id, entry->revision, body, arena, &operation->after))
            return false;
    }
    return true;
}

const journal_entry_t *journal_decode(uint64_t revision, const void *value, size_t size,
                                      arena_t *arena)
{
    journal_entry_t *entry = arena_alloc(arena, sizeof *entry);
    entry->revision = revision;
    const value_t *parts = open_entry((db_view_t){.data = value, .size = size}, arena);
    if (!parts || !read_entry(entry, parts, arena))
        return NULL;
    entry->time_ms = journal_stored_time(value);
    memcpy(entry->previous_hash, journal_previous(value, size), JOURNAL_HASH_SIZE);
    return entry;
}

const journal_entry_t *journal_get(store_txn_t *txn, uint64_t revision, arena_t *arena)
{
    db_view_t value;
    if (!find(txn, revision, &value))
        return NULL;
    const journal_entry_t *entry = journal_decode(revision, value.data, value.size, arena);
    if (!entry)
        store_fail(txn, EBADMSG);
    return entry;
}

const record_t *journal_state(store_txn_t *txn, uint64_t revision, const record_id_t *id,
                              arena_t *arena)
{
    db_view_t value;
    if (!find(txn, revision, &value))
        return NULL;
    const value_t *parts = open_entry(value, arena), *last = NULL;
    for (uint32_t i = 0; parts && i < parts[OPERATIONS].count; i++) {
        record_id_t touched;
        uint64_t before;
        const value_t *body;
        if (!read_operation(&parts[OPERATIONS].items[i], &touched, &before, &body))
            parts = NULL;
        else if (strcmp(touched.text, id->text) == 0)
            last = body;
    }
    const record_t *state = NULL;
    if (!parts || (last && !read_state(id, revision, last, arena, &state))) {
        store_fail(txn, EBADMSG);
        return NULL;
    }
    return state;
}

bool journal_before(store_txn_t *txn, uint64_t revision, const record_id_t *id, uint64_t *before)
{
    db_view_t value;
    if (!find(txn, revision, &value))
        return false;
    arena_t *arena = arena_new();
    const value_t *parts = open_entry(value, arena);
    bool touched = false;
    for (uint32_t i = 0; parts && !touched && i < parts[OPERATIONS].count; i++) {
        record_id_t which;
        const value_t *body;
        if (!read_operation(&parts[OPERATIONS].items[i], &which, before, &body))
            parts = NULL;
        else
            touched = record_id_equal(&which, id);
    }
    arena_destroy(&arena);
    if (!parts)
        store_fail(txn, EBADMSG);
    return touched;
}

uint64_t journal_time(store_txn_t *txn, uint64_t revision)
{
    db_view_t value;
    if (!find(txn, revision, &value))
        return 0;
    return journal_stored_time(value.data);
}

/* -- writing ---------------------------------------------------------------------- */

static value_t operations_value(const journal_entry_t *entry, arena_t *arena)
{
    value_t *list = arena_alloc(arena, (entry->n_operations + 1) * sizeof *list);
    for (size_t i = 0; i < entry->n_operations; i++) {
        const journal_operation_t *operation = &entry->operations[i];
        value_t *parts = arena_alloc(arena, OPERATION_PARTS * sizeof *parts);
        parts[OPERATION_ID] = value_text(operation->id.text);
        parts[OPERATION_BEFORE] = value_integer((int64_t)operation->before);
        parts[OPERATION_BODY] =
            operation->after ? records_body(operation->after, arena) : value_absent;
        list[i] = value_list(parts, OPERATION_PARTS);
    }
    return value_list(list, (uint32_t)entry->n_operations);
}

void journal_append(store_txn_t *txn, const journal_entry_t *entry,
                    unsigned char hash[JOURNAL_HASH_SIZE])
{
    arena_t *arena = store_scratch(txn);
    const value_t parts[PARTS] = {
        [ACTOR] = value_text(entry->actor),
        [AS] = entry->as ? value_text(entry->as) : value_absent,
        [REQUEST_ID] =
            entry->request_id ? value_bytes(entry->request_id, WIRE_REQUEST_ID_SIZE) : value_absent,
        [ARGUMENTS_HASH] = entry->request_id ? value_bytes(entry->arguments_hash, JOURNAL_HASH_SIZE)
                                             : value_absent,
        [OPERATIONS] = operations_value(entry, arena),
    };
    value_t list = value_list(parts, PARTS);
    void *body;
    size_t body_size;
    wire_encode(&list, arena, &body, &body_size);
    if (body_size > wire_limits_stored.bytes) {
        /* It could never be read again. */
        store_fail(txn, EMSGSIZE);
        return;
    }
    size_t size = BODY_AT + body_size;
    unsigned char *value = arena_alloc(arena, size);
    value[1] = META_FORMAT;
    key_write_u64(value + TIME_AT, entry->time_ms);
    memcpy(value + PREVIOUS_AT, entry->previous_hash, JOURNAL_HASH_SIZE);
    memcpy(value + BODY_AT, body, body_size);
    journal_hash(value, size, hash);
    db_key_t key;
    key_start(&key);
    key_add_u64(&key, entry->revision);
    db_put(store_db(txn), DB_JOURNAL, key_view(&key), (db_view_t){.data = value, .size = size});
}

uint64_t store_revision_at(store_txn_t *self, uint64_t time_ms)
{
    /* Times never fall: halve until the last entry that is not later. */
    uint64_t least = 0, most = store_head(self);
    while (least < most) {
        uint64_t middle = most - (most - least) / 2;
        if (journal_time(self, middle) <= time_ms)
            least = middle;
        else
            most = middle - 1;
    }
    return least;
}

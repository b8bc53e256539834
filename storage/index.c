#include "index.h"

#include "index_key.h"
#include "range.h"
#include "records.h"
#include "txn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const index_t *index_find(const kind_t *kind, const char *const *fields, unsigned n_fields)
{
    for (size_t i = 0; i < kind->n_indexes; i++) {
        const index_t *index = &kind->indexes[i];
        unsigned same = 0;
        while (same < n_fields && same < index->n_fields &&
               strcmp(index->fields[same]->name, fields[same]) == 0)
            same++;
        if (same == n_fields && same == index->n_fields)
            return index;
    }
    return NULL;
}

bool index_omits_absent(const index_t *self)
{
    const field_t *last = self->fields[self->n_fields - 1];
    return (self->n_fields == 1 && last->type == TYPE_REFERENCE) ||
           (last->type == TYPE_BOOLEAN && (last->attributes & FIELD_DAEMON));
}

int index_compare(const field_t *field, const value_t *a, const value_t *b)
{
    if (a->form != VALUE_LIST && b->form != VALUE_LIST)
        return index_key_compare(field, a, b);
    uint32_t n_a = a->form == VALUE_LIST ? a->count : 1;
    uint32_t n_b = b->form == VALUE_LIST ? b->count : 1;
    for (uint32_t i = 0; i < n_a && i < n_b; i++) {
        int order = index_key_compare(field, a->form == VALUE_LIST ? &a->items[i] : a,
                                      b->form == VALUE_LIST ? &b->items[i] : b);
        if (order)
            return order;
    }
    return (n_a > n_b) - (n_a < n_b);
}

/* -- scans ----------------------------------------------------------------------- */

struct index_scan {
    store_txn_t *txn;
    const kind_t *kind;
    const index_t *index;
    unsigned n_equal;
    bool nothing; /* asked for a value that no index holds */
    range_t range;
};

index_scan_t *index_scan(store_txn_t *txn, const kind_t *kind, const index_t *index,
                         const value_t *equal, unsigned n_equal, bool descending, arena_t *arena)
{
    assert(n_equal <= index->n_fields);
    index_scan_t *self = arena_alloc(arena, sizeof *self);
    self->txn = txn;
    self->kind = kind;
    self->index = index;
    self->n_equal = n_equal;
    db_key_t prefix;
    index_key_start(&prefix, kind, index);
    for (unsigned i = 0; i < n_equal; i++)
        if (!index_key_add(&prefix, index, i, &equal[i]))
            self->nothing = true;
    range_start(&self->range, store_db(txn), DB_INDEX, &prefix, descending);
    return self;
}

void index_bound(index_scan_t *self, const value_t *from, const value_t *to)
{
    unsigned position = self->n_equal;
    db_key_t first = self->range.prefix, end = self->range.prefix;
    if (from->form == VALUE_ABSENT)
        index_key_skip_absent(&first);
    else if (!index_key_add(&first, self->index, position, from))
        self->nothing = true;
    if (to->form != VALUE_ABSENT && !index_key_add(&end, self->index, position, to))
        self->nothing = true;
    range_bound(&self->range, &first, key_after(&end) ? &end : NULL);
}

void index_seek_after(index_scan_t *self, const value_t *values, const record_id_t *id)
{
    db_key_t key;
    index_key_start(&key, self->kind, self->index);
    for (unsigned i = 0; i < self->index->n_fields; i++)
        if (!index_key_add(&key, self->index, i, &values[i]))
            self->nothing = true;
    key_add_own_id(&key, id);
    range_after(&self->range, &key);
}

bool index_next(index_scan_t *self, record_id_t *id)
{
    if (self->nothing || !range_next(&self->range))
        return false;
    if (index_key_id(self->range.cursor.key, self->kind, self->index, id))
        return true;
    store_fail(self->txn, EBADMSG);
    return false;
}

void index_scan_end(index_scan_t **self_p)
{
    if (*self_p)
        range_end(&(*self_p)->range);
    *self_p = NULL;
}

/* -- who refers ------------------------------------------------------------------- */

struct referrer_scan {
    store_txn_t *txn;
    record_id_t to;
    value_t value; /* its id, as references hold it */
    arena_t *arena;
    size_t kind;  /* position of the kind that is walked */
    size_t field; /* and of its field that comes next */
    const field_t *walked;
    index_scan_t *scan;
};

referrer_scan_t *referrer_scan(store_txn_t *txn, const record_id_t *id, arena_t *arena)
{
    referrer_scan_t *self = arena_alloc(arena, sizeof *self);
    self->txn = txn;
    self->to = *id;
    self->value = value_text(self->to.text);
    self->arena = arena;
    return self;
}

/* Begin the scan of the next field that may refer. False when there is none. */
static bool next_field(referrer_scan_t *self)
{
    for (; self->kind < schema_n_kinds(); self->kind++, self->field = 0) {
        const kind_t *kind = schema_kind_at(self->kind);
        while (self->field < kind->n_fields) {
            const field_t *field = &kind->fields[self->field++];
            if (field->type != TYPE_REFERENCE || (field->target && field->target != self->to.kind))
                continue;
            const index_t *index = index_find(kind, &field->name, 1);
            assert(index);
            self->walked = field;
            self->scan = index_scan(self->txn, kind, index, &self->value, 1, false, self->arena);
            return true;
        }
    }
    return false;
}

bool referrer_next(referrer_scan_t *self, record_id_t *from, const field_t **field)
{
    while (self->scan || next_field(self)) {
        if (index_next(self->scan, from)) {
            *field = self->walked;
            return true;
        }
        index_scan_end(&self->scan);
    }
    return false;
}

void referrer_scan_end(referrer_scan_t **self_p)
{
    if (*self_p)
        index_scan_end(&(*self_p)->scan);
    *self_p = NULL;
}

/* -- writing ----------------------------------------------------------------------- */

/* The entries that one record has in one index. */
typedef struct {
    const index_t *index;
    const record_t *record;
    arena_t *arena;
    db_view_t *keys;
    size_t count;
    size_t room;
    db_key_t key;
} entries_t;

static void add_entry(entries_t *self)
{
    size_t size = self->key.size;
    key_add_own_id(&self->key, &self->record->id);
    if (self->count == self->room) {
        size_t room = self->room ? self->room * 2 : 4;
        db_view_t *keys = arena_alloc(self->arena, room * sizeof *keys);
        if (self->count)
            memcpy(keys, self->keys, self->count * sizeof *keys);
        self->keys = keys;
        self->room = room;
    }
    self->keys[self->count++] = (db_view_t){
        .data = arena_copy(self->arena, self->key.bytes, self->key.size), .size = self->key.size};
    self->key.size = size;
}

/* One field after another, and each value of a field with many. */
static void add_entries(entries_t *self, unsigned position)
{
    if (position == self->index->n_fields) {
        add_entry(self);
        return;
    }
    const value_t *value = &self->record->fields[self->index->fields[position]->index];
    bool list = value->form == VALUE_LIST;
    uint32_t count = list ? value->count : 1;
    if (!count) {
        value = &value_absent;
        list = false;
        count = 1;
    }
    if (value->form == VALUE_ABSENT && index_omits_absent(self->index))
        return;
    size_t size = self->key.size;
    for (uint32_t i = 0; i < count; i++) {
        if (index_key_add(&self->key, self->index, position, list ? &value->items[i] : value))
            add_entries(self, position + 1);
        self->key.size = size;
    }
}

static int compare_views(const void *a, const void *b)
{
    return db_view_compare(*(const db_view_t *)a, *(const db_view_t *)b);
}

/* A list may hold a value twice, or two that are cut alike: one entry. */
static void sort_entries(entries_t *self)
{
    if (self->count < 2)
        return;
    qsort(self->keys, self->count, sizeof *self->keys, compare_views);
    size_t kept = 1;
    for (size_t i = 1; i < self->count; i++)
        if (db_view_compare(self->keys[i], self->keys[kept - 1]) != 0)
            self->keys[kept++] = self->keys[i];
    self->count = kept;
}

/* In order; none when there is no record. */
static void collect_entries(entries_t *self, const index_t *index, const record_t *record,
                            arena_t *arena)
{
    self->index = index;
    self->record = record;
    self->arena = arena;
    self->keys = NULL;
    self->count = self->room = 0;
    if (!record)
        return;
    index_key_start(&self->key, record->id.kind, index);
    add_entries(self, 0);
    sort_entries(self);
}

static bool unchanged(const index_t *index, const record_t *before, const record_t *after)
{
    if (!before || !after)
        return false;
    for (unsigned i = 0; i < index->n_fields; i++) {
        unsigned slot = index->fields[i]->index;
        if (!value_equal(&before->fields[slot], &after->fields[slot]))
            return false;
    }
    return true;
}

/* Two sorted lists side by side: what only the first has goes, what only the
   second has comes. */
static void change_entries(db_txn_t *db, const entries_t *old, const entries_t *new)
{
    size_t i = 0, j = 0;
    while (i < old->count || j < new->count) {
        int order = i == old->count   ? 1
                    : j == new->count ? -1
                                      : db_view_compare(old->keys[i], new->keys[j]);
        if (order < 0)
            db_delete(db, DB_INDEX, old->keys[i]);
        else if (order > 0)
            db_put(db, DB_INDEX, new->keys[j], (db_view_t){.data = ""});
        i += order <= 0;
        j += order >= 0;
    }
}

void index_change(store_txn_t *txn, const record_t *before, const record_t *after)
{
    const kind_t *kind = before ? before->id.kind : after->id.kind;
    for (size_t i = 0; i < kind->n_indexes; i++) {
        const index_t *index = &kind->indexes[i];
        if (unchanged(index, before, after))
            continue;
        entries_t old, new;
        collect_entries(&old, index, before, store_scratch(txn));
        collect_entries(&new, index, after, store_scratch(txn));
        change_entries(store_db(txn), &old, &new);
    }
}

void index_rebuild(store_txn_t *txn)
{
    db_empty(store_db(txn), DB_INDEX);
    arena_t *arena = arena_new(), *scans = arena_new();
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        records_scan_t *scan = records_scan(txn, schema_kind_at(i), false, NULL, scans);
        const record_t *record;
        while ((record = records_next(scan, arena))) {
            arena_reset(store_scratch(txn));
            index_change(txn, NULL, record);
            arena_reset(arena);
        }
        records_scan_end(&scan);
    }
    arena_destroy(&arena);
    arena_destroy(&scans);
}

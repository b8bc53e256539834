#include "sight.h"

#include "index.h"
#include "journal.h"
#include "log.h"
#include "past.h"
#include "records.h"
#include "seal.h"
#include "wire.h"

#include <msgpack.h>
#include <string.h>

/* The changed records as they were before: what they and the others were placed by. */
static bool find_before(const void *draft, const record_id_t *id, const record_t **record_p)
{
    const change_t *change = draft;

    for (size_t i = 0; i < change->n_operations; i++) {
        const operation_t *operation = &change->operations[i];
        if (record_id_equal(
                operation->after != NULL ? &operation->after->id : &operation->before->id, id)) {
            *record_p = operation->before;
            return true;
        }
    }
    return false;
}

sight_t *sight_new(const change_t *change, store_txn_t *txn, arena_t *arena)
{
    sight_t *self = arena_alloc(arena, sizeof *self);

    self->change = change;
    self->txn = txn;
    /* Judged as it was then, also by what has changed since: what a watch is told late is
       what it would have been told at once. */
    uint64_t as_of = change->revision < store_head(txn) ? change->revision : 0;
    self->then = (lookup_t){.txn = txn, .drafted = find_before, .draft = change, .as_of = as_of};
    self->after = (lookup_t){.txn = txn, .as_of = as_of};
    self->now = (lookup_t){.txn = txn};
    self->arena = arena;
    return self;
}

static glimpse_t *add_glimpse(sight_t *self, const record_t *before, const record_t *after)
{
    if (self->n_glimpses == self->room) {
        self->room = self->room ? self->room * 2 : self->change->n_operations + 1;
        glimpse_t *more = arena_alloc(self->arena, self->room * sizeof *more);
        if (self->n_glimpses > 0)
            memcpy(more, self->glimpses, self->n_glimpses * sizeof *more);
        self->glimpses = more;
    }
    glimpse_t *glimpse = &self->glimpses[self->n_glimpses++];
    *glimpse = (glimpse_t){.before = before, .after = after};
    return glimpse;
}

/* -- what hangs on a record ------------------------------------------------------------ */

#define HANGING_MAX 1000u
/* Revisions since the change that are looked through for what hung there. */
#define TOUCHED_MAX 1000u

bool sight_hangs(const kind_t *kind, const field_t *field)
{
    return strcmp(kind->follows, field->name) == 0 || strcmp(kind->subject, field->name) == 0 ||
           schema_words_have(kind->scope, field->name);
}

/* True when the change moves the record: who sees it, those that follow it and those that
   are placed by it, may be others now. */
static bool is_moved(const record_t *before, const record_t *after)
{
    const kind_t *kind = before->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const char *name = kind->fields[i].name;
        /* A restriction reaches what other records hold of the person. */
        if (strcmp(name, "state") == 0 && *kind->subject != '\0' &&
            !value_equal(&before->fields[i], &after->fields[i]))
            return true;
        if (!value_equal(&before->fields[i], &after->fields[i]) &&
            (strcmp(name, "discreet") == 0 || strcmp(name, "protected") == 0 ||
             strcmp(name, kind->follows) == 0 || schema_words_have(kind->scope, name) ||
             schema_words_have(kind->also, name)))
            return true;
    }
    return false;
}

static bool is_operation(const sight_t *self, const record_id_t *id)
{
    for (size_t i = 0; i < self->change->n_operations; i++) {
        const operation_t *operation = &self->change->operations[i];
        if (record_id_equal(
                operation->after != NULL ? &operation->after->id : &operation->before->id, id))
            return true;
    }
    return false;
}

static bool is_there(const sight_t *self, const record_id_t *id)
{
    for (size_t i = self->change->n_operations; i < self->n_glimpses; i++)
        if (record_id_equal(&self->glimpses[i].after->id, id))
            return true;
    return is_operation(self, id);
}

static bool hangs_on(const record_t *record, const record_id_t *on)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const value_t *value = &record->fields[i];
        if (sight_hangs(kind, &kind->fields[i]) &&
            ((value->form == VALUE_TEXT && strcmp(value->text, on->text) == 0) ||
             value_list_has(value, on->text)))
            return true;
    }
    return false;
}

static void look_at_now(sight_t *self, glimpse_t *glimpse, const record_id_t *id)
{
    glimpse->now = past_last(self->txn, id, self->arena);
    if (glimpse->now == NULL)
        return;
    glimpse->now_placement = placement_of(&self->now, glimpse->now, self->arena);
    glimpse->after_now_placement = placement_of(&self->now, glimpse->after, self->arena);
    glimpse->before_now_placement = glimpse->before == glimpse->after ? glimpse->after_now_placement
                                    : glimpse->before != NULL
                                        ? placement_of(&self->now, glimpse->before, self->arena)
                                        : NULL;
}

static void add_hanging(sight_t *self, const record_id_t *on, unsigned depth);

/* The record, where it hung on the other as this change found it. */
static void add_if_hung(sight_t *self, const record_id_t *id, const record_id_t *on, unsigned depth)
{
    const record_t *record =
        !self->wide && !is_there(self, id) ? lookup_record(&self->after, id, self->arena) : NULL;

    if (record == NULL || !hangs_on(record, on))
        return;
    glimpse_t *glimpse = add_glimpse(self, record, record);
    glimpse->before_placement = placement_of(&self->then, record, self->arena);
    glimpse->after_placement = placement_of(&self->after, record, self->arena);
    if (self->after.as_of != 0)
        look_at_now(self, glimpse, id);
    self->wide = self->n_glimpses - self->change->n_operations > HANGING_MAX;
    if (depth + 1 < HANGING_DEPTH)
        add_hanging(self, &record->id, depth + 1);
}

static void add_touched(sight_t *self, const record_id_t *id)
{
    if (self->n_touched == self->touched_room) {
        self->touched_room = self->touched_room ? self->touched_room * 2 : 64;
        record_id_t *more = arena_alloc(self->arena, self->touched_room * sizeof *more);
        if (self->n_touched > 0)
            memcpy(more, self->touched, self->n_touched * sizeof *more);
        self->touched = more;
    }
    self->touched[self->n_touched++] = *id;
}

/* Records that have changed since, each once: what hung there may not any more. */
static void find_touched(sight_t *self)
{
    uint64_t head = store_head(self->txn);

    self->sought = true;
    self->wide = self->wide || head - self->change->revision > TOUCHED_MAX;
    for (uint64_t at = self->change->revision + 1; !self->wide && at <= head; at++) {
        const journal_entry_t *entry = journal_get(self->txn, at, self->arena);
        for (size_t i = 0; entry != NULL && i < entry->n_operations; i++)
            if (entry->operations[i].before != 0 &&
                entry->operations[i].before <= self->change->revision)
                add_touched(self, &entry->operations[i].id);
    }
}

/* Records that hung on a changed one, or on one that hung on it, are seen anew: `gone`,
   not silence. */
static void add_hanging(sight_t *self, const record_id_t *on, unsigned depth)
{
    referrer_scan_t *scan = referrer_scan(self->txn, on, self->arena);
    const field_t *field;
    record_id_t id;

    while (!self->wide && referrer_next(scan, &id, &field))
        add_if_hung(self, &id, on, depth);
    referrer_scan_end(&scan);
    if (self->after.as_of != 0 && !self->sought)
        find_touched(self);
    for (size_t i = 0; !self->wide && i < self->n_touched; i++)
        add_if_hung(self, &self->touched[i], on, depth);
}

/* -- one operation ------------------------------------------------------------------------ */

static void prepare_operation(sight_t *self, const operation_t *operation)
{
    const record_t *before = operation->before;
    const record_t *after = operation->after;
    glimpse_t *glimpse = add_glimpse(self, before, after);

    if (before != NULL)
        glimpse->before_placement = placement_of(&self->then, before, self->arena);
    if (after != NULL)
        glimpse->after_placement = placement_of(&self->after, after, self->arena);
    /* Or another operation of the same change deletes it. */
    if (after != NULL && (self->after.as_of != 0 ||
                          records_revision(self->txn, &after->id) != self->change->revision))
        look_at_now(self, glimpse, &after->id);
    for (size_t i = 0; before != NULL && after != NULL && i < before->id.kind->n_fields; i++)
        if (!value_equal(&before->fields[i], &after->fields[i]))
            glimpse->changed |= (field_mask_t)1 << i;
}

uint64_t sight_bit(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return UINT64_C(2) << hash % 63;
}

static void mark_place(sight_t *self, const record_t *record, const placement_t *placement)
{
    if (record == NULL)
        return;
    const field_t *field = kind_field(record->id.kind, "municipality");
    self->kinds |= sight_bit(record->id.kind->name);
    if (field != NULL && record->fields[field->index].form == VALUE_TEXT)
        self->municipalities |= sight_bit(record->fields[field->index].text);
    for (unsigned i = 0; field == NULL && i < placement->municipalities.count; i++)
        self->municipalities |= sight_bit(placement->municipalities.ids[i]);
}

static void mark_places(sight_t *self)
{
    self->kinds = self->municipalities = self->wide ? UINT64_MAX : SIGHT_ANY;
    for (size_t i = 0; i < self->n_glimpses; i++) {
        const glimpse_t *glimpse = &self->glimpses[i];
        mark_place(self, glimpse->before, glimpse->before_placement);
        mark_place(self, glimpse->after, glimpse->after_placement);
    }
}

void sight_prepare(sight_t *self)
{
    if (self->prepared)
        return;
    self->prepared = true;
    for (size_t i = 0; i < self->change->n_operations; i++)
        prepare_operation(self, &self->change->operations[i]);
    for (size_t i = 0; i < self->change->n_operations; i++) {
        const operation_t *operation = &self->change->operations[i];
        if (operation->before != NULL && operation->after != NULL &&
            is_moved(operation->before, operation->after))
            add_hanging(self, &operation->before->id, 0);
    }
    mark_places(self);
    self->data = arena_alloc(self->arena, self->n_glimpses * sizeof *self->data);
    self->sizes = arena_alloc(self->arena, self->n_glimpses * sizeof *self->sizes);
}

/* `audience` may be NULL: whoever watches. */
static void encode_operation(sight_t *self, const char *what, const char *key, value_t value,
                             const value_t *audience, const void **data_p, size_t *size_p)
{
    value_builder_t map = value_builder(self->arena);
    void *data;

    value_add_pair(&map, "op", value_text(what));
    value_add_pair(&map, key, value);
    if (audience != NULL)
        value_add_pair(&map, "for", *audience);
    value_t built = value_build_map(&map);
    wire_encode(&built, self->arena, &data, size_p);
    *data_p = data;
}

static value_t view_of(sight_t *self, const record_t *record, field_mask_t mask)
{
    record_t *opened = record_copy(self->arena, record);

    seal_open(self->txn, opened, mask, self->arena);
    return record_to_view(opened, mask, self->arena);
}

const encoded_t *sight_put(sight_t *self, glimpse_t *glimpse, field_mask_t mask)
{
    for (const encoded_t *found = glimpse->puts; found != NULL; found = found->next)
        if (found->mask == mask)
            return found;
    encoded_t *made = arena_alloc(self->arena, sizeof *made);
    encode_operation(self, "put", "record", view_of(self, glimpse->after, mask), NULL, &made->data,
                     &made->size);
    made->mask = mask;
    made->next = glimpse->puts;
    glimpse->puts = made;
    return made;
}

void sight_gone(sight_t *self, glimpse_t *glimpse)
{
    if (glimpse->gone == NULL)
        encode_operation(self, "gone", "id", value_text(glimpse->before->id.text), NULL,
                         &glimpse->gone, &glimpse->gone_size);
}

void sight_operation_for(sight_t *self, const glimpse_t *glimpse, field_mask_t mask,
                         const value_t *users, const void **data, size_t *size)
{
    if (mask == 0)
        encode_operation(self, "gone", "id", value_text(glimpse->before->id.text), users, data,
                         size);
    else
        encode_operation(self, "put", "record", view_of(self, glimpse->after, mask), users, data,
                         size);
}

/* -- entries ------------------------------------------------------------------------------ */

static void pack_text(msgpack_packer *packer, const char *text)
{
    msgpack_pack_str_with_body(packer, text, strlen(text));
}

/* Raw msgpack after raw msgpack is msgpack. */
const push_entry_t *sight_entry(sight_t *self, const void **data, const size_t *sizes, size_t count)
{
    const change_t *change = self->change;
    msgpack_sbuffer buffer;
    msgpack_packer packer;

    msgpack_sbuffer_init(&buffer);
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 4);
    pack_text(&packer, "rev");
    msgpack_pack_uint64(&packer, change->revision);
    pack_text(&packer, "time");
    msgpack_pack_uint64(&packer, change->time_ms);
    pack_text(&packer, "actor");
    pack_text(&packer, change->as != NULL ? change->as : change->actor);
    pack_text(&packer, "ops");
    msgpack_pack_array(&packer, count);
    for (size_t i = 0; i < count; i++)
        if (msgpack_sbuffer_write(&buffer, data[i], sizes[i]) != 0)
            log_fatal("no memory left");
    push_entry_t *entry = arena_alloc(self->arena, sizeof *entry);
    *entry = (push_entry_t){arena_copy(self->arena, buffer.data, buffer.size), buffer.size};
    msgpack_sbuffer_destroy(&buffer);
    return entry;
}

/* The entry with the first `count` operations of `data`: one for all who are told them. */
const push_entry_t *sight_tell(sight_t *self, size_t count)
{
    for (const telling_t *found = self->tellings; found != NULL; found = found->next)
        if (found->count == count &&
            memcmp(found->data, self->data, count * sizeof *self->data) == 0)
            return found->entry;
    telling_t *made = arena_alloc(self->arena, sizeof *made);
    made->entry = sight_entry(self, self->data, self->sizes, count);
    made->data = arena_copy(self->arena, self->data, count * sizeof *self->data);
    made->count = count;
    made->next = self->tellings;
    self->tellings = made;
    return made->entry;
}

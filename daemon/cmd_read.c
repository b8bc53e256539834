#include "call.h"

#include "history.h"
#include "index.h"
#include "maintenance.h"
#include "past.h"
#include "query.h"
#include "records.h"
#include "seal.h"
#include "spread.h"

#include <string.h>

#define PAGE_BYTES_MAX (200u * 1024u) /* a page fits a frame with room to spare */

bool cmd_get(call_t *call);
bool cmd_list(call_t *call);
bool cmd_export(call_t *call);
bool cmd_count(call_t *call);
bool cmd_history(call_t *call);
bool cmd_status(call_t *call);

/* -- get ------------------------------------------------------------------------- */

/* People's data of a record outside the own scope may be read by one who may write a
   record that names it in a field of its own scope: the broker of an inquiry sees its
   contact person. An engagement, which anyone may make of anyone, opens nothing. */
#define REFERRERS_LOOKED_AT 200u

static bool is_named_in_own(call_t *call, const record_t *record)
{
    record_id_t from;
    const field_t *field;
    bool found = false;

    referrer_scan_t *scan = referrer_scan(call->txn, &record->id, call->arena);
    for (unsigned i = 0; !found && i < REFERRERS_LOOKED_AT && referrer_next(scan, &from, &field);
         i++) {
        const record_t *referrer = records_get(call->txn, &from, call->arena);
        found = referrer != NULL && field->class == CLASS_LOCAL &&
                access_may_write(call->access, referrer,
                                 placement_of(&call->lookup, referrer, call->arena));
    }
    referrer_scan_end(&scan);
    return found;
}

static field_mask_t mask_for_get(call_t *call, const record_t *record)
{
    const placement_t *placement = placement_of(&call->lookup, record, call->arena);
    bool asked = call->purpose != NULL;
    field_mask_t mask = access_view(call->access, record, placement, asked);

    if (asked && mask != 0 && (record->id.kind->personal & ~mask) != 0 && !placement->protected &&
        !placement->restricted && is_named_in_own(call, record))
        mask |= record->id.kind->personal;
    return mask;
}

bool cmd_get(call_t *call)
{
    int64_t at = call_integer(call, "at", -1);
    int64_t at_time = call_integer(call, "at_time", -1);
    record_id_t id;

    if (!record_id_parse(&id, call_text(call, "id"), NULL))
        return error_set(&call->error, ERROR_INVALID, "id", "an id such as inq-12");
    bool past = at >= 0 || at_time >= 0;
    uint64_t head = store_head(call->txn);
    if (at >= 0 && (uint64_t)at > head)
        return error_set(&call->error, ERROR_INVALID, "at", "a revision up to %llu",
                         (unsigned long long)head);
    const record_t *record =
        past ? past_last(call->txn, &id, call->arena) : records_get(call->txn, &id, call->arena);
    field_mask_t mask = record != NULL ? mask_for_get(call, record) : 0;

    if (past && mask != 0) {
        uint64_t revision =
            at >= 0 ? (uint64_t)at : store_revision_at(call->txn, (uint64_t)at_time);
        record = store_record_at(call->txn, &id, revision, call->arena);
        mask &= record != NULL ? mask_for_get(call, record) : 0;
    }
    if (record == NULL || mask == 0)
        return error_set(&call->error, ERROR_NOT_FOUND, "id", NULL);
    call->result = past ? call_view(call, record, mask) : call_answer(call, record, mask);
    return true;
}

/* -- list, export ------------------------------------------------------------------- */

typedef struct {
    const query_t *query;
    field_mask_t wanted;
    value_builder_t rows;
    size_t bytes;
    int64_t count;
} page_t;

static bool add_row(call_t *call, const record_t *record, field_mask_t mask, void *context)
{
    page_t *page = context;
    value_t seen = call_view(call, record, mask & page->wanted);
    value_t view = value_copy(call->arena, &seen);

    value_add(&page->rows, view);
    page->bytes += value_weight(&view, NULL);
    return ++page->count < page->query->limit && page->bytes < PAGE_BYTES_MAX;
}

static bool parse_wanted(call_t *call, const kind_t *kind, field_mask_t *wanted)
{
    const value_t *fields = value_get(call->arguments, "fields");

    *wanted = fields->form == VALUE_LIST ? 0 : FIELD_MASK_ALL;
    for (uint32_t i = 0; fields->form == VALUE_LIST && i < fields->count; i++) {
        const field_t *field =
            fields->items[i].form == VALUE_TEXT ? kind_field(kind, fields->items[i].text) : NULL;
        if (field == NULL || (field->attributes & FIELD_INTERNAL))
            return error_set(&call->error, ERROR_UNKNOWN_FIELD, "fields", NULL);
        *wanted |= (field_mask_t)1 << field->index;
    }
    return true;
}

static bool run_page(call_t *call, bool descending)
{
    query_t query;
    page_t page = {.query = &query, .rows = value_builder(call->arena)};
    value_builder_t result = value_builder(call->arena);
    value_t next;

    if (!query_parse(&query, call, descending) || !parse_wanted(call, query.kind, &page.wanted) ||
        !query_run(&query, call, QUERY_EXAMINED_MAX, add_row, &page, &next))
        return false;
    value_add_pair(&result, "records", value_build_list(&page.rows));
    value_add_pair(&result, "next", next);
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return true;
}

bool cmd_list(call_t *call)
{
    return run_page(call, true);
}

bool cmd_export(call_t *call)
{
    return run_page(call, false);
}

/* -- count ---------------------------------------------------------------------------- */

#define COUNT_EXAMINED_MAX 100000u
#define COUNT_GROUPS_MAX 200u

typedef struct {
    const field_t *by;
    int64_t total, most;
    value_t *values;
    int64_t *counts;
    size_t n_groups;
    bool full;
    const field_t *of;
    spread_t spread;
} tally_t;

static void tally_value(call_t *call, tally_t *self, const value_t *value)
{
    for (size_t i = 0; i < self->n_groups; i++)
        if (value_equal(&self->values[i], value)) {
            self->counts[i]++;
            return;
        }
    if (self->n_groups == COUNT_GROUPS_MAX) {
        self->full = true;
        return;
    }
    self->values[self->n_groups] = value_copy(call->arena, value);
    self->counts[self->n_groups++] = 1;
}

static bool tally(call_t *call, const record_t *record, field_mask_t mask, void *context)
{
    tally_t *self = context;

    bool enough = ++self->total == self->most;
    if (self->of != NULL && mask & ((field_mask_t)1 << self->of->index) &&
        record->fields[self->of->index].form == VALUE_INTEGER)
        spread_add(&self->spread, record->fields[self->of->index].integer);
    if (self->by == NULL)
        return !enough;
    const value_t *value = mask & ((field_mask_t)1 << self->by->index)
                               ? &record->fields[self->by->index]
                               : &value_absent;
    if (value->form != VALUE_LIST)
        tally_value(call, self, value);
    else
        for (uint32_t i = 0; i < value->count; i++)
            tally_value(call, self, &value->items[i]);
    return !self->full && !enough;
}

bool cmd_count(call_t *call)
{
    const char *by = call_text(call, "by");
    const char *of = call_text(call, "of");
    query_t query;
    tally_t counted = {.spread = {.arena = call->arena}};
    value_builder_t result = value_builder(call->arena);
    value_t next;

    if (!query_parse(&query, call, false))
        return false;
    counted.most = call_integer(call, "most", INT64_MAX);
    if (counted.most < 1)
        return error_set(&call->error, ERROR_INVALID, "most", "a whole number, 1 or more");
    if (by != NULL) {
        counted.by = kind_field(query.kind, by);
        if (counted.by == NULL || (counted.by->attributes & FIELD_INTERNAL))
            return error_set(&call->error, ERROR_UNKNOWN_FIELD, "by", NULL);
        if (counted.by->class == CLASS_PERSONAL || counted.by->type == TYPE_NUMBER ||
            (counted.by->attributes & FIELD_SEALED))
            return error_set(&call->error, ERROR_NOT_ALLOWED, "by", "a field that is not personal");
        counted.values = arena_alloc(call->arena, COUNT_GROUPS_MAX * sizeof *counted.values);
        counted.counts = arena_alloc(call->arena, COUNT_GROUPS_MAX * sizeof *counted.counts);
    }
    if (of != NULL) {
        counted.of = kind_field(query.kind, of);
        if (counted.of == NULL || !spread_takes(counted.of))
            return error_set(&call->error, ERROR_INVALID, "of",
                             "a field that is one number or point in time");
    }
    if (!query_run(&query, call, COUNT_EXAMINED_MAX, tally, &counted, &next))
        return false;
    bool enough = counted.total == counted.most && !counted.full;
    if (next.form != VALUE_ABSENT && !enough)
        return error_set(&call->error, ERROR_TOO_BROAD, "where",
                         "at most %u records and %u groups to count", COUNT_EXAMINED_MAX,
                         COUNT_GROUPS_MAX);
    value_add_pair(&result, "count", value_integer(counted.total));
    if (by != NULL) {
        value_builder_t groups = value_builder(call->arena);
        for (size_t i = 0; i < counted.n_groups; i++) {
            value_builder_t group = value_builder(call->arena);
            value_add_pair(&group, "value", counted.values[i]);
            value_add_pair(&group, "count", value_integer(counted.counts[i]));
            value_add(&groups, value_build_map(&group));
        }
        value_add_pair(&result, "counts", value_build_list(&groups));
    }
    if (of != NULL)
        value_add_pair(&result, "of", spread_value(&counted.spread));
    if (enough)
        value_add_pair(&result, "more", value_boolean(true));
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return true;
}

/* -- history ---------------------------------------------------------------------------- */

static const record_t *state_at(call_t *call, const record_id_t *id, uint64_t revision)
{
    return revision == 0 ? NULL : store_record_at(call->txn, id, revision, call->arena);
}

/* What is sealed for the disk's sake alone is history like the rest. */
static const record_t *opened(call_t *call, const record_t *record, field_mask_t mask)
{
    if (record == NULL || (mask & record->id.kind->sealed) == 0)
        return record;
    record_t *copy = record_copy(call->arena, record);
    seal_open(call->txn, copy, mask & record->id.kind->sealed, call->arena);
    return copy;
}

/* What one revision did to the record, over fields visible then, before and now. */
static value_t changes(call_t *call, const record_t *before, const record_t *after,
                       field_mask_t mask)
{
    const record_t *any = after != NULL ? after : before;
    value_builder_t fields = value_builder(call->arena);

    for (size_t i = 0; i < any->id.kind->n_fields; i++) {
        field_mask_t bit = (field_mask_t)1 << i;
        const value_t *from = before != NULL ? &before->fields[i] : &value_absent;
        const value_t *to = after != NULL ? &after->fields[i] : &value_absent;
        if (!(mask & bit) || (any->id.kind->personal & bit) || value_equal(from, to) ||
            ((from->form == VALUE_BYTES || to->form == VALUE_BYTES) &&
             any->id.kind->fields[i].type != TYPE_KEY))
            continue;
        value_builder_t change = value_builder(call->arena);
        value_add_pair(&change, "from", *from);
        value_add_pair(&change, "to", *to);
        value_add_pair(&fields, any->id.kind->fields[i].name, value_build_map(&change));
    }
    return value_build_map(&fields);
}

static void add_history(call_t *call, value_builder_t *entries, const record_id_t *id,
                        uint64_t revision, field_mask_t now_mask)
{
    const journal_entry_t *entry = journal_get(call->txn, revision, call->arena);
    const journal_operation_t *operation = NULL;

    for (size_t i = 0; entry != NULL && i < entry->n_operations; i++)
        if (strcmp(entry->operations[i].id.text, id->text) == 0)
            operation = &entry->operations[i];
    if (operation == NULL)
        return;
    const record_t *before = state_at(call, id, operation->before);
    const record_t *after = operation->after;
    field_mask_t mask = now_mask;
    if (before != NULL)
        mask &= call_mask(call, before);
    if (after != NULL)
        mask &= call_mask(call, after);
    value_t fields = changes(call, opened(call, before, mask), opened(call, after, mask), mask);
    if (mask == 0 || (fields.count == 0 && before != NULL && after != NULL))
        return;
    value_builder_t one = value_builder(call->arena);
    value_add_pair(&one, "rev", value_integer((int64_t)revision));
    value_add_pair(&one, "time", value_integer((int64_t)entry->time_ms));
    value_add_pair(&one, "actor", value_text(entry->actor));
    if (entry->as != NULL)
        value_add_pair(&one, "as", value_text(entry->as));
    value_add_pair(&one, "change",
                   value_text(before == NULL  ? "put"
                              : after == NULL ? "delete"
                                              : "patch"));
    value_add_pair(&one, "fields", fields);
    value_add(entries, value_build_map(&one));
}

bool cmd_history(call_t *call)
{
    int64_t limit = call_integer(call, "limit", 50);
    int64_t older = call_integer(call, "before", INT64_MAX);
    value_builder_t entries = value_builder(call->arena);
    value_builder_t result = value_builder(call->arena);
    record_id_t id;

    if (!record_id_parse(&id, call_text(call, "id"), NULL))
        return error_set(&call->error, ERROR_INVALID, "id", "an id such as inq-12");
    if (limit < 1 || limit > QUERY_LIMIT_MAX)
        return error_set(&call->error, ERROR_INVALID, "limit", "1 to %d", QUERY_LIMIT_MAX);
    if (older < 1)
        return error_set(&call->error, ERROR_INVALID, "before", "a revision");

    const record_t *now = past_last(call->txn, &id, call->arena);
    field_mask_t mask = now != NULL ? call_mask(call, now) : 0;
    if (mask == 0)
        return error_set(&call->error, ERROR_NOT_FOUND, "id", NULL);

    uint64_t revision = history_at(call->txn, &id, (uint64_t)older - 1);
    for (int64_t i = 0; i < limit && revision != 0; i++) {
        add_history(call, &entries, &id, revision, mask);
        revision = history_at(call->txn, &id, revision - 1);
        if (arena_used(call->arena) > 16u * PAGE_BYTES_MAX)
            break;
    }
    value_add_pair(&result, "entries", value_build_list(&entries));
    value_add_pair(&result, "next",
                   revision != 0 ? value_integer((int64_t)revision + 1) : value_absent);
    call->result = value_build_map(&result);
    return true;
}

/* -- status ------------------------------------------------------------------------------- */

bool cmd_status(call_t *call)
{
    const environment_t *environment = call->environment;
    value_builder_t result = value_builder(call->arena);
    value_builder_t records = value_builder(call->arena);

    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        /* A count of what may hold hidden records would tell of them. */
        bool open = *kind->follows == '\0' && kind_field(kind, "protected") == NULL;
        if (open && (call->access->roles & kind->readers))
            value_add_pair(&records, kind->name,
                           value_integer((int64_t)records_count(call->txn, kind)));
    }
    value_add_pair(&result, "region", value_text(store_region(environment->store)));
    value_add_pair(&result, "epoch", value_text(store_epoch(environment->store)));
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    value_add_pair(&result, "version", value_text(SAMVERK_RELEASE));
    value_add_pair(&result, "time", value_integer((int64_t)call->now_ms));
    value_add_pair(&result, "started", value_integer((int64_t)environment->started_ms));
    value_add_pair(&result, "records", value_build_map(&records));
    const record_t *maintenance = maintenance_now(call->txn, call->now_ms, call->arena);
    if (maintenance != NULL)
        value_add_pair(&result, "maintenance", maintenance_value(maintenance, call->arena));
    call->result = value_build_map(&result);
    return true;
}

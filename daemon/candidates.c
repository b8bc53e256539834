#include "candidates.h"

#include "id_set.h"
#include "index.h"
#include "records.h"
#include "seal.h"

#include <stdlib.h>
#include <string.h>

/* Ids that the user named, ids gathered beforehand, an index, or all of the kind. */
struct candidates {
    const query_t *query;
    bool in_order;
    const condition_t *named;
    uint32_t next_named;
    bool gathered; /* these, from the first to before the last, in order of id */
    record_id_t *ids;
    size_t first, last;
    index_scan_t *index;
    records_scan_t *records;
};

/* -- gathering -------------------------------------------------------------------- */

/* False when there are too many: a walk is no dearer then. */
static bool add_ids(id_set_t *set, index_scan_t *scan)
{
    record_id_t id;
    bool fits = true;

    while (fits && index_next(scan, &id))
        fits = id_set_add(set, &id);
    index_scan_end(&scan);
    return fits;
}

static void settle(candidates_t *self, id_set_t *set)
{
    id_set_settle(set);
    self->gathered = true;
    self->ids = set->ids;
    self->last = set->count;
}

static bool all_held(const condition_t *condition)
{
    bool held = condition->field != NULL && condition->n_values > 0;

    for (uint32_t i = 0; held && i < condition->n_values; i++)
        held = derived_holds(condition->field, &condition->values[i]);
    return held;
}

/* Few have what a filter over people's data asks for: whoever may is found by the
   derived file, where there is one. */
static void gather_people(candidates_t *self, call_t *call)
{
    for (unsigned i = 0; i < self->query->n_conditions && !self->gathered; i++) {
        const condition_t *condition = &self->query->conditions[i];
        self->gathered = all_held(condition) &&
                         derived_find(call->environment->derived, call->txn, self->query->kind,
                                      condition->field, condition->values, condition->n_values,
                                      call->arena, &self->ids, &self->last);
    }
}

/* Records that name the reader, by each of the fields that may. */
static void gather_mine(candidates_t *self, call_t *call)
{
    const kind_t *kind = self->query->kind;
    value_t user = value_text(call->access->user.text);
    id_set_t set = {.arena = call->arena};
    bool all = true;

    for (size_t i = 0; all && i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (field->type == TYPE_REFERENCE &&
            (field->target == NULL || field->target == call->access->user.kind))
            all = add_ids(&set, index_scan(call->txn, kind, index_find(kind, &field->name, 1),
                                           &user, 1, false, call->arena));
    }
    if (all)
        settle(self, &set);
}

/* What the index of the condition's field has, which must have it all: sealed values
   have no entry, and what is absent not everywhere. */
static void gather_by(candidates_t *self, call_t *call, const condition_t *condition)
{
    const kind_t *kind = self->query->kind;
    const index_t *index =
        condition->field != NULL ? index_find(kind, &condition->field->name, 1) : NULL;
    bool all = index != NULL && condition->field->class != CLASS_PERSONAL;
    id_set_t set = {.arena = call->arena};

    for (uint32_t i = 0; all && i < condition->n_values; i++)
        all = condition->values[i].form != VALUE_ABSENT &&
              !seal_is_personal(condition->field, &condition->values[i]) &&
              add_ids(&set, index_scan(call->txn, kind, index, &condition->values[i], 1, false,
                                       call->arena));
    if (all && condition->range) {
        index_scan_t *scan = index_scan(call->txn, kind, index, NULL, 0, false, call->arena);
        index_bound(scan, &condition->from, &condition->to);
        all = add_ids(&set, scan);
    }
    if (all)
        settle(self, &set);
}

/* -- an index ---------------------------------------------------------------------- */

static bool equality(const query_t *self, const field_t *field, value_t *value)
{
    const condition_t *condition = query_condition(self, field);

    if (condition == NULL || condition->n_values != 1 ||
        seal_is_personal(field, &condition->values[0])) /* sealed values have no entry */
        return false;
    *value = condition->values[0];
    return true;
}

/* The index with most fields whose first ones are all bound to one value, and whose
   rest is `rest` (NULL: none). */
static const index_t *choose_index(const query_t *self, const field_t *rest, value_t *equal,
                                   unsigned *n_equal)
{
    const index_t *best = NULL;

    *n_equal = 0;
    for (size_t i = 0; i < self->kind->n_indexes; i++) {
        const index_t *index = &self->kind->indexes[i];
        unsigned bound = index->n_fields - (rest != NULL ? 1 : 0);
        value_t values[SCHEMA_INDEX_FIELDS_MAX];
        bool fits = rest == NULL || (index->fields[bound] == rest && !index_omits_absent(index));
        for (unsigned j = 0; fits && j < bound; j++)
            fits = equality(self, index->fields[j], &values[j]) && values[j].form != VALUE_ABSENT;
        if (fits && (best == NULL || bound > *n_equal)) {
            best = index;
            *n_equal = bound;
            memcpy(equal, values, bound * sizeof *values);
        }
    }
    return best;
}

/* In the order of an index, after the cursor. False when no index has it. */
static bool open_by_sort(candidates_t *self, call_t *call, const record_id_t *after)
{
    const query_t *query = self->query;
    const condition_t *range = query_condition(query, query->sort);
    value_t equal[SCHEMA_INDEX_FIELDS_MAX];
    unsigned n_equal;
    const index_t *index = choose_index(query, query->sort, equal, &n_equal);

    /* An index has the order of what stands, not of what is seen: of one with protected
       identity even those in whose scope the record is do not see it. */
    if (index == NULL || kind_field(query->kind, "protected") != NULL)
        return false;
    self->index =
        index_scan(call->txn, query->kind, index, equal, n_equal, query->descending, call->arena);
    if (range != NULL && range->range)
        index_bound(self->index, &range->from, &range->to);
    if (after != NULL) {
        equal[n_equal] = query->after.items[0];
        index_seek_after(self->index, equal, after);
    }
    return true;
}

/* -- in order of id ------------------------------------------------------------------ */

static void open_named(candidates_t *self, const record_id_t *after)
{
    self->named = query_condition(self->query, NULL);
    for (uint32_t i = 0; after != NULL && i < self->named->n_values; i++)
        if (strcmp(self->named->values[i].text, after->text) == 0)
            self->next_named = i + 1;
}

static void pass_gathered(candidates_t *self, const record_id_t *after)
{
    if (self->query->descending)
        while (self->last > 0 && record_id_compare(&self->ids[self->last - 1], after) >= 0)
            self->last--;
    else
        while (self->first < self->last && record_id_compare(&self->ids[self->first], after) <= 0)
            self->first++;
}

static void open_by_id(candidates_t *self, call_t *call, const record_id_t *after)
{
    const query_t *query = self->query;
    value_t equal[SCHEMA_INDEX_FIELDS_MAX];
    unsigned n_equal = 0;
    const index_t *index = self->gathered ? NULL : choose_index(query, NULL, equal, &n_equal);

    for (unsigned i = 0; !self->gathered && index == NULL && i < query->n_conditions; i++)
        gather_by(self, call, &query->conditions[i]);
    if (self->gathered && after != NULL)
        pass_gathered(self, after);
    if (self->gathered)
        return;
    if (index != NULL) {
        self->index = index_scan(call->txn, query->kind, index, equal, n_equal, query->descending,
                                 call->arena);
        if (after != NULL)
            index_seek_after(self->index, equal, after);
        return;
    }
    self->records = records_scan(call->txn, query->kind, query->descending, after, call->arena);
}

/* -- the stream ------------------------------------------------------------------------ */

candidates_t *candidates_open(const query_t *query, call_t *call)
{
    candidates_t *self = arena_alloc(call->arena, sizeof *self);
    record_id_t after;
    const record_id_t *resumed = query_cursor(query, &after) ? &after : NULL;

    if (resumed == NULL && query->after.form != VALUE_ABSENT) {
        error_set(&call->error, ERROR_INVALID, "after", "the `next` of the page before");
        return NULL;
    }
    self->query = query;
    self->in_order = query->sort == NULL;
    if (query_condition(query, NULL) != NULL) {
        open_named(self, self->in_order ? resumed : NULL);
        return self;
    }
    gather_people(self, call);
    if (query->mine && !self->gathered)
        gather_mine(self, call);
    if (!self->in_order && !self->gathered)
        self->in_order = open_by_sort(self, call, resumed);
    if (self->index == NULL)
        open_by_id(self, call, self->in_order ? resumed : NULL);
    return self;
}

bool candidates_in_order(const candidates_t *self)
{
    return self->in_order;
}

const record_t *candidates_next(candidates_t *self, call_t *call)
{
    const query_t *query = self->query;
    record_id_t id;

    if (self->records != NULL)
        return records_next(self->records, call->arena);
    if (self->index != NULL)
        return index_next(self->index, &id) ? records_get(call->txn, &id, call->arena) : NULL;
    while (self->first < self->last) {
        const record_id_t *next =
            query->descending ? &self->ids[--self->last] : &self->ids[self->first++];
        const record_t *record = records_get(call->txn, next, call->arena);
        if (record != NULL)
            return record;
    }
    while (self->named != NULL && self->next_named < self->named->n_values) {
        const char *text = self->named->values[self->next_named++].text;
        const record_t *record = record_id_parse(&id, text, query->kind)
                                     ? records_get(call->txn, &id, call->arena)
                                     : NULL;
        if (record != NULL)
            return record;
    }
    return NULL;
}

void candidates_close(candidates_t **self_p)
{
    candidates_t *self = *self_p;

    if (self != NULL && self->index != NULL)
        index_scan_end(&self->index);
    if (self != NULL && self->records != NULL)
        records_scan_end(&self->records);
    *self_p = NULL;
}

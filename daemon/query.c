#include "query.h"

#include "candidates.h"
#include "index.h"
#include "records.h"

#include <stdlib.h>
#include <string.h>

/* -- parsing -------------------------------------------------------------------- */

static bool parse_condition(query_t *self, call_t *call, const char *name, const value_t *given)
{
    if (self->n_conditions == QUERY_CONDITIONS_MAX)
        return error_set(&call->error, ERROR_TOO_LARGE, "where", "at most %u conditions",
                         QUERY_CONDITIONS_MAX);
    return condition_parse(&self->conditions[self->n_conditions++], call, self->kind, name, given);
}

const condition_t *query_condition(const query_t *self, const field_t *field)
{
    for (unsigned i = 0; i < self->n_conditions; i++)
        if (self->conditions[i].field == field)
            return &self->conditions[i];
    return NULL;
}

/* True when every record that the query can meet lies in the reader's own scope. */
static bool is_confined(const query_t *self, call_t *call)
{
    const condition_t *places = query_condition(self, kind_field(self->kind, "municipality"));
    record_t *probe = record_new(call->arena, self->kind);

    if (access_is_own(call->access, probe, placement_of(&call->lookup, probe, call->arena)))
        return true;
    if (places == NULL || places->field == NULL)
        return false;
    for (uint32_t i = 0; i < places->n_values; i++) {
        record_set(probe, "municipality", places->values[i]);
        if (!access_is_own(call->access, probe, placement_of(&call->lookup, probe, call->arena)))
            return false;
    }
    return true;
}

static bool parse_sort(query_t *self, call_t *call, const char *text)
{
    self->descending = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    if (strcmp(text, "id") == 0)
        return true;
    self->sort = kind_field(self->kind, text);
    if (self->sort == NULL || (self->sort->attributes & FIELD_INTERNAL))
        return error_set(&call->error, ERROR_UNKNOWN_FIELD, text, NULL);
    if (self->sort->attributes & FIELD_MANY)
        return error_set(&call->error, ERROR_INVALID, "sort", "a field with one value");
    /* The order would tell what a hidden field says. */
    bool hidden = self->sort->class == CLASS_LOCAL ||
                  (kind_field(self->kind, "discreet") != NULL && !self->sort->shown_discreet) ||
                  kind_field(self->kind, "protected") != NULL;
    if (self->sort->class == CLASS_PERSONAL || self->sort->type == TYPE_NUMBER ||
        (self->sort->attributes & FIELD_SEALED) || (hidden && !is_confined(self, call)))
        return error_set(&call->error, ERROR_NOT_ALLOWED, "sort",
                         "a field that you may see of every record");
    return true;
}

bool query_parse(query_t *self, call_t *call, bool descending)
{
    const value_t *where = value_get(call->arguments, "where");
    const char *sort = call_text(call, "sort");

    memset(self, 0, sizeof *self);
    self->kind = schema_kind(call_text(call, "kind"));
    if (self->kind == NULL)
        return error_set(&call->error, ERROR_UNKNOWN_KIND, "kind", NULL);
    for (uint32_t i = 0; where->form == VALUE_MAP && i < where->count; i++)
        if (!parse_condition(self, call, where->items[2 * i].text, &where->items[2 * i + 1]))
            return false;
    const value_t *without = value_get(call->arguments, "without");
    if (without->form == VALUE_MAP) {
        self->without = arena_alloc(call->arena, sizeof *self->without);
        if (!without_parse(self->without, call, self->kind, without))
            return false;
    }
    self->descending = descending;
    if (sort != NULL && !parse_sort(self, call, sort))
        return false;
    self->limit = call_integer(call, "limit", 50);
    if (self->limit < 1 || self->limit > QUERY_LIMIT_MAX)
        return error_set(&call->error, ERROR_INVALID, "limit", "1 to %d", QUERY_LIMIT_MAX);
    self->after = *value_get(call->arguments, "after");
    self->mine = call_flag(call, "mine");
    return true;
}

bool query_cursor(const query_t *self, record_id_t *id)
{
    const value_t *cursor = &self->after;

    if (self->sort != NULL)
        cursor =
            cursor->form == VALUE_LIST && cursor->count == 2 ? &cursor->items[1] : &value_absent;
    return cursor->form == VALUE_TEXT && record_id_parse(id, cursor->text, self->kind);
}

/* -- matching -------------------------------------------------------------------- */

/* `*personal`: that it does says something of a person. */
static bool record_matches(const query_t *self, call_t *call, const record_t *record,
                           field_mask_t *mask, bool *personal)
{
    *personal = false;
    *mask = call_mask(call, record);
    if (*mask == 0 || (self->mine && !access_names(call->access, record, *mask)))
        return false;
    for (unsigned i = 0; i < self->n_conditions; i++)
        if (!condition_holds(&self->conditions[i], call, record, *mask, personal))
            return false;
    bool referred = false;
    return self->without == NULL ||
           (without_referred(self->without, call, record, &referred) && !referred);
}

/* -- running ------------------------------------------------------------------------ */

/* Over the reader's view, as all that a page says. */
static value_t cursor_of(const query_t *self, call_t *call, const record_t *record,
                         field_mask_t mask)
{
    value_t id = value_text(arena_text(call->arena, record->id.text));

    if (self->sort == NULL)
        return id;
    bool seen = mask & ((field_mask_t)1 << self->sort->index);
    value_t *pair = arena_alloc(call->arena, 2 * sizeof *pair);
    pair[0] = seen ? value_copy(call->arena, &record->fields[self->sort->index]) : value_absent;
    pair[1] = id;
    return value_list(pair, 2);
}

/* Walk the candidates in their own order. */
static bool run_stream(const query_t *self, call_t *call, candidates_t *candidates,
                       unsigned examine, query_handle_t handle, void *context, value_t *next)
{
    arena_t *own = call->arena;
    arena_t *scratch = arena_new(); /* for candidates: most are looked at and forgotten */
    unsigned examined = 0;
    bool go_on = true;
    value_t last = value_absent;

    *next = value_absent;
    while (go_on) {
        field_mask_t mask;
        call->arena = scratch;
        const record_t *record = candidates_next(candidates, call);
        bool personal;
        bool matches = record != NULL && record_matches(self, call, record, &mask, &personal);
        call->arena = own;
        if (record == NULL || call->error.code != ERROR_NONE)
            break;
        /* That a filter over people's data holds says what it is. The note outlives the
           candidate. */
        if (matches && personal && call->purpose != NULL)
            call_note(call, record);
        if (matches)
            go_on = handle(call, record, mask, context);
        /* A cursor of a sort holds a value: it is made of a row that the reader saw. */
        if (matches || self->sort == NULL)
            last = cursor_of(self, call, record, mask);
        go_on = go_on && ++examined < examine;
        if (!go_on)
            *next = last;
        arena_reset(scratch);
    }
    arena_destroy(&scratch);
    if (call->error.code != ERROR_NONE)
        return false;
    if (!go_on && next->form == VALUE_ABSENT)
        return error_set(&call->error, ERROR_TOO_BROAD, "sort",
                         "one of %u records to be yours to see", examine);
    return store_failed(call->txn) == 0;
}

typedef struct {
    record_id_t id;
    value_t value; /* what is sorted by */
} row_t;

typedef struct {
    const query_t *query;
    row_t *rows;
    size_t count;
} rows_t;

/* Keeps no more of a record than its place in the order. */
static bool gather(call_t *call, const record_t *record, field_mask_t mask, void *context)
{
    rows_t *self = context;
    const field_t *sort = self->query->sort;
    bool seen = mask & ((field_mask_t)1 << sort->index);

    self->rows[self->count++] = (row_t){
        record->id, seen ? value_copy(call->arena, &record->fields[sort->index]) : value_absent};
    return true;
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const query_t *query = context;
    const row_t *left = a;
    const row_t *right = b;
    int order = index_compare(query->sort, &left->value, &right->value);

    if (order == 0)
        order = record_id_compare(&left->id, &right->id);
    return query->descending ? -order : order;
}

/* No index has this order: gather, sort, then hand out from after the cursor. */
static bool run_sorted(const query_t *self, call_t *call, candidates_t *candidates,
                       query_handle_t handle, void *context, value_t *next)
{
    query_t unsorted = *self;
    rows_t rows = {.query = self};
    row_t after;
    value_t rest;

    rows.rows = arena_alloc(call->arena, QUERY_EXAMINED_MAX * sizeof *rows.rows);
    unsorted.sort = NULL;
    if (!run_stream(&unsorted, call, candidates, QUERY_EXAMINED_MAX, gather, &rows, &rest))
        return false;
    if (rest.form != VALUE_ABSENT)
        return error_set(&call->error, ERROR_TOO_BROAD, "sort", "at most %u records to sort",
                         QUERY_EXAMINED_MAX);
    qsort_r(rows.rows, rows.count, sizeof *rows.rows, compare_rows, (void *)self);

    bool resumed = query_cursor(self, &after.id);
    if (resumed)
        after.value = self->after.items[0];
    *next = value_absent;
    for (size_t i = 0; i < rows.count; i++) {
        if (resumed && compare_rows(&after, &rows.rows[i], (void *)self) >= 0)
            continue;
        const record_t *record = records_get(call->txn, &rows.rows[i].id, call->arena);
        field_mask_t mask = record != NULL ? call_mask(call, record) : 0;
        if (record != NULL && !handle(call, record, mask, context)) {
            *next = cursor_of(self, call, record, mask);
            break;
        }
    }
    return store_failed(call->txn) == 0;
}

bool query_run(const query_t *self, call_t *call, unsigned examine, query_handle_t handle,
               void *context, value_t *next)
{
    candidates_t *candidates = candidates_open(self, call);

    if (candidates == NULL)
        return false;
    bool good = candidates_in_order(candidates)
                    ? run_stream(self, call, candidates, examine, handle, context, next)
                    : run_sorted(self, call, candidates, handle, context, next);
    candidates_close(&candidates);
    return good;
}

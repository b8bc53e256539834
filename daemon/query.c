#include "query.h"

#include "index.h"
#include "records.h"
#include "seal.h"

#include <stdlib.h>
#include <string.h>

/* -- parsing -------------------------------------------------------------------- */

static bool parse_condition(query_t *self, call_t *call, const char *name, const value_t *given)
{
    condition_t *condition = &self->conditions[self->n_conditions];

    if (self->n_conditions == QUERY_CONDITIONS_MAX)
        return error_set(&call->error, ERROR_TOO_LARGE, "where", "at most %u conditions",
                         QUERY_CONDITIONS_MAX);
    if (strcmp(name, "id") != 0) {
        condition->field = kind_field(self->kind, name);
        if (condition->field == NULL || (condition->field->attributes & FIELD_INTERNAL))
            return error_set(&call->error, ERROR_UNKNOWN_FIELD, name, NULL);
        condition->scalar = *condition->field;
        condition->scalar.attributes &= ~FIELD_MANY;
    }
    uint32_t count = given->form == VALUE_LIST ? given->count : 1;
    const value_t *items = given->form == VALUE_LIST ? given->items : given;
    if (count == 0 || count > QUERY_LIMIT_MAX)
        return error_set(&call->error, ERROR_INVALID, name, "1 to %d values", QUERY_LIMIT_MAX);
    value_t *values = arena_copy(call->arena, items, count * sizeof *values);
    for (uint32_t i = 0; i < count; i++) {
        if (condition->field == NULL) {
            if (values[i].form != VALUE_TEXT)
                return error_set(&call->error, ERROR_INVALID, "id", "an id such as inq-12");
        } else if (values[i].form != VALUE_ABSENT &&
                   !(wire_clean_text(&values[i], true, call->arena, &call->error) &&
                     field_check(&condition->scalar, &values[i], call->arena, &call->error))) {
            return false;
        }
    }
    if (condition->field != NULL && condition->field->class == CLASS_PERSONAL &&
        call->purpose != NULL)
        call_note(call, NULL);
    condition->values = values;
    condition->n_values = count;
    self->n_conditions++;
    return true;
}

static const condition_t *find_condition(const query_t *self, const field_t *field)
{
    for (unsigned i = 0; i < self->n_conditions; i++)
        if (self->conditions[i].field == field)
            return &self->conditions[i];
    return NULL;
}

/* True when every record that the query can meet lies in the reader's own scope. */
static bool is_confined(const query_t *self, call_t *call)
{
    const condition_t *places = find_condition(self, kind_field(self->kind, "municipality"));
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
        (hidden && !is_confined(self, call)))
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
    self->descending = descending;
    if (sort != NULL && !parse_sort(self, call, sort))
        return false;
    self->limit = call_integer(call, "limit", 50);
    if (self->limit < 1 || self->limit > QUERY_LIMIT_MAX)
        return error_set(&call->error, ERROR_INVALID, "limit", "1 to %d", QUERY_LIMIT_MAX);
    self->after = *value_get(call->arguments, "after");
    return true;
}

/* -- matching -------------------------------------------------------------------- */

static bool value_matches(const value_t *has, const value_t *wanted)
{
    if (has->form != VALUE_LIST)
        return value_equal(has, wanted);
    for (uint32_t i = 0; i < has->count; i++)
        if (value_equal(&has->items[i], wanted))
            return true;
    return has->count == 0 && wanted->form == VALUE_ABSENT;
}

static bool condition_holds(const condition_t *self, call_t *call, const record_t *record,
                            field_mask_t mask, bool *personal)
{
    value_t id = value_text(record->id.text);
    const value_t *has = &id;

    if (self->field != NULL) {
        field_mask_t bit = (field_mask_t)1 << self->field->index;
        has = mask & bit ? &record->fields[self->field->index] : &value_absent;
        if (has->form == VALUE_BYTES && self->field->type != TYPE_KEY) {
            record_t *opened = record_copy(call->arena, record);
            seal_open(call->txn, opened, bit, call->arena);
            has = &opened->fields[self->field->index];
            *personal = true;
        }
    }
    for (uint32_t i = 0; i < self->n_values; i++)
        if (value_matches(has, &self->values[i]))
            return true;
    return false;
}

/* `*personal`: that it does says something of a person. */
static bool record_matches(const query_t *self, call_t *call, const record_t *record,
                           field_mask_t *mask, bool *personal)
{
    *personal = false;
    *mask = call_mask(call, record);
    if (*mask == 0)
        return false;
    for (unsigned i = 0; i < self->n_conditions; i++)
        if (!condition_holds(&self->conditions[i], call, record, *mask, personal))
            return false;
    return true;
}

/* -- where candidates come from ---------------------------------------------------- */

/* A stream of ids: named ones, those that a value of people's data has, an index, or all
   of the kind. */
typedef struct {
    const condition_t *ids;
    uint32_t next_id;
    bool found; /* the ids of people's data, from the first to before the last */
    record_id_t *people;
    size_t first, last;
    index_scan_t *index;
    records_scan_t *records;
} source_t;

static bool equality(const query_t *self, const field_t *field, value_t *value)
{
    const condition_t *condition = find_condition(self, field);

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

static bool parse_id_cursor(const value_t *cursor, const kind_t *kind, record_id_t *id)
{
    return cursor->form == VALUE_TEXT && record_id_parse(id, cursor->text, kind);
}

static bool all_held(const condition_t *condition)
{
    for (uint32_t i = 0; i < condition->n_values; i++)
        if (condition->field == NULL || !derived_holds(condition->field, &condition->values[i]))
            return false;
    return true;
}

/* Few have what a filter over people's data asks for: whoever may is found by the
   derived file, where there is one. */
static void find_people(source_t *self, const query_t *query, call_t *call)
{
    for (unsigned i = 0; i < query->n_conditions && !self->found; i++) {
        const condition_t *condition = &query->conditions[i];
        self->found = all_held(condition) &&
                      derived_find(call->environment->derived, call->txn, query->kind,
                                   condition->field, condition->values, condition->n_values,
                                   call->arena, &self->people, &self->last);
    }
}

static void pass_people(source_t *self, const record_id_t *after, bool descending)
{
    if (descending)
        while (self->last > 0 && record_id_compare(&self->people[self->last - 1], after) >= 0)
            self->last--;
    else
        while (self->first < self->last &&
               record_id_compare(&self->people[self->first], after) <= 0)
            self->first++;
}

static bool open_by_id(source_t *self, const query_t *query, call_t *call)
{
    record_id_t after;
    bool resumed = query->after.form != VALUE_ABSENT;
    value_t equal[SCHEMA_INDEX_FIELDS_MAX];
    unsigned n_equal = 0;

    if (resumed && !parse_id_cursor(&query->after, query->kind, &after))
        return error_set(&call->error, ERROR_INVALID, "after", "the `next` of the page before");
    const condition_t *ids = find_condition(query, NULL);
    if (ids != NULL) {
        self->ids = ids;
        for (uint32_t i = 0; resumed && i < ids->n_values; i++)
            if (strcmp(ids->values[i].text, after.text) == 0)
                self->next_id = i + 1;
        return true;
    }
    if (self->found) {
        if (resumed)
            pass_people(self, &after, query->descending);
        return true;
    }
    const index_t *index = choose_index(query, NULL, equal, &n_equal);
    if (index != NULL) {
        self->index = index_scan(call->txn, query->kind, index, equal, n_equal, query->descending,
                                 call->arena);
        if (resumed)
            index_seek_after(self->index, equal, &after);
        return true;
    }
    self->records = records_scan(call->txn, query->kind, query->descending, resumed ? &after : NULL,
                                 call->arena);
    return true;
}

static const record_t *source_next(source_t *self, const query_t *query, call_t *call)
{
    record_id_t id;

    if (self->records != NULL)
        return records_next(self->records, call->arena);
    if (self->index != NULL)
        return index_next(self->index, &id) ? records_get(call->txn, &id, call->arena) : NULL;
    while (self->first < self->last) {
        const record_id_t *next =
            query->descending ? &self->people[--self->last] : &self->people[self->first++];
        const record_t *record = records_get(call->txn, next, call->arena);
        if (record != NULL)
            return record;
    }
    while (self->ids != NULL && self->next_id < self->ids->n_values) {
        const char *text = self->ids->values[self->next_id++].text;
        const record_t *record = record_id_parse(&id, text, query->kind)
                                     ? records_get(call->txn, &id, call->arena)
                                     : NULL;
        if (record != NULL)
            return record;
    }
    return NULL;
}

static void source_close(source_t *self)
{
    if (self->index != NULL)
        index_scan_end(&self->index);
    if (self->records != NULL)
        records_scan_end(&self->records);
}

/* -- running ------------------------------------------------------------------------ */

static value_t cursor_of(const query_t *self, call_t *call, const record_t *record)
{
    value_t id = value_text(arena_text(call->arena, record->id.text));

    if (self->sort == NULL)
        return id;
    value_t *pair = arena_alloc(call->arena, 2 * sizeof *pair);
    pair[0] = value_copy(call->arena, &record->fields[self->sort->index]);
    pair[1] = id;
    return value_list(pair, 2);
}

/* Walk the source in its own order. */
static bool run_stream(const query_t *self, call_t *call, source_t *source, unsigned examine,
                       query_handle_t handle, void *context, value_t *next)
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
        const record_t *record = source_next(source, self, call);
        bool personal;
        bool matches = record != NULL && record_matches(self, call, record, &mask, &personal);
        call->arena = own;
        if (record == NULL)
            break;
        /* That a filter over people's data holds says what it is. The note outlives the
           candidate. */
        if (matches && personal && call->purpose != NULL)
            call_note(call, record);
        if (matches)
            go_on = handle(call, record, mask, context);
        /* A cursor of a sort holds a value: it is made of a row that the reader saw. */
        if (matches || self->sort == NULL)
            last = cursor_of(self, call, record);
        go_on = go_on && ++examined < examine;
        if (!go_on)
            *next = last;
        arena_reset(scratch);
    }
    arena_destroy(&scratch);
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
static bool run_sorted(const query_t *self, call_t *call, source_t *source, query_handle_t handle,
                       void *context, value_t *next)
{
    query_t unsorted = *self;
    rows_t rows = {.query = self};
    row_t after;
    value_t rest;

    rows.rows = arena_alloc(call->arena, QUERY_EXAMINED_MAX * sizeof *rows.rows);
    unsorted.sort = NULL;
    unsorted.after = value_absent;
    if (!open_by_id(source, &unsorted, call))
        return false;
    bool good = run_stream(&unsorted, call, source, QUERY_EXAMINED_MAX, gather, &rows, &rest);
    source_close(source);
    if (!good)
        return false;
    if (rest.form != VALUE_ABSENT)
        return error_set(&call->error, ERROR_TOO_BROAD, "sort", "at most %u records to sort",
                         QUERY_EXAMINED_MAX);
    qsort_r(rows.rows, rows.count, sizeof *rows.rows, compare_rows, (void *)self);

    bool resumed = self->after.form == VALUE_LIST;
    if (resumed) {
        after.value = self->after.items[0];
        parse_id_cursor(&self->after.items[1], self->kind, &after.id);
    }
    *next = value_absent;
    for (size_t i = 0; i < rows.count; i++) {
        if (resumed && compare_rows(&after, &rows.rows[i], (void *)self) >= 0)
            continue;
        const record_t *record = records_get(call->txn, &rows.rows[i].id, call->arena);
        if (record != NULL && !handle(call, record, call_mask(call, record), context)) {
            *next = cursor_of(self, call, record);
            break;
        }
    }
    return store_failed(call->txn) == 0;
}

bool query_run(const query_t *self, call_t *call, unsigned examine, query_handle_t handle,
               void *context, value_t *next)
{
    source_t source = {0};
    value_t equal[SCHEMA_INDEX_FIELDS_MAX];
    unsigned n_equal = 0;

    if (find_condition(self, NULL) == NULL)
        find_people(&source, self, call);
    if (self->sort == NULL) {
        if (!open_by_id(&source, self, call))
            return false;
    } else {
        record_id_t id;
        bool resumed = self->after.form != VALUE_ABSENT;
        if (resumed && (self->after.form != VALUE_LIST || self->after.count != 2 ||
                        !parse_id_cursor(&self->after.items[1], self->kind, &id)))
            return error_set(&call->error, ERROR_INVALID, "after", "the `next` of the page before");
        const index_t *index = choose_index(self, self->sort, equal, &n_equal);
        if (index == NULL || source.found || find_condition(self, NULL) != NULL)
            return run_sorted(self, call, &source, handle, context, next);
        source.index =
            index_scan(call->txn, self->kind, index, equal, n_equal, self->descending, call->arena);
        if (resumed) {
            equal[n_equal] = self->after.items[0];
            index_seek_after(source.index, equal, &id);
        }
    }
    bool good = run_stream(self, call, &source, examine, handle, context, next);
    source_close(&source);
    return good;
}

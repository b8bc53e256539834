#include "draft.h"

#include "index.h"
#include "records.h"
#include "rules/rules.h"
#include "seal.h"
#include "wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct draft {
    store_txn_t *txn;
    lookup_t lookup; /* records as this draft leaves them */
    const access_t *access;
    uint64_t now_ms;
    arena_t *arena;
    operation_t *operations;
    size_t n_operations, room;
    const char **results; /* id that each write got, for `$n` */
    size_t n_results, results_room;
};

store_txn_t *draft_txn(const draft_t *self)
{
    return self->txn;
}

const access_t *draft_access(const draft_t *self)
{
    return self->access;
}

arena_t *draft_arena(const draft_t *self)
{
    return self->arena;
}

uint64_t draft_now(const draft_t *self)
{
    return self->now_ms;
}

/* -- what stands ------------------------------------------------------------------ */

static operation_t *find_operation(const draft_t *self, const record_id_t *id)
{
    for (size_t i = self->n_operations; i-- > 0;) {
        const record_t *record = self->operations[i].after != NULL ? self->operations[i].after
                                                                   : self->operations[i].before;
        if (record->id.kind == id->kind && record->id.number == id->number &&
            (!id->kind->coded || strcmp(record->id.text, id->text) == 0))
            return &self->operations[i];
    }
    return NULL;
}

static bool find_drafted(const void *draft, const record_id_t *id, const record_t **record_p)
{
    const operation_t *operation = find_operation(draft, id);

    if (operation == NULL)
        return false;
    *record_p = operation->after;
    return true;
}

draft_t *draft_new(store_txn_t *txn, const access_t *access, uint64_t now_ms, arena_t *arena)
{
    draft_t *self = arena_alloc(arena, sizeof *self);

    self->txn = txn;
    self->lookup = (lookup_t){.txn = txn, .drafted = find_drafted, .draft = self};
    self->access = access;
    self->now_ms = now_ms;
    self->arena = arena;
    return self;
}

const record_t *draft_get(draft_t *self, const record_id_t *id)
{
    return lookup_record(&self->lookup, id, self->arena);
}

static field_mask_t view_of(draft_t *self, const record_t *record)
{
    const placement_t *placement = placement_of(&self->lookup, record, self->arena);

    return access_view(self->access, record, placement, true);
}

const record_t *draft_visible(draft_t *self, const record_id_t *id)
{
    const record_t *record = draft_get(self, id);

    return record != NULL && view_of(self, record) != 0 ? record : NULL;
}

/* Add or widen the operation on a record: a batch that changes it twice changes it once. */
static void add_operation(draft_t *self, const record_t *before, const record_t *after)
{
    operation_t *found = find_operation(self, after != NULL ? &after->id : &before->id);

    if (found != NULL) {
        found->after = after;
        return;
    }
    if (self->n_operations == self->room) {
        self->room = self->room ? self->room * 2 : 4;
        operation_t *more = arena_alloc(self->arena, self->room * sizeof *more);
        if (self->n_operations > 0)
            memcpy(more, self->operations, self->n_operations * sizeof *more);
        self->operations = more;
    }
    self->operations[self->n_operations++] = (operation_t){.before = before, .after = after};
}

static void add_result(draft_t *self, const char *id)
{
    if (self->n_results == self->results_room) {
        self->results_room = self->results_room ? self->results_room * 2 : 4;
        const char **more = arena_alloc(self->arena, self->results_room * sizeof *more);
        if (self->n_results > 0)
            memcpy(more, self->results, self->n_results * sizeof *more);
        self->results = more;
    }
    self->results[self->n_results++] = id;
}

/* "$3" to the id that the third write got; other text stays. NULL: no such write. */
static const char *resolve(const draft_t *self, const char *text)
{
    if (*text != '$')
        return text;
    char *end = NULL;
    unsigned long number = strtoul(text + 1, &end, 10);
    if (end == text + 1 || *end != '\0' || number == 0 || number > self->n_results)
        return NULL;
    return self->results[number - 1];
}

/* The record that an `id` argument names, when the writer may know of it. */
static const record_t *named_record(draft_t *self, const char *text, const char *argument,
                                    error_t *error)
{
    const char *resolved = resolve(self, text);
    record_id_t id;

    if (resolved == NULL || !record_id_parse(&id, resolved, NULL)) {
        error_set(error, ERROR_INVALID, argument, "an id such as inq-12");
        return NULL;
    }
    const record_t *record = draft_visible(self, &id);
    if (record == NULL)
        error_set(error, ERROR_NOT_FOUND, argument, NULL);
    return record;
}

/* -- fields ------------------------------------------------------------------------- */

static bool resolve_references(const draft_t *self, value_t *value, error_t *error,
                               const char *field)
{
    if (value->form == VALUE_TEXT) {
        const char *resolved = resolve(self, value->text);
        if (resolved == NULL)
            return error_set(error, ERROR_INVALID, field, "$n of an earlier write in the batch");
        *value = value_text(resolved);
    } else if (value->form == VALUE_LIST) {
        value_t *items = arena_copy(self->arena, value->items, value->count * sizeof *items);
        for (uint32_t i = 0; i < value->count; i++)
            if (!resolve_references(self, &items[i], error, field))
                return false;
        *value = value_list(items, value->count);
    }
    return true;
}

static bool assign_field(draft_t *self, record_t *record, field_mask_t visible, const char *name,
                         value_t value, error_t *error)
{
    const field_t *field = kind_field(record->id.kind, name);

    if (field == NULL)
        return error_set(error, ERROR_UNKNOWN_FIELD, name, NULL);
    if (field->attributes & FIELD_DAEMON)
        return error_set(error, ERROR_READ_ONLY, name, NULL);
    if (!(visible & ((field_mask_t)1 << field->index)))
        return error_set(error, ERROR_NOT_ALLOWED, name, NULL);
    if (value.form != VALUE_ABSENT) {
        if (field->type == TYPE_REFERENCE && !resolve_references(self, &value, error, name))
            return false;
        if (!wire_clean_text(&value, field->type == TYPE_LONG_TEXT, self->arena, error)) {
            if (error->field[0] == '\0')
                strncpy(error->field, name, sizeof error->field - 1);
            return false;
        }
        if (!field_check(field, &value, self->arena, error))
            return false;
    }
    record->fields[field->index] = value;
    return true;
}

static bool assign_fields(draft_t *self, record_t *record, field_mask_t visible,
                          const value_t *fields, error_t *error)
{
    if (fields->form == VALUE_ABSENT)
        return true;
    if (fields->form != VALUE_MAP)
        return error_set(error, ERROR_INVALID, "fields", "a map of field to value");
    for (uint32_t i = 0; i < fields->count; i++)
        if (!assign_field(self, record, visible, fields->items[2 * i].text,
                          fields->items[2 * i + 1], error))
            return false;
    return true;
}

static bool fill_defaults(draft_t *self, record_t *record, error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (record->fields[i].form == VALUE_ABSENT && *field->otherwise != '\0' &&
            !field_parse(field, field->otherwise, &record->fields[i], self->arena, error))
            return false;
    }
    for (size_t i = 0; i < kind->n_states; i++)
        if (kind->states[i].initial)
            record_set(record, "state", value_text(kind->states[i].name));
    record_set(record, "created", value_integer((int64_t)self->now_ms));
    if (self->access != NULL)
        record_set(record, "created_by",
                   value_text(arena_text(self->arena, self->access->user.text)));
    return true;
}

/* A reference to what the writer may not see is answered as one to nothing. Where no
   record of the kind can be hidden from the writer, to be there is enough. */
static bool reference_stands(draft_t *self, const char *text)
{
    record_id_t id;

    if (!record_id_parse(&id, text, NULL))
        return false;
    if (self->access == NULL)
        return draft_get(self, &id) != NULL;
    bool open = (self->access->roles & id.kind->readers) && *id.kind->follows == '\0' &&
                kind_field(id.kind, "protected") == NULL;
    const operation_t *operation = find_operation(self, &id);
    if (operation != NULL)
        return operation->after != NULL;
    return open ? records_exists(self->txn, &id) : draft_visible(self, &id) != NULL;
}

static bool check_references(draft_t *self, const record_t *before, const record_t *after,
                             error_t *error)
{
    const kind_t *kind = after->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = &after->fields[i];
        if (field->type != TYPE_REFERENCE || value->form == VALUE_ABSENT ||
            (before != NULL && value_equal(&before->fields[i], value)))
            continue;
        uint32_t count = value->form == VALUE_LIST ? value->count : 1;
        const value_t *items = value->form == VALUE_LIST ? value->items : value;
        for (uint32_t j = 0; j < count; j++)
            if (!reference_stands(self, items[j].text))
                return error_set(error, ERROR_REFERENCE, field->name, "the id of a %s",
                                 field->target != NULL ? field->target->label : "record");
    }
    return true;
}

static bool check_required(const record_t *record, error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++)
        if ((kind->fields[i].attributes & FIELD_REQUIRED) && record->fields[i].form == VALUE_ABSENT)
            return error_set(error, ERROR_REQUIRED, kind->fields[i].name, NULL);
    return true;
}

static bool same_id(const record_id_t *a, const record_id_t *b)
{
    return a->kind == b->kind && strcmp(a->text, b->text) == 0;
}

static bool check_unique(draft_t *self, const record_t *record, error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = &record->fields[i];
        if (!(field->attributes & FIELD_UNIQUE) || value->form == VALUE_ABSENT)
            continue;
        bool taken = false;
        record_id_t id;
        index_scan_t *scan = index_scan(self->txn, kind, index_find(kind, &field->name, 1), value,
                                        1, false, self->arena);
        while (!taken && index_next(scan, &id)) {
            const record_t *other = draft_get(self, &id);
            taken = other != NULL && !same_id(&id, &record->id) &&
                    value_equal(&other->fields[i], value);
        }
        index_scan_end(&scan);
        for (size_t j = 0; j < self->n_operations && !taken; j++) {
            const record_t *other = self->operations[j].after;
            taken = other != NULL && other->id.kind == kind && !same_id(&other->id, &record->id) &&
                    value_equal(&other->fields[i], value);
        }
        if (taken)
            return error_set(error, ERROR_DUPLICATE, field->name, NULL);
    }
    return true;
}

/* All that must hold of a record before it may stand. */
static bool check_record(draft_t *self, const record_t *before, record_t *after, const move_t *move,
                         bool confirm, error_t *error)
{
    const rules_t *rules = rules_of(after->id.kind);

    if (rules != NULL && rules->fill != NULL && !rules->fill(self, before, after, move, error))
        return false;
    return check_required(after, error) && check_references(self, before, after, error) &&
           check_unique(self, after, error) &&
           (rules == NULL || rules->check == NULL ||
            rules->check(self, before, after, confirm, error));
}

/* -- the four writes ------------------------------------------------------------------ */

/* A record by its rows and rules, whoever writes it. */
static record_t *make_record(draft_t *self, const kind_t *kind, const char *code,
                             const value_t *fields, bool confirm, error_t *error)
{
    record_t *record = record_new(self->arena, kind);

    if (kind->coded) {
        size_t prefix = strlen(kind->prefix);
        if (code != NULL && strncmp(code, kind->prefix, prefix) == 0 && code[prefix] == '-')
            code += prefix + 1;
        if (code == NULL || !record_id_coded(&record->id, kind, code)) {
            error_set(error, code == NULL ? ERROR_REQUIRED : ERROR_INVALID, "id",
                      "a code of letters, digits and dashes");
            return NULL;
        }
        if (draft_get(self, &record->id) != NULL) {
            error_set(error, ERROR_EXISTS, "id", NULL);
            return NULL;
        }
    } else if (code != NULL) {
        error_set(error, ERROR_READ_ONLY, "id", "no id: the daemon numbers this kind");
        return NULL;
    }
    if (!assign_fields(self, record, FIELD_MASK_ALL, fields, error) ||
        !fill_defaults(self, record, error))
        return NULL;
    if (!kind->coded)
        record->id = record_id_numbered(kind, store_next_number(self->txn, kind));
    return check_record(self, NULL, record, NULL, confirm, error) ? record : NULL;
}

record_t *draft_put(draft_t *self, const char *kind_name, const char *code, const value_t *fields,
                    bool confirm, error_t *error)
{
    const kind_t *kind = schema_kind(kind_name);

    if (kind == NULL) {
        error_set(error, ERROR_UNKNOWN_KIND, "kind", NULL);
        return NULL;
    }
    if (!(self->access->roles & kind->writers)) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, NULL);
        return NULL;
    }
    record_t *record = make_record(self, kind, code, fields, confirm, error);
    if (record == NULL)
        return NULL;
    if (!access_may_place(self->access, &self->lookup, record, self->arena)) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, "a record in your own scope");
        return NULL;
    }
    add_operation(self, NULL, record);
    add_result(self, record->id.text);
    return record;
}

record_t *draft_make(draft_t *self, const char *kind, const value_t *fields, error_t *error)
{
    record_t *record = make_record(self, schema_kind(kind), NULL, fields, false, error);

    if (record != NULL)
        add_operation(self, NULL, record);
    return record;
}

/* The record to change, when the writer may change it and has its newest revision. */
static const record_t *writable_record(draft_t *self, const char *id, int64_t if_revision,
                                       field_mask_t *visible, error_t *error)
{
    const record_t *record = named_record(self, id, "id", error);

    if (record == NULL)
        return NULL;
    const placement_t *placement = placement_of(&self->lookup, record, self->arena);
    if (!access_may_write(self->access, record, placement)) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, NULL);
        return NULL;
    }
    *visible = access_view(self->access, record, placement, true);
    if (if_revision != DRAFT_ANY_REVISION && (uint64_t)if_revision != record->revision) {
        error_set(error, ERROR_CONFLICT, NULL, NULL);
        field_mask_t mask = access_view(self->access, record, placement, false);
        record_t *shown = record_copy(self->arena, record);
        seal_open(self->txn, shown, mask, self->arena);
        value_builder_t detail = value_builder(self->arena);
        value_add_pair(&detail, "record", record_to_view(shown, mask, self->arena));
        error->detail = value_build_map(&detail);
        return NULL;
    }
    return record;
}

static bool scope_changed(const record_t *before, const record_t *after)
{
    const kind_t *kind = before->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (schema_words_have(kind->scope, kind->fields[i].name) &&
            kind->fields[i].target != schema_kind("user") &&
            !value_equal(&before->fields[i], &after->fields[i]))
            return true;
    return false;
}

record_t *draft_patch(draft_t *self, const char *id, const value_t *fields, int64_t if_revision,
                      error_t *error)
{
    field_mask_t visible = 0;
    const record_t *before = writable_record(self, id, if_revision, &visible, error);

    if (before == NULL)
        return NULL;
    record_t *after = record_copy(self->arena, before);
    if (!assign_fields(self, after, visible, fields, error) ||
        !check_record(self, before, after, NULL, true, error))
        return NULL;
    if (scope_changed(before, after) &&
        !access_may_place(self->access, &self->lookup, after, self->arena)) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, "a record in your own scope");
        return NULL;
    }
    add_operation(self, before, after);
    add_result(self, after->id.text);
    return after;
}

/* The moves that this user could make now, as the error's detail. */
static void set_possible_moves(draft_t *self, const record_t *record, const char *state,
                               error_t *error)
{
    const kind_t *kind = record->id.kind;
    value_builder_t verbs = value_builder(self->arena);
    value_builder_t detail = value_builder(self->arena);

    for (size_t i = 0; i < kind->n_moves; i++)
        if (kind_move(kind, kind->moves[i].verb, state) == &kind->moves[i] &&
            (self->access->roles & kind->moves[i].roles))
            value_add(&verbs, value_text(kind->moves[i].verb));
    value_add_pair(&detail, "state", value_text(state));
    value_add_pair(&detail, "moves", value_build_list(&verbs));
    error->detail = value_build_map(&detail);
}

static bool check_move_fields(const record_t *record, const move_t *move, error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const value_t *value = &record->fields[i];
        if (schema_words_have(move->required, kind->fields[i].name) &&
            (value->form == VALUE_ABSENT || (value->form == VALUE_BOOLEAN && !value->boolean) ||
             (value->form == VALUE_LIST && value->count == 0)))
            return error_set(error, ERROR_REQUIRED, kind->fields[i].name, NULL);
    }
    return true;
}

/* A move takes a record out of the writer's scope only where its row asks for the
   field that does it, as `forward` asks for the municipality. */
static bool check_move_scope(draft_t *self, const record_t *before, const record_t *given,
                             const move_t *move, error_t *error)
{
    const kind_t *kind = before->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (schema_words_have(kind->scope, kind->fields[i].name) &&
            schema_words_have(move->required, kind->fields[i].name))
            return true;
    if (scope_changed(before, given) &&
        !access_may_place(self->access, &self->lookup, given, self->arena))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "a record in your own scope");
    return true;
}

record_t *draft_move(draft_t *self, const char *id, const char *verb, const value_t *fields,
                     int64_t if_revision, error_t *error)
{
    field_mask_t visible = 0;
    const record_t *before = writable_record(self, id, if_revision, &visible, error);

    if (before == NULL)
        return NULL;
    const kind_t *kind = before->id.kind;
    const char *state = record_get_text(before, "state");
    const move_t *move = state != NULL ? kind_move(kind, verb, state) : NULL;
    if (move == NULL) {
        error_set(error, ERROR_IMPOSSIBLE_MOVE, "verb", NULL);
        if (state != NULL)
            set_possible_moves(self, before, state, error);
        return NULL;
    }
    if (!(self->access->roles & move->roles)) {
        error_set(error, ERROR_NOT_ALLOWED, "verb", NULL);
        return NULL;
    }
    record_t *after = record_copy(self->arena, before);
    if (!assign_fields(self, after, visible, fields, error) ||
        !check_move_scope(self, before, after, move, error))
        return NULL;
    const char *to = move->to;
    if (strcmp(to, "back") == 0)
        to = record_get_text(before, "state_before");
    if (to == NULL) {
        error_set(error, ERROR_IMPOSSIBLE_MOVE, "verb", NULL);
        set_possible_moves(self, before, state, error);
        return NULL;
    }
    if (strcmp(to, "same") != 0)
        record_set(after, "state", value_text(to));
    if (!check_record(self, before, after, move, true, error) ||
        !check_move_fields(after, move, error))
        return NULL;
    add_operation(self, before, after);
    add_result(self, after->id.text);
    return after;
}

/* -- delete ------------------------------------------------------------------------------ */

#define REFERRERS_LISTED 20u

/* The records that keep `id` from being deleted: those the writer may see by id, the
   rest as a number. */
static bool check_unreferenced(draft_t *self, const record_t *record, error_t *error)
{
    value_builder_t by = value_builder(self->arena);
    unsigned seen = 0, others = 0;
    record_id_t from;
    const field_t *field;

    referrer_scan_t *scan = referrer_scan(self->txn, &record->id, self->arena);
    while (seen + others <= REFERRERS_LISTED && referrer_next(scan, &from, &field)) {
        const record_t *referrer = draft_get(self, &from);
        if (same_id(&from, &record->id) || referrer == NULL)
            continue;
        /* The draft may have taken the reference away already. */
        const value_t *value = &referrer->fields[field->index];
        bool holds = value->form == VALUE_TEXT && strcmp(value->text, record->id.text) == 0;
        for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
            holds = holds || strcmp(value->items[i].text, record->id.text) == 0;
        if (!holds)
            continue;
        if (view_of(self, referrer) != 0) {
            value_add(&by, value_text(arena_text(self->arena, from.text)));
            seen++;
        } else {
            others++;
        }
    }
    referrer_scan_end(&scan);
    if (seen + others == 0)
        return true;
    value_builder_t detail = value_builder(self->arena);
    value_add_pair(&detail, "by", value_build_list(&by));
    value_add_pair(&detail, "others", value_integer(others));
    error_set(error, ERROR_REFERENCED, NULL, NULL);
    error->detail = value_build_map(&detail);
    return false;
}

/* And those that this draft is about to add. */
static bool check_undrafted(draft_t *self, const record_t *record, error_t *error)
{
    for (size_t i = 0; i < self->n_operations; i++) {
        const record_t *other = self->operations[i].after;
        if (other == NULL || same_id(&other->id, &record->id))
            continue;
        for (size_t j = 0; j < other->id.kind->n_fields; j++) {
            const value_t *value = &other->fields[j];
            if (other->id.kind->fields[j].type == TYPE_REFERENCE && value->form == VALUE_TEXT &&
                strcmp(value->text, record->id.text) == 0)
                return error_set(error, ERROR_REFERENCED, NULL, NULL);
        }
    }
    return true;
}

const record_t *draft_delete(draft_t *self, const char *id, int64_t if_revision, error_t *error)
{
    field_mask_t visible = 0;
    const record_t *before = writable_record(self, id, if_revision, &visible, error);

    if (before == NULL)
        return NULL;
    const operation_t *earlier = find_operation(self, &before->id);
    if (earlier != NULL && earlier->before == NULL) {
        error_set(error, ERROR_INVALID, "id", "a record that was there before this batch");
        return NULL;
    }
    if (!check_unreferenced(self, before, error) || !check_undrafted(self, before, error))
        return NULL;
    add_operation(self, before, NULL);
    add_result(self, before->id.text);
    return before;
}

/* -- raw ----------------------------------------------------------------------------------- */

record_t *draft_new_record(draft_t *self, const kind_t *kind)
{
    record_t *record = record_new(self->arena, kind);
    error_t error = {0};

    record->id = record_id_numbered(kind, store_next_number(self->txn, kind));
    bool filled = fill_defaults(self, record, &error);
    assert(filled);
    (void)filled;
    add_operation(self, NULL, record);
    return record;
}

record_t *draft_edit_record(draft_t *self, const record_t *record)
{
    record_t *after = record_copy(self->arena, record);

    add_operation(self, record, after);
    return after;
}

/* One transaction is one entry of a push, and a client reads no frame of more than
   1 MiB and 65,536 values (wire_limits_client): keep well below, all views counted. */
#define TRANSACTION_BYTES_MAX ((size_t)768 * 1024)
#define TRANSACTION_NODES_MAX ((size_t)48 * 1024)
#define VIEW_NODES 10u /* around the fields: operation, record, id, revision */

static bool check_size(draft_t *self, error_t *error)
{
    size_t bytes = 0, nodes = 0;

    for (size_t i = 0; i < self->n_operations; i++) {
        const record_t *record = self->operations[i].after;
        nodes += VIEW_NODES;
        for (size_t j = 0; record != NULL && j < record->id.kind->n_fields; j++) {
            if (record->fields[j].form == VALUE_ABSENT)
                continue;
            bytes += value_weight(&record->fields[j], &nodes);
            bytes += strlen(record->id.kind->fields[j].name) + 1;
            nodes++;
        }
    }
    if (bytes > TRANSACTION_BYTES_MAX || nodes > TRANSACTION_NODES_MAX)
        return error_set(error, ERROR_TOO_LARGE, NULL,
                         "at most %zu bytes and %zu values of records", TRANSACTION_BYTES_MAX,
                         TRANSACTION_NODES_MAX);
    return true;
}

const operation_t *draft_finish(draft_t *self, size_t *count, error_t *error)
{
    if (!check_size(self, error))
        return NULL;
    for (size_t i = 0; i < self->n_operations; i++) {
        if (self->operations[i].after == NULL)
            continue;
        self->operations[i].after = seal_record(self->txn, self->operations[i].after, self->arena);
        if (self->operations[i].after == NULL)
            return NULL;
    }
    *count = self->n_operations;
    return self->operations;
}

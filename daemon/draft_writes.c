#include "draft_parts.h"

#include "index.h"
#include "moves.h"
#include "rules/rules.h"
#include "seal.h"

#include <string.h>

/* The record that an `id` argument names, when the writer may know of it. */
static const record_t *named_record(draft_t *self, const char *text, const char *argument,
                                    error_t *error)
{
    const char *resolved = draft_resolve(self, text);
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

/* A new record's official code. */
static bool take_code(record_id_t *id, const kind_t *kind, const char *code, error_t *error)
{
    if (code == NULL)
        return error_set(error, ERROR_REQUIRED, "id", "a code of letters, digits and dashes");
    size_t prefix = strlen(kind->prefix);
    if (strncmp(code, kind->prefix, prefix) == 0 && code[prefix] == '-')
        code += prefix + 1;
    if (kind->digits > 0 &&
        (strlen(code) != kind->digits || strspn(code, "0123456789") != kind->digits))
        return error_set(error, ERROR_INVALID, "id", "a code of %u digits", kind->digits);
    return record_id_coded(id, kind, code) ||
           error_set(error, ERROR_INVALID, "id", "a code of letters, digits and dashes");
}

/* A record by its rows and rules, whoever writes it. */
static record_t *make_record(draft_t *self, const kind_t *kind, const char *code,
                             const value_t *fields, bool confirm, error_t *error)
{
    record_t *record = record_new(self->arena, kind);

    if (kind->coded) {
        if (!take_code(&record->id, kind, code, error))
            return NULL;
        if (draft_get(self, &record->id) != NULL) {
            error_set(error, ERROR_EXISTS, "id", NULL);
            return NULL;
        }
    } else if (code != NULL) {
        error_set(error, ERROR_READ_ONLY, "id", "no id: the daemon numbers this kind");
        return NULL;
    }
    if (!draft_assign(self, record, FIELD_MASK_ALL, fields, error))
        return NULL;
    draft_default(self, record);
    if (!kind->coded)
        record->id = record_id_numbered(kind, store_next_number(self->txn, kind));
    return draft_check(self, NULL, record, NULL, confirm, error) ? record : NULL;
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
    if (!draft_is_open(self, kind->writers, error))
        return NULL;
    record_t *record = make_record(self, kind, code, fields, confirm, error);
    if (record == NULL)
        return NULL;
    if (!access_may_place(self->access, &self->lookup, record, self->arena)) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, "a record in your own scope");
        return NULL;
    }
    draft_add(self, NULL, record);
    draft_add_result(self, record->id.text);
    return record;
}

record_t *draft_make(draft_t *self, const char *kind, const value_t *fields, error_t *error)
{
    if (!draft_is_open(self, ROLES_NONE, error))
        return NULL;
    record_t *record = make_record(self, schema_kind(kind), NULL, fields, false, error);
    if (record != NULL)
        draft_add(self, NULL, record);
    return record;
}

/* True when this is the newest revision of the record, or no revision was named. */
static bool is_newest(draft_t *self, const record_t *record, const placement_t *placement,
                      int64_t if_revision, error_t *error)
{
    if (if_revision != DRAFT_ANY_REVISION && (uint64_t)if_revision != record->revision) {
        error_set(error, ERROR_CONFLICT, NULL, NULL);
        field_mask_t mask = access_view(self->access, record, placement, false);
        record_t *shown = record_copy(self->arena, record);
        seal_open(self->txn, shown, mask, self->arena);
        value_builder_t detail = value_builder(self->arena);
        value_add_pair(&detail, "record", record_to_view(shown, mask, self->arena));
        error->detail = value_build_map(&detail);
        return false;
    }
    return true;
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
    return is_newest(self, record, placement, if_revision, error) ? record : NULL;
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

/* A scope field that a move asks for changes by that move alone: an inquiry goes to
   another municipality by `forward`, with all that belongs to it. */
static bool check_left_to_moves(const record_t *before, const record_t *after, error_t *error)
{
    const kind_t *kind = before->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const char *name = kind->fields[i].name;
        if (!schema_words_have(kind->scope, name) ||
            kind->fields[i].target == schema_kind("user") ||
            value_equal(&before->fields[i], &after->fields[i]))
            continue;
        for (size_t j = 0; j < kind->n_moves; j++)
            if (schema_words_have(kind->moves[j].required, name))
                return error_set(error, ERROR_READ_ONLY, name, "the move %s", kind->moves[j].verb);
    }
    return true;
}

record_t *draft_patch(draft_t *self, const char *id, const value_t *fields, int64_t if_revision,
                      error_t *error)
{
    field_mask_t visible = 0;
    const record_t *before = writable_record(self, id, if_revision, &visible, error);

    if (before == NULL || !draft_is_open(self, before->id.kind->writers, error))
        return NULL;
    record_t *after = record_copy(self->arena, before);
    if (!draft_assign(self, after, visible, fields, error) ||
        !check_left_to_moves(before, after, error) ||
        !draft_check(self, before, after, NULL, true, error))
        return NULL;
    if (scope_changed(before, after) &&
        !access_may_place(self->access, &self->lookup, after, self->arena)) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, "a record in your own scope");
        return NULL;
    }
    /* What changes nothing is no change: no revision, no push. */
    if (!record_equal_fields(before, after))
        draft_add(self, before, after);
    draft_add_result(self, after->id.text);
    return after;
}

/* The moves that this user could make now, as the error's detail. */
static void set_possible_moves(draft_t *self, const record_t *record, const char *state,
                               error_t *error)
{
    const placement_t *placement = placement_of(&self->lookup, record, self->arena);
    value_builder_t detail = value_builder(self->arena);

    value_add_pair(&detail, "state", value_text(state));
    value_add_pair(&detail, "moves", moves_possible(self->access, record, placement, self->arena));
    error->detail = value_build_map(&detail);
}

static bool check_move_fields(const record_t *record, const move_t *move, arena_t *arena,
                              error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const value_t *value = &record->fields[i];
        if (schema_words_have(move->required, kind->fields[i].name) &&
            (value->form == VALUE_ABSENT || (value->form == VALUE_BOOLEAN && !value->boolean) ||
             (value->form == VALUE_LIST && value->count == 0)))
            return error_set(error, ERROR_REQUIRED, kind->fields[i].name, "%s",
                             field_expects(&kind->fields[i], arena));
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

/* The record to move, when the writer may write it or make a move of that name; the
   fields that may change with it: of a record that is not the writer's to write those
   alone that the move asks for. */
static const record_t *movable_record(draft_t *self, const char *id, const char *verb,
                                      int64_t if_revision, field_mask_t *open, error_t *error)
{
    const record_t *record = named_record(self, id, "id", error);

    if (record == NULL)
        return NULL;
    const kind_t *kind = record->id.kind;
    const placement_t *placement = placement_of(&self->lookup, record, self->arena);
    const move_t *move = kind_move(kind, verb, NULL);
    bool writes = access_may_write(self->access, record, placement);
    if (!writes && (move == NULL || !access_may_move(self->access, record, placement, move))) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, NULL);
        return NULL;
    }
    *open = access_view(self->access, record, placement, true);
    for (size_t i = 0; !writes && i < kind->n_fields; i++)
        if (!schema_words_have(move->required, kind->fields[i].name))
            *open &= ~((field_mask_t)1 << i);
    return is_newest(self, record, placement, if_revision, error) ? record : NULL;
}

record_t *draft_move(draft_t *self, const char *id, const char *verb, const value_t *fields,
                     int64_t if_revision, error_t *error)
{
    field_mask_t open = 0;
    const record_t *before = movable_record(self, id, verb, if_revision, &open, error);

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
    const placement_t *placement = placement_of(&self->lookup, before, self->arena);
    if (!access_may_move(self->access, before, placement, move)) {
        error_set(error, ERROR_NOT_ALLOWED, "verb", NULL);
        return NULL;
    }
    if (!draft_is_open(self, move->roles, error))
        return NULL;
    record_t *after = record_copy(self->arena, before);
    if (!draft_assign(self, after, open, fields, error) ||
        !check_move_scope(self, before, after, move, error))
        return NULL;
    const char *to = move->to;
    if (move_field(kind, move) != NULL)
        to = record_get_text(before, move->to);
    if (to == NULL) {
        error_set(error, ERROR_IMPOSSIBLE_MOVE, "verb", NULL);
        set_possible_moves(self, before, state, error);
        return NULL;
    }
    if (strcmp(to, "same") != 0)
        record_set(after, "state", value_text(to));
    if (!draft_check(self, before, after, move, true, error) ||
        !check_move_fields(after, move, self->arena, error))
        return NULL;
    draft_add(self, before, after);
    draft_add_result(self, after->id.text);
    return after;
}

/* -- delete ------------------------------------------------------------------------------ */

#define REFERRERS_LISTED 20u

/* True when a reference field names the id, alone or in its list. */
static bool names(const value_t *value, const char *id)
{
    bool found = value->form == VALUE_TEXT && strcmp(value->text, id) == 0;

    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        found = found || strcmp(value->items[i].text, id) == 0;
    return found;
}

/* What the daemon alone keeps of a record, such as its matches, does not hold it back. */
static bool is_kept(const kind_t *kind)
{
    return kind->writers == ROLES_NONE;
}

/* The records that keep `id` from being deleted: those that the writer sees to refer to
   it, by id, the rest as a number. */
static bool check_unreferenced(draft_t *self, const record_t *record, error_t *error)
{
    value_builder_t by = value_builder(self->arena);
    unsigned seen = 0, others = 0;
    record_id_t from;
    const field_t *field;

    referrer_scan_t *scan = referrer_scan(self->txn, &record->id, self->arena);
    while (seen + others <= REFERRERS_LISTED && referrer_next(scan, &from, &field)) {
        const record_t *referrer = draft_get(self, &from);
        if (record_id_equal(&from, &record->id) || referrer == NULL || is_kept(from.kind))
            continue;
        /* The draft may have taken the reference away already. */
        if (!names(&referrer->fields[field->index], record->id.text))
            continue;
        if (draft_view(self, referrer) & ((field_mask_t)1 << field->index)) {
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
        if (other == NULL || record_id_equal(&other->id, &record->id) || is_kept(other->id.kind))
            continue;
        for (size_t j = 0; j < other->id.kind->n_fields; j++) {
            if (other->id.kind->fields[j].type == TYPE_REFERENCE &&
                names(&other->fields[j], record->id.text))
                return error_set(error, ERROR_REFERENCED, NULL, NULL);
        }
    }
    return true;
}

/* What is kept of the record goes with it, or stays without it. */
static void release(draft_t *self, const record_t *record)
{
    record_id_t from;
    const field_t *field;

    referrer_scan_t *scan = referrer_scan(self->txn, &record->id, self->arena);
    while (referrer_next(scan, &from, &field)) {
        const record_t *kept = is_kept(from.kind) ? draft_get(self, &from) : NULL;
        const value_t *list = kept != NULL ? &kept->fields[field->index] : &value_absent;
        value_builder_t others = value_builder(self->arena);
        for (uint32_t i = 0; list->form == VALUE_LIST && i < list->count; i++)
            if (strcmp(list->items[i].text, record->id.text) != 0)
                value_add(&others, list->items[i]);
        if (others.count > 0)
            record_set(draft_edit_record(self, kept), field->name, value_build_list(&others));
        else if (kept != NULL)
            draft_drop_record(self, kept);
    }
    referrer_scan_end(&scan);
}

const record_t *draft_delete(draft_t *self, const char *id, int64_t if_revision, error_t *error)
{
    field_mask_t visible = 0;
    const record_t *before = writable_record(self, id, if_revision, &visible, error);

    if (before == NULL)
        return NULL;
    const operation_t *earlier = draft_find(self, &before->id);
    if (earlier != NULL && earlier->before == NULL) {
        error_set(error, ERROR_INVALID, "id", "a record that was there before this batch");
        return NULL;
    }
    const rules_t *rules = rules_of(before->id.kind);
    if (rules != NULL && rules->check != NULL && !rules->check(self, before, NULL, true, error))
        return NULL;
    if (!draft_lets_go(self, before, NULL, error) || !check_unreferenced(self, before, error) ||
        !check_undrafted(self, before, error))
        return NULL;
    release(self, before);
    draft_add(self, before, NULL);
    draft_add_result(self, before->id.text);
    return before;
}

/* -- for commands of their own -------------------------------------------------------- */

record_t *draft_new_record(draft_t *self, const kind_t *kind)
{
    record_t *record = record_new(self->arena, kind);

    record->id = record_id_numbered(kind, store_next_number(self->txn, kind));
    draft_default(self, record);
    draft_add(self, NULL, record);
    return record;
}

record_t *draft_edit_record(draft_t *self, const record_t *record)
{
    record_t *after = record_copy(self->arena, record);

    draft_add(self, record, after);
    return after;
}

void draft_drop_record(draft_t *self, const record_t *record)
{
    draft_add(self, record, NULL);
}

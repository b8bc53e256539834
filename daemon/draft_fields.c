#include "draft_parts.h"

#include "clock.h"
#include "due.h"
#include "index.h"
#include "merges.h"
#include "records.h"
#include "rules/rules.h"
#include "seal.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

/* `$n` of the batch to its id, and what is merged into another to that. */
static bool resolve_references(const draft_t *self, value_t *value, error_t *error,
                               const char *field)
{
    if (value->form == VALUE_TEXT) {
        const char *resolved = draft_resolve(self, value->text);
        if (resolved == NULL)
            return error_set(error, ERROR_INVALID, field, "$n of an earlier write in the batch");
        *value = value_text(merges_resolve(&self->lookup, resolved, self->arena));
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

    if (field == NULL || (field->attributes & FIELD_INTERNAL))
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

bool draft_assign(draft_t *self, record_t *record, field_mask_t visible, const value_t *fields,
                  error_t *error)
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

void draft_default(draft_t *self, record_t *record)
{
    const kind_t *kind = record->id.kind;

    record_fill(record, self->arena);
    if (kind_field(kind, "created") != NULL)
        record_set(record, "created", value_integer((int64_t)self->now_ms));
    if (kind_field(kind, "created_by") != NULL && self->access != &access_daemon)
        record_set(record, "created_by",
                   value_text(arena_text(self->arena, self->access->user.text)));
}

/* A reference to what the writer may not see is answered as one to nothing. Where no
   record of the kind can be hidden from the writer, to be there is enough. */
static bool reference_stands(draft_t *self, const char *text)
{
    record_id_t id;

    if (!record_id_parse(&id, text, NULL))
        return false;
    if (self->access == &access_daemon)
        return draft_get(self, &id) != NULL;
    bool open = (self->access->roles & id.kind->readers) && *id.kind->follows == '\0' &&
                kind_field(id.kind, "protected") == NULL;
    const operation_t *operation = draft_find(self, &id);
    if (operation != NULL)
        return operation->after != NULL;
    return open ? records_exists(self->txn, &id) : draft_visible(self, &id) != NULL;
}

/* Who is named as contact opens to whoever may write the record (cmd_read.c): it must be
   one whom the writer sees, or of the employer that the record is about. */
static bool may_name(draft_t *self, const record_t *record, const field_t *field,
                     const record_id_t *id)
{
    if (self->access == &access_daemon || field->class != CLASS_LOCAL ||
        (id->kind->personal == 0 || *id->kind->subject == '\0'))
        return true;
    const record_t *person = draft_get(self, id);
    const char *organisation = person != NULL ? record_get_text(person, "organisation") : NULL;
    const char *employer = record_get_text(
        record, kind_field(record->id.kind, "employer") != NULL ? "employer" : "organisation");
    return person != NULL &&
           ((organisation != NULL && employer != NULL && strcmp(organisation, employer) == 0) ||
            access_is_own(self->access, person, placement_of(&self->lookup, person, self->arena)));
}

/* Why people's data of this subject cannot be changed; ERROR_NONE when it can. */
static error_code_t subject_refusal(draft_t *self, const record_id_t *id)
{
    if (kind_state(id->kind, "erased") == NULL)
        return ERROR_NONE;
    const record_t *subject = draft_get(self, id);
    const char *state = subject != NULL ? record_get_text(subject, "state") : NULL;
    if (state == NULL)
        return ERROR_NONE;
    return strcmp(state, "erased") == 0       ? ERROR_ERASED
           : strcmp(state, "restricted") == 0 ? ERROR_RESTRICTED
                                              : ERROR_NONE;
}

/* Whose data the record holds of someone else, and why it cannot be changed. */
static error_code_t held_refusal(draft_t *self, const record_t *record)
{
    const char *subject = record_get_text(record, record->id.kind->subject);
    record_id_t id;

    return subject != NULL && record_id_parse(&id, subject, NULL) ? subject_refusal(self, &id)
                                                                  : ERROR_NONE;
}

bool draft_lets_go(draft_t *self, const record_t *record, const char *field, error_t *error)
{
    field_mask_t mask = seal_mask(record);
    bool holds = false;

    for (size_t i = 0; !holds && i < record->id.kind->n_fields; i++)
        holds = mask & (field_mask_t)1 << i && record->fields[i].form != VALUE_ABSENT;
    error_code_t code = holds ? held_refusal(self, record) : ERROR_NONE;
    return code == ERROR_NONE || error_set(error, code, field, NULL);
}

/* What is held lies under the key of whose it is: it does not become another's. */
static bool check_nothing_taken(const record_t *before, const record_t *after, error_t *error)
{
    const kind_t *kind = before->id.kind;
    field_mask_t mask = seal_mask(before);

    for (size_t i = 0; i < kind->n_fields; i++)
        if (mask & (field_mask_t)1 << i && before->fields[i].form != VALUE_ABSENT &&
            value_equal(&before->fields[i], &after->fields[i]))
            return error_set(error, ERROR_INVALID, kind->subject,
                             "the same person, or what is noted of them cleared");
    return true;
}

/* What a record holds of someone else who is erased gets no new key; while processing is
   restricted it stays as it is, and theirs. */
static bool check_subject(draft_t *self, const record_t *before, const record_t *after,
                          error_t *error)
{
    const kind_t *kind = after->id.kind;
    error_code_t code = held_refusal(self, after);
    field_mask_t mask = code != ERROR_NONE ? seal_mask(after) : 0;

    for (size_t i = 0; mask != 0 && i < kind->n_fields; i++)
        if (mask & (field_mask_t)1 << i &&
            !value_equal(before != NULL ? &before->fields[i] : &value_absent, &after->fields[i]))
            return error_set(error, code, kind->fields[i].name, NULL);
    return before == NULL ||
           value_equal(record_get(before, kind->subject), record_get(after, kind->subject)) ||
           (draft_lets_go(self, before, kind->subject, error) &&
            check_nothing_taken(before, after, error));
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
        for (uint32_t j = 0; j < count; j++) {
            record_id_t id;
            if (!reference_stands(self, items[j].text) ||
                !record_id_parse(&id, items[j].text, NULL) || !may_name(self, after, field, &id))
                return error_set(error, ERROR_REFERENCE, field->name, "the id of a %s",
                                 field->target != NULL ? field->target->label : "record");
            if (subject_refusal(self, &id) == ERROR_ERASED)
                return error_set(error, ERROR_ERASED, field->name, NULL);
        }
    }
    return true;
}

static bool check_required(draft_t *self, const record_t *record, error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++)
        if ((kind->fields[i].attributes & FIELD_REQUIRED) && record->fields[i].form == VALUE_ABSENT)
            return error_set(error, ERROR_REQUIRED, kind->fields[i].name, "%s",
                             field_expects(&kind->fields[i], self->arena));
    return true;
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
            taken = other != NULL && !record_id_equal(&id, &record->id) &&
                    value_equal(&other->fields[i], value);
        }
        index_scan_end(&scan);
        for (size_t j = 0; j < self->n_operations && !taken; j++) {
            const record_t *other = self->operations[j].after;
            taken = other != NULL && other->id.kind == kind &&
                    !record_id_equal(&other->id, &record->id) &&
                    value_equal(&other->fields[i], value);
        }
        if (taken)
            return error_set(error, ERROR_DUPLICATE, field->name, NULL);
    }
    return true;
}

#define CHAIN_MAX 32u /* areas nest four deep, units of organisations fewer */

/* A record is no part of itself, and is not about itself, over however many others; and
   it hangs on no more of them than are looked at for who may see it. */
static bool check_chain(draft_t *self, const record_t *record, const field_t *field, error_t *error)
{
    const value_t *value = &record->fields[field->index];

    bool follows_others = strcmp(field->name, record->id.kind->follows) == 0;
    for (unsigned steps = 0; value->form == VALUE_TEXT; steps++) {
        record_id_t id;
        if (follows_others && steps == PLACEMENT_DEPTH)
            return error_set(error, ERROR_INVALID, field->name,
                             "a record that hangs on no more than two others");
        if (strcmp(value->text, record->id.text) == 0 || steps == CHAIN_MAX)
            return error_set(error, ERROR_INVALID, field->name,
                             "a record that does not lead back here");
        const record_t *next =
            record_id_parse(&id, value->text, NULL) ? draft_get(self, &id) : NULL;
        if (next == NULL)
            return true;
        const char *follows =
            next->id.kind == record->id.kind ? field->name : next->id.kind->follows;
        value = record_get(next, follows);
    }
    return true;
}

static bool check_chains(draft_t *self, const record_t *record, error_t *error)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if ((field->target == kind || strcmp(field->name, kind->follows) == 0) &&
            !(field->attributes & FIELD_MANY) && !check_chain(self, record, field, error))
            return false;
    }
    return true;
}

/* Nobody need say that what was late is done, or has another day. What it becomes by time
   alone is the timers' to say. */
static void clear_late(const draft_t *self, record_t *record)
{
    const kind_t *kind = record->id.kind;
    char today[DAY_TEXT_SIZE], day[DAY_TEXT_SIZE];

    clock_day(self->now_ms, today);
    for (size_t i = 0; i < kind->n_dues; i++) {
        const field_t *flag = kind->dues[i].flag;
        bool late = false;
        for (size_t j = 0; flag != NULL && j < kind->n_dues; j++)
            late = late || (kind->dues[j].flag == flag && due_day(record, &kind->dues[j], day) &&
                            strcmp(day, today) <= 0);
        if (flag != NULL && !late)
            record->fields[flag->index] = value_absent;
    }
}

/* A day on which something is to happen is still to come when it is set. */
static bool check_to_come(const draft_t *self, const record_t *before, const record_t *after,
                          error_t *error)
{
    const kind_t *kind = after->id.kind;
    char today[DAY_TEXT_SIZE];

    clock_day(self->now_ms, today);
    for (size_t i = 0; i < kind->n_dues; i++) {
        const due_t *row = &kind->dues[i];
        const value_t *day = &after->fields[row->field->index];
        if ((row->field->attributes & FIELD_DAEMON) || day->form != VALUE_TEXT ||
            (before != NULL && value_equal(&before->fields[row->field->index], day)))
            continue;
        int order = strcmp(day->text, today);
        if (order < 0 || (order == 0 && !row->after))
            return error_set(error, ERROR_INVALID, row->on,
                             row->after ? "a day no earlier than %s" : "a day after %s", today);
    }
    return true;
}

/* All that must hold of a record before it may stand. */
bool draft_check(draft_t *self, const record_t *before, record_t *after, const move_t *move,
                 bool confirm, error_t *error)
{
    const rules_t *rules = rules_of(after->id.kind);

    if (rules != NULL && rules->fill != NULL && !rules->fill(self, before, after, move, error))
        return false;
    clear_late(self, after);
    return check_required(self, after, error) && check_to_come(self, before, after, error) &&
           check_references(self, before, after, error) &&
           check_subject(self, before, after, error) && check_chains(self, after, error) &&
           check_unique(self, after, error) &&
           (rules == NULL || rules->check == NULL ||
            rules->check(self, before, after, confirm, error));
}

#include "without.h"

#include "index.h"
#include "merges.h"
#include "records.h"

#include <string.h>

static bool parse_field(without_t *self, call_t *call, const kind_t *listed, const value_t *given)
{
    const char *kind = value_get_text(given, "kind"), *field = value_get_text(given, "field");

    self->kind = kind != NULL ? schema_kind(kind) : NULL;
    if (self->kind == NULL)
        return error_set(&call->error, ERROR_UNKNOWN_KIND, "without", NULL);
    self->field = field != NULL ? kind_field(self->kind, field) : NULL;
    if (self->field == NULL || self->field->type != TYPE_REFERENCE ||
        (self->field->attributes & FIELD_INTERNAL) || self->field->class == CLASS_PERSONAL ||
        (self->field->target != NULL && self->field->target != listed))
        return error_set(&call->error, ERROR_INVALID, "without",
                         "`field`: one of %s that refers to %s", self->kind->name, listed->name);
    return true;
}

/* The index that has the reference and then what lies in a range; else that of the
   reference alone. */
static void choose_index(without_t *self)
{
    self->index = index_find(self->kind, &self->field->name, 1);
    for (unsigned i = 0; self->range == NULL && i < self->n_conditions; i++) {
        const condition_t *condition = &self->conditions[i];
        if (condition->field == NULL || !condition->range)
            continue;
        const char *fields[] = {self->field->name, condition->field->name};
        const index_t *index = index_find(self->kind, fields, 2);
        if (index != NULL) {
            self->index = index;
            self->range = condition;
        }
    }
}

bool without_parse(without_t *self, call_t *call, const kind_t *listed, const value_t *given)
{
    const value_t *where = value_get(given, "where");

    memset(self, 0, sizeof *self);
    if (!parse_field(self, call, listed, given))
        return false;
    for (uint32_t i = 0; where->form == VALUE_MAP && i < where->count; i++) {
        if (self->n_conditions == WITHOUT_CONDITIONS_MAX)
            return error_set(&call->error, ERROR_TOO_LARGE, "without", "at most %u conditions",
                             WITHOUT_CONDITIONS_MAX);
        const field_t *field = kind_field(self->kind, where->items[2 * i].text);
        if (field != NULL && (field->class == CLASS_PERSONAL || field->type == TYPE_NUMBER ||
                              (field->attributes & FIELD_SEALED)))
            return error_set(&call->error, ERROR_NOT_ALLOWED, "without",
                             "fields that are not personal");
        if (!condition_parse(&self->conditions[self->n_conditions++], call, self->kind,
                             where->items[2 * i].text, &where->items[2 * i + 1]))
            return false;
    }
    choose_index(self);
    return true;
}

/* Over the reader's view, as all of a query. */
static bool counts(const without_t *self, call_t *call, const record_t *referrer)
{
    field_mask_t mask = call_mask(call, referrer);
    bool personal = false;

    if (!(mask & ((field_mask_t)1 << self->field->index)))
        return false;
    for (unsigned i = 0; i < self->n_conditions; i++)
        if (!condition_holds(&self->conditions[i], call, referrer, mask, &personal))
            return false;
    return true;
}

/* Those that refer to this id. */
static bool is_referred(without_t *self, call_t *call, const record_id_t *to)
{
    value_t id = value_text(to->text);
    bool referred = false;
    index_scan_t *scan = index_scan(call->txn, self->kind, self->index, &id, 1, true, call->arena);
    record_id_t from;

    if (self->range != NULL)
        index_bound(scan, &self->range->from, &self->range->to);
    while (!referred && self->examined <= WITHOUT_EXAMINED_MAX && index_next(scan, &from)) {
        const record_t *referrer = records_get(call->txn, &from, call->arena);
        referred = referrer != NULL && counts(self, call, referrer);
        self->examined++;
    }
    index_scan_end(&scan);
    return referred;
}

/* Or to one that was merged into it, or into that: records go on naming what they named. */
static bool is_referred_merged(without_t *self, call_t *call, const record_id_t *to, unsigned depth)
{
    const field_t *merged = merges_field(to->kind);
    value_t id = value_text(to->text);
    bool referred = is_referred(self, call, to);
    record_id_t one;

    if (referred || merged == NULL || depth == PLACEMENT_DEPTH)
        return referred;
    index_scan_t *scan = index_scan(call->txn, to->kind, index_find(to->kind, &merged->name, 1),
                                    &id, 1, false, call->arena);
    while (!referred && index_next(scan, &one))
        referred = is_referred_merged(self, call, &one, depth + 1);
    index_scan_end(&scan);
    return referred;
}

bool without_referred(without_t *self, call_t *call, const record_t *record, bool *referred)
{
    *referred = is_referred_merged(self, call, &record->id, 0);
    return self->examined <= WITHOUT_EXAMINED_MAX ||
           error_set(&call->error, ERROR_TOO_BROAD, "without", "at most %u that refer to others",
                     WITHOUT_EXAMINED_MAX);
}

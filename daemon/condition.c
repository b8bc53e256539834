#include "condition.h"

#include "index.h"
#include "merges.h"
#include "seal.h"

#include <string.h>

/* -- parsing -------------------------------------------------------------------- */

static bool check_value(const condition_t *self, call_t *call, value_t *value)
{
    if (self->field == NULL)
        return value->form == VALUE_TEXT ||
               error_set(&call->error, ERROR_INVALID, "id", "an id such as inq-12");
    return value->form == VALUE_ABSENT ||
           (wire_clean_text(value, true, call->arena, &call->error) &&
            field_check(&self->scalar, value, call->arena, &call->error));
}

static bool has_order(type_t type)
{
    return type == TYPE_INTEGER || type == TYPE_MONEY || type == TYPE_DEGREES ||
           type == TYPE_TENTHS || type == TYPE_INSTANT || type == TYPE_DATE;
}

/* "from" and "to", one of them at least, and nothing else. */
static bool parse_range(condition_t *self, call_t *call, const value_t *given)
{
    bool known = true;

    self->range = true;
    for (uint32_t i = 0; i < given->count; i++) {
        bool to = strcmp(given->items[2 * i].text, "to") == 0;
        known = known && (to || strcmp(given->items[2 * i].text, "from") == 0);
        *(to ? &self->to : &self->from) = given->items[2 * i + 1];
    }
    bool from = self->from.form != VALUE_ABSENT, to = self->to.form != VALUE_ABSENT;
    /* An end may lie beyond what the field itself may be: from 0, up to a billion. */
    if (self->scalar.type != TYPE_DATE) {
        self->scalar.least = INT64_MIN;
        self->scalar.most = INT64_MAX;
    }
    if (!check_value(self, call, &self->from) || !check_value(self, call, &self->to))
        return false;
    bool backward = from && to && index_compare(self->field, &self->from, &self->to) > 0;
    if (!known || !(from || to) || backward)
        return error_set(&call->error, ERROR_INVALID, self->field->name,
                         "from, to or both, and from not after to");
    return true;
}

static bool parse_values(condition_t *self, call_t *call, const char *name, const value_t *given)
{
    bool list = given->form == VALUE_LIST;
    uint32_t count = list ? given->count : 1;

    if (count == 0 || count > CONDITION_VALUES_MAX)
        return error_set(&call->error, ERROR_INVALID, name, "1 to %u values", CONDITION_VALUES_MAX);
    value_t *values = arena_copy(call->arena, list ? given->items : given, count * sizeof *values);
    for (uint32_t i = 0; i < count; i++)
        if (!check_value(self, call, &values[i]))
            return false;
    self->values = values;
    self->n_values = count;
    return true;
}

/* The field by which records of a kind lie below others of it, where all may know. */
static const field_t *tree_field(const kind_t *kind)
{
    const field_t *parent = kind != NULL ? kind_field(kind, "parent") : NULL;

    return parent != NULL && parent->target == kind && parent->class == CLASS_PUBLIC ? parent
                                                                                     : NULL;
}

static bool has_value(const condition_t *self, const char *text)
{
    for (uint32_t i = 0; i < self->n_values; i++)
        if (self->values[i].form == VALUE_TEXT && strcmp(self->values[i].text, text) == 0)
            return true;
    return false;
}

/* What lies below the values joins them, and what lies below that: `parent` says of one
   where it lies. */
static bool add_below(condition_t *self, call_t *call, const field_t *parent)
{
    const kind_t *kind = self->field->target;
    const index_t *index = index_find(kind, &parent->name, 1);
    value_t *values = arena_alloc(call->arena, CONDITION_VALUES_MAX * sizeof *values);

    memcpy(values, self->values, self->n_values * sizeof *values);
    self->values = values;
    for (uint32_t i = 0; i < self->n_values; i++) {
        index_scan_t *scan = index_scan(call->txn, kind, index, &values[i], 1, false, call->arena);
        bool fits = true;
        record_id_t id;
        while (fits && values[i].form == VALUE_TEXT && index_next(scan, &id)) {
            if (has_value(self, id.text))
                continue;
            fits = self->n_values < CONDITION_VALUES_MAX;
            if (fits)
                values[self->n_values++] = value_text(arena_text(call->arena, id.text));
        }
        index_scan_end(&scan);
        if (!fits)
            return error_set(&call->error, ERROR_TOO_BROAD, self->field->name,
                             "at most %u values with what lies below them", CONDITION_VALUES_MAX);
    }
    return true;
}

/* One that is merged into another is the other. */
static void resolve_merged(condition_t *self, call_t *call)
{
    value_t *values = arena_copy(call->arena, self->values, self->n_values * sizeof *values);

    for (uint32_t i = 0; i < self->n_values; i++)
        if (values[i].form == VALUE_TEXT)
            values[i] = value_text(merges_resolve(&call->lookup, values[i].text, call->arena));
    self->values = values;
}

bool condition_parse(condition_t *self, call_t *call, const kind_t *kind, const char *name,
                     const value_t *given)
{
    memset(self, 0, sizeof *self);
    if (strcmp(name, "id") != 0) {
        self->field = kind_field(kind, name);
        if (self->field == NULL || (self->field->attributes & FIELD_INTERNAL))
            return error_set(&call->error, ERROR_UNKNOWN_FIELD, name, NULL);
        self->scalar = *self->field;
        self->scalar.attributes &= ~FIELD_MANY;
    }
    bool ordered = self->field != NULL && has_order(self->field->type);
    if (!(given->form == VALUE_MAP && ordered ? parse_range(self, call, given)
                                              : parse_values(self, call, name, given)))
        return false;
    if (self->field != NULL && self->field->class == CLASS_PERSONAL && call->purpose != NULL)
        call_note(call, NULL);
    /* The tree's own field says what lies right below, as does that of merging. */
    const field_t *parent = self->field != NULL ? tree_field(self->field->target) : NULL;
    const field_t *into = self->field != NULL ? merges_field(self->field->target) : NULL;
    if (into != NULL && into != self->field) {
        resolve_merged(self, call);
        parent = into;
    }
    return parent == NULL || parent == self->field || add_below(self, call, parent);
}

/* -- matching -------------------------------------------------------------------- */

static bool value_matches(const condition_t *self, const value_t *has)
{
    if (self->range)
        return has->form != VALUE_ABSENT &&
               (self->from.form == VALUE_ABSENT ||
                index_compare(self->field, has, &self->from) >= 0) &&
               (self->to.form == VALUE_ABSENT || index_compare(self->field, has, &self->to) <= 0);
    for (uint32_t i = 0; i < self->n_values; i++)
        if (value_equal(has, &self->values[i]))
            return true;
    return false;
}

bool condition_holds(const condition_t *self, call_t *call, const record_t *record,
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
            *personal = *personal || !(self->field->attributes & FIELD_SEALED);
        }
    }
    if (has->form != VALUE_LIST)
        return value_matches(self, has);
    for (uint32_t i = 0; i < has->count; i++)
        if (value_matches(self, &has->items[i]))
            return true;
    return has->count == 0 && value_matches(self, &value_absent);
}

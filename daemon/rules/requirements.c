#include "requirements.h"

#include <string.h>

/* What a record asks for in a field; absent where others may not know. */
static const value_t *asked(const record_t *record, const char *name, bool whole)
{
    const field_t *field = kind_field(record->id.kind, name);

    return whole || field->shown_discreet || !record_get_boolean(record, "discreet")
               ? &record->fields[field->index]
               : &value_absent;
}

/* The inquiry behind the i-th opt-in when it is in the pool and another than this. */
static const record_t *other_inquiry(draft_t *draft, const opt_ins_t *opt_ins, size_t i,
                                     const record_t *inquiry)
{
    const record_t *opt_in = opt_ins->items[i];

    return pools_is_in(opt_in) && !record_is(opt_in, "inquiry", inquiry->id.text)
               ? draft_named(draft, opt_in, "inquiry")
               : NULL;
}

/* -- periods ------------------------------------------------------------------------------ */

static const char *later(const char *a, const char *b)
{
    return a == NULL || (b != NULL && strcmp(b, a) > 0) ? b : a;
}

static const char *earlier(const char *a, const char *b)
{
    return a == NULL || (b != NULL && strcmp(b, a) < 0) ? b : a;
}

static bool periods_meet(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                         const record_t *inquiry, error_t *error)
{
    const char *from = record_get_text(pool, "period_from");
    const char *to = record_get_text(pool, "period_to");

    for (size_t i = 0; i < opt_ins->count; i++) {
        const record_t *other = other_inquiry(draft, opt_ins, i, inquiry);
        if (other == NULL)
            continue;
        from = later(from, record_get_text(other, "period_from"));
        to = earlier(to, record_get_text(other, "period_to"));
    }
    const char *first = record_get_text(inquiry, "period_from");
    const char *last = record_get_text(inquiry, "period_to");
    if (first != NULL && to != NULL && strcmp(first, to) > 0)
        return error_set(error, ERROR_INVALID, "period_from", "a day no later than %s", to);
    if (last != NULL && from != NULL && strcmp(last, from) < 0)
        return error_set(error, ERROR_INVALID, "period_to", "a day no earlier than %s", from);
    return true;
}

/* -- words -------------------------------------------------------------------------------- */

static value_t as_list(const value_t *value)
{
    return value->form == VALUE_TEXT ? value_list(value, 1) : *value;
}

/* What both have; one that asks for nothing has all. */
static value_t common(const value_t *a, const value_t *b, arena_t *arena)
{
    value_builder_t both = value_builder(arena);

    if (a->form == VALUE_ABSENT || b->form == VALUE_ABSENT)
        return a->form == VALUE_ABSENT ? *b : *a;
    for (uint32_t i = 0; i < a->count; i++)
        if (value_list_has(b, a->items[i].text))
            value_add(&both, a->items[i]);
    return value_build_list(&both);
}

static bool words_meet(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                       const record_t *inquiry, const char *name, bool whole, error_t *error)
{
    arena_t *arena = draft_arena(draft);
    value_t left = as_list(record_get(pool, name));

    for (size_t i = 0; i < opt_ins->count; i++) {
        const record_t *other = other_inquiry(draft, opt_ins, i, inquiry);
        value_t wants = other != NULL ? as_list(asked(other, name, false)) : value_absent;
        left = common(&left, &wants, arena);
    }
    value_t wants = as_list(asked(inquiry, name, whole));
    value_t meets = common(&left, &wants, arena);
    if (meets.form == VALUE_ABSENT || meets.count > 0)
        return true;
    return error_set(error, ERROR_INVALID, name, "one of %s",
                     field_print(kind_field(pool->id.kind, name), &left, arena));
}

bool requirements_meet(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                       const record_t *inquiry, bool whole, error_t *error)
{
    static const char *const words[] = {"form", "level", "language", "time_of_day"};
    bool meet = periods_meet(draft, pool, opt_ins, inquiry, error);

    for (size_t i = 0; meet && i < sizeof words / sizeof *words; i++)
        meet = words_meet(draft, pool, opt_ins, inquiry, words[i], whole, error);
    return meet;
}

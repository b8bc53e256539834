#include "rules.h"

#include "clock.h"
#include "pools.h"
#include "provider.h"
#include "ranges.h"
#include "shares.h"
#include "unit.h"

#include <string.h>

/* What a provider answers with; what was sent says it, and goes on saying it. */
static const char *const answers[] = {"content",   "goals",           "arrangement", "period_from",
                                      "period_to", "minimum",         "maximum",     "price_model",
                                      "price",     "currency",        "vat",         "valid_until",
                                      "course",    "development_cost"};

static bool is_answer(const char *field)
{
    bool found = false;

    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        found = found || strcmp(answers[i], field) == 0;
    return found;
}

static bool is_state(const record_t *record, const char *a, const char *b)
{
    return record_is(record, "state", a) || record_is(record, "state", b);
}

/* The first field that differs, of those that are answers or of the others; or NULL. */
static const char *changed_field(const record_t *before, const record_t *after, bool answer)
{
    const kind_t *kind = after->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (is_answer(kind->fields[i].name) == answer &&
            strcmp(kind->fields[i].name, "state") != 0 &&
            !value_equal(&before->fields[i], &after->fields[i]))
            return kind->fields[i].name;
    return NULL;
}

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)error;
    if (before == NULL && !provider_writes(draft, after))
        unit_fill(draft, after);
    /* Each that is sent has its number. */
    if (move != NULL && strcmp(move->verb, "revise") == 0)
        record_set(after, "edition", value_integer(record_get_integer(before, "edition", 1) + 1));
    return true;
}

/* What has ended is offered nothing. */
static bool check_open(draft_t *draft, const record_t *offer, error_t *error)
{
    const record_t *inquiry = draft_named(draft, offer, "inquiry");
    const record_t *pool = draft_named(draft, offer, "pool");

    if (inquiry != NULL && !kind_state(inquiry->id.kind, record_get_text(inquiry, "state"))->open)
        return error_set(error, ERROR_INVALID, "inquiry",
                         "an inquiry that is not withdrawn, declined or closed");
    return pool == NULL || pools_is_live(pool) ||
           error_set(error, ERROR_INVALID, "pool", "a pool that is not done or dissolved");
}

static bool check_new(draft_t *draft, const record_t *offer, error_t *error)
{
    bool of_inquiry = record_get(offer, "inquiry")->form != VALUE_ABSENT;
    bool of_pool = record_get(offer, "pool")->form != VALUE_ABSENT;

    if (!of_inquiry && !of_pool)
        return error_set(error, ERROR_REQUIRED, "inquiry", "an inquiry or a pool");
    if (of_inquiry && of_pool)
        return error_set(error, ERROR_INVALID, "pool", "an inquiry or a pool, not both");
    return check_open(draft, offer, error);
}

/* -- one that stands ---------------------------------------------------------------------- */

static bool check_change(draft_t *draft, const record_t *before, const record_t *after,
                         error_t *error)
{
    static const char *const kept[] = {"inquiry", "pool"};
    const char *field;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!value_equal(record_get(before, kept[i]), record_get(after, kept[i])))
            return error_set(error, ERROR_READ_ONLY, kept[i], NULL);
    if (is_state(before, "sent", "accepted") && !record_is(after, "state", "received") &&
        (field = changed_field(before, after, true)) != NULL)
        return error_set(error, ERROR_READ_ONLY, field, "the move %s", "revise");
    if (!provider_writes(draft, before))
        return true;
    if ((field = changed_field(before, after, false)) != NULL)
        return error_set(error, ERROR_NOT_ALLOWED, field, "whoever asked for the offer");
    return true;
}

static bool check_validity(draft_t *draft, const record_t *offer, error_t *error)
{
    const char *until = record_get_text(offer, "valid_until");
    char today[11];

    clock_day(draft_now(draft), today);
    return until == NULL || strcmp(today, until) <= 0 ||
           error_set(error, ERROR_EXPIRED, "valid_until", "a day no earlier than %s", today);
}

/* A pool has one: what each pays follows from it. */
static bool accept(draft_t *draft, const record_t *offer, error_t *error)
{
    const record_t *pool = draft_named(draft, offer, "pool");

    if (pool == NULL)
        return true;
    const record_t *accepted = shares_offer(draft, pool);
    if (accepted != NULL)
        return error_set(error, ERROR_DUPLICATE, "pool",
                         "a pool without an accepted offer; this one has %s", accepted->id.text);
    opt_ins_t opt_ins = pools_opt_ins(draft, "pool", pool->id.text, NULL);
    return shares_split(draft, pool, &opt_ins, offer, NULL, error);
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (after == NULL)
        return !provider_writes(draft, before) ||
               error_set(error, ERROR_NOT_ALLOWED, NULL, "the move %s", "withdraw");
    bool moved = before != NULL && !record_is(after, "state", record_get_text(before, "state"));
    if (!(before == NULL ? check_new(draft, after, error)
                         : check_change(draft, before, after, error)) ||
        !provider_check(draft, after, error) ||
        !ranges_days(after, "period_from", "period_to", error) || !ranges_numbers(after, error))
        return false;
    if (moved && is_state(after, "sent", "accepted") &&
        (!check_open(draft, after, error) || !check_validity(draft, after, error)))
        return false;
    return !moved || !record_is(after, "state", "accepted") || accept(draft, after, error);
}

const rules_t rules_offer = {.kind = "offer", .fill = fill, .check = check};

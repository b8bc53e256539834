#include "rules.h"

#include "merges.h"
#include "pools.h"
#include "ranges.h"
#include "shares.h"

#include <string.h>

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    opt_ins_t opt_ins = pools_opt_ins(draft, "pool", after->id.text, NULL);

    (void)move;
    if (before == NULL && record_get(after, "coordinator")->form == VALUE_ABSENT &&
        draft_access(draft) != &access_daemon)
        record_set(after, "coordinator",
                   value_text(arena_text(draft_arena(draft), draft_access(draft)->user.text)));
    if (pools_is_live(after))
        pools_count(after, &opt_ins);
    else if (record_is(after, "state", "dissolved") && !record_is(before, "state", "dissolved"))
        pools_release(draft, &opt_ins);
    return !pools_is_live(after) || shares_split(draft, after, &opt_ins, NULL, NULL, error);
}

/* Of those who are in it, or asked: an employer whom the pool's brokers do not know yet is
   told of when its own broker takes the next step. */
static bool check_company(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                          error_t *error)
{
    const lookup_t *lookup = draft_lookup(draft);
    arena_t *arena = draft_arena(draft);

    for (size_t i = 0; i < opt_ins->count; i++) {
        const record_t *inquiry = draft_named(draft, opt_ins->items[i], "inquiry");
        bool known =
            inquiry != NULL && (!record_get_boolean(inquiry, "discreet") ||
                                record_get(opt_ins->items[i], "employer")->form != VALUE_ABSENT);
        const char *employer = known ? record_get_text(inquiry, "employer") : NULL;
        if (!pools_is_open(opt_ins->items[i]) || employer == NULL)
            continue;
        employer = merges_resolve(lookup, employer, arena);
        const value_t *not_with = record_get(pool, "not_with");
        for (uint32_t j = 0; j < not_with->count; j++)
            if (strcmp(merges_resolve(lookup, not_with->items[j].text, arena), employer) == 0)
                return error_set(error, ERROR_INVALID, "not_with",
                                 "an employer that is not in the pool: %s is", employer);
    }
    return true;
}

/* Shares that are agreed are written by hand, and make the price together. */
static bool check_shares(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                         error_t *error)
{
    const record_t *offer = shares_offer(draft, pool);
    int64_t total = offer != NULL ? shares_total(offer, opt_ins) : -1;

    return total < 0 || shares_sum(opt_ins) == total ||
           error_set(error, ERROR_INVALID, "price_split",
                     "shares that make %lld together; they make %lld", (long long)total,
                     (long long)shares_sum(opt_ins));
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (after == NULL)
        return true;
    opt_ins_t opt_ins = pools_opt_ins(draft, "pool", after->id.text, NULL);
    int64_t participants = record_get_integer(after, "participants", 0);
    bool agrees = before != NULL && record_is(after, "state", "agreed") &&
                  !record_is(before, "state", "agreed");

    if (!ranges_days(after, "period_from", "period_to", error) || !ranges_numbers(after, error))
        return false;
    if (participants > record_get_integer(after, "maximum", INT64_MAX))
        return error_set(error, ERROR_INVALID, "maximum", "a number of at least %lld",
                         (long long)participants);
    if (before != NULL &&
        !value_equal(record_get(before, "not_with"), record_get(after, "not_with")) &&
        !check_company(draft, after, &opt_ins, error))
        return false;
    return !agrees || !record_is(after, "price_split", "by_agreement") ||
           check_shares(draft, after, &opt_ins, error);
}

const rules_t rules_pool = {.kind = "pool", .fill = fill, .check = check};

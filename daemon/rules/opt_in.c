#include "rules.h"

#include "merges.h"
#include "pools.h"
#include "requirements.h"
#include "shares.h"

#include <string.h>

/* One employer's yes, in three steps (DOMAIN: discreet inquiries). */

static bool is_changed(const record_t *before, const record_t *after, const char *field)
{
    return !value_equal(before != NULL ? record_get(before, field) : &value_absent,
                        record_get(after, field));
}

/* What the employer says is the inquiry's broker's to note. */
static bool check_speaker(const record_t *before, const record_t *after, const move_t *move,
                          error_t *error)
{
    static const char *const said[] = {"said_on", "said_how", "said_by", "participants"};

    if (move != NULL)
        return error_set(error, ERROR_NOT_ALLOWED, "verb", "the inquiry's broker");
    /* Whoever asks may ask for so many. */
    size_t count = before == NULL ? 3 : 4;
    for (size_t i = 0; i < count; i++)
        if (is_changed(before, after, said[i]))
            return error_set(error, ERROR_NOT_ALLOWED, said[i], "the inquiry's broker");
    return true;
}

/* -- joining ------------------------------------------------------------------------------ */

static bool check_elsewhere(draft_t *draft, const record_t *opt_in, const record_t *inquiry,
                            error_t *error)
{
    opt_ins_t others = pools_opt_ins(draft, "inquiry", inquiry->id.text, NULL);

    for (size_t i = 0; i < others.count; i++) {
        const record_t *other = others.items[i];
        const record_t *pool = draft_named(draft, other, "pool");
        if (record_id_equal(&other->id, &opt_in->id) || pool == NULL || !pools_is_live(pool))
            continue;
        bool same = record_is(opt_in, "pool", pool->id.text);
        if (same ? pools_is_open(other) : pools_is_in(other))
            return error_set(error, ERROR_DUPLICATE, "inquiry",
                             "an inquiry that is in no pool; this one is in %s", pool->id.text);
    }
    return true;
}

/* Not together with: of an employer whom the writer may not know nothing is said before
   the employer's own broker takes a step. */
static bool check_company(draft_t *draft, const record_t *pool, const record_t *inquiry, bool own,
                          error_t *error)
{
    const value_t *not_with = record_get(pool, "not_with");
    const char *employer = record_get_text(inquiry, "employer");

    if (employer == NULL || (!own && record_get_boolean(inquiry, "discreet")))
        return true;
    employer = merges_resolve(draft_lookup(draft), employer, draft_arena(draft));
    for (uint32_t i = 0; i < not_with->count; i++)
        if (strcmp(merges_resolve(draft_lookup(draft), not_with->items[i].text, draft_arena(draft)),
                   employer) == 0)
            return error_set(error, ERROR_INVALID, "inquiry",
                             "an inquiry of an employer that the pool may have");
    return true;
}

static bool check_joining(draft_t *draft, const record_t *opt_in, const record_t *pool,
                          const record_t *inquiry, bool own, error_t *error)
{
    opt_ins_t opt_ins = pools_opt_ins(draft, "pool", pool->id.text, NULL);

    if (!pools_is_live(pool))
        return error_set(error, ERROR_INVALID, "pool", "a pool that is not done or dissolved");
    if (!kind_state(inquiry->id.kind, record_get_text(inquiry, "state"))->open)
        return error_set(error, ERROR_INVALID, "inquiry",
                         "an inquiry that is not withdrawn, declined or closed");
    if (record_get(inquiry, "broker")->form == VALUE_ABSENT)
        return error_set(error, ERROR_INVALID, "inquiry",
                         "an inquiry that has a broker: acknowledge it first");
    return check_elsewhere(draft, opt_in, inquiry, error) &&
           check_company(draft, pool, inquiry, own, error) &&
           requirements_meet(draft, pool, &opt_ins, inquiry, own, error);
}

/* -- the record itself --------------------------------------------------------------------- */

static bool check_seats(draft_t *draft, const record_t *opt_in, const record_t *pool,
                        error_t *error)
{
    opt_ins_t opt_ins = pools_opt_ins(draft, "pool", pool->id.text, opt_in);
    int64_t most = record_get_integer(pool, "maximum", INT64_MAX);
    int64_t own = record_get_integer(opt_in, "participants", 0);
    int64_t left = most - (pools_participants(&opt_ins) - own);

    return own <= left || error_set(error, ERROR_INVALID, "participants",
                                    "as many as are left: %lld", (long long)left);
}

static bool check_fields(draft_t *draft, const record_t *before, const record_t *after,
                         const record_t *pool, const record_t *inquiry, error_t *error)
{
    bool in = pools_is_in(after);

    if (in && record_get(after, "participants")->form == VALUE_ABSENT)
        return error_set(
            error, ERROR_REQUIRED, "participants", "%s",
            field_expects(kind_field(after->id.kind, "participants"), draft_arena(draft)));
    if (record_get_boolean(inquiry, "discreet") && is_changed(before, after, "said_by") &&
        record_get(after, "said_by")->form != VALUE_ABSENT && !record_is(after, "state", "named") &&
        !record_is(after, "state", "open"))
        return error_set(error, ERROR_NOT_ALLOWED, "said_by",
                         "nobody's name before the employer is named");
    if (is_changed(before, after, "share") && in && pools_is_live(pool) &&
        !record_is(pool, "price_split", "by_agreement") && shares_offer(draft, pool) != NULL)
        return error_set(error, ERROR_READ_ONLY, "share", "a pool whose price is split as agreed");
    return !in || check_seats(draft, after, pool, error);
}

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    const record_t *pool = draft_named(draft, after, "pool");
    const record_t *inquiry = draft_named(draft, after, "inquiry");

    if (before != NULL && is_changed(before, after, "pool"))
        return error_set(error, ERROR_READ_ONLY, "pool", NULL);
    if (before != NULL && is_changed(before, after, "inquiry"))
        return error_set(error, ERROR_READ_ONLY, "inquiry", NULL);
    /* That they are missing is told with the other references. */
    if (pool == NULL || inquiry == NULL)
        return true;
    bool own = draft_may_write(draft, inquiry);
    bool steps = before == NULL || (is_changed(before, after, "state") && pools_is_in(after));
    if (before == NULL && record_get(after, "participants")->form == VALUE_ABSENT)
        record_set(after, "participants", *record_get(inquiry, "participants"));
    if (!own && !check_speaker(before, after, move, error))
        return false;
    if (steps && !check_joining(draft, after, pool, inquiry, own, error))
        return false;
    if (!check_fields(draft, before, after, pool, inquiry, error))
        return false;
    pools_fill(after, inquiry);
    return pools_settle(draft, before, after, error);
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (after != NULL)
        return true;
    const record_t *inquiry = draft_named(draft, before, "inquiry");
    if (pools_is_in(before) && inquiry != NULL && !draft_may_write(draft, inquiry))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "the inquiry's broker");
    return pools_settle(draft, before, NULL, error);
}

const rules_t rules_opt_in = {.kind = "opt_in", .fill = fill, .check = check};

#include "shares.h"

#include "index.h"

const record_t *shares_offer(draft_t *draft, const record_t *pool)
{
    static const char *const by_pool[] = {"pool"};
    const kind_t *kind = schema_kind("offer");
    value_t value = value_text(pool->id.text);
    const record_t *accepted = NULL;
    record_id_t id;

    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, by_pool, 1), &value, 1,
                                    false, draft_arena(draft));
    while (accepted == NULL && index_next(scan, &id)) {
        const record_t *offer = draft_get(draft, &id);
        if (offer != NULL && record_is(offer, "state", "accepted"))
            accepted = offer;
    }
    index_scan_end(&scan);
    return accepted;
}

/* A price an hour is for how many hours? That is agreed elsewhere. */
int64_t shares_total(const record_t *offer, const opt_ins_t *opt_ins)
{
    int64_t price = record_get_integer(offer, "price", -1);

    if (record_is(offer, "price_model", "free"))
        return 0;
    if (price < 0 || record_is(offer, "price_model", "hour"))
        return -1;
    if (!record_is(offer, "price_model", "participant"))
        return price;
    int64_t participants = pools_participants(opt_ins);
    return price > 0 && participants > INT64_MAX / price ? INT64_MAX : price * participants;
}

int64_t shares_sum(const opt_ins_t *opt_ins)
{
    int64_t sum = 0;

    for (size_t i = 0; i < opt_ins->count; i++)
        if (pools_is_in(opt_ins->items[i]))
            sum += record_get_integer(opt_ins->items[i], "share", 0);
    return sum;
}

static void set_share(draft_t *draft, const record_t *opt_in, int64_t share, record_t *changed)
{
    if (record_get_integer(opt_in, "share", -1) == share)
        return;
    if (opt_in != changed)
        changed = draft_edit_record(draft, opt_in);
    record_set(changed, "share", value_integer(share));
}

bool shares_split(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                  const record_t *offer, record_t *changed, error_t *error)
{
    int64_t most = kind_field(schema_kind("opt_in"), "share")->most;
    bool by_seat = !record_is(pool, "price_split", "equal");

    if (record_is(pool, "price_split", "by_agreement"))
        return true;
    if (offer == NULL)
        offer = shares_offer(draft, pool);
    int64_t total = offer != NULL ? shares_total(offer, opt_ins) : -1;
    if (total > most)
        return error_set(error, ERROR_INVALID, "price", "at most %lld for all together",
                         (long long)most);
    if (total < 0)
        return true;
    int64_t weight = 0, rest = total;
    for (size_t i = 0; i < opt_ins->count; i++)
        if (pools_is_in(opt_ins->items[i]))
            weight += by_seat ? record_get_integer(opt_ins->items[i], "participants", 0) : 1;
    const record_t *first = NULL;
    int64_t first_share = 0;
    for (size_t i = 0; i < opt_ins->count && weight > 0; i++) {
        const record_t *opt_in = opt_ins->items[i];
        if (!pools_is_in(opt_in))
            continue;
        int64_t own = by_seat ? record_get_integer(opt_in, "participants", 0) : 1;
        int64_t share = total / weight * own + total % weight * own / weight;
        rest -= share;
        if (first == NULL) {
            first = opt_in;
            first_share = share;
        } else {
            set_share(draft, opt_in, share, changed);
        }
    }
    if (first != NULL)
        set_share(draft, first, first_share + rest, changed);
    return true;
}

#include "pools.h"

#include "index.h"
#include "shares.h"

#include <string.h>

bool pools_is_in(const record_t *opt_in)
{
    return record_is(opt_in, "state", "anonymous") || record_is(opt_in, "state", "named") ||
           record_is(opt_in, "state", "open");
}

bool pools_is_open(const record_t *opt_in)
{
    return record_is(opt_in, "state", "asked") || pools_is_in(opt_in);
}

bool pools_is_live(const record_t *pool)
{
    return !record_is(pool, "state", "done") && !record_is(pool, "state", "dissolved");
}

/* -- who is in it -------------------------------------------------------------------- */

static void add(draft_t *draft, opt_ins_t *self, size_t *room, const char *field, const char *id,
                const record_t *opt_in, const record_t *changed)
{
    if (opt_in != NULL && changed != NULL && record_id_equal(&opt_in->id, &changed->id))
        opt_in = changed;
    if (opt_in == NULL || opt_in->id.kind != schema_kind("opt_in") || !record_is(opt_in, field, id))
        return;
    for (size_t i = 0; i < self->count; i++)
        if (record_id_equal(&self->items[i]->id, &opt_in->id))
            return;
    if (self->count == *room) {
        *room = *room ? *room * 2 : 8;
        const record_t **more = arena_alloc(draft_arena(draft), *room * sizeof *more);
        if (self->count > 0)
            memcpy(more, self->items, self->count * sizeof *more);
        self->items = more;
    }
    self->items[self->count++] = opt_in;
}

opt_ins_t pools_opt_ins(draft_t *draft, const char *field, const char *id, const record_t *changed)
{
    const kind_t *kind = schema_kind("opt_in");
    value_t value = value_text(id);
    opt_ins_t self = {0};
    size_t room = 0;
    record_id_t found;

    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, &field, 1), &value, 1,
                                    false, draft_arena(draft));
    while (index_next(scan, &found))
        add(draft, &self, &room, field, id, draft_get(draft, &found), changed);
    index_scan_end(&scan);
    for (size_t i = 0; i < draft_count(draft); i++)
        add(draft, &self, &room, field, id, draft_record(draft, i), changed);
    add(draft, &self, &room, field, id, changed, changed);
    return self;
}

int64_t pools_participants(const opt_ins_t *opt_ins)
{
    int64_t participants = 0;

    for (size_t i = 0; i < opt_ins->count; i++)
        if (pools_is_in(opt_ins->items[i]))
            participants += record_get_integer(opt_ins->items[i], "participants", 0);
    return participants;
}

/* -- what follows ----------------------------------------------------------------------- */

void pools_fill(record_t *opt_in, const record_t *inquiry)
{
    bool named = record_is(opt_in, "state", "named") || record_is(opt_in, "state", "open");

    record_set(opt_in, "broker", *record_get(inquiry, "broker"));
    record_set(opt_in, "employer", named ? *record_get(inquiry, "employer") : value_absent);
    if (!pools_is_open(opt_in)) {
        record_set(opt_in, "share", value_absent);
        record_set(opt_in, "overdue", value_absent);
        /* Of a discreet one who said so tells whose it was. */
        if (record_get_boolean(inquiry, "discreet"))
            record_set(opt_in, "said_by", value_absent);
    }
}

void pools_count(record_t *pool, const opt_ins_t *opt_ins)
{
    int64_t participants = pools_participants(opt_ins);
    bool enough = participants >= record_get_integer(pool, "minimum", 1);
    record_set(pool, "participants", value_integer(participants));
    if (record_is(pool, "state", "forming") || record_is(pool, "state", "viable"))
        record_set(pool, "state", value_text(enough ? "viable" : "forming"));
    else
        record_set(pool, "short", enough ? value_absent : value_boolean(true));
}

static bool has_broker(const opt_ins_t *opt_ins, const char *broker)
{
    for (size_t i = 0; i < opt_ins->count; i++)
        if (pools_is_in(opt_ins->items[i]) && record_is(opt_ins->items[i], "broker", broker))
            return true;
    return false;
}

static const char *broker_in(const record_t *opt_in)
{
    return opt_in != NULL && pools_is_in(opt_in) ? record_get_text(opt_in, "broker") : NULL;
}

/* Whoever opts in is one of the pool's brokers, and with the last of theirs is not. */
static void settle_brokers(draft_t *draft, record_t *pool, const opt_ins_t *opt_ins,
                           const char *was, const char *is)
{
    const value_t *present = record_get(pool, "brokers");
    value_builder_t brokers = value_builder(draft_arena(draft));

    for (uint32_t i = 0; i < present->count; i++)
        if (was == NULL || strcmp(present->items[i].text, was) != 0 || has_broker(opt_ins, was))
            value_add(&brokers, present->items[i]);
    if (is != NULL && !record_is(pool, "coordinator", is) && !value_list_has(present, is))
        value_add(&brokers, value_text(is));
    record_set(pool, "brokers", brokers.count > 0 ? value_build_list(&brokers) : value_absent);
}

/* Into the draft, where it changes anything. */
static record_t *edit(draft_t *draft, const record_t *before, const record_t *changed)
{
    if (record_equal_fields(before, changed))
        return NULL;
    record_t *after = draft_edit_record(draft, before);
    memcpy(after->fields, changed->fields, after->id.kind->n_fields * sizeof *after->fields);
    return after;
}

bool pools_settle(draft_t *draft, const record_t *before, record_t *after, error_t *error)
{
    const record_t *opt_in = after != NULL ? after : before;
    const record_t *pool = draft_named(draft, opt_in, "pool");

    if (pool == NULL || !pools_is_live(pool))
        return true;
    opt_ins_t opt_ins = pools_opt_ins(draft, "pool", pool->id.text, after);
    for (size_t i = 0; after == NULL && i < opt_ins.count; i++)
        if (record_id_equal(&opt_ins.items[i]->id, &before->id)) {
            opt_ins.count--;
            memmove(&opt_ins.items[i], &opt_ins.items[i + 1],
                    (opt_ins.count - i) * sizeof *opt_ins.items);
        }
    record_t *changed = record_copy(draft_arena(draft), pool);
    settle_brokers(draft, changed, &opt_ins, broker_in(before), broker_in(after));
    pools_count(changed, &opt_ins);
    edit(draft, pool, changed);
    return shares_split(draft, changed, &opt_ins, NULL, after, error);
}

bool pools_follow(draft_t *draft, const record_t *before, const record_t *after, error_t *error)
{
    bool sent_on =
        !value_equal(record_get(before, "municipality"), record_get(after, "municipality"));
    bool ended = !kind_state(after->id.kind, record_get_text(after, "state"))->open &&
                 !record_is(after, "outcome", "course");

    if (!sent_on && record_is(after, "state", record_get_text(before, "state")) &&
        value_equal(record_get(before, "broker"), record_get(after, "broker")) &&
        value_equal(record_get(before, "employer"), record_get(after, "employer")))
        return true;
    opt_ins_t opt_ins = pools_opt_ins(draft, "inquiry", after->id.text, NULL);
    for (size_t i = 0; i < opt_ins.count; i++) {
        const record_t *opt_in = opt_ins.items[i];
        const record_t *pool = draft_named(draft, opt_in, "pool");
        if (!pools_is_open(opt_in) || pool == NULL || !pools_is_live(pool))
            continue;
        record_t *changed = record_copy(draft_arena(draft), opt_in);
        if (ended || sent_on)
            record_set(changed, "state", value_text("left"));
        pools_fill(changed, after);
        changed = edit(draft, opt_in, changed);
        if (changed != NULL && !pools_settle(draft, opt_in, changed, error))
            return false;
    }
    return true;
}

void pools_release(draft_t *draft, const opt_ins_t *opt_ins)
{
    for (size_t i = 0; i < opt_ins->count; i++) {
        const record_t *opt_in = opt_ins->items[i];
        const record_t *inquiry = draft_named(draft, opt_in, "inquiry");
        if (!pools_is_open(opt_in) || inquiry == NULL)
            continue;
        record_t *changed = draft_edit_record(draft, opt_in);
        record_set(changed, "state", value_text("left"));
        pools_fill(changed, inquiry);
    }
}

#include "rules.h"

#include "deadline.h"
#include "history.h"
#include "pools.h"
#include "ranges.h"

#include <string.h>

static bool is_verb(const move_t *move, const char *verb)
{
    return move != NULL && strcmp(move->verb, verb) == 0;
}

/* The county follows the municipality: it is what others see of a discreet inquiry
   where employers are few. */
static void fill_county(draft_t *draft, record_t *after)
{
    const record_t *place = draft_named(draft, after, "municipality");

    if (place != NULL)
        record_set(after, "county", *record_get(place, "county"));
}

/* All who have sent it on go on reading it: the last one gets it back when refused. */
static void push_sender(record_t *inquiry, const value_t *municipality, arena_t *arena)
{
    const value_t *senders = record_get(inquiry, "forwarded_from");
    value_builder_t list = value_builder(arena);

    for (uint32_t i = 0; i < senders->count; i++)
        if (!value_equal(&senders->items[i], municipality))
            value_add(&list, senders->items[i]);
    value_add(&list, *municipality);
    record_set(inquiry, "forwarded_from", value_build_list(&list));
}

/* Whether the inquiry lay, at an earlier time, where it came from now, and had come there
   the same way. */
static bool was_sent_from(const record_t *then, const record_t *inquiry)
{
    const value_t *senders = record_get(inquiry, "forwarded_from");
    const value_t *earlier = record_get(then, "forwarded_from");
    const value_t *last = &senders->items[senders->count - 1];
    uint32_t same = 0;

    if (!value_equal(record_get(then, "municipality"), last))
        return false;
    for (uint32_t i = 0; i < earlier->count; i++) {
        if (value_equal(&earlier->items[i], last))
            continue; /* taken out when it was sent on (push_sender) */
        if (!value_equal(&earlier->items[i], &senders->items[same++]))
            return false;
    }
    return same == senders->count - 1;
}

/* The inquiry as it stood when it was sent here; NULL when it never was. */
static const record_t *as_sent(draft_t *draft, const record_t *inquiry)
{
    store_txn_t *txn = draft_txn(draft);
    const record_id_t *id = &inquiry->id;

    if (record_get(inquiry, "forwarded_from")->form != VALUE_LIST)
        return NULL;
    for (uint64_t revision = history_at(txn, id, inquiry->revision); revision > 0;
         revision = history_at(txn, id, revision - 1)) {
        const record_t *then = store_record_at(txn, id, revision, draft_arena(draft));
        if (then != NULL && was_sent_from(then, inquiry))
            return then;
    }
    return NULL;
}

/* Refused, it returns: what forwarding took from the sender is the sender's again, unless
   it is there no more. */
static bool give_back(draft_t *draft, record_t *inquiry)
{
    static const char *const fields[] = {"municipality",   "forwarded_from", "state_sent",
                                         "broker",         "holder",         "organisation",
                                         "acknowledge_by", "answer_by"};
    const record_t *then = as_sent(draft, inquiry);
    record_id_t id;

    for (size_t i = 0; then != NULL && i < sizeof fields / sizeof *fields; i++) {
        const value_t *value = record_get(then, fields[i]);
        bool gone = value->form == VALUE_TEXT && record_id_parse(&id, value->text, NULL) &&
                    draft_get(draft, &id) == NULL;
        record_set(inquiry, fields[i], gone ? value_absent : *value);
    }
    return then != NULL;
}

/* -- deadlines -------------------------------------------------------------------------- */

/* From the day on which it comes in (DOMAIN: inquiry states). What rested begins anew, and
   so does what was answered and is not enough. */
static void set_deadlines(draft_t *draft, const record_t *before, record_t *after,
                          const move_t *move)
{
    const config_t *config = draft_config(draft);
    const char *state = record_get_text(after, "state");
    const char *was = before != NULL ? record_get_text(before, "state") : "";
    bool comes = before == NULL || is_verb(move, "forward");
    bool rested = is_verb(move, "resume");
    bool open = strcmp(state, "acknowledged") == 0 || strcmp(state, "dialogue") == 0 ||
                strcmp(state, "mapped") == 0;
    bool again = is_verb(move, "start_dialogue") &&
                 (strcmp(was, "offered") == 0 || strcmp(was, "agreed") == 0);

    if (comes || (rested && strcmp(state, "new") == 0))
        record_set(after, "acknowledge_by",
                   deadline_after(draft, (unsigned)config->acknowledge_days));
    if (comes || again || (rested && (open || strcmp(state, "new") == 0)))
        record_set(after, "answer_by", deadline_after(draft, (unsigned)config->answer_days));
}

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    arena_t *arena = draft_arena(draft);

    if (is_verb(move, "acknowledge") && record_get(after, "broker")->form == VALUE_ABSENT)
        record_set(after, "broker", value_text(arena_text(arena, draft_access(draft)->user.text)));
    /* One that waits may be told to wait longer. */
    if (is_verb(move, "pause") && strcmp(record_get_text(before, "state"), "waiting") != 0)
        record_set(after, "state_before", *record_get(before, "state"));
    if (is_verb(move, "resume")) {
        record_set(after, "state_before", value_absent);
        record_set(after, "waiting_until", value_absent);
    }
    if (is_verb(move, "forward")) {
        if (value_equal(record_get(before, "municipality"), record_get(after, "municipality")))
            return error_set(error, ERROR_INVALID, "municipality",
                             "another municipality than the present one");
        push_sender(after, record_get(before, "municipality"), arena);
        /* What waits is sent on as what it was before it waited. */
        bool waits = strcmp(record_get_text(before, "state"), "waiting") == 0;
        record_set(after, "state_sent", *record_get(before, waits ? "state_before" : "state"));
        record_set(after, "state_before", value_absent);
        record_set(after, "waiting_until", value_absent);
        /* Those who had it read on, and write no more. */
        record_set(after, "broker", value_absent);
        record_set(after, "holder", value_absent);
        record_set(after, "organisation", value_absent);
    }
    if (is_verb(move, "refuse") && !give_back(draft, after))
        return error_set(error, ERROR_IMPOSSIBLE_MOVE, "verb", "an inquiry that was forwarded");
    set_deadlines(draft, before, after, move);
    fill_county(draft, after);
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (after == NULL)
        return true;
    return ranges_days(after, "period_from", "period_to", error) &&
           (before == NULL || pools_follow(draft, before, after, error));
}

const rules_t rules_inquiry = {.kind = "inquiry", .fill = fill, .check = check};

#include "rules.h"

#include "clock.h"

#include <string.h>

static bool is_verb(const move_t *move, const char *verb)
{
    return move != NULL && strcmp(move->verb, verb) == 0;
}

/* The county follows the municipality: it is what others see of a discreet inquiry
   where employers are few. */
static void fill_county(draft_t *draft, record_t *after)
{
    const char *municipality = record_get_text(after, "municipality");
    record_id_t id;

    if (municipality == NULL || !record_id_parse(&id, municipality, NULL))
        return;
    const record_t *place = draft_get(draft, &id);
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

static bool pop_sender(record_t *inquiry)
{
    value_t senders = *record_get(inquiry, "forwarded_from");

    if (senders.count == 0)
        return false;
    record_set(inquiry, "municipality", senders.items[--senders.count]);
    record_set(inquiry, "forwarded_from", senders.count > 0 ? senders : value_absent);
    return true;
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
    if (is_verb(move, "pause")) {
        const char *until = record_get_text(after, "waiting_until");
        char today[11];
        clock_day(draft_now(draft), today);
        if (until != NULL && strcmp(until, today) <= 0)
            return error_set(error, ERROR_INVALID, "waiting_until", "a day after %s", today);
    }
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
    if (is_verb(move, "refuse")) {
        if (!pop_sender(after))
            return error_set(error, ERROR_IMPOSSIBLE_MOVE, "verb", "an inquiry that was forwarded");
        record_set(after, "state_sent", value_absent);
    }
    fill_county(draft, after);
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    if (after == NULL)
        return true;
    const char *from = record_get_text(after, "period_from");
    const char *to = record_get_text(after, "period_to");

    (void)draft;
    (void)before;
    (void)confirm;
    if (from != NULL && to != NULL && strcmp(to, from) < 0)
        return error_set(error, ERROR_INVALID, "period_to", "a day no earlier than %s", from);
    return true;
}

const rules_t rules_inquiry = {.kind = "inquiry", .fill = fill, .check = check};

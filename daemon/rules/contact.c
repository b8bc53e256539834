#include "rules.h"

#include "clock.h"
#include "merges.h"
#include "ranges.h"
#include "unit.h"

#include <string.h>

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    const char *day = record_get_text(after, "day");
    char today[11];

    (void)move;
    (void)error;
    if (before != NULL)
        return true;
    clock_day(draft_now(draft), today);
    unit_fill(draft, after);
    unit_fill_broker(draft, after);
    /* What is noted afterwards is no plan. */
    if (day != NULL && strcmp(day, today) < 0)
        record_set(after, "state", value_text("done"));
    return true;
}

/* An employer who asked for peace is not booked by mistake. */
static bool check_peace(draft_t *draft, const record_t *contact, error_t *error)
{
    const record_t *named = draft_named(draft, contact, "organisation");
    const record_t *organisation = merges_standing(draft_lookup(draft), named, draft_arena(draft));
    const char *until = record_get_text(organisation, "no_contact_until");

    return until == NULL || strcmp(record_get_text(contact, "day"), until) > 0 ||
           error_set(error, ERROR_NO_CONTACT, "organisation", "confirmation, or a day after %s",
                     until);
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    char today[11];

    if (after == NULL)
        return true;
    if (!unit_check(draft, before, after, error))
        return false;
    clock_day(draft_now(draft), today);
    if (record_is(after, "state", "planned") &&
        (!ranges_to_come(draft, before, after, "day", error) ||
         (before == NULL && !confirm && !check_peace(draft, after, error))))
        return false;
    if (record_is(after, "state", "done") && strcmp(record_get_text(after, "day"), today) > 0)
        return error_set(error, ERROR_INVALID, "day", "a day no later than %s", today);
    return ranges_days(after, "day", "next_day", error);
}

const rules_t rules_contact = {.kind = "contact", .fill = fill, .check = check};

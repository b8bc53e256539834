#include "rules.h"

#include "provider.h"
#include "ranges.h"
#include "unit.h"

/* A provider's own users answer for its courses; of others' a learning centre does. */
static bool is_own(draft_t *draft, const record_t *course)
{
    return record_get(course, "unit")->form == VALUE_ABSENT && provider_writes(draft, course);
}

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)move;
    (void)error;
    if (before == NULL && !is_own(draft, after))
        unit_fill(draft, after);
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    return after == NULL || ((is_own(draft, after) || unit_check(draft, before, after, error)) &&
                             provider_check(draft, after, error) && ranges_numbers(after, error));
}

const rules_t rules_course = {.kind = "course", .fill = fill, .check = check};

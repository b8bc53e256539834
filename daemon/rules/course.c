#include "rules.h"

#include "provider.h"
#include "ranges.h"
#include "unit.h"

/* A provider's own users answer for its courses; of others' a learning centre does. */
static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)move;
    if (before != NULL || provider_writes(draft, after))
        return true;
    unit_fill(draft, after);
    return record_get(after, "unit")->form != VALUE_ABSENT ||
           error_set(error, ERROR_REQUIRED, "unit", "the id of a %s", "organisation");
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)before;
    (void)confirm;
    return after == NULL || (provider_check(draft, after, error) && ranges_numbers(after, error));
}

const rules_t rules_course = {.kind = "course", .fill = fill, .check = check};

#include "rules.h"

#include "unit.h"

static const char *const criteria[] = {"cultural_fit",  "pedagogical_view", "partnership_mind",
                                       "expertise",     "flexibility",      "ability_to_buy",
                                       "quality_record"};

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)move;
    (void)error;
    if (before != NULL)
        return true;
    unit_fill(draft, after);
    unit_fill_broker(draft, after);
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    bool any = false;

    (void)confirm;
    if (after == NULL)
        return true;
    if (!unit_check(draft, before, after, error))
        return false;
    for (size_t i = 0; i < sizeof criteria / sizeof *criteria; i++)
        any = any || record_get(after, criteria[i])->form != VALUE_ABSENT;
    return any || error_set(error, ERROR_REQUIRED, criteria[0], "at least one criterion, 1 to 5");
}

const rules_t rules_assessment = {.kind = "assessment", .fill = fill, .check = check};

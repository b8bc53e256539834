#include "rules.h"

#include "ranges.h"

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)draft;
    (void)before;
    (void)confirm;
    return after == NULL || ranges_days(after, "period_from", "period_to", error);
}

const rules_t rules_need = {.kind = "need", .check = check};

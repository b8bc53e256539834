#include "rules.h"

/* An end that has been would stop nothing, and whoever set it would think that it did. */
static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (after == NULL ||
        (before != NULL && value_equal(record_get(before, "until"), record_get(after, "until"))))
        return true;
    return record_get(after, "until")->integer >= (int64_t)draft_now(draft) ||
           error_set(error, ERROR_INVALID, "until", "a time that is still to come");
}

const rules_t rules_maintenance = {.kind = "maintenance", .check = check};

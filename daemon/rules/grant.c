#include "rules.h"

/* No one grants more than the own (DESIGN: joining), neither by invitation nor by
   writing a grant. */
static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)before;
    (void)confirm;
    const value_t *municipalities = record_get(after, "municipalities");
    const value_t *organisations = record_get(after, "organisations");
    bool whole = record_get_boolean(after, "whole");
    if (whole) {
        municipalities = &value_absent;
        organisations = &value_absent;
    } else if (municipalities->form == VALUE_ABSENT && organisations->form == VALUE_ABSENT) {
        return error_set(error, ERROR_REQUIRED, "municipalities",
                         "municipalities, organisations or the whole scope");
    }
    if (!access_may_give(draft_access(draft), role_of(record_get_text(after, "role")),
                         municipalities, organisations))
        return error_set(error, ERROR_NOT_ALLOWED, "role", "no more than your own rights");
    return true;
}

const rules_t rules_grant = {.kind = "grant", .check = check};

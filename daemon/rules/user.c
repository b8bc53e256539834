#include "rights.h"
#include "rules.h"

#include <string.h>

/* Suspending, revoking or renaming someone takes the power to take that user's rights;
   the region keeps an administrator. */
static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (before == NULL)
        return true;
    const char *user = before->id.text;
    bool ends =
        after == NULL || !value_equal(record_get(before, "state"), record_get(after, "state"));

    if (strcmp(user, draft_access(draft)->user.text) != 0 && !rights_may_take_all(draft, user))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "no more than you could give");
    if (ends && (after == NULL || strcmp(record_get_text(after, "state"), "active") != 0) &&
        rights_leave_admin(draft, NULL, NULL) && !rights_leave_admin(draft, user, NULL))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "another administrator first");
    return true;
}

const rules_t rules_user = {.kind = "user", .check = check};

#include "rights.h"
#include "rules.h"

#include <string.h>

/* No one grants more than the own (DESIGN: joining), neither by invitation nor by
   writing a grant, and no one changes the own grants; laying one down is free. */
static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    const access_t *access = draft_access(draft);
    const char *user = record_get_text(before != NULL ? before : after, "user");
    bool own = strcmp(user, access->user.text) == 0;

    (void)confirm;
    if (after != NULL && !record_get_boolean(after, "whole") &&
        record_get(after, "municipalities")->form == VALUE_ABSENT &&
        record_get(after, "organisations")->form == VALUE_ABSENT)
        return error_set(error, ERROR_REQUIRED, "municipalities",
                         "municipalities, organisations or the whole scope");
    if (after != NULL && before != NULL && own)
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "someone else's grant");
    if (after != NULL && !access_may_give(access, after))
        return error_set(error, ERROR_NOT_ALLOWED, "role", "no more than your own rights");
    if (before != NULL && !own && !access_may_take(access, before))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "no more than you could give");
    if (before != NULL && strcmp(record_get_text(before, "role"), "admin") == 0 &&
        !rights_leave_admin(draft, NULL, &before->id))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "another administrator first");
    return true;
}

const rules_t rules_grant = {.kind = "grant", .check = check};

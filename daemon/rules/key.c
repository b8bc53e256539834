#include "rights.h"
#include "rules.h"

#include <string.h>

/* A key is its user's rights: whoever adds one for another must be able to give that
   user all of them, and whoever takes one away must be able to take them. */
static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    const char *own = draft_access(draft)->user.text;
    const char *had = before != NULL ? record_get_text(before, "user") : NULL;
    const char *gets = after != NULL ? record_get_text(after, "user") : NULL;
    bool given = gets != NULL &&
                 (had == NULL || strcmp(had, gets) != 0 ||
                  !value_equal(record_get(before, "public_key"), record_get(after, "public_key")));

    (void)confirm;
    if (given && strcmp(gets, own) != 0 && !rights_may_give_all(draft, gets))
        return error_set(error, ERROR_NOT_ALLOWED, "user", "no more than your own rights");
    if (had != NULL && strcmp(had, own) != 0 && !rights_may_take_all(draft, had))
        return error_set(error, ERROR_NOT_ALLOWED, NULL, "no more than you could give");
    return true;
}

const rules_t rules_key = {.kind = "key", .check = check};

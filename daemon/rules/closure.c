#include "rules.h"

#include <string.h>

/* One day needs saying once. */
static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)draft, (void)move, (void)error;
    if (before == NULL && record_get(after, "to")->form == VALUE_ABSENT)
        record_set(after, "to", *record_get(after, "from"));
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)draft, (void)before, (void)confirm;
    if (after == NULL)
        return true;
    const char *from = record_get_text(after, "from");
    return strcmp(record_get_text(after, "to"), from) >= 0 ||
           error_set(error, ERROR_INVALID, "to", "a day no earlier than %s", from);
}

const rules_t rules_closure = {.kind = "closure", .fill = fill, .check = check};

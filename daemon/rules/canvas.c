#include "rules.h"

#include <string.h>

static const char *const steps[] = {"background", "participants", "pedagogy",
                                    "extent",     "resources",    "follow_up"};

/* Of another's discreet inquiry nobody is told whether it has a canvas: that comes before
   one canvas an inquiry. */
static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    const record_t *inquiry = draft_named(draft, after, "inquiry");
    bool same =
        before != NULL && value_equal(record_get(before, "inquiry"), record_get(after, "inquiry"));
    int64_t filled = 0;

    (void)move;
    if (!same && inquiry != NULL && record_get_boolean(inquiry, "discreet") &&
        !draft_may_write(draft, inquiry))
        return error_set(error, ERROR_NOT_FOUND, "inquiry", NULL);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        filled += record_get(after, steps[i])->form != VALUE_ABSENT;
    record_set(after, "completeness", value_integer(filled));
    return true;
}

const rules_t rules_canvas = {.kind = "canvas", .fill = fill};

#include "rules.h"

#include <string.h>

/* Of a staff member name and work contact are shared with all of staff: that holds for
   public organisations, not for an employer's or provider's people. */
static const char *const private_types[] = {"employer", "provider", "trade_body", "other"};

static bool is_private(const char *type)
{
    for (size_t i = 0; i < sizeof private_types / sizeof *private_types; i++)
        if (strcmp(private_types[i], type) == 0)
            return true;
    return false;
}

/* Of who is erased nothing is changed any more; while processing is restricted, the state
   alone (a privacy officer's move). */
static bool stands_open(const record_t *before, const record_t *after, error_t *error)
{
    const char *state = before != NULL ? record_get_text(before, "state") : NULL;

    if (state != NULL && strcmp(state, "erased") == 0)
        return error_set(error, ERROR_ERASED, NULL, NULL);
    if (state != NULL && strcmp(state, "restricted") == 0 &&
        (after == NULL || value_equal(record_get(before, "state"), record_get(after, "state"))))
        return error_set(error, ERROR_RESTRICTED, NULL, NULL);
    return true;
}

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)draft;
    (void)move;
    return stands_open(before, after, error);
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (after == NULL && !stands_open(before, after, error))
        return false;
    if (after == NULL || !record_get_boolean(after, "staff"))
        return true;
    const record_t *organisation = draft_named(draft, after, "organisation");
    const value_t *types = organisation != NULL ? record_get(organisation, "types") : &value_absent;
    for (uint32_t i = 0; types->form == VALUE_LIST && i < types->count; i++)
        if (!is_private(types->items[i].text))
            return true;
    return error_set(error, ERROR_INVALID, "staff", "no, for people of a private organisation");
}

const rules_t rules_person = {.kind = "person", .fill = fill, .check = check};

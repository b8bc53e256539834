#include "provider.h"

/* Types of organisation that give courses. */
static const char *const teaching[] = {
    "provider",   "university",    "learning_centre",     "adult_education",
    "trade_body", "research_body", "education_federation"};

bool provider_check(draft_t *draft, const record_t *record, error_t *error)
{
    const record_t *provider = draft_named(draft, record, "provider");
    const value_t *types = provider != NULL ? record_get(provider, "types") : &value_absent;

    for (size_t i = 0; i < sizeof teaching / sizeof *teaching; i++)
        if (value_list_has(types, teaching[i]))
            return true;
    return error_set(error, ERROR_INVALID, "provider",
                     "an organisation that gives courses, such as one of type provider");
}

bool provider_writes(draft_t *draft, const record_t *record)
{
    const access_t *access = draft_access(draft);
    const placement_t *placement = placement_of(draft_lookup(draft), record, draft_arena(draft));

    return access_covers(access, ROLE_BIT(ROLE_provider), placement) &&
           !access_covers(access, ROLES_BROKER, placement) &&
           !((access->roles & ROLES_BROKER) && access_is_named(access, placement));
}

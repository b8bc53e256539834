#include "unit.h"

#include "clock.h"
#include "index.h"

#include <string.h>

static bool holds_today(const record_t *membership, const char *today)
{
    const char *from = record_get_text(membership, "from"), *to = record_get_text(membership, "to");

    return (from == NULL || strcmp(from, today) <= 0) && (to == NULL || strcmp(today, to) <= 0);
}

/* The learning centre that serves the municipality now, or NULL. */
static const record_t *find_centre(draft_t *draft, const value_t *municipality)
{
    static const char *const by_municipality[] = {"municipality"};
    const kind_t *kind = schema_kind("membership");
    const record_t *centre = NULL;
    char today[11];
    record_id_t id;

    clock_day(draft_now(draft), today);
    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, by_municipality, 1),
                                    municipality, 1, false, draft_arena(draft));
    while (centre == NULL && index_next(scan, &id)) {
        const record_t *membership = draft_get(draft, &id);
        if (membership == NULL || !holds_today(membership, today))
            continue;
        const record_t *organisation = draft_named(draft, membership, "organisation");
        if (organisation != NULL &&
            value_list_has(record_get(organisation, "types"), "learning_centre"))
            centre = organisation;
    }
    index_scan_end(&scan);
    return centre;
}

void unit_fill(draft_t *draft, record_t *after)
{
    const access_t *access = draft_access(draft);

    if (record_get(after, "unit")->form != VALUE_ABSENT)
        return;
    for (size_t i = 0; i < access->n_rights; i++) {
        const value_t *organisations = access->rights[i].organisations;
        if (ROLE_BIT(access->rights[i].role) & ROLES_BROKER && organisations->count > 0) {
            record_set(after, "unit", organisations->items[0]);
            return;
        }
    }
    for (size_t i = 0; i < access->n_rights; i++) {
        const value_t *municipalities = access->rights[i].municipalities;
        for (uint32_t j = 0;
             ROLE_BIT(access->rights[i].role) & ROLES_BROKER && j < municipalities->count; j++) {
            const record_t *centre = find_centre(draft, &municipalities->items[j]);
            if (centre == NULL)
                continue;
            record_set(after, "unit", value_text(arena_text(draft_arena(draft), centre->id.text)));
            return;
        }
    }
}

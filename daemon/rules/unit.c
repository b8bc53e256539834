#include "unit.h"

#include "clock.h"
#include "index.h"

#include <string.h>

static bool holds_today(const record_t *membership, const char *today)
{
    const char *from = record_get_text(membership, "from"), *to = record_get_text(membership, "to");

    return (from == NULL || strcmp(from, today) <= 0) && (to == NULL || strcmp(today, to) <= 0);
}

/* What serves the municipality now, of this type; `wanted` NULL: whichever. Or NULL. */
static const record_t *find_serving(draft_t *draft, const value_t *municipality, const char *type,
                                    const char *wanted)
{
    static const char *const by_municipality[] = {"municipality"};
    const kind_t *kind = schema_kind("membership");
    const record_t *found = NULL;
    char today[11];
    record_id_t id;

    clock_day(draft_now(draft), today);
    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, by_municipality, 1),
                                    municipality, 1, false, draft_arena(draft));
    while (found == NULL && index_next(scan, &id)) {
        const record_t *membership = draft_get(draft, &id);
        if (membership == NULL || !holds_today(membership, today) ||
            (wanted != NULL && !record_is(membership, "organisation", wanted)))
            continue;
        const record_t *organisation = draft_named(draft, membership, "organisation");
        if (organisation != NULL && value_list_has(record_get(organisation, "types"), type))
            found = organisation;
    }
    index_scan_end(&scan);
    return found;
}

/* The same for the municipalities in which the writer is a broker. */
static const record_t *find_own(draft_t *draft, const char *type, const char *wanted)
{
    const access_t *access = draft_access(draft);
    const record_t *found = NULL;

    for (size_t i = 0; i < access->n_rights; i++) {
        const value_t *municipalities = access->rights[i].municipalities;
        bool brokers = ROLE_BIT(access->rights[i].role) & ROLES_BROKER;
        for (uint32_t j = 0; brokers && found == NULL && j < municipalities->count; j++)
            found = find_serving(draft, &municipalities->items[j], type, wanted);
    }
    return found;
}

static const char *const serving[] = {"learning_centre", "education_federation"};
#define SERVING (sizeof serving / sizeof *serving)

void unit_fill(draft_t *draft, record_t *after)
{
    const access_t *access = draft_access(draft);
    const record_t *unit = NULL;

    if (record_get(after, "unit")->form != VALUE_ABSENT)
        return;
    for (size_t i = 0; i < access->n_rights; i++) {
        const value_t *organisations = access->rights[i].organisations;
        if (ROLE_BIT(access->rights[i].role) & ROLES_BROKER && organisations->count > 0) {
            record_set(after, "unit", organisations->items[0]);
            return;
        }
    }
    for (size_t i = 0; unit == NULL && i < SERVING; i++)
        unit = find_own(draft, serving[i], NULL);
    if (unit != NULL)
        record_set(after, "unit", value_text(arena_text(draft_arena(draft), unit->id.text)));
}

void unit_fill_broker(draft_t *draft, record_t *after)
{
    const access_t *access = draft_access(draft);

    if (record_get(after, "broker")->form == VALUE_ABSENT && access != &access_daemon)
        record_set(after, "broker", value_text(arena_text(draft_arena(draft), access->user.text)));
}

bool unit_check(draft_t *draft, const record_t *before, const record_t *after, error_t *error)
{
    const record_t *unit = draft_named(draft, after, "unit");

    if (unit == NULL)
        return error_set(error, ERROR_REQUIRED, "unit", "the id of a %s", "organisation");
    if (before != NULL && value_equal(record_get(before, "unit"), record_get(after, "unit")))
        return true;
    bool own = access_covers(draft_access(draft), ROLES_BROKER,
                             placement_of(draft_lookup(draft), unit, draft_arena(draft)));
    for (size_t i = 0; !own && i < SERVING; i++)
        own = find_own(draft, serving[i], unit->id.text) != NULL;
    return own || error_set(error, ERROR_NOT_ALLOWED, "unit", "a record in your own scope");
}

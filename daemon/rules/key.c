#include "rules.h"

#include "index.h"
#include "records.h"

/* A key is its user's rights: whoever adds one for another must be able to give that
   user all of them. */
static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    static const char *const by_user[] = {"user"};
    const kind_t *kind = schema_kind("grant");
    const value_t *user = record_get(after, "user");
    bool good = true;
    record_id_t id;

    (void)confirm;
    if (before != NULL && value_equal(record_get(before, "user"), user) &&
        value_equal(record_get(before, "public_key"), record_get(after, "public_key")))
        return true;
    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, by_user, 1), user, 1,
                                    false, draft_arena(draft));
    while (good && index_next(scan, &id)) {
        const record_t *grant = draft_get(draft, &id);
        if (grant == NULL)
            continue;
        bool whole = record_get_boolean(grant, "whole");
        good = access_may_give(draft_access(draft), role_of(record_get_text(grant, "role")),
                               whole ? &value_absent : record_get(grant, "municipalities"),
                               whole ? &value_absent : record_get(grant, "organisations"));
    }
    index_scan_end(&scan);
    return good || error_set(error, ERROR_NOT_ALLOWED, "user", "no more than your own rights");
}

const rules_t rules_key = {.kind = "key", .check = check};

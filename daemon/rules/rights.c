#include "rights.h"

#include "index.h"
#include "records.h"

#include <string.h>

typedef bool (*judge_t)(const access_t *access, const record_t *grant);

static index_scan_t *scan_grants(draft_t *draft, const char *field, const char *value)
{
    const kind_t *kind = schema_kind("grant");
    value_t equal = value_text(value);

    return index_scan(draft_txn(draft), kind, index_find(kind, &field, 1), &equal, 1, false,
                      draft_arena(draft));
}

static bool judge_all(draft_t *draft, const char *user, judge_t judge)
{
    index_scan_t *scan = scan_grants(draft, "user", user);
    bool good = true;
    record_id_t id;

    while (good && index_next(scan, &id)) {
        const record_t *grant = draft_get(draft, &id);
        good = grant == NULL || judge(draft_access(draft), grant);
    }
    index_scan_end(&scan);
    return good;
}

bool rights_may_give_all(draft_t *draft, const char *user)
{
    return judge_all(draft, user, access_may_give);
}

bool rights_may_take_all(draft_t *draft, const char *user)
{
    return judge_all(draft, user, access_may_take);
}

static bool is_active(draft_t *draft, const char *user)
{
    record_id_t id;
    const record_t *record = record_id_parse(&id, user, NULL) ? draft_get(draft, &id) : NULL;

    return record != NULL && strcmp(record_get_text(record, "state"), "active") == 0;
}

bool rights_leave_admin(draft_t *draft, const char *without_user, const record_id_t *without_grant)
{
    index_scan_t *scan = scan_grants(draft, "role", "admin");
    bool found = false;
    record_id_t id;

    while (!found && index_next(scan, &id)) {
        const record_t *grant = draft_get(draft, &id);
        const char *user = grant != NULL ? record_get_text(grant, "user") : NULL;
        found = user != NULL && record_get_boolean(grant, "whole") &&
                record_get(grant, "until")->form == VALUE_ABSENT &&
                strcmp(record_get_text(grant, "role"), "admin") == 0 &&
                (without_user == NULL || strcmp(user, without_user) != 0) &&
                (without_grant == NULL || !record_id_equal(&id, without_grant)) &&
                is_active(draft, user);
    }
    index_scan_end(&scan);
    return found;
}

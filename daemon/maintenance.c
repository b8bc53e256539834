#include "maintenance.h"

#include "records.h"

const record_t *maintenance_now(store_txn_t *txn, uint64_t now_ms, arena_t *arena)
{
    const kind_t *kind = schema_kind("maintenance");

    if (records_count(txn, kind) == 0)
        return NULL;
    records_scan_t *scan = records_scan(txn, kind, true, NULL, arena);
    const record_t *newest = records_next(scan, arena);
    records_scan_end(&scan);
    if (newest == NULL)
        return NULL;
    const value_t *until = record_get(newest, "until");
    return until->form == VALUE_INTEGER && until->integer > (int64_t)now_ms ? newest : NULL;
}

value_t maintenance_value(const record_t *maintenance, arena_t *arena)
{
    value_builder_t map = value_builder(arena);

    value_add_pair(&map, "id", value_text(maintenance->id.text));
    value_add_pair(&map, "until", *record_get(maintenance, "until"));
    value_add_pair(&map, "text", *record_get(maintenance, "text"));
    return value_build_map(&map);
}

bool maintenance_lets(role_mask_t roles)
{
    role_mask_t own = ROLE_BIT(ROLE_admin) | ROLE_BIT(ROLE_privacy);

    return (roles & own) != 0 && (roles & ~(own | ROLES_ADMIN)) == 0;
}

bool maintenance_refuse(const record_t *maintenance, arena_t *arena, error_t *error)
{
    error_set(error, ERROR_MAINTENANCE, NULL, "%s", record_get_text(maintenance, "text"));
    error->detail = maintenance_value(maintenance, arena);
    return false;
}

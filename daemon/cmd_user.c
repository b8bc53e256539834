#include "call.h"

#include "index.h"
#include "records.h"

#include <string.h>

/* invite and join (DESIGN: joining). An invitation is a key in the state `invited`,
   of which the daemon knows the public half. */

#define INVITATION_MS (24 * 60 * 60 * 1000ull)

bool cmd_invite(call_t *call);
bool cmd_join(call_t *call);
value_t answer_invite(call_t *call, const journal_entry_t *entry);
value_t answer_join(call_t *call, const journal_entry_t *entry);

static bool is_known_key(call_t *call, const value_t *public_key)
{
    static const char *const field[] = {"public_key"};
    const kind_t *kind = schema_kind("key");
    record_id_t id;

    index_scan_t *scan =
        index_scan(call->txn, kind, index_find(kind, field, 1), public_key, 1, false, call->arena);
    bool known = index_next(scan, &id);
    index_scan_end(&scan);
    return known;
}

static bool check_key(call_t *call, const value_t *key)
{
    if (key->form != VALUE_BYTES || key->size != 32)
        return error_set(&call->error, ERROR_INVALID, "public_key", "32 bytes");
    return true;
}

bool cmd_invite(call_t *call)
{
    const value_t *key = value_get(call->arguments, "public_key");
    const value_t *municipalities = value_get(call->arguments, "municipalities");
    const value_t *organisations = value_get(call->arguments, "organisations");
    bool whole = municipalities->count == 0 && organisations->count == 0;
    uint64_t now = call->now_ms;

    if (!check_key(call, key))
        return false;
    if (call->access->acting)
        return error_set(&call->error, ERROR_NOT_ALLOWED, NULL, NULL);
    if (is_known_key(call, key))
        return error_set(&call->error, ERROR_DUPLICATE, "public_key", NULL);
    if (role_of(call_text(call, "role")) == ROLES)
        return error_set(&call->error, ERROR_INVALID, "role", "a role such as broker");

    value_builder_t fields = value_builder(call->arena);
    value_add_pair(&fields, "name", value_text(call_text(call, "name")));
    if (call_text(call, "person") != NULL)
        value_add_pair(&fields, "person", value_text(call_text(call, "person")));
    if (call_text(call, "language") != NULL)
        value_add_pair(&fields, "language", value_text(call_text(call, "language")));
    value_t map = value_build_map(&fields);
    const record_t *user = draft_make(call->draft, "user", &map, &call->error);
    if (user == NULL)
        return false;

    fields = value_builder(call->arena);
    value_add_pair(&fields, "user", value_text(user->id.text));
    value_add_pair(&fields, "role", value_text(call_text(call, "role")));
    if (whole)
        value_add_pair(&fields, "whole", value_boolean(true));
    if (municipalities->count > 0)
        value_add_pair(&fields, "municipalities", *municipalities);
    if (organisations->count > 0)
        value_add_pair(&fields, "organisations", *organisations);
    map = value_build_map(&fields);
    if (draft_make(call->draft, "grant", &map, &call->error) == NULL)
        return false;

    record_t *invitation = draft_new_record(call->draft, schema_kind("key"));
    record_set(invitation, "user", value_text(user->id.text));
    record_set(invitation, "public_key", *key);
    record_set(invitation, "state", value_text("invited"));
    record_set(invitation, "expires", value_integer((int64_t)(now + INVITATION_MS)));
    return true;
}

/* The same new key again gets the same answer; another is refused, and the refusal
   stands in the invitation for its issuer to see. */
static bool join_again(call_t *call, const record_t *invitation, const value_t *key)
{
    if (value_equal(record_get(invitation, "bound_key"), key) ||
        record_get(invitation, "refused")->form != VALUE_ABSENT)
        return true;
    record_t *noted = draft_edit_record(call->draft, invitation);
    record_set(noted, "refused", value_integer((int64_t)call->now_ms));
    return true;
}

bool cmd_join(call_t *call)
{
    const value_t *key = value_get(call->arguments, "public_key");
    const record_t *invitation = records_get(call->txn, &call->access->key, call->arena);

    if (!check_key(call, key))
        return false;
    if (strcmp(record_get_text(invitation, "state"), "used") == 0)
        return join_again(call, invitation, key);
    if (is_known_key(call, key))
        return error_set(&call->error, ERROR_DUPLICATE, "public_key", NULL);
    if (!draft_is_open(call->draft, ROLES_NONE, &call->error))
        return false;

    record_t *used = draft_edit_record(call->draft, invitation);
    record_set(used, "state", value_text("used"));
    record_set(used, "bound_key", *key);
    record_t *own = draft_new_record(call->draft, schema_kind("key"));
    record_set(own, "user", value_text(call->access->user.text));
    record_set(own, "public_key", *key);
    const record_t *user = records_get(call->txn, &call->access->user, call->arena);
    record_set(draft_edit_record(call->draft, user), "joined",
               value_integer((int64_t)call->now_ms));
    return true;
}

value_t answer_invite(call_t *call, const journal_entry_t *entry)
{
    value_builder_t result = value_builder(call->arena);

    for (size_t i = 0; i < entry->n_operations; i++) {
        const journal_operation_t *operation = &entry->operations[i];
        const char *kind = operation->id.kind->name;
        if (strcmp(kind, "user") == 0 || strcmp(kind, "key") == 0)
            value_add_pair(&result, kind, value_text(arena_text(call->arena, operation->id.text)));
        if (strcmp(kind, "key") == 0)
            value_add_pair(&result, "expires", *record_get(operation->after, "expires"));
    }
    return value_build_map(&result);
}

value_t answer_join(call_t *call, const journal_entry_t *entry)
{
    const value_t *key = value_get(call->arguments, "public_key");
    const record_t *invitation = records_get(call->txn, &call->access->key, call->arena);
    value_builder_t result = value_builder(call->arena);

    (void)entry;
    if (!value_equal(record_get(invitation, "bound_key"), key)) {
        error_set(&call->error, ERROR_EXPIRED, NULL, "an invitation that no one has taken up");
        return value_absent;
    }
    value_add_pair(&result, "user", value_text(arena_text(call->arena, call->access->user.text)));
    return value_build_map(&result);
}

#include "rules.h"

#include "index.h"
#include "seal.h"

#include <string.h>

/* A person is erased by two privacy officers under a disposal decision (DOMAIN: law):
   one asks, another approves. What was asked for stays as it was asked. */

/* -- asking ---------------------------------------------------------------------------- */

/* One open erasure of a person is enough. */
static bool check_alone(draft_t *draft, const record_t *erasure, error_t *error)
{
    static const char *const by_person[] = {"person"};
    const kind_t *kind = erasure->id.kind;
    bool open = false;
    record_id_t id;

    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, by_person, 1),
                                    record_get(erasure, "person"), 1, false, draft_arena(draft));
    while (!open && index_next(scan, &id)) {
        const record_t *other = draft_get(draft, &id);
        open = other != NULL && record_is(other, "state", "requested");
    }
    index_scan_end(&scan);
    return !open || error_set(error, ERROR_DUPLICATE, "person", NULL);
}

/* -- approving ------------------------------------------------------------------------- */

/* The person whom a user stands for, or NULL. */
static const char *person_of(draft_t *draft, const char *user)
{
    record_id_t id;
    const record_t *record = record_id_parse(&id, user, NULL) ? draft_get(draft, &id) : NULL;

    return record != NULL ? record_get_text(record, "person") : NULL;
}

/* Neither under one user nor under two of one person, nor by whom it is about. */
static bool check_two_people(draft_t *draft, const record_t *erasure, error_t *error)
{
    const char *asker = record_get_text(erasure, "created_by");
    const char *approver = draft_access(draft)->user.text;
    const char *asking = person_of(draft, asker);
    const char *approving = person_of(draft, approver);

    if (strcmp(asker, approver) == 0 ||
        (asking != NULL && approving != NULL && strcmp(asking, approving) == 0))
        return error_set(error, ERROR_NOT_ALLOWED, "verb", "someone else than who asked for it");
    if (approving != NULL && strcmp(approving, record_get_text(erasure, "person")) == 0)
        return error_set(error, ERROR_NOT_ALLOWED, "verb", "someone else than the person");
    return true;
}

/* Fields that place a record or say when it came are kept, and so is that the person was
   protected: what hangs there must not come into sight now. */
static bool is_kept(const kind_t *kind, const field_t *field)
{
    return (field->attributes & FIELD_DAEMON) || schema_words_have(kind->scope, field->name) ||
           strcmp(field->name, "protected") == 0;
}

static void empty_person(draft_t *draft, const record_t *person)
{
    record_t *emptied = draft_edit_record(draft, person);

    for (size_t i = 0; i < emptied->id.kind->n_fields; i++)
        if (!is_kept(emptied->id.kind, &emptied->id.kind->fields[i]))
            emptied->fields[i] = value_absent;
    record_fill(emptied, draft_arena(draft));
    record_set(emptied, "state", value_text("erased"));
}

/* What another record holds of the person under the person's key. */
static void empty_sealed(draft_t *draft, const record_t *record)
{
    field_mask_t mask = seal_mask(record);
    bool any = false;

    for (size_t i = 0; i < record->id.kind->n_fields; i++)
        any = any || (mask & (field_mask_t)1 << i && record->fields[i].form != VALUE_ABSENT);
    if (!any)
        return;
    record_t *emptied = draft_edit_record(draft, record);
    for (size_t i = 0; i < emptied->id.kind->n_fields; i++)
        if (mask & (field_mask_t)1 << i)
            emptied->fields[i] = value_absent;
}

/* A user stays, as the one who did what the journal tells; it goes by its id now. Who may
   still come in is an administrator's to revoke first: a privacy officer takes no rights. */
static bool rename_user(draft_t *draft, const record_t *user, error_t *error)
{
    arena_t *arena = draft_arena(draft);

    if (!record_is(user, "state", "revoked")) {
        value_builder_t by = value_builder(arena);
        value_builder_t detail = value_builder(arena);
        value_add(&by, value_text(arena_text(arena, user->id.text)));
        value_add_pair(&detail, "by", value_build_list(&by));
        value_add_pair(&detail, "others", value_integer(0));
        error_set(error, ERROR_REFERENCED, NULL, "the user revoked first");
        error->detail = value_build_map(&detail);
        return false;
    }
    record_set(draft_edit_record(draft, user), "name",
               value_text(arena_text(arena, user->id.text)));
    return true;
}

static bool erase(draft_t *draft, const record_t *person, error_t *error)
{
    referrer_scan_t *scan = referrer_scan(draft_txn(draft), &person->id, draft_arena(draft));
    const field_t *field;
    record_id_t id;
    bool good = true;

    while (good && referrer_next(scan, &id, &field)) {
        const record_t *record = draft_get(draft, &id);
        if (record == NULL)
            continue;
        if (id.kind == schema_kind("user"))
            good = rename_user(draft, record, error);
        else if (strcmp(id.kind->subject, field->name) == 0)
            empty_sealed(draft, record);
    }
    referrer_scan_end(&scan);
    if (good)
        empty_person(draft, person);
    return good;
}

/* -- the rules ------------------------------------------------------------------------- */

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)before;
    (void)error;
    if (move != NULL && strcmp(move->verb, "approve") == 0) {
        record_set(after, "approved", value_integer((int64_t)draft_now(draft)));
        record_set(after, "approved_by",
                   value_text(arena_text(draft_arena(draft), draft_access(draft)->user.text)));
    }
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    (void)confirm;
    if (before == NULL)
        return check_alone(draft, after, error);
    if (after == NULL)
        return !record_is(before, "state", "done") || error_set(error, ERROR_ERASED, NULL, NULL);
    if (!value_equal(record_get(before, "person"), record_get(after, "person")))
        return error_set(error, ERROR_READ_ONLY, "person", NULL);
    if (!value_equal(record_get(before, "decision"), record_get(after, "decision")))
        return error_set(error, ERROR_READ_ONLY, "decision", NULL);
    if (!record_is(before, "state", "requested") || !record_is(after, "state", "done"))
        return true;
    /* Last of all that is checked: from here on the draft holds the erasure itself. */
    const record_t *person = draft_named(draft, after, "person");
    return check_two_people(draft, after, error) && erase(draft, person, error);
}

const rules_t rules_erasure = {.kind = "erasure", .fill = fill, .check = check};

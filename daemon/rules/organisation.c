#include "rules.h"

#include "index.h"
#include "likeness.h"
#include "merges.h"
#include "seal.h"

#include <string.h>

/* Organisations are chosen, not typed (DOMAIN: people and places): one with a used
   number, or with a like name in the same municipality, is answered with those that
   are there. */

static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    const record_t *place = draft_named(draft, after, "municipality");

    (void)before;
    (void)move;
    (void)error;
    if (record_get(after, "name")->form == VALUE_TEXT)
        record_set(after, "folded_name",
                   value_text(likeness_fold(record_get_text(after, "name"), draft_arena(draft))));
    if (place != NULL)
        record_set(after, "county", *record_get(place, "county"));
    return true;
}

/* -- one like it ------------------------------------------------------------------------ */

/* What is merged into another is known by that other; two of those are one candidate. */
static void add_candidate(draft_t *draft, value_builder_t *candidates, const record_t *asking,
                          const record_t *other)
{
    const record_t *record = merges_standing(draft_lookup(draft), other, draft_arena(draft));
    value_builder_t one = value_builder(draft_arena(draft));
    bool known = record_id_equal(&record->id, &asking->id);

    for (uint32_t i = 0; i < candidates->count; i++)
        known = known || strcmp(value_get_text(&candidates->items[i], "id"), record->id.text) == 0;
    if (known)
        return;
    value_add_pair(&one, "id", value_text(arena_text(draft_arena(draft), record->id.text)));
    value_add_pair(&one, "name", *record_get(record, "name"));
    value_add(candidates, value_build_map(&one));
}

#define CANDIDATES_MAX 10u

/* True when another legal entity has the same values in these fields. */
static bool is_alike(const record_t *record, const record_t *other, const char *const *fields,
                     unsigned n_fields)
{
    bool alike = other != NULL && other->id.kind == record->id.kind &&
                 !record_id_equal(&other->id, &record->id) &&
                 record_get(other, "parent")->form == VALUE_ABSENT;

    for (unsigned i = 0; alike && i < n_fields; i++)
        alike = value_equal(record_get(record, fields[i]), record_get(other, fields[i]));
    return alike;
}

/* Those alike, found by the index over these fields and among those of this request. */
static void collect(draft_t *draft, const record_t *record, const char *const *fields,
                    unsigned n_fields, value_builder_t *candidates)
{
    const kind_t *kind = record->id.kind;
    value_t equal[SCHEMA_INDEX_FIELDS_MAX];
    record_id_t id;

    for (unsigned i = 0; i < n_fields; i++)
        equal[i] = *record_get(record, fields[i]);
    index_scan_t *scan = index_scan(draft_txn(draft), kind, index_find(kind, fields, n_fields),
                                    equal, n_fields, false, draft_arena(draft));
    while (candidates->count < CANDIDATES_MAX && index_next(scan, &id)) {
        const record_t *other = draft_get(draft, &id);
        if (is_alike(record, other, fields, n_fields))
            add_candidate(draft, candidates, record, other);
    }
    index_scan_end(&scan);
    for (size_t i = 0; i < draft_count(draft) && candidates->count == 0; i++)
        if (is_alike(record, draft_record(draft, i), fields, n_fields))
            add_candidate(draft, candidates, record, draft_record(draft, i));
}

static bool refuse_duplicate(draft_t *draft, const char *field, const value_builder_t *candidates,
                             const char *expected, error_t *error)
{
    value_builder_t detail = value_builder(draft_arena(draft));

    value_add_pair(&detail, "candidates", value_build_list(candidates));
    error_set(error, ERROR_DUPLICATE, field, "%s", expected);
    error->detail = value_build_map(&detail);
    return false;
}

/* -- merging ------------------------------------------------------------------------------ */

/* A sole trader's number is its owner's, and sealed. */
static value_t number_of(draft_t *draft, const record_t *record)
{
    record_t *opened = record_copy(draft_arena(draft), record);

    seal_open(draft_txn(draft), opened, seal_mask(record), draft_arena(draft));
    return *record_get(opened, "number");
}

/* That nothing leads back is seen of every reference to the own kind. */
static bool check_merge(draft_t *draft, const record_t *before, const record_t *after,
                        error_t *error)
{
    const record_t *into = draft_named(draft, after, "merged_into");
    bool merges = before == NULL ||
                  !value_equal(record_get(before, "merged_into"), record_get(after, "merged_into"));

    if (into == NULL ||
        (!merges && value_equal(record_get(before, "number"), record_get(after, "number"))))
        return true;
    if (merges && !draft_may_write(draft, into))
        return error_set(error, ERROR_NOT_ALLOWED, "merged_into", "a record in your own scope");
    value_t number = number_of(draft, after), other = number_of(draft, into);
    if (number.form != VALUE_ABSENT && other.form != VALUE_ABSENT && !value_equal(&number, &other))
        return error_set(error, ERROR_INVALID, "merged_into",
                         "an organisation with the same number, or one of them without");
    return true;
}

static bool check(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error)
{
    if (after == NULL)
        return true;
    const value_t *number = record_get(after, "number");
    /* What is merged into another may have that one's number. */
    bool entity = record_get(after, "parent")->form == VALUE_ABSENT &&
                  record_get(after, "merged_into")->form == VALUE_ABSENT;
    value_builder_t candidates = value_builder(draft_arena(draft));

    if (value_list_has(record_get(after, "types"), "employer") &&
        record_get(after, "municipality")->form == VALUE_ABSENT)
        return error_set(error, ERROR_REQUIRED, "municipality", "an employer's municipality");

    bool new_number = before == NULL || !value_equal(record_get(before, "number"), number) ||
                      !value_equal(record_get(before, "parent"), record_get(after, "parent")) ||
                      record_get(before, "merged_into")->form != VALUE_ABSENT;
    if (entity && new_number && number->form == VALUE_TEXT && !number_is_personal(number->text)) {
        collect(draft, after, (const char *const[]){"number"}, 1, &candidates);
        if (candidates.count > 0)
            return refuse_duplicate(draft, "number", &candidates,
                                    "a number that no other organisation without parent has",
                                    error);
    }
    if (before == NULL && entity && !confirm &&
        record_get(after, "municipality")->form == VALUE_TEXT) {
        collect(draft, after, (const char *const[]){"municipality", "folded_name"}, 2, &candidates);
        if (candidates.count > 0)
            return refuse_duplicate(draft, "name", &candidates,
                                    "one of the candidates, or confirmation that this is another",
                                    error);
    }
    return check_merge(draft, before, after, error);
}

const rules_t rules_organisation = {.kind = "organisation", .fill = fill, .check = check};

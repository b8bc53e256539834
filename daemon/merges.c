#include "merges.h"

#include <string.h>

#define CHAIN_MAX 32u /* the draft lets none lead back */

const field_t *merges_field(const kind_t *kind)
{
    const field_t *field = kind != NULL ? kind_field(kind, "merged_into") : NULL;

    return field != NULL && field->target == kind ? field : NULL;
}

const record_t *merges_standing(const lookup_t *lookup, const record_t *record, arena_t *arena)
{
    const field_t *field = merges_field(record->id.kind);

    for (unsigned steps = 0; field != NULL && steps < CHAIN_MAX; steps++) {
        const value_t *into = &record->fields[field->index];
        record_id_t id;
        if (into->form != VALUE_TEXT || !record_id_parse(&id, into->text, NULL))
            return record;
        const record_t *next = lookup_record(lookup, &id, arena);
        if (next == NULL)
            return record;
        record = next;
    }
    return record;
}

const char *merges_resolve(const lookup_t *lookup, const char *id, arena_t *arena)
{
    record_id_t parsed;

    if (!record_id_parse(&parsed, id, NULL) || merges_field(parsed.kind) == NULL)
        return id;
    const record_t *record = lookup_record(lookup, &parsed, arena);
    return record != NULL ? merges_standing(lookup, record, arena)->id.text : id;
}

#include "placement.h"

#include "index.h"
#include "past.h"
#include "records.h"
#include "seal.h"

#include <string.h>

const record_t *lookup_record(const lookup_t *self, const record_id_t *id, arena_t *arena)
{
    const record_t *record;

    if (self->drafted != NULL && self->drafted(self->draft, id, &record))
        return record;
    uint64_t revision = self->as_of != 0 ? records_revision(self->txn, id) : 0;
    bool stood = self->as_of == 0 || (revision != 0 && revision <= self->as_of);
    return stood ? records_get(self->txn, id, arena)
                 : store_record_at(self->txn, id, self->as_of, arena);
}

static void add_place(places_t *self, const char *id)
{
    for (unsigned i = 0; i < self->count; i++)
        if (strcmp(self->ids[i], id) == 0)
            return;
    if (self->count < PLACES_MAX)
        self->ids[self->count++] = id;
}

bool places_have(const places_t *self, const char *id)
{
    for (unsigned i = 0; i < self->count; i++)
        if (strcmp(self->ids[i], id) == 0)
            return true;
    return false;
}

static void place_record(placement_t *self, places_t *municipalities, const lookup_t *lookup,
                         const record_t *record, arena_t *arena, int depth);

/* What an id in a scope field adds. */
static void place_id(placement_t *self, places_t *municipalities, const lookup_t *lookup,
                     const char *text, arena_t *arena, int depth)
{
    record_id_t id;

    if (!record_id_parse(&id, text, NULL))
        return;
    if (strcmp(id.kind->name, "municipality") == 0) {
        add_place(municipalities, text);
    } else if (strcmp(id.kind->name, "user") == 0) {
        add_place(&self->users, text);
    } else if (depth < PLACEMENT_DEPTH) {
        const record_t *record = lookup_record(lookup, &id, arena);
        if (record == NULL)
            return;
        self->veiled = self->veiled || record_get_boolean(record, "protected");
        place_record(self, municipalities, lookup, record, arena, depth + 1);
    }
}

static void place_field(placement_t *self, places_t *municipalities, const lookup_t *lookup,
                        const record_t *record, const char *name, arena_t *arena, int depth)
{
    if (*name == '=') {
        const char *organisation = record_get_text(record, name + 1);
        if (organisation == NULL)
            return;
        add_place(&self->organisations, organisation);
        add_place(&self->providers, organisation);
        return;
    }
    if (strcmp(name, "self") == 0) {
        const char *own = arena_text(arena, record->id.text);
        if (strcmp(record->id.kind->name, "organisation") == 0)
            add_place(&self->organisations, own);
        else
            place_id(self, municipalities, lookup, own, arena, PLACEMENT_DEPTH);
        return;
    }
    const value_t *value = record_get(record, name);
    if (value->form == VALUE_TEXT)
        place_id(self, municipalities, lookup, value->text, arena, depth);
    else if (value->form == VALUE_LIST)
        for (uint32_t i = 0; i < value->count; i++)
            place_id(self, municipalities, lookup, value->items[i].text, arena, depth);
}

/* Call `place_field` for each word of a list of field names. */
static void place_words(placement_t *self, places_t *municipalities, const lookup_t *lookup,
                        const record_t *record, const char *words, arena_t *arena, int depth)
{
    char *copy = arena_text(arena, words);
    char *rest = NULL;

    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        place_field(self, municipalities, lookup, record, word, arena, depth);
}

static void place_record(placement_t *self, places_t *municipalities, const lookup_t *lookup,
                         const record_t *record, arena_t *arena, int depth)
{
    place_words(self, municipalities, lookup, record, record->id.kind->scope, arena, depth);
}

placement_t placement_first(const lookup_t *lookup, const record_t *record, arena_t *arena)
{
    placement_t self = {0};
    char *copy = arena_text(arena, record->id.kind->scope);
    char *rest = NULL;

    for (char *word = strtok_r(copy, " ", &rest);
         word != NULL && self.municipalities.count + self.organisations.count == 0;
         word = strtok_r(NULL, " ", &rest))
        if (strcmp(word, "self") != 0)
            place_field(&self, &self.municipalities, lookup, record, word, arena, 0);
    return self;
}

/* "An employer in" a municipality tells who it is where there are few: five are
   enough (DOMAIN: discreet inquiries). */
#define EMPLOYERS_ENOUGH 5u

static bool has_enough_employers(const lookup_t *lookup, const char *municipality, arena_t *arena)
{
    static const char *const fields[] = {"municipality", "types"};
    const kind_t *kind = schema_kind("organisation");
    const index_t *index = index_find(kind, fields, 2);
    value_t equal[2] = {value_text(municipality), value_text("employer")};
    unsigned count = 0;
    record_id_t id;

    index_scan_t *scan = index_scan(lookup->txn, kind, index, equal, 2, false, arena);
    while (count < EMPLOYERS_ENOUGH && index_next(scan, &id))
        count++;
    index_scan_end(&scan);
    return count == EMPLOYERS_ENOUGH;
}

/* Fields that hold people's data: by class, or by what stands in them, such as a number
   that is the owner's own. The same for all readers, so told once. What is sealed for the
   disk's sake alone is seen as its class says. */
static field_mask_t personal_fields(const record_t *record)
{
    const kind_t *kind = record->id.kind;

    return seal_mask(record) & ~kind->sealed;
}

static bool is_restricted(const record_t *record)
{
    const char *state = record != NULL ? record_get_text(record, "state") : NULL;

    return state != NULL && strcmp(state, "restricted") == 0;
}

/* Whose data the record holds: itself, another or nobody (NULL). */
static const record_t *subject_of(const lookup_t *lookup, const record_t *record, arena_t *arena)
{
    const char *subject = record->id.kind->subject;
    const char *named = record_get_text(record, subject);
    record_id_t id;

    if (strcmp(subject, "self") == 0)
        return record;
    return named != NULL && record_id_parse(&id, named, NULL) ? lookup_record(lookup, &id, arena)
                                                              : NULL;
}

static const placement_t *place(const lookup_t *lookup, const record_t *record, arena_t *arena,
                                int depth)
{
    placement_t *self = arena_alloc(arena, sizeof *self);
    const kind_t *kind = record->id.kind;

    place_words(self, &self->municipalities, lookup, record, kind->scope, arena, 0);
    place_words(self, &self->readers_municipalities, lookup, record, kind->also, arena, 0);
    self->personal = personal_fields(record);
    self->protected = record_get_boolean(record, "protected");
    self->restricted = is_restricted(subject_of(lookup, record, arena));
    self->staff = record_get_boolean(record, "staff");
    self->discreet = record_get_boolean(record, "discreet");
    if (self->discreet) {
        const char *municipality = record_get_text(record, "municipality");
        self->municipality_shown =
            municipality != NULL && has_enough_employers(lookup, municipality, arena);
    }
    if (*kind->follows != '\0') {
        const char *followed = record_get_text(record, kind->follows);
        record_id_t id;
        if (followed != NULL && depth == PLACEMENT_DEPTH) {
            self->lost = true;
        } else if (followed != NULL && record_id_parse(&id, followed, NULL)) {
            self->followed = lookup_record(lookup, &id, arena);
            /* Of what is deleted, too, the past is judged by what it followed. */
            if (self->followed == NULL)
                self->followed = past_last(lookup->txn, &id, arena);
            self->lost = self->followed == NULL;
            if (self->followed != NULL)
                self->followed_placement = place(lookup, self->followed, arena, depth + 1);
        }
    }
    return self;
}

const placement_t *placement_of(const lookup_t *lookup, const record_t *record, arena_t *arena)
{
    return place(lookup, record, arena, 0);
}

bool placement_in(const placement_t *self, const char *municipality)
{
    return places_have(&self->municipalities, municipality);
}

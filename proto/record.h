#ifndef SAMVERK_RECORD_H
#define SAMVERK_RECORD_H

#include "error.h"
#include "schema.h"
#include "value.h"

/* One record of any kind: which it is, the revision that last changed it, and
   its fields. `fields` has one slot for each of kind->n_fields, in table order;
   an unset field is VALUE_ABSENT. All of it lives in one arena. */
#define RECORD_ID_MAX 48

typedef struct {
    const kind_t *kind;
    uint64_t number;          /* numbered kinds: from 1; coded ones: 0 */
    char text[RECORD_ID_MAX]; /* "inq-12", "mun-1880": as people and the wire say it */
} record_id_t;

typedef struct {
    record_id_t id;
    uint64_t revision;
    value_t *fields;
} record_t;

/* "inq-12" to an id. False when the prefix is unknown, the number is none or
   the code has other than letters, digits and dashes. `of` may be NULL (any kind). */
bool record_id_parse(record_id_t *self, const char *text, const kind_t *of);
record_id_t record_id_numbered(const kind_t *kind, uint64_t number);
/* False when the code does not fit the form of a code. */
bool record_id_coded(record_id_t *self, const kind_t *kind, const char *code);
bool record_id_equal(const record_id_t *a, const record_id_t *b);
/* The order of ids of one kind: numbers as numbers, codes by their bytes. */
int record_id_compare(const record_id_t *a, const record_id_t *b);
const char *record_id_code(const record_id_t *self); /* what follows the dash */

record_t *record_new(arena_t *arena, const kind_t *kind);
record_t *record_copy(arena_t *arena, const record_t *record);
/* True when all fields of two records of one kind have the same values. */
bool record_equal_fields(const record_t *a, const record_t *b);

/* The value of a field by name; &value_absent when the kind has none such. */
const value_t *record_get(const record_t *self, const char *field);
const char *record_get_text(const record_t *self, const char *field); /* or NULL */
/* True when the field is this text: a state, an id. */
bool record_is(const record_t *self, const char *field, const char *text);
bool record_get_boolean(const record_t *self, const char *field);
int64_t record_get_integer(const record_t *self, const char *field, int64_t otherwise);
/* Set a field by name. The kind must have it (an assertion: our own mistake). */
void record_set(record_t *self, const char *field, value_t value);

/* A bit a field, bit i for kind->fields[i]. */
typedef uint64_t field_mask_t;
#define FIELD_MASK_ALL UINT64_MAX

/* What a new record begins with: the default of each field that is absent, and the
   initial state of its lifecycle. */
void record_fill(record_t *self, arena_t *arena);
/* Every field against its row (field_check normalises them in place), and the
   required ones there. Whether references exist is the daemon's to see. */
bool record_check(record_t *self, arena_t *arena, error_t *error);

/* The fields as a map, those in `mask` and set; and a map into the slots. The
   second reports unknown fields, and with `writable` those that the daemon
   alone sets; it checks no values (record_check does).
   Internal fields are unknown to writers. */
value_t record_to_map(const record_t *self, field_mask_t mask, arena_t *arena);
bool record_from_map(record_t *self, const value_t *map, bool writable, error_t *error);

/* {"id", "rev", "fields"}: the form in which a record leaves the daemon, internal
   fields left out. */
value_t record_to_view(const record_t *self, field_mask_t mask, arena_t *arena);
/* And back, for clients; fields that this client does not know are left out. */
bool record_from_view(record_t **self_p, const value_t *view, arena_t *arena);

#endif

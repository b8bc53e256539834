#include "record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- ids ------------------------------------------------------------------------------ */

static bool s_is_alphanumeric(char character)
{
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z');
}

static bool s_is_code(const char *code)
{
    if (!s_is_alphanumeric(*code))
        return false;
    while (s_is_alphanumeric(*code) || *code == '-')
        code++;
    return *code == '\0';
}

/* A number from 1 without zeros before it, so that an id has one form alone. */
static bool s_number(const char *text, uint64_t *number)
{
    if (*text < '1' || *text > '9')
        return false;
    *number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (__builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*text - '0'), number))
            return false;
    }
    return *text == '\0';
}

bool record_id_parse(record_id_t *self, const char *text, const kind_t *of)
{
    const char *dash = strchr(text, '-');
    if (!dash)
        return false;
    size_t prefix_size = (size_t)(dash - text);
    const kind_t *kind = of ? of : schema_kind_by_prefix(text, prefix_size);
    if (!kind || strlen(kind->prefix) != prefix_size ||
        memcmp(kind->prefix, text, prefix_size) != 0)
        return false;
    if (kind->coded)
        return record_id_coded(self, kind, dash + 1);
    uint64_t number;
    if (!s_number(dash + 1, &number))
        return false;
    *self = record_id_numbered(kind, number);
    return true;
}

record_id_t record_id_numbered(const kind_t *kind, uint64_t number)
{
    assert(!kind->coded && number > 0);
    record_id_t id = {.kind = kind, .number = number};
    snprintf(id.text, sizeof id.text, "%s-%" PRIu64, kind->prefix, number);
    return id;
}

bool record_id_coded(record_id_t *self, const kind_t *kind, const char *code)
{
    assert(kind->coded);
    record_id_t id = {.kind = kind};
    if (!s_is_code(code) || strlen(kind->prefix) + 1 + strlen(code) >= sizeof id.text)
        return false;
    stpcpy(stpcpy(stpcpy(id.text, kind->prefix), "-"), code);
    *self = id;
    return true;
}

bool record_id_equal(const record_id_t *a, const record_id_t *b)
{
    return a->kind == b->kind && a->number == b->number &&
           (a->number != 0 || strcmp(a->text, b->text) == 0);
}

int record_id_compare(const record_id_t *a, const record_id_t *b)
{
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return strcmp(a->text, b->text);
}

const char *record_id_code(const record_id_t *self)
{
    return self->text + strlen(self->kind->prefix) + 1;
}

/* -- fields ----------------------------------------------------------------------------- */

record_t *record_new(arena_t *arena, const kind_t *kind)
{
    record_t *self = arena_alloc(arena, sizeof *self);
    self->id.kind = kind;
    self->fields = arena_alloc(arena, kind->n_fields * sizeof *self->fields);
    return self;
}

record_t *record_copy(arena_t *arena, const record_t *record)
{
    record_t *self = record_new(arena, record->id.kind);
    self->id = record->id;
    self->revision = record->revision;
    for (size_t i = 0; i < record->id.kind->n_fields; i++)
        self->fields[i] = value_copy(arena, &record->fields[i]);
    return self;
}

bool record_equal_fields(const record_t *a, const record_t *b)
{
    for (size_t i = 0; i < a->id.kind->n_fields; i++)
        if (!value_equal(&a->fields[i], &b->fields[i]))
            return false;
    return true;
}

const value_t *record_get(const record_t *self, const char *field)
{
    const field_t *row = kind_field(self->id.kind, field);
    return row ? &self->fields[row->index] : &value_absent;
}

const char *record_get_text(const record_t *self, const char *field)
{
    const value_t *value = record_get(self, field);
    return value->form == VALUE_TEXT ? value->text : NULL;
}

bool record_is(const record_t *self, const char *field, const char *text)
{
    const char *has = record_get_text(self, field);

    return has != NULL && strcmp(has, text) == 0;
}

bool record_get_boolean(const record_t *self, const char *field)
{
    const value_t *value = record_get(self, field);
    return value->form == VALUE_BOOLEAN && value->boolean;
}

int64_t record_get_integer(const record_t *self, const char *field, int64_t otherwise)
{
    const value_t *value = record_get(self, field);
    return value->form == VALUE_INTEGER ? value->integer : otherwise;
}

void record_set(record_t *self, const char *field, value_t value)
{
    const field_t *row = kind_field(self->id.kind, field);
    assert(row);
    self->fields[row->index] = value;
}

void record_fill(record_t *self, arena_t *arena)
{
    const kind_t *kind = self->id.kind;
    for (size_t i = 0; i < kind->n_fields; i++) {
        if (self->fields[i].form != VALUE_ABSENT)
            continue;
        /* schema_start has seen that every default can be read. */
        error_t error = {.code = ERROR_NONE};
        bool read = field_parse(&kind->fields[i], kind->fields[i].otherwise, &self->fields[i],
                                arena, &error);
        assert(read);
        (void)read;
    }
    const state_t *initial = kind_initial(kind);
    if (initial && record_get(self, "state")->form == VALUE_ABSENT)
        record_set(self, "state", value_text(initial->name));
}

bool record_check(record_t *self, arena_t *arena, error_t *error)
{
    const kind_t *kind = self->id.kind;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!field_check(field, &self->fields[i], arena, error))
            return false;
        if ((field->attributes & FIELD_REQUIRED) && self->fields[i].form == VALUE_ABSENT)
            return error_set(error, ERROR_REQUIRED, field->name, "%s", field_expects(field, arena));
    }
    return true;
}

/* -- maps and views ----------------------------------------------------------------------- */

/* The fields in `mask` that are set and have none of the attributes in `without`. */
static value_t s_to_map(const record_t *self, field_mask_t mask, unsigned without, arena_t *arena)
{
    const kind_t *kind = self->id.kind;
    value_builder_t map = value_builder(arena);
    for (size_t i = 0; i < kind->n_fields; i++) {
        if ((mask >> i & 1) && self->fields[i].form != VALUE_ABSENT &&
            !(kind->fields[i].attributes & without))
            value_add_pair(&map, kind->fields[i].name, self->fields[i]);
    }
    return value_build_map(&map);
}

value_t record_to_map(const record_t *self, field_mask_t mask, arena_t *arena)
{
    return s_to_map(self, mask, 0, arena);
}

static bool s_unknown_field(const kind_t *kind, const char *name, error_t *error)
{
    const char *names[SCHEMA_FIELDS_MAX];
    size_t n_names = 0;
    for (size_t i = 0; i < kind->n_fields; i++) {
        if (!(kind->fields[i].attributes & FIELD_INTERNAL))
            names[n_names++] = kind->fields[i].name;
    }
    const char *nearest = schema_nearest(name, names, n_names);
    if (nearest)
        return error_set(error, ERROR_UNKNOWN_FIELD, name, "did you mean %s?", nearest);
    return error_set(error, ERROR_UNKNOWN_FIELD, name, NULL);
}

/* What we wrote ourselves is in the order of the table: the next field is not far. */
static const field_t *s_field_from(const kind_t *kind, const char *name, size_t *from)
{
    for (size_t i = *from; i < kind->n_fields; i++)
        if (strcmp(kind->fields[i].name, name) == 0) {
            *from = i + 1;
            return &kind->fields[i];
        }
    return kind_field(kind, name);
}

bool record_from_map(record_t *self, const value_t *map, bool writable, error_t *error)
{
    if (map->form != VALUE_MAP)
        return error_set(error, ERROR_INVALID, "fields", "a map");
    const kind_t *kind = self->id.kind;
    size_t from = 0;
    for (uint32_t i = 0; i < map->count; i++) {
        const char *name = map->items[2 * (size_t)i].text;
        const field_t *field = s_field_from(kind, name, &from);
        if (!field || (writable && (field->attributes & FIELD_INTERNAL)))
            return s_unknown_field(kind, name, error);
        if (writable && (field->attributes & FIELD_DAEMON))
            return error_set(error, ERROR_READ_ONLY, name, NULL);
        self->fields[field->index] = map->items[2 * (size_t)i + 1];
    }
    return true;
}

value_t record_to_view(const record_t *self, field_mask_t mask, arena_t *arena)
{
    value_builder_t view = value_builder(arena);
    value_add_pair(&view, "id", value_text(arena_text(arena, self->id.text)));
    value_add_pair(&view, "rev", value_integer((int64_t)self->revision));
    value_add_pair(&view, "fields", s_to_map(self, mask, FIELD_INTERNAL, arena));
    return value_build_map(&view);
}

bool record_from_view(record_t **self_p, const value_t *view, arena_t *arena)
{
    record_id_t id;
    const char *text = value_get_text(view, "id");
    int64_t revision = value_get_integer(view, "rev", -1);
    const value_t *fields = value_get(view, "fields");
    if (!text || !record_id_parse(&id, text, NULL) || revision < 0 || fields->form != VALUE_MAP)
        return false;
    record_t *self = record_new(arena, id.kind);
    self->id = id;
    self->revision = (uint64_t)revision;
    for (uint32_t i = 0; i < fields->count; i++) {
        const field_t *field = kind_field(id.kind, fields->items[2 * (size_t)i].text);
        if (field)
            self->fields[field->index] = value_copy(arena, &fields->items[2 * (size_t)i + 1]);
    }
    *self_p = self;
    return true;
}

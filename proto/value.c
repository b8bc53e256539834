#include "value.h"

#include <string.h>

const value_t value_absent = {.form = VALUE_ABSENT};

value_t value_boolean(bool boolean)
{
    return (value_t){.form = VALUE_BOOLEAN, .boolean = boolean};
}

value_t value_integer(int64_t integer)
{
    return (value_t){.form = VALUE_INTEGER, .integer = integer};
}

value_t value_text(const char *text)
{
    return value_text_of(text, strlen(text));
}

value_t value_text_of(const char *text, size_t size)
{
    return (value_t){.form = VALUE_TEXT, .size = size, .text = text};
}

value_t value_bytes(const void *bytes, size_t size)
{
    return (value_t){.form = VALUE_BYTES, .size = size, .bytes = bytes};
}

value_t value_list(const value_t *items, uint32_t count)
{
    return (value_t){.form = VALUE_LIST, .count = count, .items = items};
}

bool value_equal(const value_t *a, const value_t *b)
{
    return value_compare(a, b) == 0;
}

static int s_compare_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    size_t common = a_size < b_size ? a_size : b_size;
    int order = common ? memcmp(a, b, common) : 0;
    if (order == 0)
        order = (a_size > b_size) - (a_size < b_size);
    return order;
}

/* How many values lie in `items`. */
static size_t s_n_items(const value_t *self)
{
    return self->form == VALUE_MAP ? (size_t)self->count * 2 : self->count;
}

static int s_compare_items(const value_t *a, const value_t *b)
{
    size_t a_items = s_n_items(a), b_items = s_n_items(b);
    for (size_t i = 0; i < a_items && i < b_items; i++) {
        int order = value_compare(&a->items[i], &b->items[i]);
        if (order != 0)
            return order;
    }
    return (a_items > b_items) - (a_items < b_items);
}

int value_compare(const value_t *a, const value_t *b)
{
    if (a->form != b->form)
        return a->form < b->form ? -1 : 1;
    switch (a->form) {
    case VALUE_ABSENT:
        return 0;
    case VALUE_BOOLEAN:
        return (int)a->boolean - (int)b->boolean;
    case VALUE_INTEGER:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case VALUE_TEXT:
        return s_compare_bytes(a->text, a->size, b->text, b->size);
    case VALUE_BYTES:
        return s_compare_bytes(a->bytes, a->size, b->bytes, b->size);
    case VALUE_LIST:
    case VALUE_MAP:
        return s_compare_items(a, b);
    }
    return 0;
}

const value_t *value_get(const value_t *map, const char *key)
{
    if (map->form != VALUE_MAP)
        return &value_absent;
    for (uint32_t i = 0; i < map->count; i++) {
        const value_t *name = &map->items[2 * (size_t)i];
        if (name->form == VALUE_TEXT && strcmp(name->text, key) == 0)
            return name + 1;
    }
    return &value_absent;
}

const char *value_get_text(const value_t *map, const char *key)
{
    const value_t *value = value_get(map, key);
    return value->form == VALUE_TEXT ? value->text : NULL;
}

int64_t value_get_integer(const value_t *map, const char *key, int64_t otherwise)
{
    const value_t *value = value_get(map, key);
    return value->form == VALUE_INTEGER ? value->integer : otherwise;
}

bool value_get_boolean(const value_t *map, const char *key, bool otherwise)
{
    const value_t *value = value_get(map, key);
    return value->form == VALUE_BOOLEAN ? value->boolean : otherwise;
}

bool value_list_has(const value_t *list, const char *text)
{
    for (uint32_t i = 0; list->form == VALUE_LIST && i < list->count; i++)
        if (list->items[i].form == VALUE_TEXT && strcmp(list->items[i].text, text) == 0)
            return true;
    return false;
}

size_t value_weight(const value_t *value, size_t *nodes)
{
    /* No head is longer than nine bytes: a type and 64 bits. */
    size_t sum = 9;

    if (nodes != NULL)
        ++*nodes;
    if (value->form == VALUE_TEXT || value->form == VALUE_BYTES)
        return sum + value->size;
    if (value->form != VALUE_LIST && value->form != VALUE_MAP)
        return sum;
    uint32_t count = value->form == VALUE_MAP ? 2 * value->count : value->count;
    for (uint32_t i = 0; i < count; i++)
        sum += value_weight(&value->items[i], nodes);
    return sum;
}

value_t value_copy(arena_t *arena, const value_t *value)
{
    value_t copy = *value;
    switch (value->form) {
    case VALUE_ABSENT:
    case VALUE_BOOLEAN:
    case VALUE_INTEGER:
        break;
    case VALUE_TEXT:
        copy.text = arena_text_of(arena, value->text, value->size);
        break;
    case VALUE_BYTES:
        copy.bytes = arena_copy(arena, value->bytes, value->size);
        break;
    case VALUE_LIST:
    case VALUE_MAP: {
        size_t n_items = s_n_items(value);
        value_t *items = arena_alloc(arena, n_items * sizeof *items);
        for (size_t i = 0; i < n_items; i++)
            items[i] = value_copy(arena, &value->items[i]);
        copy.items = items;
        break;
    }
    }
    return copy;
}

value_builder_t value_builder(arena_t *arena)
{
    return (value_builder_t){.arena = arena};
}

void value_add(value_builder_t *self, value_t value)
{
    if (self->count == self->room) {
        uint32_t room = self->room ? self->room * 2 : 8;
        value_t *items = arena_alloc(self->arena, room * sizeof *items);
        if (self->count)
            memcpy(items, self->items, self->count * sizeof *items);
        self->items = items;
        self->room = room;
    }
    self->items[self->count++] = value;
}

void value_add_pair(value_builder_t *self, const char *key, value_t value)
{
    value_add(self, value_text(key));
    value_add(self, value);
}

value_t value_build_list(const value_builder_t *self)
{
    return value_list(self->items, self->count);
}

value_t value_build_map(const value_builder_t *self)
{
    return (value_t){.form = VALUE_MAP, .count = self->count / 2, .items = self->items};
}

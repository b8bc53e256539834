#ifndef SAMVERK_VALUE_H
#define SAMVERK_VALUE_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

/* One value as it goes over the wire: what msgpack can say, less what Samverk
   never says (floats, extensions, keys that are not text). Requests, results,
   records and frames are all trees of these. Whoever has the tree borrows it:
   it lives in an arena or in static memory. */
typedef enum {
    VALUE_ABSENT = 0, /* msgpack nil; an unset field */
    VALUE_BOOLEAN,
    VALUE_INTEGER, /* signed 64 bits */
    VALUE_TEXT,    /* UTF-8, NFC, ends in NUL, holds none */
    VALUE_BYTES,
    VALUE_LIST, /* `count` items */
    VALUE_MAP   /* `count` pairs: items[2i] is the key, items[2i+1] what it has */
} value_form_t;

typedef struct value value_t;
struct value {
    value_form_t form;
    uint32_t count; /* list: items; map: pairs */
    size_t size;    /* text, bytes: length in bytes */
    union {
        bool boolean;
        int64_t integer;
        const char *text;
        const unsigned char *bytes;
        const value_t *items;
    };
};

extern const value_t value_absent;

/* Makers. `value_text` borrows; the others hold what they are given. */
value_t value_boolean(bool boolean);
value_t value_integer(int64_t integer);
value_t value_text(const char *text);
value_t value_text_of(const char *text, size_t size);
value_t value_bytes(const void *bytes, size_t size);
value_t value_list(const value_t *items, uint32_t count);

/* Same form and same content. Maps are compared in order. */
bool value_equal(const value_t *a, const value_t *b);
/* Total order: by form, then by integer, bytes, or item by item. */
int value_compare(const value_t *a, const value_t *b);

/* What a map has under `key`; &value_absent when it is no map or has none. */
const value_t *value_get(const value_t *map, const char *key);
/* The text under `key`, or NULL when it is absent or no text. */
const char *value_get_text(const value_t *map, const char *key);
int64_t value_get_integer(const value_t *map, const char *key, int64_t otherwise);
bool value_get_boolean(const value_t *map, const char *key, bool otherwise);

/* True when `list` is a list and this text is one of its items. */
bool value_list_has(const value_t *list, const char *text);

/* About as many bytes as it takes on the wire, never fewer; `nodes`, which may be NULL,
   is raised by the values in it, as the scan counts them. */
size_t value_weight(const value_t *value, size_t *nodes);

/* Deep copy into `arena`. */
value_t value_copy(arena_t *arena, const value_t *value);

/* A map or list under construction, grown in its arena. */
typedef struct {
    arena_t *arena;
    value_t *items;
    uint32_t count; /* values so far; a pair counts two */
    uint32_t room;
} value_builder_t;

value_builder_t value_builder(arena_t *arena);
void value_add(value_builder_t *self, value_t value);
void value_add_pair(value_builder_t *self, const char *key, value_t value);
value_t value_build_list(const value_builder_t *self);
value_t value_build_map(const value_builder_t *self);

#endif

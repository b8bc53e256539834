#include "wire.h"

#include <string.h>
#include <utf8proc.h>

bool wire_refuses(int32_t point, bool lines)
{
    if (point == '\n' || point == '\t')
        return !lines;
    return point < 0x20 || (point >= 0x7f && point <= 0x9f)         /* C0, DEL, C1 */
           || point == 0x200e || point == 0x200f || point == 0x061c /* direction marks */
           || (point >= 0x202a && point <= 0x202e)                  /* embeddings, overrides */
           || (point >= 0x2066 && point <= 0x2069)                  /* isolates */
           || point == 0x2028 || point == 0x2029                    /* line, paragraph */
           || (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe; /* none */
}

/* Below U+0300 nothing composes, and nothing is there that could be composed
   with: text without a lead byte of 0xcc or above is in NFC as it stands. */
static bool is_composed(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] >= 0xcc)
            return false;
    return true;
}

static bool check_characters(const value_t *value, bool lines, const char *field, error_t *error)
{
    const unsigned char *text = (const unsigned char *)value->text;
    size_t place = 0;
    for (size_t at = 0; at < value->size; place++) {
        utf8proc_int32_t point;
        utf8proc_ssize_t taken =
            utf8proc_iterate(text + at, (utf8proc_ssize_t)(value->size - at), &point);
        if (taken <= 0)
            return error_set(error, ERROR_INVALID, field, "UTF-8");
        if (wire_refuses(point, lines))
            return error_set(error, ERROR_INVALID, field,
                             "text without control characters; U+%04X is number %zu",
                             (unsigned)point, place + 1);
        at += (size_t)taken;
    }
    return true;
}

/* The text, valid UTF-8, in NFC. */
static value_t compose(const value_t *value, arena_t *arena)
{
    const utf8proc_uint8_t *text = (const utf8proc_uint8_t *)value->text;
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t size = (utf8proc_ssize_t)value->size;
    utf8proc_ssize_t n = utf8proc_decompose(text, size, NULL, 0, options);
    /* One more than the points: utf8proc_reencode ends its text in a NUL. */
    utf8proc_int32_t *points = arena_alloc(arena, ((size_t)n + 1) * sizeof *points);
    utf8proc_decompose(text, size, points, n, options);
    size_t composed = (size_t)utf8proc_reencode(points, n, options);
    return value_text_of((const char *)points, composed);
}

static bool can_hold_text(const value_t *value)
{
    return value->form == VALUE_TEXT || value->form == VALUE_LIST || value->form == VALUE_MAP;
}

/* `field` is the innermost key above the value, or NULL. */
static bool clean(value_t *value, bool lines, const char *field, arena_t *arena, error_t *error)
{
    if (value->form == VALUE_TEXT) {
        if (!check_characters(value, lines, field, error))
            return false;
        if (!is_composed(value->text, value->size))
            *value = compose(value, arena);
        return true;
    }
    bool map = value->form == VALUE_MAP;
    uint32_t count = map ? 2 * value->count : value->count;
    value_t *changed = NULL; /* a copy of the items, once one of them has changed */
    for (uint32_t i = map ? 1 : 0; i < count; i += map ? 2 : 1) {
        value_t item = value->items[i];
        if (!can_hold_text(&item))
            continue;
        if (!clean(&item, lines, map ? value->items[i - 1].text : field, arena, error))
            return false;
        bool same = item.form == VALUE_TEXT ? item.text == value->items[i].text
                                            : item.items == value->items[i].items;
        if (same)
            continue;
        if (!changed)
            changed = arena_copy(arena, value->items, count * sizeof *changed);
        changed[i] = item;
    }
    if (changed)
        value->items = changed;
    return true;
}

bool wire_clean_text(value_t *value, bool lines, arena_t *arena, error_t *error)
{
    if (!can_hold_text(value))
        return true;
    return clean(value, lines, NULL, arena, error);
}

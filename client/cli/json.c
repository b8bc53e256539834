#include "json.h"
#include "clean.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

static json_t *json_of_instant(int64_t milliseconds)
{
    int64_t rest = (milliseconds % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((milliseconds - rest) / 1000);
    struct tm parts;
    char text[48];
    if (!gmtime_r(&seconds, &parts))
        return json_integer(milliseconds);
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + size, sizeof text - size, ".%03dZ", (int)rest);
    return json_string(text);
}

static json_t *json_of_bytes(const value_t *value)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * 64 + 1];
    size_t n = 0;
    for (size_t i = 0; i < value->size && i < 64; i++) {
        text[n++] = digits[value->bytes[i] >> 4];
        text[n++] = digits[value->bytes[i] & 15];
    }
    text[n] = 0;
    return json_string(text);
}

/* The members that hold an instant wherever they stand (PROTOCOL.md). */
static bool names_an_instant(const char *key)
{
    return strcmp(key, "time") == 0 || strcmp(key, "expires") == 0;
}

json_t *json_of_value(const value_t *value)
{
    switch (value->form) {
    case VALUE_ABSENT:
        return json_null();
    case VALUE_BOOLEAN:
        return json_boolean(value->boolean);
    case VALUE_INTEGER:
        return json_integer(value->integer);
    case VALUE_TEXT:
        return json_stringn(value->text, value->size);
    case VALUE_BYTES:
        return json_of_bytes(value);
    case VALUE_LIST: {
        json_t *list = json_array();
        for (uint32_t i = 0; i < value->count; i++)
            json_array_append_new(list, json_of_value(&value->items[i]));
        return list;
    }
    case VALUE_MAP: {
        json_t *map = json_object();
        for (uint32_t i = 0; i < value->count; i++) {
            const char *key = value->items[2 * i].text;
            const value_t *item = &value->items[2 * i + 1];
            bool instant = item->form == VALUE_INTEGER && names_an_instant(key);
            json_object_set_new(map, key,
                                instant ? json_of_instant(item->integer) : json_of_value(item));
        }
        return map;
    }
    }
    return json_null();
}

json_t *json_of_field(const field_t *field, const value_t *value)
{
    if (value->form == VALUE_LIST) {
        json_t *list = json_array();
        for (uint32_t i = 0; i < value->count; i++)
            json_array_append_new(list, json_of_field(field, &value->items[i]));
        return list;
    }
    if (field->type == TYPE_INSTANT && value->form == VALUE_INTEGER)
        return json_of_instant(value->integer);
    if (field->type == TYPE_DEGREES && value->form == VALUE_INTEGER)
        return json_real((double)value->integer / 1e6);
    if (field->type == TYPE_TENTHS && value->form == VALUE_INTEGER)
        return json_real((double)value->integer / 10);
    if (field->type == TYPE_KEY && value->form == VALUE_BYTES) {
        arena_t *arena = arena_new();
        json_t *text = json_string(field_print(field, value, arena));
        arena_destroy(&arena);
        return text;
    }
    return json_of_value(value);
}

static const kind_t *kind_of_view(const value_t *view)
{
    record_id_t id;
    const char *text = value_get_text(view, "id");
    if (!text || value_get(view, "fields")->form != VALUE_MAP || !record_id_parse(&id, text, NULL))
        return NULL;
    return id.kind;
}

json_t *json_of_view(const value_t *view)
{
    const kind_t *kind = kind_of_view(view);
    if (!kind)
        return json_of_value(view);
    json_t *map = json_object();
    for (uint32_t i = 0; i < view->count; i++) {
        const char *key = view->items[2 * i].text;
        const value_t *item = &view->items[2 * i + 1];
        if (strcmp(key, "fields") != 0) {
            json_object_set_new(map, key, json_of_value(item));
            continue;
        }
        json_t *fields = json_object();
        for (uint32_t f = 0; f < item->count; f++) {
            const char *name = item->items[2 * f].text;
            const value_t *value = &item->items[2 * f + 1];
            const field_t *field = kind_field(kind, name);
            json_object_set_new(fields, name,
                                field ? json_of_field(field, value) : json_of_value(value));
        }
        json_object_set_new(map, key, fields);
    }
    return map;
}

json_t *json_of_result(const value_t *result)
{
    if (result->form == VALUE_MAP && kind_of_view(result))
        return json_of_view(result);
    if (result->form == VALUE_LIST) {
        json_t *list = json_array();
        for (uint32_t i = 0; i < result->count; i++)
            json_array_append_new(list, json_of_result(&result->items[i]));
        return list;
    }
    if (result->form != VALUE_MAP)
        return json_of_value(result);
    json_t *map = json_object();
    for (uint32_t i = 0; i < result->count; i++) {
        const char *key = result->items[2 * i].text;
        const value_t *item = &result->items[2 * i + 1];
        bool instant = item->form == VALUE_INTEGER && names_an_instant(key);
        json_object_set_new(map, key,
                            instant ? json_of_instant(item->integer) : json_of_result(item));
    }
    return map;
}

/* Outside of strings there is nothing of the kind, and jansson writes UTF-8 alone. */
static void write_escaped(const char *text, FILE *file)
{
    utf8proc_int32_t c;
    for (utf8proc_ssize_t size; *text; text += size) {
        size = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
        if (size <= 0)
            return;
        if (c != '\n' && clean_steers(c))
            fprintf(file, "\\u%04X", (unsigned)c);
        else
            fwrite(text, 1, (size_t)size, file);
    }
}

void json_write(json_t *document, FILE *file, bool line)
{
    char *text = json_dumps(document, (line ? JSON_COMPACT : JSON_INDENT(2)) |
                                          JSON_REAL_PRECISION(10) | JSON_ENCODE_ANY);
    if (text)
        write_escaped(text, file);
    free(text);
    json_decref(document);
}

void json_print(json_t *document, bool line)
{
    json_write(document, stdout, line);
    fputc('\n', stdout);
}

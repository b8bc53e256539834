#include "literal.h"

#include "region.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    LITERAL_VALUE,
    LITERAL_NAME,
    LITERAL_KEY,
    LITERAL_ANY,
    LITERAL_PART,
    LITERAL_LIST,
    LITERAL_MAP
} form_t;

struct literal {
    form_t form;
    value_t value;    /* VALUE */
    const char *text; /* NAME, KEY, PART; of a map's child: its key is `key` */
    const char *key;
    bool open;  /* LIST: more may follow */
    bool ends;  /* LIST: more may come before */
    bool exact; /* MAP: nothing else */
    literal_t *first, *next;
};

/* -- bindings ------------------------------------------------------------------ */

typedef struct binding binding_t;
struct binding {
    const char *name;
    value_t value;
    binding_t *next;
};

struct bindings {
    arena_t *arena;
    binding_t *first;
};

bindings_t *bindings_new(arena_t *arena)
{
    bindings_t *self = arena_alloc(arena, sizeof *self);

    self->arena = arena;
    return self;
}

const value_t *bindings_get(const bindings_t *self, const char *name)
{
    for (const binding_t *one = self->first; one != NULL; one = one->next)
        if (strcmp(one->name, name) == 0)
            return &one->value;
    return NULL;
}

void bindings_set(bindings_t *self, const char *name, const value_t *value)
{
    binding_t *one = arena_alloc(self->arena, sizeof *one);

    one->name = arena_text(self->arena, name);
    one->value = value_copy(self->arena, value);
    one->next = self->first; /* hides an older one */
    self->first = one;
}

/* -- reading ---------------------------------------------------------------------- */

static void skip_space(const char **text)
{
    while (isspace((unsigned char)**text))
        (*text)++;
}

static bool ends_word(char c)
{
    return c == '\0' || isspace((unsigned char)c) || strchr("[]{}=", c) != NULL;
}

static const char *read_word(const char **text, arena_t *arena)
{
    const char *start = *text;

    while (!ends_word(**text))
        (*text)++;
    return arena_text_of(arena, start, (size_t)(*text - start));
}

static char *add_code_point(char *out, unsigned long code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | (code >> 6));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xe0 | (code >> 12));
        *out++ = (char)(0x80 | ((code >> 6) & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

/* After the opening quote, past the closing one; NULL without it. */
static const char *read_quoted(const char **text, arena_t *arena)
{
    char *out = arena_alloc(arena, strlen(*text) + 1);
    char *end = out;

    for (const char *at = *text; *at != '\0'; at++) {
        if (*at == '"') {
            *text = at + 1;
            return out;
        }
        if (*at != '\\') {
            *end++ = *at;
        } else if (at[1] == 'u' && strlen(at) > 5) {
            char digits[5] = {at[2], at[3], at[4], at[5], '\0'};
            end = add_code_point(end, strtoul(digits, NULL, 16));
            at += 5;
        } else if (*++at == 'n') {
            *end++ = '\n';
        } else if (*at == 't') {
            *end++ = '\t';
        } else if (*at != '\0') {
            *end++ = *at;
        }
    }
    return NULL;
}

static literal_t *make(arena_t *arena, form_t form)
{
    literal_t *self = arena_alloc(arena, sizeof *self);

    self->form = form;
    return self;
}

static literal_t *make_value(arena_t *arena, value_t value)
{
    literal_t *self = make(arena, LITERAL_VALUE);

    self->value = value;
    return self;
}

static literal_t *of_word(const char *word, arena_t *arena)
{
    char *end = NULL;
    long long number = strtoll(word, &end, 10);

    if (*word != '\0' && *word != '+' && *end == '\0')
        return make_value(arena, value_integer(number));
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        return make_value(arena, value_boolean(*word == 't'));
    if (strcmp(word, "nil") == 0)
        return make_value(arena, value_absent);
    if (strcmp(word, "*") == 0)
        return make(arena, LITERAL_ANY);
    literal_t *self = make_value(arena, value_text(word));
    if ((*word == '$' && isalpha((unsigned char)word[1])) || *word == '@') {
        self->form = *word == '$' ? LITERAL_NAME : LITERAL_KEY;
        self->text = word + 1;
    }
    return self;
}

static literal_t *read_items(const char **text, arena_t *arena, char close, const char **why);

static literal_t *read_one(const char **text, arena_t *arena, const char **why)
{
    skip_space(text);
    char c = **text;
    if (c == '"' || (c == '~' && (*text)[1] == '"')) {
        *text += c == '~' ? 2 : 1;
        const char *quoted = read_quoted(text, arena);
        if (quoted == NULL) {
            *why = "a closing quote expected";
            return NULL;
        }
        literal_t *self = make_value(arena, value_text(quoted));
        if (c == '~') {
            self->form = LITERAL_PART;
            self->text = quoted;
        }
        return self;
    }
    bool exact = c == '=' && (*text)[1] == '{';
    if (c == '[' || c == '{' || exact) {
        *text += exact ? 2 : 1;
        literal_t *self = read_items(text, arena, c == '[' ? ']' : '}', why);
        if (self != NULL)
            self->exact = exact;
        return self;
    }
    if (ends_word(c)) {
        *why = "a value expected";
        return NULL;
    }
    return of_word(read_word(text, arena), arena);
}

static literal_t *read_items(const char **text, arena_t *arena, char close, const char **why)
{
    literal_t *self = make(arena, close == ']' ? LITERAL_LIST : LITERAL_MAP);
    literal_t **end = &self->first;

    for (skip_space(text); **text != close; skip_space(text)) {
        const char *key = NULL;
        if (strncmp(*text, "...", 3) == 0 && close == ']') {
            *text += 3;
            if (self->first == NULL)
                self->ends = true;
            else
                self->open = true;
            continue;
        }
        if (close == '}') {
            key = read_word(text, arena);
            if (*key == '\0' || **text != '=') {
                *why = "key=value expected";
                return NULL;
            }
            (*text)++;
        }
        literal_t *item = read_one(text, arena, why);
        if (item == NULL)
            return NULL;
        item->key = key;
        *end = item;
        end = &item->next;
    }
    (*text)++;
    return self;
}

const literal_t *literal_read(const char **text, arena_t *arena, const char **why)
{
    literal_t *self = read_one(text, arena, why);

    skip_space(text);
    return self;
}

/* -- as a value ---------------------------------------------------------------------- */

bool literal_value(const literal_t *self, const bindings_t *bindings, arena_t *arena,
                   value_t *value, const char **why)
{
    value_builder_t builder = value_builder(arena);
    const value_t *bound;
    unsigned char *key;

    switch (self->form) {
    case LITERAL_VALUE:
        *value = self->value;
        return true;
    case LITERAL_NAME:
        bound = bindings_get(bindings, self->text);
        if (bound == NULL) {
            *why = arena_format(arena, "$%s has no value", self->text);
            return false;
        }
        *value = *bound;
        return true;
    case LITERAL_KEY:
        key = arena_alloc(arena, 32);
        region_key(self->text, key);
        *value = value_bytes(key, 32);
        return true;
    case LITERAL_ANY:
    case LITERAL_PART:
        *why = "a pattern stands where a value must";
        return false;
    case LITERAL_LIST:
    case LITERAL_MAP:
        break;
    }
    for (const literal_t *item = self->first; item != NULL; item = item->next) {
        value_t one;
        if (!literal_value(item, bindings, arena, &one, why))
            return false;
        if (item->key != NULL)
            value_add_pair(&builder, item->key, one);
        else
            value_add(&builder, one);
    }
    *value = self->form == LITERAL_MAP ? value_build_map(&builder) : value_build_list(&builder);
    return true;
}

/* -- as a pattern --------------------------------------------------------------------- */

static bool differs(const value_t *value, const char *path, const char *expected, arena_t *arena,
                    const char **why)
{
    *why = arena_format(arena, "%s: %s, where %s was expected", *path ? path : "it",
                        literal_print(value, arena), expected);
    return false;
}

static bool matches(const literal_t *self, bindings_t *bindings, const value_t *value,
                    const char *path, arena_t *arena, const char **why);

static bool matches_list(const literal_t *self, bindings_t *bindings, const value_t *value,
                         const char *path, arena_t *arena, const char **why)
{
    uint32_t i = 0;

    if (value->form != VALUE_LIST)
        return differs(value, path, "a list", arena, why);
    if (self->ends) {
        uint32_t count = 0;
        for (const literal_t *item = self->first; item != NULL; item = item->next)
            count++;
        i = value->count > count ? value->count - count : 0;
    }
    for (const literal_t *item = self->first; item != NULL; item = item->next, i++) {
        if (i >= value->count)
            return differs(value, path, "a longer list", arena, why);
        if (!matches(item, bindings, &value->items[i], arena_format(arena, "%s[%u]", path, i),
                     arena, why))
            return false;
    }
    return self->open || i == value->count || differs(value, path, "a shorter list", arena, why);
}

static bool has_child(const literal_t *self, const char *key)
{
    for (const literal_t *item = self->first; item != NULL; item = item->next)
        if (strcmp(item->key, key) == 0)
            return true;
    return false;
}

static bool matches_map(const literal_t *self, bindings_t *bindings, const value_t *value,
                        const char *path, arena_t *arena, const char **why)
{
    if (value->form != VALUE_MAP)
        return differs(value, path, "a map", arena, why);
    for (const literal_t *item = self->first; item != NULL; item = item->next)
        if (!matches(item, bindings, value_get(value, item->key),
                     arena_format(arena, "%s.%s", path, item->key), arena, why))
            return false;
    for (uint32_t i = 0; self->exact && i < value->count; i++)
        if (!has_child(self, value->items[2 * i].text))
            return differs(value, path, arena_format(arena, "no %s", value->items[2 * i].text),
                           arena, why);
    return true;
}

static bool matches(const literal_t *self, bindings_t *bindings, const value_t *value,
                    const char *path, arena_t *arena, const char **why)
{
    value_t wanted;

    switch (self->form) {
    case LITERAL_ANY:
        return value->form != VALUE_ABSENT || differs(value, path, "something", arena, why);
    case LITERAL_PART:
        return (value->form == VALUE_TEXT && strstr(value->text, self->text) != NULL) ||
               differs(value, path, arena_format(arena, "~\"%s\"", self->text), arena, why);
    case LITERAL_LIST:
        return matches_list(self, bindings, value, path, arena, why);
    case LITERAL_MAP:
        return matches_map(self, bindings, value, path, arena, why);
    case LITERAL_NAME:
        if (bindings_get(bindings, self->text) == NULL) {
            if (value->form == VALUE_ABSENT)
                return differs(value, path, "something", arena, why);
            bindings_set(bindings, self->text, value);
            return true;
        }
        break;
    case LITERAL_VALUE:
    case LITERAL_KEY:
        break;
    }
    return literal_value(self, bindings, arena, &wanted, why) &&
           (value_equal(&wanted, value) ||
            differs(value, path, literal_print(&wanted, arena), arena, why));
}

bool literal_matches(const literal_t *self, bindings_t *bindings, const value_t *value,
                     arena_t *arena, const char **why)
{
    return matches(self, bindings, value, "", arena, why);
}

/* -- printing --------------------------------------------------------------------------- */

const char *literal_print(const value_t *value, arena_t *arena)
{
    const char *text = "";

    switch (value->form) {
    case VALUE_ABSENT:
        return "nil";
    case VALUE_BOOLEAN:
        return value->boolean ? "true" : "false";
    case VALUE_INTEGER:
        return arena_format(arena, "%lld", (long long)value->integer);
    case VALUE_TEXT:
        return arena_format(arena, "\"%s\"", value->text);
    case VALUE_BYTES:
        for (size_t i = 0; i < value->size; i++)
            text = arena_format(arena, "%s%02x", text, value->bytes[i]);
        return arena_format(arena, "<%s>", text);
    case VALUE_LIST:
        for (uint32_t i = 0; i < value->count; i++)
            text = arena_format(arena, "%s%s%s", text, i ? " " : "",
                                literal_print(&value->items[i], arena));
        return arena_format(arena, "[%s]", text);
    case VALUE_MAP:
        for (uint32_t i = 0; i < value->count; i++)
            text = arena_format(arena, "%s%s%s=%s", text, i ? " " : "", value->items[2 * i].text,
                                literal_print(&value->items[2 * i + 1], arena));
        return arena_format(arena, "{%s}", text);
    }
    return text;
}

#include "dates.h"
#include "record.h"
#include "types.h"
#include "z85.h"

#include <string.h>

/* How people and spreadsheets write the values of fields, and how they are shown. */

#define SPACES " \t\r\n"

/* What parts the items of a list; in amounts and degrees a comma is the decimal sign. */
static const char *s_separators(type_t type)
{
    switch (type) {
    case TYPE_WORD:
    case TYPE_REFERENCE:
    case TYPE_CODE:
    case TYPE_NUMBER:
    case TYPE_KEY:
    case TYPE_DATE:
    case TYPE_EMAIL:
    case TYPE_INTEGER:
    case TYPE_BOOLEAN:
    case TYPE_INSTANT:
        return ",;" SPACES;
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        return ";";
    default:
        return ",;";
    }
}

/* -- numbers -------------------------------------------------------------------------- */

/* The bytes of a space that parts thousands at `text`: a plain, unbreakable or
   narrow unbreakable one; 0 when there is none. */
static size_t s_group_space(const char *text)
{
    if (*text == ' ')
        return 1;
    if (strncmp(text, "\xC2\xA0", 2) == 0)
        return 2;
    return strncmp(text, "\xE2\x80\xAF", 3) == 0 ? 3 : 0;
}

static bool s_append_digit(int64_t *number, char digit)
{
    return !__builtin_mul_overflow(*number, 10, number) &&
           !__builtin_sub_overflow(*number, digit - '0', number);
}

/* "1250", "1 250,5", "-59.5167" times ten to the power of `decimals`. Gathered as a
   negative number, which reaches one further than a positive one. */
static bool s_decimal(const char *text, unsigned decimals, int64_t *number)
{
    bool negative = *text == '-' || strncmp(text, "\xE2\x88\x92", 3) == 0;
    if (negative)
        text += *text == '-' ? 1 : 3;
    else if (*text == '+')
        text++;

    *number = 0;
    unsigned n_digits = 0, in_group = 0;
    bool grouped = false;
    for (;; text++) {
        size_t space = s_group_space(text);
        if (space && n_digits) {
            if (in_group > 3 || (grouped && in_group != 3))
                return false;
            grouped = true;
            in_group = 0;
            text += space;
        }
        if (*text < '0' || *text > '9')
            break;
        if (!s_append_digit(number, *text))
            return false;
        n_digits++;
        in_group++;
    }
    if (n_digits == 0 || (grouped && in_group != 3))
        return false;
    if (decimals && (*text == '.' || *text == ',')) {
        if (text[1] < '0' || text[1] > '9')
            return false;
        for (text++; *text >= '0' && *text <= '9' && decimals; text++, decimals--) {
            if (!s_append_digit(number, *text))
                return false;
        }
    }
    for (; decimals; decimals--) {
        if (!s_append_digit(number, '0'))
            return false;
    }
    if (*text || (!negative && *number == INT64_MIN))
        return false;
    if (!negative)
        *number = -*number;
    return true;
}

/* Of a number that is kept whole and written with a decimal sign. */
static unsigned s_decimals(type_t type)
{
    return type == TYPE_MONEY ? 2 : type == TYPE_DEGREES ? 6 : type == TYPE_TENTHS ? 1 : 0;
}

static const char *s_print_scaled(int64_t number, unsigned decimals, arena_t *arena)
{
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number, scale = 1;
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    return arena_format(arena, "%s%llu.%0*llu", number < 0 ? "-" : "",
                        (unsigned long long)(magnitude / scale), (int)decimals,
                        (unsigned long long)(magnitude % scale));
}

/* -- one item --------------------------------------------------------------------------- */

static bool s_parse_boolean(const char *text, bool *boolean)
{
    static const char *const yes[] = {"yes", "ja", "true", "1"};
    static const char *const no[] = {"no", "nej", "false", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        *boolean = strcasecmp(text, yes[i]) == 0;
        if (*boolean || strcasecmp(text, no[i]) == 0)
            return true;
    }
    return false;
}

/* The word as the vocabulary has it, whatever its case here. */
static value_t s_parse_word(const field_t *field, const char *text)
{
    const vocabulary_t *vocabulary = field->vocabulary;
    const word_t *word = vocabulary_word(vocabulary, text);
    for (size_t i = 0; !word && i < vocabulary->n_words; i++) {
        if (strcasecmp(vocabulary->words[i].name, text) == 0)
            word = &vocabulary->words[i];
    }
    return value_text(word ? word->name : text);
}

static value_t s_parse_reference(const field_t *field, const char *text, arena_t *arena)
{
    record_id_t id;
    if (field->target && field->target->coded && !record_id_parse(&id, text, field->target) &&
        record_id_coded(&id, field->target, text))
        text = arena_text(arena, id.text);
    return value_text(text);
}

/* `text` has no space around it and stays the caller's until the value is done with. */
static bool s_parse_item(const field_t *field, const char *text, value_t *value, arena_t *arena)
{
    bool boolean;
    int64_t number;
    unsigned char key[Z85_KEY_SIZE];
    switch (field->type) {
    case TYPE_BOOLEAN:
        if (!s_parse_boolean(text, &boolean))
            return false;
        *value = value_boolean(boolean);
        return true;
    case TYPE_INTEGER:
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        if (!s_decimal(text, s_decimals(field->type), &number))
            return false;
        *value = value_integer(number);
        return true;
    case TYPE_INSTANT:
        if (!instant_parse(text, &number))
            return false;
        *value = value_integer(number);
        return true;
    case TYPE_KEY:
        if (!z85_decode(text, key, sizeof key))
            return false;
        *value = value_bytes(arena_copy(arena, key, sizeof key), sizeof key);
        return true;
    case TYPE_WORD:
        *value = s_parse_word(field, text);
        return true;
    case TYPE_REFERENCE:
        *value = s_parse_reference(field, text, arena);
        return true;
    default:
        *value = value_text(text);
        return true;
    }
}

static const char *s_print_item(const field_t *field, const value_t *value, arena_t *arena)
{
    char instant[INSTANT_TEXT_SIZE], key[Z85_KEY_TEXT_SIZE];
    switch (value->form) {
    case VALUE_BOOLEAN:
        return value->boolean ? "yes" : "no";
    case VALUE_TEXT:
        return value->text;
    case VALUE_BYTES:
        if (value->size != Z85_KEY_SIZE || field->type != TYPE_KEY)
            return "";
        z85_encode(value->bytes, value->size, key);
        return arena_text(arena, key);
    case VALUE_INTEGER:
        if (s_decimals(field->type) > 0)
            return s_print_scaled(value->integer, s_decimals(field->type), arena);
        if (field->type != TYPE_INSTANT)
            return arena_format(arena, "%lld", (long long)value->integer);
        instant_print(value->integer, instant);
        return arena_text(arena, instant);
    default:
        return "";
    }
}

/* -- lists ------------------------------------------------------------------------------- */

static char *s_trim(char *text)
{
    text += strspn(text, SPACES);
    size_t size = strlen(text);
    while (size && strchr(SPACES, text[size - 1]))
        text[--size] = '\0';
    return text;
}

/* The next item, the backslashes before separators taken out; NULL at the end.
   Items are written one after the other to `*room`, as long as the text itself. */
static char *s_next_item(const char **rest, const char *separators, char **room)
{
    while (**rest) {
        char *item = *room;
        for (; **rest && !strchr(separators, **rest); (*rest)++) {
            if (**rest == '\\' && (*rest)[1] && strchr("\\,;", (*rest)[1]))
                (*rest)++;
            *(*room)++ = **rest;
        }
        *(*room)++ = '\0';
        if (**rest)
            (*rest)++;
        item = s_trim(item);
        if (*item)
            return item;
    }
    return NULL;
}

bool field_parse(const field_t *self, const char *text, value_t *value, arena_t *arena,
                 error_t *error)
{
    *value = value_absent;
    char *trimmed = s_trim(arena_text(arena, text));
    if (!*trimmed)
        return true;
    if (!(self->attributes & FIELD_MANY)) {
        if (!s_parse_item(self, trimmed, value, arena))
            return error_set(error, ERROR_INVALID, self->name, "%s",
                             types_expects(self, true, arena));
        return types_check(self, true, value, arena, error);
    }
    value_builder_t list = value_builder(arena);
    const char *rest = trimmed;
    char *room = arena_alloc(arena, strlen(trimmed) + 1);
    for (char *item; (item = s_next_item(&rest, s_separators(self->type), &room));) {
        value_t next;
        if (!s_parse_item(self, item, &next, arena))
            return error_set(error, ERROR_INVALID, self->name, "a list, each item %s",
                             types_expects(self, true, arena));
        value_add(&list, next);
    }
    *value = value_build_list(&list);
    return types_check(self, true, value, arena, error);
}

/* `text` with a backslash before what would part it. */
static const char *s_escape(const char *text, arena_t *arena)
{
    if (!strpbrk(text, "\\,;"))
        return text;
    char *escaped = arena_alloc(arena, 2 * strlen(text) + 1), *end = escaped;
    for (; *text; text++) {
        if (strchr("\\,;", *text))
            *end++ = '\\';
        *end++ = *text;
    }
    return escaped;
}

const char *field_print(const field_t *self, const value_t *value, arena_t *arena)
{
    if (value->form != VALUE_LIST)
        return s_print_item(self, value, arena);
    bool spaced = strchr(s_separators(self->type), ' ') != NULL;
    const char *between = spaced ? " " : "; ";
    const char **items = arena_alloc(arena, value->count * sizeof *items);
    size_t size = 0;
    for (uint32_t i = 0; i < value->count; i++) {
        items[i] = s_print_item(self, &value->items[i], arena);
        if (!spaced)
            items[i] = s_escape(items[i], arena);
        size += strlen(between) + strlen(items[i]);
    }
    char *text = arena_alloc(arena, size + 1), *end = text;
    for (uint32_t i = 0; i < value->count; i++) {
        if (i > 0)
            end = stpcpy(end, between);
        end = stpcpy(end, items[i]);
    }
    return text;
}

#include "types.h"

#include "dates.h"
#include "number.h"
#include "record.h"
#include "z85.h"

#include <inttypes.h>
#include <string.h>

static const char *const type_names[TYPES] = {
    [TYPE_TEXT] = "text",
    [TYPE_LONG_TEXT] = "long-text",
    [TYPE_INTEGER] = "integer",
    [TYPE_BOOLEAN] = "boolean",
    [TYPE_DATE] = "date",
    [TYPE_INSTANT] = "instant",
    [TYPE_MONEY] = "money",
    [TYPE_WORD] = "word",
    [TYPE_REFERENCE] = "reference",
    [TYPE_NUMBER] = "number",
    [TYPE_EMAIL] = "email",
    [TYPE_PHONE] = "phone",
    [TYPE_WEB] = "web",
    [TYPE_KEY] = "key",
    [TYPE_DEGREES] = "degrees",
    [TYPE_CODE] = "code",
    [TYPE_TENTHS] = "tenths",
};

const char *type_name(type_t type)
{
    return (unsigned)type < TYPES ? type_names[type] : "";
}

/* -- what is expected ----------------------------------------------------------------- */

#define EMAIL_MOST 254u /* RFC 5321 */
#define WEB_MOST 2000u
#define PHONE_LEAST 5u /* digits */
#define PHONE_MOST 15u /* E.164 */

static const char *s_expects_text(const field_t *field, const char *what, arena_t *arena)
{
    if (field->least == 0)
        return arena_format(arena, "at most %" PRId64 " %s", field->most, what);
    return arena_format(arena, "%" PRId64 " to %" PRId64 " %s", field->least, field->most, what);
}

static const char *s_expects_integer(const field_t *field, const char *what, arena_t *arena)
{
    if (field->least == INT64_MIN && field->most == INT64_MAX)
        return what;
    return arena_format(arena, "%s, %" PRId64 " to %" PRId64, what, field->least, field->most);
}

static const char *s_expects_scaled(const field_t *field, const char *what, arena_t *arena)
{
    if (field->least == INT64_MIN && field->most == INT64_MAX)
        return what;
    value_t least = value_integer(field->least), most = value_integer(field->most);
    field_t one = *field;
    one.attributes &= ~FIELD_MANY;
    return arena_format(arena, "%s, %s to %s", what, field_print(&one, &least, arena),
                        field_print(&one, &most, arena));
}

static const char *s_expects_word(const field_t *field, arena_t *arena)
{
    const char *text = "one of ";
    for (size_t i = 0; i < field->vocabulary->n_words; i++)
        text = arena_format(arena, "%s%s%s", text, i ? ", " : "", field->vocabulary->words[i].name);
    return text;
}

static const char *s_expects_reference(const field_t *field, arena_t *arena)
{
    if (!field->target)
        return "the id of a record, such as inq-12";
    return arena_format(arena, "the id of a record of the kind %s: %s-%s", field->target->name,
                        field->target->prefix, field->target->coded ? "CODE" : "NUMBER");
}

const char *types_expects(const field_t *field, bool written, arena_t *arena)
{
    switch (field->type) {
    case TYPE_TEXT:
        return arena_format(arena, "%s on one line", s_expects_text(field, "characters", arena));
    case TYPE_LONG_TEXT:
        return s_expects_text(field, "characters", arena);
    case TYPE_INTEGER:
        return s_expects_integer(field, "a whole number", arena);
    case TYPE_BOOLEAN:
        return written ? "yes or no" : "true or false";
    case TYPE_DATE:
        return "a date, YYYY-MM-DD";
    case TYPE_INSTANT:
        return written ? "a time, YYYY-MM-DDTHH:MM:SSZ" : "an integer, UTC milliseconds since 1970";
    case TYPE_MONEY:
        return written ? s_expects_scaled(field, "an amount such as 1250.00", arena)
                       : s_expects_integer(field, "an integer, whole öre", arena);
    case TYPE_WORD:
        return s_expects_word(field, arena);
    case TYPE_REFERENCE:
        return s_expects_reference(field, arena);
    case TYPE_NUMBER:
        return "a Swedish organisation number: ten digits, the last a check digit that holds";
    case TYPE_EMAIL:
        return "an e-mail address";
    case TYPE_PHONE:
        return "a telephone number: digits with spaces or dashes between, + before a country code";
    case TYPE_WEB:
        return "a web address that begins with https:// or http://";
    case TYPE_KEY:
        return written ? "a key, 40 characters of Z85" : "32 bytes";
    case TYPE_DEGREES:
        return written ? s_expects_scaled(field, "degrees with at most six decimals", arena)
                       : s_expects_integer(field, "an integer, millionths of a degree", arena);
    case TYPE_CODE:
        return s_expects_text(field, "letters, digits and dashes", arena);
    case TYPE_TENTHS:
        return written ? s_expects_scaled(field, "a number with at most one decimal", arena)
                       : s_expects_integer(field, "an integer, tenths", arena);
    case TYPES:
        break;
    }
    return "";
}

const char *field_expects(const field_t *self, arena_t *arena)
{
    return types_expects(self, true, arena);
}

/* -- forms ---------------------------------------------------------------------------- */

static bool s_in_range(const field_t *field, int64_t size)
{
    return size >= field->least && size <= field->most;
}

/* Characters, not bytes: those that begin one. */
static int64_t s_n_characters(const char *text)
{
    int64_t n_characters = 0;
    for (; *text; text++)
        n_characters += ((unsigned char)*text & 0xC0) != 0x80;
    return n_characters;
}

static bool s_check_line(const field_t *field, value_t *value, arena_t *arena)
{
    const char *text = value->text;
    size_t size = value->size;
    while (size && *text == ' ') {
        text++;
        size--;
    }
    while (size && text[size - 1] == ' ')
        size--;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    }
    if (size != value->size)
        *value = value_text_of(arena_text_of(arena, text, size), size);
    return s_in_range(field, s_n_characters(value->text));
}

static bool s_is_alphanumeric(char character)
{
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z');
}

static bool s_check_code(const field_t *field, const value_t *value)
{
    for (size_t i = 0; i < value->size; i++) {
        if (!s_is_alphanumeric(value->text[i]) && value->text[i] != '-')
            return false;
    }
    return s_in_range(field, (int64_t)value->size);
}

/* Letters beyond ASCII pass everywhere (RFC 6531), and no quoting is understood. */
static bool s_check_email(const value_t *value)
{
    const char *text = value->text, *at = strchr(text, '@');
    if (value->size > EMAIL_MOST || !at || at == text || at - text > 64 || strchr(at + 1, '@'))
        return false;
    for (size_t i = 0; i < value->size; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7F || strchr("\"(),:;<>[\\]", text[i]))
            return false;
    }
    if (text[0] == '.' || at[-1] == '.' || strstr(text, ".."))
        return false;
    const char *dot = strrchr(at, '.');
    if (!dot || dot == at + 1 || dot[1] == '\0')
        return false;
    for (const char *domain = at + 1; *domain; domain++) {
        bool fits = s_is_alphanumeric(*domain) || *domain == '.' || *domain == '-' ||
                    (unsigned char)*domain >= 0x80;
        if (!fits)
            return false;
    }
    return at[1] != '.' && at[1] != '-';
}

/* To + and digits alone, 00 before a country code read as +. */
static bool s_check_phone(value_t *value, arena_t *arena)
{
    char digits[PHONE_MOST + 3];
    size_t n_digits = 0;
    bool abroad = value->text[0] == '+', ends_in_digit = false;
    for (const char *text = value->text + abroad; *text; text++) {
        ends_in_digit = *text >= '0' && *text <= '9';
        if (ends_in_digit && n_digits < sizeof digits - 1)
            digits[n_digits++] = *text;
        else if (ends_in_digit || n_digits == 0 || (*text != ' ' && *text != '-'))
            return false;
    }
    digits[n_digits] = '\0';
    const char *number = digits;
    if (!abroad && n_digits > 2 && digits[0] == '0' && digits[1] == '0') {
        abroad = true;
        number += 2;
        n_digits -= 2;
    }
    if (!ends_in_digit || n_digits < PHONE_LEAST || n_digits > PHONE_MOST ||
        (abroad && *number == '0'))
        return false;
    *value = value_text(arena_format(arena, "%s%s", abroad ? "+" : "", number));
    return true;
}

static bool s_check_web(const value_t *value)
{
    const char *text = value->text;
    size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                    : strncasecmp(text, "http://", 7) == 0 ? 7
                                                           : 0;
    if (scheme == 0 || value->size > WEB_MOST || strchr("/?#.:@", text[scheme]))
        return false;
    for (size_t i = scheme; i < value->size; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7F || strchr("\"<>\\^`{|}", text[i]))
            return false;
    }
    return true;
}

static bool s_check_number(value_t *value, arena_t *arena)
{
    char ten_digits[NUMBER_TEXT_SIZE];
    if (!number_normalise(value->text, ten_digits))
        return false;
    *value = value_text(arena_text(arena, ten_digits));
    return true;
}

static bool s_check_text(const field_t *field, value_t *value, arena_t *arena)
{
    int64_t day;
    record_id_t id;
    switch (field->type) {
    case TYPE_TEXT:
        return s_check_line(field, value, arena);
    case TYPE_LONG_TEXT:
        return s_in_range(field, s_n_characters(value->text));
    case TYPE_DATE:
        return day_parse(value->text, &day);
    case TYPE_WORD:
        return vocabulary_word(field->vocabulary, value->text) != NULL;
    case TYPE_REFERENCE:
        return record_id_parse(&id, value->text, field->target);
    case TYPE_NUMBER:
        return s_check_number(value, arena);
    case TYPE_EMAIL:
        return s_check_email(value);
    case TYPE_PHONE:
        return s_check_phone(value, arena);
    case TYPE_WEB:
        return s_check_web(value);
    case TYPE_CODE:
        return s_check_code(field, value);
    default:
        return false;
    }
}

static bool s_check_item(const field_t *field, value_t *value, arena_t *arena)
{
    switch (field->type) {
    case TYPE_BOOLEAN:
        return value->form == VALUE_BOOLEAN;
    case TYPE_INTEGER:
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        return value->form == VALUE_INTEGER && s_in_range(field, value->integer);
    case TYPE_INSTANT:
        return value->form == VALUE_INTEGER && instant_is_plausible(value->integer);
    case TYPE_KEY:
        return value->form == VALUE_BYTES && value->size == Z85_KEY_SIZE;
    default:
        return value->form == VALUE_TEXT && s_check_text(field, value, arena);
    }
}

static bool s_check_list(const field_t *field, bool written, value_t *value, arena_t *arena,
                         error_t *error)
{
    if (value->form != VALUE_LIST)
        return error_set(error, ERROR_INVALID, field->name, "a list");
    if (value->count > FIELD_ITEMS_MAX)
        return error_set(error, ERROR_INVALID, field->name, "at most %u items", FIELD_ITEMS_MAX);
    value_t *items = arena_copy(arena, value->items, value->count * sizeof *items);
    for (uint32_t i = 0; i < value->count; i++) {
        if (!s_check_item(field, &items[i], arena))
            return error_set(error, ERROR_INVALID, field->name, "a list, each item %s",
                             types_expects(field, written, arena));
        for (uint32_t j = 0; j < i; j++) {
            if (value_equal(&items[i], &items[j]))
                return error_set(error, ERROR_INVALID, field->name, "no item twice");
        }
    }
    *value = value->count ? value_list(items, value->count) : value_absent;
    return true;
}

bool types_check(const field_t *field, bool written, value_t *value, arena_t *arena, error_t *error)
{
    if (value->form == VALUE_ABSENT)
        return true;
    if (field->attributes & FIELD_MANY)
        return s_check_list(field, written, value, arena, error);
    if (!s_check_item(field, value, arena))
        return error_set(error, ERROR_INVALID, field->name, "%s",
                         types_expects(field, written, arena));
    if (value->form == VALUE_TEXT && value->size == 0)
        *value = value_absent;
    return true;
}

bool field_check(const field_t *self, value_t *value, arena_t *arena, error_t *error)
{
    return types_check(self, false, value, arena, error);
}

#include "format.h"
#include "clean.h"
#include "language.h"
#include "names.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* strftime with a form that comes from the locale or is one of ours. */
static const char *time_text(const struct tm *parts, const char *form, arena_t *arena)
{
    char text[100];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    size_t size = strftime(text, sizeof text, form, parts);
#pragma GCC diagnostic pop
    return arena_text_of(arena, text, size);
}

static const char *date_form(void)
{
    return language_has_forms() ? nl_langinfo(D_FMT) : "%Y-%m-%d";
}

const char *format_date(const char *date, arena_t *arena)
{
    struct tm parts = {0};
    const char *end = strptime(date, "%Y-%m-%d", &parts);
    if (!end || *end || !language_has_forms())
        return clean_text(date, false, arena);
    return time_text(&parts, date_form(), arena);
}

const char *format_instant(int64_t milliseconds, arena_t *arena)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm parts;
    if (!localtime_r(&seconds, &parts))
        return format_integer(milliseconds, arena);
    return arena_format(arena, "%s %s", time_text(&parts, date_form(), arena),
                        time_text(&parts, "%H:%M", arena));
}

/* Where no locale says how numbers look, Swedish ones look as in sv_SE: 25 000,00 with
   narrow spaces that break no line. */
static bool swedish_by_hand(void)
{
    return language_is_swedish() && !language_has_forms();
}

static const char *decimal_point(void)
{
    if (language_has_forms())
        return localeconv()->decimal_point;
    return swedish_by_hand() ? "," : ".";
}

const char *format_integer(int64_t integer, arena_t *arena)
{
    const char *text = arena_format(arena, "%'lld", (long long)integer);
    size_t sign = integer < 0, size = strlen(text);
    if (!swedish_by_hand() || size <= sign + 3)
        return text;
    size_t first = sign + (size - sign - 1) % 3 + 1;
    const char *grouped = arena_text_of(arena, text, first);
    for (; first < size; first += 3)
        grouped = arena_format(arena, "%s\xe2\x80\xaf%.3s", grouped, text + first);
    return grouped;
}

static const char *format_money(int64_t ore, arena_t *arena)
{
    int64_t whole = ore / 100, rest = ore % 100;
    return arena_format(arena, "%s%s%s%02d", ore < 0 && whole == 0 ? "-" : "",
                        format_integer(whole, arena), decimal_point(),
                        (int)(rest < 0 ? -rest : rest));
}

/* With as many decimals as it has, one at least. */
static const char *format_decimal(const field_t *field, const value_t *value, arena_t *arena)
{
    char *text = arena_text(arena, field_print(field, value, arena)), *point = strchr(text, '.');
    size_t size = strlen(text);
    while (point && size > (size_t)(point - text) + 2 && text[size - 1] == '0')
        text[--size] = 0;
    if (point)
        *point = 0;
    return point ? arena_format(arena, "%s%s%s", text, decimal_point(), point + 1) : text;
}

static const char *format_one(cli_t *cli, const kind_t *kind, const field_t *field,
                              const value_t *value, bool lines)
{
    arena_t *arena = cli->arena;
    switch (value->form) {
    case VALUE_ABSENT:
        return "";
    case VALUE_BOOLEAN:
        return value->boolean ? _("yes") : _("no");
    case VALUE_INTEGER:
        if (field->type == TYPE_INSTANT)
            return format_instant(value->integer, arena);
        if (field->type == TYPE_MONEY)
            return format_money(value->integer, arena);
        if (field->type == TYPE_DEGREES || field->type == TYPE_TENTHS)
            return format_decimal(field, value, arena);
        if (field->attributes & FIELD_STEPS)
            return arena_format(arena, _("%s of %s"), format_integer(value->integer, arena),
                                format_integer(field->most, arena));
        return format_integer(value->integer, arena);
    case VALUE_TEXT:
        if (field->type == TYPE_DATE)
            return format_date(value->text, arena);
        if (field->type == TYPE_WORD)
            return clean_text(label_of_word(kind, field, value->text), false, arena);
        if (field->type == TYPE_REFERENCE)
            return names_with_id(cli, value->text);
        return clean_text(value->text, lines, arena);
    default:
        return field_print(field, value, arena);
    }
}

const char *format_value(cli_t *cli, const kind_t *kind, const field_t *field, const value_t *value,
                         bool lines)
{
    if (value->form != VALUE_LIST)
        return format_one(cli, kind, field, value, lines);
    const char *text = "";
    for (uint32_t i = 0; i < value->count; i++)
        text = arena_format(cli->arena, "%s%s%s", text, i ? ", " : "",
                            format_one(cli, kind, field, &value->items[i], lines));
    return text;
}

const char *format_cell(cli_t *cli, const kind_t *kind, const field_t *field, const value_t *value)
{
    if (field->type != TYPE_REFERENCE)
        return format_value(cli, kind, field, value, false);
    if (value->form == VALUE_TEXT)
        return names_short(cli, value->text);
    const char *text = "";
    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        if (value->items[i].form == VALUE_TEXT)
            text = arena_format(cli->arena, "%s%s%s", text, i ? ", " : "",
                                names_short(cli, value->items[i].text));
    return text;
}

const field_t *format_shown(const kind_t *kind, const field_t *field, const value_t *fields)
{
    const field_t *next = field + 1;
    bool stands_in = next < kind->fields + kind->n_fields && next->attributes & FIELD_STANDS_IN &&
                     value_get(fields, field->name)->form == VALUE_ABSENT &&
                     value_get(fields, next->name)->form != VALUE_ABSENT;
    return stands_in ? next : field;
}

bool format_says_nothing(const field_t *field, const value_t *value, const value_t *fields)
{
    return strcmp(field->detail, "currency") == 0 && value->form == VALUE_TEXT &&
           strcmp(value->text, field->otherwise) == 0 &&
           value_get(fields, field[-1].name)->form == VALUE_ABSENT; /* the amount before it */
}

const char *format_title(cli_t *cli, const value_t *view)
{
    const char *id = value_get_text(view, "id");
    const char *name = names_of_view(cli, view);
    if (!id)
        return "";
    return name ? arena_format(cli->arena, "%s %s", clean_text(id, false, cli->arena), name)
                : clean_text(id, false, cli->arena);
}

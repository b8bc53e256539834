#include "collect.h"
#include "dates.h"
#include "language.h"
#include "report.h"
#include "resolve.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_BYTES_MAX ((size_t)64 << 10)

/* -- text from elsewhere ----------------------------------------------------------------- */

static bool read_file(cli_t *cli, const char *path, const char **text_p)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file)
        return report_failure(cli, "%s: %s", path, strerror(errno));
    char *text = arena_alloc(cli->arena, FILE_BYTES_MAX + 1);
    size_t size = fread(text, 1, FILE_BYTES_MAX + 1, file);
    bool failed = ferror(file);
    if (file != stdin)
        fclose(file);
    if (failed)
        return report_failure(cli, "%s: %s", path, strerror(errno));
    if (size > FILE_BYTES_MAX)
        return report_failure(cli, _("%s is larger than a field may be."), path);
    if (memchr(text, 0, size))
        return report_failure(cli, _("%s is not text."), path);
    text[size] = 0;
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        text[--size] = 0;
    *text_p = text;
    return true;
}

/* @FILE and -; @@ begins a text with one @. */
static bool text_of(cli_t *cli, const field_t *field, const char *given, const char **text_p)
{
    *text_p = given;
    if (field->type != TYPE_TEXT && field->type != TYPE_LONG_TEXT)
        return true;
    if (strcmp(given, "-") == 0)
        return read_file(cli, "-", text_p);
    if (given[0] != '@' || !given[1])
        return true;
    if (given[1] != '@')
        return read_file(cli, given + 1, text_p);
    *text_p = given + 1;
    return true;
}

/* -- references -------------------------------------------------------------------------------- */

static bool separates(char c)
{
    return c == ',' || c == ';' || isspace((unsigned char)c);
}

/* A list of ids and codes: every part has a digit, and none needs a space. */
static bool lists_ids(const char *text)
{
    bool several = false, digit = false;
    for (const char *c = text; *c; c++) {
        if (separates(*c)) {
            if (!digit && c > text && !separates(c[-1]))
                return false;
            several = several || c > text;
            digit = false;
        } else if (!isalnum((unsigned char)*c) && *c != '-') {
            return false;
        } else {
            digit = digit || isdigit((unsigned char)*c);
        }
    }
    return several;
}

char *collect_trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t size = strlen(text); size && isspace((unsigned char)text[size - 1]);)
        text[--size] = 0;
    return text;
}

static bool add_reference(cli_t *cli, const field_t *field, const char *text, value_builder_t *list,
                          error_t *error)
{
    const char *id;
    if (!resolve(cli, field->target, text, field->name, &id, error))
        return false;
    value_add(list, value_text(id));
    return true;
}

static bool add_references(cli_t *cli, const field_t *field, const char *text,
                           value_builder_t *list, error_t *error)
{
    /* Ids and codes apart by anything; names by semicolons, since they have commas. */
    bool ids = lists_ids(text);
    char *copy = arena_text(cli->arena, text), *rest = copy, *part;
    while ((part = strsep(&rest, ids ? ",; \t" : ";"))) {
        part = collect_trimmed(part);
        if (*part && !add_reference(cli, field, part, list, error))
            return false;
    }
    return true;
}

/* -- values -------------------------------------------------------------------------------------- */

/* A word by itself or by its label, in any of the two languages. */
static const char *word_of(cli_t *cli, const field_t *field, const char *text)
{
    const char *folded = resolve_fold(text, false, cli->arena);
    for (size_t i = 0; field->vocabulary && i < field->vocabulary->n_words; i++) {
        const word_t *word = &field->vocabulary->words[i];
        const char *label = cli->kind ? label_of_word(cli->kind, field, word->name) : word->label;
        if (strcmp(resolve_fold(word->name, false, cli->arena), folded) == 0 ||
            strcmp(resolve_fold(word->label, false, cli->arena), folded) == 0 ||
            strcmp(resolve_fold(label, false, cli->arena), folded) == 0)
            return word->name;
    }
    return text;
}

static const char *words_of(cli_t *cli, const field_t *field, const char *text)
{
    const char *whole = word_of(cli, field, text);
    if (whole != text || !(field->attributes & FIELD_MANY))
        return whole;
    const char *words = "";
    char *rest = arena_text(cli->arena, text), *part;
    while ((part = strsep(&rest, ",;"))) {
        part = collect_trimmed(part);
        if (*part)
            words = arena_format(cli->arena, "%s%s%s", words, words[0] ? ", " : "",
                                 word_of(cli, field, part));
    }
    return words;
}

static bool parse(cli_t *cli, const field_t *field, const char *text, value_t *value,
                  error_t *error)
{
    if (field->type == TYPE_WORD)
        text = words_of(cli, field, text);
    return field_parse(field, text, value, cli->arena, error);
}

static bool add_values(cli_t *cli, const field_t *field, const char *text, value_builder_t *list,
                       error_t *error)
{
    if (field->type == TYPE_REFERENCE)
        return add_references(cli, field, text, list, error);
    value_t value;
    if (!parse(cli, field, text, &value, error))
        return false;
    if (value.form == VALUE_LIST)
        for (uint32_t i = 0; i < value.count; i++)
            value_add(list, value.items[i]);
    else if (value.form != VALUE_ABSENT)
        value_add(list, value);
    return true;
}

bool collect_one(cli_t *cli, const field_t *field, const char *text, value_t *value, error_t *error)
{
    *value = value_absent;
    if (!text[0])
        return true;
    if (field->attributes & FIELD_MANY) {
        value_builder_t list = value_builder(cli->arena);
        if (!add_values(cli, field, text, &list, error))
            return false;
        if (list.count)
            *value = value_build_list(&list);
        return true;
    }
    if (field->type == TYPE_REFERENCE) {
        const char *id;
        if (!resolve(cli, field->target, text, field->name, &id, error))
            return false;
        *value = value_text(id);
        return true;
    }
    return parse(cli, field, text, value, error);
}

static bool tell(cli_t *cli, const error_t *error)
{
    return error->code == ERROR_NONE ? false : report_error(cli, error);
}

/* All that was given for one field, as one value. */
static bool field_value(cli_t *cli, const field_t *field, const arguments_t *arguments,
                        value_t *value)
{
    value_builder_t list = value_builder(cli->arena);
    error_t error = {0};
    *value = value_absent;
    for (size_t i = 0; i < arguments->n_given; i++) {
        if (arguments->given[i].field != field)
            continue;
        const char *text;
        if (!text_of(cli, field, arguments->given[i].value, &text))
            return false;
        if (!(field->attributes & FIELD_MANY)) {
            if (!collect_one(cli, field, text, value, &error))
                return tell(cli, &error);
        } else if (text[0] && !add_values(cli, field, text, &list, &error)) {
            return tell(cli, &error);
        }
    }
    if (list.count)
        *value = value_build_list(&list);
    return true;
}

/* The field that is called so, or is spelt nearly so, as an option has it; or NULL. */
static const char *name_meant(cli_t *cli, const kind_t *kind, const char *text)
{
    const char *names[SCHEMA_FIELDS_MAX], *labels[SCHEMA_FIELDS_MAX];
    const char *folded = resolve_fold(text, true, cli->arena);
    size_t n = 0;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!arguments_field_ok(field, FIELDS_WRITABLE))
            continue;
        names[n] = arguments_option_name(field->name, cli->arena);
        labels[n] = resolve_fold(label_of_field(kind, field), true, cli->arena);
        if (strcmp(labels[n++], folded) == 0)
            return names[n - 1];
    }
    const char *near = schema_nearest(text, names, n), *label = schema_nearest(folded, labels, n);
    for (size_t i = 0; !near && label && i < n; i++)
        if (labels[i] == label)
            near = names[i];
    return near;
}

static bool collect_cleared(cli_t *cli, const kind_t *kind, const arguments_t *arguments,
                            value_builder_t *map)
{
    for (size_t i = 0; i < arguments->n_given; i++) {
        const given_t *given = &arguments->given[i];
        if (!given->option || strcmp(given->option->name, "clear") != 0)
            continue;
        char *name = arena_text(cli->arena, given->value);
        for (char *c = name; *c; c++)
            if (*c == '-')
                *c = '_';
        const field_t *field = kind_field(kind, name);
        error_t error = {0};
        if (!field || field->attributes & (FIELD_DAEMON | FIELD_INTERNAL)) {
            const char *meant = name_meant(cli, kind, given->value);
            if (meant)
                return report_usage(cli, _("%s has no field %s. Did you mean %s?"), kind->name,
                                    given->value, meant);
            error_set(&error, ERROR_UNKNOWN_FIELD, name, NULL);
            return report_error(cli, &error);
        }
        value_add_pair(map, field->name, value_absent);
    }
    return true;
}

bool collect_fields(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *map)
{
    value_builder_t builder = value_builder(cli->arena);
    for (size_t f = 0; f < kind->n_fields; f++) {
        const field_t *field = &kind->fields[f];
        bool given = false;
        for (size_t i = 0; i < arguments->n_given; i++)
            given = given || arguments->given[i].field == field;
        value_t value;
        if (!given)
            continue;
        if (!field_value(cli, field, arguments, &value))
            return false;
        value_add_pair(&builder, field->name, value);
    }
    if (!collect_cleared(cli, kind, arguments, &builder))
        return false;
    *map = value_build_map(&builder);
    return true;
}

/* -- filters ----------------------------------------------------------------------------------- */

bool collect_day(const char *text, int64_t *first_p, int64_t *last_p)
{
    struct tm first = {0};
    int64_t day;
    if (!day_parse(text, &day) || !strptime(text, "%Y-%m-%d", &first))
        return false;
    struct tm next = first;
    next.tm_mday++;
    first.tm_isdst = next.tm_isdst = -1;
    *first_p = (int64_t)mktime(&first) * 1000;
    *last_p = (int64_t)mktime(&next) * 1000 - 1;
    return true;
}

bool collect_at(cli_t *cli, const char *option, const char *text, value_builder_t *get)
{
    char *end;
    int64_t first, last;
    if (collect_day(text, &first, &last)) {
        value_add_pair(get, "at_time", value_integer(last));
        return true;
    }
    long long revision = strtoll(text, &end, 10);
    if (*end || revision <= 0)
        return report_usage(cli, _("--%s takes a revision or a day, YYYY-MM-DD."), option);
    value_add_pair(get, "at", value_integer(revision));
    return true;
}

const char *collect_near(cli_t *cli, int days)
{
    time_t now = (time_t)(samverk_time(cli->connection) / 1000);
    struct tm parts;
    char text[DAY_TEXT_SIZE] = "";
    if (localtime_r(&now, &parts)) {
        parts.tm_mday += days;
        parts.tm_hour = 12; /* of a day that has no midnight, too */
        parts.tm_isdst = -1;
        mktime(&parts);
        strftime(text, sizeof text, "%Y-%m-%d", &parts);
    }
    return arena_text(cli->arena, text);
}

/* One end of a range; a day of a point in time is its first or its last millisecond. */
static bool add_end(cli_t *cli, const field_t *field, const char *name, const char *text,
                    value_builder_t *range, error_t *error)
{
    value_t value;
    int64_t first, last;
    if (!text[0])
        return true;
    if (field->type == TYPE_INSTANT && collect_day(text, &first, &last))
        value = value_integer(strcmp(name, "from") == 0 ? first : last);
    else if (!field_parse(field, text, &value, cli->arena, error))
        return false;
    value_add_pair(range, name, value);
    return true;
}

/* 5..10, 5.., ..10, or a day of a point in time: {from, to}. Absent when it is none. */
static bool range_of(cli_t *cli, const field_t *field, const char *text, value_t *range,
                     error_t *error)
{
    static const type_t types[] = {TYPE_INTEGER, TYPE_MONEY,   TYPE_DATE,
                                   TYPE_INSTANT, TYPE_DEGREES, TYPE_TENTHS};
    value_builder_t builder = value_builder(cli->arena);
    bool ordered = false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        ordered = ordered || field->type == types[i];
    const char *dots = ordered ? strstr(text, "..") : NULL, *from = text, *to = text;
    int64_t first, last;
    *range = value_absent;
    if (dots) {
        from = arena_text_of(cli->arena, text, (size_t)(dots - text));
        to = dots + 2;
    } else if (field->type != TYPE_INSTANT || !collect_day(text, &first, &last)) {
        return true;
    }
    if (!add_end(cli, field, "from", from, &builder, error) ||
        !add_end(cli, field, "to", to, &builder, error))
        return false;
    if (builder.count == 0)
        return error_set(error, ERROR_INVALID, field->name, "%s", _("5..10, 5.. or ..10"));
    *range = value_build_map(&builder);
    return true;
}

/* -- ranges of words: 1-9, 10-49, 250+ ------------------------------------------------------- */

/* False for what is no such range. Of 250+ the end is LONG_MAX. */
static bool word_range(const char *text, long *from, long *to)
{
    char *end;
    *from = strtol(text, &end, 10);
    if (end == text || *from < 0 || !isdigit((unsigned char)text[0]))
        return false;
    *to = LONG_MAX;
    if (strcmp(end, "+") == 0)
        return true;
    static const char dash[] = "\xe2\x80\x93"; /* as the labels have it */
    size_t size = strncmp(end, dash, sizeof dash - 1) == 0 ? sizeof dash - 1 : *end == '-';
    const char *last = end + size;
    *to = strtol(last, &end, 10);
    return size > 0 && isdigit((unsigned char)last[0]) && !*end && *to >= *from;
}

/* The words that make up a range together, 1-49, or the text itself. */
static const char *words_within(cli_t *cli, const field_t *field, const char *text)
{
    long from, to, first = LONG_MAX, last = -1, low, high;
    const char *words = "";
    if (!field->vocabulary || !word_range(text, &from, &to))
        return text;
    for (size_t i = 0; i < field->vocabulary->n_words; i++) {
        const char *word = field->vocabulary->words[i].name;
        if (!word_range(word, &low, &high) || low < from || high > to)
            continue;
        words = arena_format(cli->arena, "%s%s%s", words, words[0] ? ", " : "", word);
        first = low < first ? low : first;
        last = high > last ? high : last;
    }
    return first == from && last == to ? words : text;
}

/* -- employers that nobody has been to -------------------------------------------------------- */

/* --not-contacted-since: none of the contacts that there have been, or are planned. */
static bool add_not_contacted(cli_t *cli, const arguments_t *arguments, value_builder_t *where,
                              value_t *contacts)
{
    const char *since = arguments_value(arguments, "not-contacted-since");
    int64_t day;
    *contacts = value_absent;
    if (!since)
        return true;
    if (!day_parse(since, &day))
        return report_usage(cli, _("%s takes %s."), "--not-contacted-since",
                            _("a date, YYYY-MM-DD"));
    value_builder_t range = value_builder(cli->arena), states = value_builder(cli->arena);
    value_builder_t conditions = value_builder(cli->arena), without = value_builder(cli->arena);
    value_add_pair(&range, "from", value_text(since));
    value_add(&states, value_text("planned"));
    value_add(&states, value_text("done"));
    value_add_pair(&conditions, "day", value_build_map(&range));
    value_add_pair(&conditions, "state", value_build_list(&states));
    value_add_pair(&without, "kind", value_text("contact"));
    value_add_pair(&without, "field", value_text("organisation"));
    value_add_pair(&without, "where", value_build_map(&conditions));
    *contacts = value_build_map(&without);
    bool types = false;
    for (uint32_t i = 0; i < where->count; i += 2)
        types = types || strcmp(where->items[i].text, "types") == 0;
    if (!types)
        value_add_pair(where, "types", value_text("employer"));
    value_add_pair(where, "merged_into", value_absent); /* one that is another by now */
    return true;
}

/* What was given for one field: a value, a list of them, or one range. */
static bool add_condition(cli_t *cli, const field_t *asked, const arguments_t *arguments,
                          value_builder_t *where)
{
    /* A filter takes several values of any field: one of them must hold. Words, ids and
       codes can be listed; a comma in a text is its own. */
    field_t field = *asked;
    field.attributes |= FIELD_MANY;
    if (field.type == TYPE_TEXT || field.type == TYPE_LONG_TEXT)
        field.attributes &= ~FIELD_MANY;
    value_builder_t list = value_builder(cli->arena);
    value_t range = value_absent;
    size_t n = 0;
    for (size_t i = 0; i < arguments->n_given; i++) {
        if (arguments->given[i].field != asked)
            continue;
        const char *text = words_within(cli, asked, arguments->given[i].value);
        error_t error = {0};
        if (range.form == VALUE_ABSENT && !range_of(cli, asked, text, &range, &error))
            return tell(cli, &error);
        if (n++ > 0 && range.form != VALUE_ABSENT)
            return report_usage(cli, _("--%s takes one range, and nothing beside it."),
                                arguments_option_name(asked->name, cli->arena));
        if (range.form == VALUE_ABSENT && text[0] && !add_values(cli, &field, text, &list, &error))
            return tell(cli, &error);
    }
    if (n == 0)
        return true;
    value_add_pair(where, asked->name,
                   range.form != VALUE_ABSENT ? range
                   : list.count == 1          ? list.items[0]
                   : list.count               ? value_build_list(&list)
                                              : value_absent);
    return true;
}

bool collect_filter(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *filter)
{
    value_builder_t builder = value_builder(cli->arena), where = value_builder(cli->arena);
    for (size_t f = 0; f < kind->n_fields; f++)
        if (!add_condition(cli, &kind->fields[f], arguments, &where))
            return false;
    value_t contacts;
    if (!add_not_contacted(cli, arguments, &where, &contacts))
        return false;
    if (where.count)
        value_add_pair(&builder, "where", value_build_map(&where));
    if (arguments_has(arguments, "mine"))
        value_add_pair(&builder, "mine", value_boolean(true));
    if (contacts.form == VALUE_MAP)
        value_add_pair(&builder, "without", contacts);
    *filter = value_build_map(&builder);
    return true;
}

bool collect_number(cli_t *cli, const arguments_t *arguments, const char *option, long otherwise,
                    long *number_p)
{
    const char *text = arguments_value(arguments, option);
    char *end;
    *number_p = text ? strtol(text, &end, 10) : otherwise;
    if (text && (*end || *number_p <= 0))
        return report_usage(cli, _("--%s takes a number from 1."), option);
    return true;
}

void collect_add(value_builder_t *request, const value_t *filter)
{
    for (uint32_t i = 0; i < filter->count; i++)
        value_add_pair(request, filter->items[2 * i].text, filter->items[2 * i + 1]);
}

#include "collect.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "print.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <string.h>

#define LIMIT_OTHERWISE 50
#define PAGE 200

static const char *listed(cli_t *cli, const char *const *names, size_t n)
{
    const char *list = "";
    for (size_t i = 0; i < n; i++)
        list = arena_format(cli->arena, "%s%s%s", list, i ? ", " : "",
                            arguments_option_name(names[i], cli->arena));
    return list;
}

/* A field written as an option, -created or --travel-limit-km's own name. */
static const char *field_written(cli_t *cli, const char *written, bool *descending)
{
    *descending = written[0] == '-';
    char *name = arena_text(cli->arena, written + *descending);
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    if (strcmp(name, "id") == 0 || kind_field(cli->kind, name))
        return name;
    const char *names[SCHEMA_FIELDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < cli->kind->n_fields; i++)
        if (arguments_field_ok(&cli->kind->fields[i], FIELDS_READABLE))
            names[n++] = cli->kind->fields[i].name;
    const char *near = schema_nearest(name, names, n);
    if (near)
        report_usage(cli, _("%s has no field %s. Did you mean %s?"), cli->kind->name, name, near);
    else
        report_usage(cli, _("%s has no field %s. Fields are %s."), cli->kind->name, name,
                     listed(cli, names, n));
    return NULL;
}

/* All pages up to the limit, as one result: {records, next, rev}. */
static bool list_pages(cli_t *cli, const value_t *filter, const char *sort, long limit,
                       value_t *result)
{
    value_builder_t records = value_builder(cli->arena);
    value_t page = value_absent, after = value_absent;
    int64_t revision = 0;
    do {
        long left = limit - (long)records.count;
        value_builder_t arguments = value_builder(cli->arena);
        value_add_pair(&arguments, "kind", value_text(cli->kind->name));
        collect_add(&arguments, filter);
        if (sort)
            value_add_pair(&arguments, "sort", value_text(sort));
        value_add_pair(&arguments, "limit", value_integer(left < PAGE ? left : PAGE));
        if (after.form != VALUE_ABSENT)
            value_add_pair(&arguments, "after", after);
        if (cli->purpose)
            value_add_pair(&arguments, "purpose", value_text(cli->purpose));
        value_t map = value_build_map(&arguments);
        if (!send_read(cli, "list", &map, &page))
            return false;
        const value_t *views = value_get(&page, "records");
        for (uint32_t i = 0; views->form == VALUE_LIST && i < views->count; i++)
            value_add(&records, views->items[i]);
        after = *value_get(&page, "next");
        revision = value_get_integer(&page, "rev", revision);
    } while (after.form != VALUE_ABSENT && (long)records.count < limit);
    value_builder_t whole = value_builder(cli->arena);
    value_add_pair(&whole, "records", value_build_list(&records));
    value_add_pair(&whole, "next", after);
    value_add_pair(&whole, "rev", value_integer(revision));
    *result = value_build_map(&whole);
    return true;
}

static bool by_personal(const kind_t *kind, const value_t *where)
{
    for (uint32_t i = 0; where->form == VALUE_MAP && i < where->count; i++) {
        const field_t *field = kind_field(kind, where->items[2 * i].text);
        if (field && field->class == CLASS_PERSONAL)
            return true;
    }
    return false;
}

/* Nothing has exactly that name: what has a name like it. */
static void tell_near(cli_t *cli, const value_t *where)
{
    const field_t *field;
    error_t error = {0};
    const char *id, *text;
    if (where->form != VALUE_MAP || names_fields(cli->kind, &field, 1) == 0)
        return;
    text = value_get_text(where, field->name);
    if (!text)
        return;
    if (resolve(cli, cli->kind, text, NULL, &id, &error))
        report_note(cli, _("did you mean %s?"), id);
    else if (error.code == ERROR_REFERENCE || error.code == ERROR_INVALID)
        report_note(cli, "%s", error.expected);
}

/* How many there are in all; 0 when that would take long to tell. */
#define TOTAL_MOST 1000

static int64_t total_of(cli_t *cli, const value_t *filter)
{
    value_builder_t arguments = value_builder(cli->arena);
    value_add_pair(&arguments, "kind", value_text(cli->kind->name));
    value_add_pair(&arguments, "most", value_integer(TOTAL_MOST));
    collect_add(&arguments, filter);
    value_t map = value_build_map(&arguments), result;
    if (samverk_request(cli->connection, "count", &map, cli->arena, &result, NULL) != SAMVERK_DONE)
        return 0;
    return value_get_boolean(&result, "more", false) ? 0 : value_get_integer(&result, "count", 0);
}

bool list_run(cli_t *cli, const arguments_t *arguments)
{
    value_t filter, result;
    long limit;
    const char *sort = arguments_value(arguments, "sort");
    if (sort) {
        bool descending;
        const char *name = field_written(cli, sort, &descending);
        if (!name)
            return false;
        sort = descending ? arena_format(cli->arena, "-%s", name) : name;
    }
    if (!collect_number(cli, arguments, "limit", LIMIT_OTHERWISE, &limit) || !send_connect(cli) ||
        !collect_filter(cli, cli->kind, arguments, &filter) ||
        !list_pages(cli, &filter, sort, limit, &result))
        return false;
    const value_t *where = value_get(&filter, "where");
    const value_t *views = value_get(&result, "records");
    bool more = value_get(&result, "next")->form != VALUE_ABSENT;
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(&result), false);
        return true;
    }
    if (cli->output == OUTPUT_CSV) {
        print_csv_heading(stdout, cli->kind);
        print_csv(stdout, cli->kind, views);
        return true;
    }
    if (views->count == 0) {
        report_note(cli, _("No %s."), label_of_kinds(cli->kind));
        tell_near(cli, where);
        if (!cli->purpose && by_personal(cli->kind, where))
            report_note(cli, "%s",
                        _("People are found by personal data only when it is said what for: "
                          "--purpose TEXT"));
        return true;
    }
    terminal_page();
    print_table(cli, stdout, cli->kind, views);
    int64_t total = more ? total_of(cli, &filter) : 0;
    if (total > limit)
        report_note(cli, _("%ld of %lld. --limit %lld shows them all."), limit, (long long)total,
                    (long long)total);
    else if (more)
        report_note(cli, _("The first %ld; there are more. --limit %ld shows more of them."), limit,
                    limit * 10);
    return true;
}

/* -- count ----------------------------------------------------------------------------------- */

static void print_counts(cli_t *cli, const field_t *field, const value_t *counts)
{
    for (uint32_t i = 0; i < counts->count; i++) {
        const value_t *value = value_get(&counts->items[i], "value");
        if (field->type == TYPE_REFERENCE && value->form == VALUE_TEXT)
            names_want_id(cli, value->text);
    }
    names_fetch(cli);
    table_t *table = table_new(cli->arena, 2);
    table_heading(table, 0, language_capital(label_of_field(cli->kind, field), cli->arena), false);
    table_heading(table, 1, _("Number"), true);
    for (uint32_t i = 0; i < counts->count; i++) {
        const value_t *value = value_get(&counts->items[i], "value");
        const char **cells = arena_alloc(cli->arena, 2 * sizeof *cells);
        cells[0] =
            value->form == VALUE_ABSENT ? "–" : format_value(cli, cli->kind, field, value, false);
        cells[1] = format_integer(value_get_integer(&counts->items[i], "count", 0), cli->arena);
        table_add(table, cells);
    }
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

static void print_counts_csv(cli_t *cli, const field_t *field, const value_t *counts)
{
    sheet_begin(stdout);
    sheet_cell(stdout, field->name, true, false);
    sheet_cell(stdout, "count", false, false);
    sheet_end(stdout);
    for (uint32_t i = 0; i < counts->count; i++) {
        const value_t *value = value_get(&counts->items[i], "value");
        sheet_cell(stdout, value->form == VALUE_ABSENT ? "" : field_print(field, value, cli->arena),
                   true, false);
        sheet_cell(stdout,
                   arena_format(cli->arena, "%lld",
                                (long long)value_get_integer(&counts->items[i], "count", 0)),
                   false, true);
        sheet_end(stdout);
    }
}

bool count_run(cli_t *cli, const arguments_t *arguments)
{
    value_t filter, result;
    const char *by = arguments_value(arguments, "by");
    if (by) {
        bool descending;
        by = field_written(cli, by, &descending);
        if (!by)
            return false;
    }
    if (!send_connect(cli) || !collect_filter(cli, cli->kind, arguments, &filter))
        return false;
    value_builder_t builder = value_builder(cli->arena);
    value_add_pair(&builder, "kind", value_text(cli->kind->name));
    collect_add(&builder, &filter);
    if (by)
        value_add_pair(&builder, "by", value_text(by));
    value_t map = value_build_map(&builder);
    if (!send_read(cli, "count", &map, &result))
        return false;
    const value_t *counts = value_get(&result, "counts");
    const field_t *field = by ? kind_field(cli->kind, by) : NULL;
    if (cli->output == OUTPUT_JSON)
        json_print(json_of_result(&result), false);
    else if (field && counts->form == VALUE_LIST)
        (cli->output == OUTPUT_CSV ? print_counts_csv : print_counts)(cli, field, counts);
    else
        printf("%lld\n", (long long)value_get_integer(&result, "count", 0));
    return true;
}

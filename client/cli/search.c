#include "clean.h"
#include "collect.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <string.h>

/* samverk search: records by their words. */

#define LIMIT_OTHERWISE 50
#define PAGE 200

/* -- asking ------------------------------------------------------------------------------- */

/* All words as one text: quoted or not, they are the same. */
static const char *text_of(cli_t *cli, const arguments_t *arguments)
{
    const char *text = arguments->words[0];
    for (size_t i = 1; i < arguments->n_words; i++)
        text = arena_format(cli->arena, "%s %s", text, arguments->words[i]);
    return text;
}

static bool add_kinds(cli_t *cli, const arguments_t *arguments, value_builder_t *request)
{
    value_builder_t kinds = value_builder(cli->arena);
    for (size_t i = 0; i < arguments->n_given; i++) {
        const given_t *given = &arguments->given[i];
        if (!given->option || strcmp(given->option->name, "kind") != 0)
            continue;
        if (!resolve_kind(cli, given->value))
            return false;
        value_add(&kinds, value_text(given->value));
    }
    if (kinds.count)
        value_add_pair(request, "kinds", value_build_list(&kinds));
    return true;
}

/* All pages up to the limit, as one result. */
static bool ask(cli_t *cli, const value_builder_t *request, long limit, value_t *result)
{
    value_builder_t records = value_builder(cli->arena), whole = value_builder(cli->arena);
    value_t page, after = value_absent;
    do {
        long left = limit - (long)records.count;
        value_builder_t arguments = value_builder(cli->arena);
        value_t asked = value_build_map(request);
        collect_add(&arguments, &asked);
        value_add_pair(&arguments, "limit", value_integer(left < PAGE ? left : PAGE));
        if (after.form != VALUE_ABSENT)
            value_add_pair(&arguments, "after", after);
        value_t map = value_build_map(&arguments);
        if (!send_read(cli, "search", &map, &page))
            return false;
        const value_t *views = value_get(&page, "records");
        for (uint32_t i = 0; views->form == VALUE_LIST && i < views->count; i++)
            value_add(&records, views->items[i]);
        after = *value_get(&page, "next");
    } while (after.form != VALUE_ABSENT && (long)records.count < limit);
    value_add_pair(&whole, "records", value_build_list(&records));
    value_add_pair(&whole, "next", after);
    value_add_pair(&whole, "cut", *value_get(&page, "cut"));
    value_add_pair(&whole, "rev", *value_get(&page, "rev"));
    *result = value_build_map(&whole);
    return true;
}

/* -- telling ------------------------------------------------------------------------------ */

/* What a record is called; without a name, what the daemon tells of it instead. */
static const char *title_of(cli_t *cli, const kind_t *kind, const value_t *view)
{
    const char *name = names_of_view(cli, view), *text = "";
    for (size_t i = 0; !name && i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = value_get(value_get(view, "fields"), field->name);
        if (value->form != VALUE_ABSENT && field->type != TYPE_BOOLEAN)
            text = arena_format(cli->arena, "%s%s%s", text, *text ? ", " : "",
                                format_cell(cli, kind, field, value));
    }
    return name ? name : text;
}

static const char *hits_of(cli_t *cli, const kind_t *kind, const value_t *view, bool labels)
{
    const value_t *hits = value_get(view, "hits");
    const char *text = "";
    for (uint32_t i = 0; hits->form == VALUE_LIST && i < hits->count; i++) {
        const field_t *field =
            hits->items[i].form == VALUE_TEXT ? kind_field(kind, hits->items[i].text) : NULL;
        if (field)
            text = arena_format(cli->arena, "%s%s%s", text, *text ? ", " : "",
                                labels ? label_of_field(kind, field) : field->name);
    }
    return text;
}

typedef enum { CELL_ID, CELL_KIND, CELL_TITLE, CELL_HITS, CELLS } cell_t;

/* A kind that this program does not know is told by its id alone. */
static const char **cells_of(cli_t *cli, const value_t *view, bool labels)
{
    const char **cells = arena_alloc(cli->arena, CELLS * sizeof *cells);
    const char *text = value_get_text(view, "id");
    record_id_t id;
    bool known = text && record_id_parse(&id, text, NULL);
    cells[CELL_ID] = text ? clean_text(text, false, cli->arena) : "";
    cells[CELL_KIND] = !known ? "" : labels ? label_of_kind(id.kind) : id.kind->name;
    cells[CELL_TITLE] = known ? title_of(cli, id.kind, view) : "";
    cells[CELL_HITS] = known ? hits_of(cli, id.kind, view, labels) : "";
    return cells;
}

static void print_rows(cli_t *cli, const value_t *views)
{
    table_t *table = table_new(cli->arena, CELLS);
    table_heading(table, CELL_ID, _("Id"), false);
    table_heading(table, CELL_KIND, _("Kind"), false);
    table_heading(table, CELL_TITLE, _("Title"), false);
    table_heading(table, CELL_HITS, _("Found in"), false);
    for (uint32_t i = 0; i < views->count; i++)
        table_add(table, cells_of(cli, &views->items[i], true));
    terminal_page();
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

static void print_csv_rows(cli_t *cli, const value_t *views)
{
    static const char *const heading[CELLS] = {"id", "kind", "title", "hits"};
    sheet_begin(stdout);
    for (unsigned i = 0; i < CELLS; i++)
        sheet_cell(stdout, heading[i], i == 0, false);
    sheet_end(stdout);
    for (uint32_t r = 0; r < views->count; r++) {
        const char **cells = cells_of(cli, &views->items[r], false);
        for (unsigned i = 0; i < CELLS; i++)
            sheet_cell(stdout, cells[i], i == 0, false);
        sheet_end(stdout);
    }
}

bool search_run(cli_t *cli, const arguments_t *arguments)
{
    value_builder_t request = value_builder(cli->arena);
    value_t result;
    long limit;
    value_add_pair(&request, "text", value_text(text_of(cli, arguments)));
    if (cli->purpose)
        value_add_pair(&request, "purpose", value_text(cli->purpose));
    if (!collect_number(cli, arguments, "limit", LIMIT_OTHERWISE, &limit) ||
        !add_kinds(cli, arguments, &request) || !send_connect(cli) ||
        !ask(cli, &request, limit, &result))
        return false;
    const value_t *views = value_get(&result, "records");
    for (uint32_t i = 0; cli->output != OUTPUT_JSON && i < views->count; i++)
        names_want(cli, &views->items[i]);
    names_fetch(cli);
    if (cli->output == OUTPUT_JSON)
        json_print(json_of_result(&result), false);
    else if (cli->output == OUTPUT_CSV)
        print_csv_rows(cli, views);
    else if (views->count == 0)
        report_note(cli, "%s", _("Nothing found."));
    else
        print_rows(cli, views);
    if (value_get(&result, "next")->form != VALUE_ABSENT)
        report_note(cli, _("The first %ld; there are more. --limit %ld shows more of them."), limit,
                    limit * 10);
    if (value_get_boolean(&result, "cut", false))
        report_note(cli, "%s",
                    _("There was too much to look through it all. More words, or --kind, find what "
                      "is older."));
    return true;
}

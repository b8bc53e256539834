#include "admin.h"
#include "clean.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "pages.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "table.h"
#include "terminal.h"

#include <stdio.h>
#include <time.h>

/* --since DAY: from its beginning, by the clock here. */
static bool add_since(cli_t *cli, const arguments_t *arguments, value_builder_t *map)
{
    const char *day = arguments_value(arguments, "since");
    struct tm parts = {.tm_isdst = -1};
    if (!day)
        return true;
    const char *end = strptime(day, "%Y-%m-%d", &parts);
    if (!end || *end)
        return report_usage(cli, "%s", _("--since takes a day, YYYY-MM-DD."));
    value_add_pair(map, "since", value_integer((int64_t)mktime(&parts) * 1000));
    return true;
}

static const char *subjects_of(cli_t *cli, const value_t *row)
{
    const value_t *subjects = value_get(row, "subjects");
    const char *text = "";
    for (uint32_t i = 0; subjects->form == VALUE_LIST && i < subjects->count; i++)
        if (subjects->items[i].form == VALUE_TEXT)
            text = arena_format(cli->arena, "%s%s%s", text, i ? " " : "", subjects->items[i].text);
    return clean_text(text, false, cli->arena);
}

static const char *clean(cli_t *cli, const value_t *row, const char *name)
{
    const char *text = value_get_text(row, name);
    return text ? clean_text(text, false, cli->arena) : "";
}

static void print_rows(cli_t *cli, const value_t *rows)
{
    table_t *table = table_new(cli->arena, 5);
    table_heading(table, 0, _("When"), false);
    table_heading(table, 1, _("Who"), false);
    table_heading(table, 2, _("Command"), false);
    table_heading(table, 3, _("Purpose"), false);
    table_heading(table, 4, _("Whose data"), false);
    for (uint32_t i = 0; i < rows->count; i++) {
        const char *as = value_get_text(&rows->items[i], "as");
        names_want_id(cli, as ? as : value_get_text(&rows->items[i], "user"));
    }
    names_fetch(cli);
    for (uint32_t i = 0; i < rows->count; i++) {
        const value_t *row = &rows->items[i];
        const char *as = value_get_text(row, "as");
        const char **cells = arena_alloc(cli->arena, 5 * sizeof *cells);
        cells[0] = format_instant(value_get_integer(row, "time", 0), cli->arena);
        cells[1] = names_with_id(cli, as ? as : value_get_text(row, "user"));
        cells[2] = clean(cli, row, "command");
        cells[3] = clean(cli, row, "purpose");
        cells[4] = subjects_of(cli, row);
        table_add(table, cells);
    }
    terminal_page();
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

bool admin_accesses_run(cli_t *cli, const arguments_t *arguments)
{
    value_builder_t map = value_builder(cli->arena);
    value_t list;
    if (!cli->purpose)
        return report_usage(cli, "%s", _("Say what the data is read for: --purpose TEXT"));
    if (!arguments_value(arguments, "user") && !arguments_value(arguments, "person"))
        return report_usage(cli, "%s",
                            _("Whose readings, or readings of whom? --user ID or "
                              "--person ID"));
    if (!send_connect(cli) || !add_since(cli, arguments, &map) ||
        !resolve_option(cli, arguments, "user", &map) ||
        !resolve_option(cli, arguments, "person", &map))
        return false;
    value_add_pair(&map, "purpose", value_text(cli->purpose));
    value_t request = value_build_map(&map);
    if (!pages_items(cli, "accesses", &request, &list))
        return false;
    if (cli->output == OUTPUT_JSON) {
        value_builder_t document = value_builder(cli->arena);
        value_add_pair(&document, "accesses", list);
        value_t whole = value_build_map(&document);
        json_print(json_of_result(&whole), false);
    } else if (list.count == 0) {
        report_note(cli, "%s", _("The access log has no such readings."));
    } else {
        print_rows(cli, &list);
    }
    return true;
}

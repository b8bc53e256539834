#include "admin.h"
#include "clean.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "report.h"
#include "send.h"
#include "table.h"
#include "terminal.h"

#include <stdio.h>

static void print_sessions(cli_t *cli, const value_t *sessions)
{
    table_t *table = table_new(cli->arena, 5);
    table_heading(table, 0, _("Who"), false);
    table_heading(table, 1, _("Program"), false);
    table_heading(table, 2, _("Connected since"), false);
    table_heading(table, 3, _("Last heard from"), false);
    table_heading(table, 4, _("Watches"), true);
    for (uint32_t i = 0; i < sessions->count; i++)
        names_want_value(cli, value_get(&sessions->items[i], "user"));
    names_fetch(cli);
    for (uint32_t i = 0; i < sessions->count; i++) {
        const value_t *row = &sessions->items[i];
        const char *user = value_get_text(row, "user"), *program = value_get_text(row, "program");
        const char **cells = arena_alloc(cli->arena, 5 * sizeof *cells);
        cells[0] = user ? names_with_id(cli, user) : "";
        cells[1] = program ? clean_text(program, false, cli->arena) : "";
        cells[2] = format_instant(value_get_integer(row, "since", 0), cli->arena);
        cells[3] = format_instant(value_get_integer(row, "heard", 0), cli->arena);
        cells[4] = format_integer(value_get_integer(row, "watches", 0), cli->arena);
        table_add(table, cells);
    }
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

bool admin_sessions_run(cli_t *cli, const arguments_t *arguments)
{
    (void)arguments;
    value_t result, map = {.form = VALUE_MAP};
    if (!send_read(cli, "sessions", &map, &result))
        return false;
    const value_t *sessions = value_get(&result, "sessions");
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(&result), false);
        return true;
    }
    print_sessions(cli, sessions);
    int64_t count = value_get_integer(&result, "count", 0);
    if (count > sessions->count)
        report_note(cli, _("%s connections in all."), format_integer(count, cli->arena));
    return true;
}

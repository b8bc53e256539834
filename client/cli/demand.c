#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "report.h"
#include "send.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The demand outlook: how many employers ask for what, where and when, and how many of
   them do not get it. */

#define BY_OTHERWISE "area"
#define PARTS_MAX 3u
#define FIGURES 3u

static const struct {
    const char *name;
    const char *heading;
} parts[] = {{"area", N_("Competence area")}, {"county", N_("County")}, {"quarter", N_("Quarter")}},
  figures[] = {{"asked", N_("Ask")}, {"met", N_("Met")}, {"unmet", N_("Not met")}};

typedef struct {
    const char *names[PARTS_MAX], *headings[PARTS_MAX];
    size_t n;
} parts_t;

/* -- asking ---------------------------------------------------------------------------------- */

/* "area,county,quarter". */
static bool read_parts(cli_t *cli, const arguments_t *arguments, parts_t *by, value_t *list)
{
    const char *given = arguments_value(arguments, "by");
    char *rest = arena_text(cli->arena, given ? given : BY_OTHERWISE);
    value_builder_t names = value_builder(cli->arena);
    for (const char *word; (word = strsep(&rest, ",")) != NULL;) {
        size_t i = 0;
        while (i < PARTS_MAX && strcmp(parts[i].name, word) != 0)
            i++;
        if (i == PARTS_MAX || by->n == PARTS_MAX)
            return report_usage(cli, _("%s takes %s."), "--by", "area,county,quarter");
        by->names[by->n] = parts[i].name;
        by->headings[by->n++] = _(parts[i].heading);
        value_add(&names, value_text(parts[i].name));
    }
    *list = value_build_list(&names);
    return true;
}

static bool add_level(cli_t *cli, const arguments_t *arguments, value_builder_t *map)
{
    const char *level = arguments_value(arguments, "level");
    char *end;
    if (!level)
        return true;
    long number = strtol(level, &end, 10);
    if (*end || end == level)
        return report_usage(cli, _("%s takes %s."), "--level", "1..4");
    value_add_pair(map, "level", value_integer(number));
    return true;
}

static bool ask(cli_t *cli, const arguments_t *arguments, parts_t *by, value_t *result)
{
    value_builder_t map = value_builder(cli->arena);
    value_t list;
    if (!read_parts(cli, arguments, by, &list) || !add_level(cli, arguments, &map))
        return false;
    value_add_pair(&map, "by", list);
    for (size_t i = 0; i < 2; i++) {
        const char *option = i ? "to" : "from", *quarter = arguments_value(arguments, option);
        if (quarter)
            value_add_pair(&map, option, value_text(quarter));
    }
    value_t request = value_build_map(&map);
    return send_connect(cli) && send_read(cli, "demand", &request, result);
}

/* -- telling ----------------------------------------------------------------------------------- */

/* With --unmet: the cells where enough are not met, the most of them first. */
static int compare_unmet(const void *a, const void *b)
{
    int64_t left = value_get_integer(a, "unmet", 0), right = value_get_integer(b, "unmet", 0);
    return (left < right) - (left > right);
}

static value_t unmet_of(cli_t *cli, const value_t *cells)
{
    value_builder_t list = value_builder(cli->arena);
    for (uint32_t i = 0; i < cells->count; i++)
        if (value_get(&cells->items[i], "unmet")->form == VALUE_INTEGER)
            value_add(&list, cells->items[i]);
    qsort(list.items, list.count, sizeof *list.items, compare_unmet);
    return value_build_list(&list);
}

static const char *name_cell(cli_t *cli, const char *part, const char *text)
{
    if (!text)
        return "–";
    return strcmp(part, "quarter") == 0 ? text : names_with_id(cli, text);
}

static void print_table(cli_t *cli, const parts_t *by, const value_t *cells)
{
    size_t width = by->n + FIGURES;
    for (uint32_t i = 0; i < cells->count; i++)
        for (size_t j = 0; j < by->n; j++)
            if (strcmp(by->names[j], "quarter") != 0)
                names_want_value(cli, value_get(&cells->items[i], by->names[j]));
    names_fetch(cli);
    table_t *table = table_new(cli->arena, width);
    for (size_t j = 0; j < width; j++)
        table_heading(table, j, j < by->n ? by->headings[j] : _(figures[j - by->n].heading),
                      j >= by->n);
    for (uint32_t i = 0; i < cells->count; i++) {
        const value_t *cell = &cells->items[i];
        const char **row = arena_alloc(cli->arena, width * sizeof *row);
        for (size_t j = 0; j < by->n; j++)
            row[j] = name_cell(cli, by->names[j], value_get_text(cell, by->names[j]));
        for (size_t j = 0; j < FIGURES; j++) {
            const value_t *figure = value_get(cell, figures[j].name);
            row[by->n + j] = figure->form == VALUE_INTEGER
                                 ? format_integer(figure->integer, cli->arena)
                                 : _("not shown (fewer than 5)");
        }
        table_add(table, row);
    }
    terminal_page();
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

static void print_csv(cli_t *cli, const parts_t *by, const value_t *cells)
{
    sheet_begin(stdout);
    for (size_t j = 0; j < by->n + FIGURES; j++)
        sheet_cell(stdout, j < by->n ? by->names[j] : figures[j - by->n].name, j == 0, false);
    sheet_end(stdout);
    for (uint32_t i = 0; i < cells->count; i++) {
        const value_t *cell = &cells->items[i];
        for (size_t j = 0; j < by->n; j++) {
            const char *text = value_get_text(cell, by->names[j]);
            sheet_cell(stdout, text ? text : "", j == 0, false);
        }
        for (size_t j = 0; j < FIGURES; j++) {
            const value_t *figure = value_get(cell, figures[j].name);
            sheet_cell(stdout,
                       figure->form == VALUE_INTEGER
                           ? arena_format(cli->arena, "%lld", (long long)figure->integer)
                           : "",
                       false, true);
        }
        sheet_end(stdout);
    }
}

bool demand_run(cli_t *cli, const arguments_t *arguments)
{
    parts_t by = {.n = 0};
    value_t result;
    if (!ask(cli, arguments, &by, &result))
        return false;
    value_t cells = *value_get(&result, "cells");
    if (arguments_has(arguments, "unmet"))
        cells = unmet_of(cli, &cells);
    if (cli->output == OUTPUT_JSON) {
        value_builder_t document = value_builder(cli->arena);
        value_add_pair(&document, "cells", cells);
        for (uint32_t i = 0; i < result.count; i++)
            if (strcmp(result.items[2 * i].text, "cells") != 0)
                value_add_pair(&document, result.items[2 * i].text, result.items[2 * i + 1]);
        value_t whole = value_build_map(&document);
        json_print(json_of_result(&whole), false);
        return true;
    }
    if (cli->output == OUTPUT_CSV)
        print_csv(cli, &by, &cells);
    else if (cells.count > 0)
        print_table(cli, &by, &cells);
    const char *from = value_get_text(&result, "from"), *to = value_get_text(&result, "to");
    report_note(cli,
                _("Employers who ask, from %s to %s, in whole fives: 25 is 25 to 29. What is "
                  "not here has fewer than 5."),
                from, to);
    return true;
}

#include "collect.h"
#include "dates.h"
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

#include <stdio.h>
#include <string.h>

/* samverk inquiry board: the region by state. The daemon counts, so that a region of a
   hundred thousand open inquiries is nine numbers and not a hundred thousand rows. */

#define STATES_MAX 16u

typedef struct {
    const state_t *state; /* NULL: all of them */
    bool known;           /* false where there are too many to be counted */
    int64_t number, late;
    int64_t oldest, median; /* days; of no inquiry: -1 */
} line_t;

typedef struct {
    cli_t *cli;
    const char *municipality; /* its id; NULL for all of them */
    line_t lines[STATES_MAX];
    size_t n;
} board_t;

static int64_t age_of(const board_t *self, const value_t *spread, const char *which)
{
    const value_t *created = value_get(spread, which);
    if (created->form != VALUE_INTEGER)
        return -1;
    int64_t age = ((int64_t)samverk_time(self->cli->connection) - created->integer) / DAY_MS;
    return age > 0 ? age : 0;
}

static void line_read(board_t *self, line_t *line, const question_t *question)
{
    const value_t *counts = value_get(&question->result, "counts");
    const value_t *created = value_get(&question->result, "of");
    line->known = !question->refused;
    line->number = value_get_integer(&question->result, "count", 0);
    line->oldest = age_of(self, created, "least");
    line->median = age_of(self, created, "median");
    for (uint32_t i = 0; counts->form == VALUE_LIST && i < counts->count; i++)
        if (value_get_boolean(&counts->items[i], "value", false))
            line->late = value_get_integer(&counts->items[i], "count", 0);
}

/* Each open state by its index. */
static bool board_ask(board_t *self)
{
    arena_t *arena = self->cli->arena;
    const kind_t *kind = self->cli->kind;
    question_t questions[STATES_MAX];
    for (size_t i = 0; i < kind->n_states && self->n < STATES_MAX; i++) {
        value_builder_t where = value_builder(arena), arguments = value_builder(arena);
        if (!kind->states[i].open)
            continue;
        value_add_pair(&where, "state", value_text(kind->states[i].name));
        if (self->municipality)
            value_add_pair(&where, "municipality", value_text(self->municipality));
        value_add_pair(&arguments, "kind", value_text(kind->name));
        value_add_pair(&arguments, "where", value_build_map(&where));
        value_add_pair(&arguments, "by", value_text("overdue"));
        value_add_pair(&arguments, "of", value_text("created"));
        questions[self->n] =
            (question_t){.command = "count", .arguments = value_build_map(&arguments)};
        self->lines[self->n++].state = &kind->states[i];
    }
    if (!send_reads(self->cli, questions, self->n))
        return false;
    for (size_t i = 0; i < self->n; i++) {
        if (questions[i].refused && questions[i].error.code != ERROR_TOO_BROAD)
            return report_error(self->cli, &questions[i].error);
        line_read(self, &self->lines[i], &questions[i]);
    }
    return true;
}

/* -- what is told ------------------------------------------------------------------------------ */

static const char *days_text(cli_t *cli, int64_t days)
{
    if (days < 0)
        return "";
    return arena_format(cli->arena, ngettext("%s day", "%s days", (unsigned long)days),
                        format_integer(days, cli->arena));
}

static void add_cells(board_t *self, table_t *table, const char *label, const line_t *line)
{
    cli_t *cli = self->cli;
    const char **cells = arena_alloc(cli->arena, 5 * sizeof *cells);
    cells[0] = label;
    cells[1] = line->known ? format_integer(line->number, cli->arena) : _("too many");
    cells[2] = line->late ? format_integer(line->late, cli->arena) : "";
    cells[3] = days_text(cli, line->oldest);
    cells[4] = days_text(cli, line->median);
    table_add(table, cells);
}

static void print_text(board_t *self)
{
    cli_t *cli = self->cli;
    line_t all = {.known = true, .oldest = -1, .median = -1};
    table_t *table = table_new(cli->arena, 5);
    table_heading(
        table, 0,
        language_capital(label_of_field(cli->kind, kind_field(cli->kind, "state")), cli->arena),
        false);
    table_heading(table, 1, _("Number"), true);
    table_heading(table, 2, _("Late"), true);
    table_heading(table, 3, _("Oldest"), true);
    table_heading(table, 4, _("Median age"), true);
    for (size_t i = 0; i < self->n; i++) {
        const line_t *line = &self->lines[i];
        add_cells(self, table, label_of_state(cli->kind, line->state), line);
        all.number += line->number;
        all.late += line->late;
        all.known = all.known && line->known;
        all.oldest = line->oldest > all.oldest ? line->oldest : all.oldest;
    }
    if (self->municipality)
        names_want_id(cli, self->municipality);
    names_fetch(cli);
    if (all.known && all.number == 0) {
        report_note(cli, "%s", _("No open inquiries."));
        return;
    }
    printf("%s%s%s\n", tone_begin(TONE_HEADING),
           self->municipality ? names_with_id(cli, self->municipality) : _("The whole scope"),
           tone_end(TONE_HEADING));
    add_cells(self, table, _("in all"), &all);
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
    if (all.late) {
        const char *where = self->municipality
                                ? arena_format(cli->arena, " --municipality %s", self->municipality)
                                : "";
        report_note(cli, _("The late ones: samverk inquiry list --overdue%s"), where);
    }
}

static void print_sheet(const board_t *self)
{
    static const char *const headings[] = {"state", "count", "overdue", "oldest_days",
                                           "median_days"};
    sheet_begin(stdout);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        sheet_cell(stdout, headings[i], i == 0, false);
    sheet_end(stdout);
    for (size_t i = 0; i < self->n; i++) {
        const line_t *line = &self->lines[i];
        const int64_t numbers[] = {line->number, line->late, line->oldest, line->median};
        sheet_cell(stdout, line->state->name, true, false);
        for (size_t j = 0; j < 4; j++)
            sheet_cell(stdout,
                       !line->known || numbers[j] < 0
                           ? ""
                           : arena_format(self->cli->arena, "%lld", (long long)numbers[j]),
                       false, true);
        sheet_end(stdout);
    }
}

static json_t *number_or_null(bool known, int64_t number)
{
    return known && number >= 0 ? json_integer(number) : json_null();
}

static void print_json(const board_t *self)
{
    json_t *states = json_array();
    for (size_t i = 0; i < self->n; i++) {
        const line_t *line = &self->lines[i];
        json_array_append_new(states,
                              json_pack("{sssosososo}", "state", line->state->name, "count",
                                        number_or_null(line->known, line->number), "overdue",
                                        number_or_null(line->known, line->late), "oldest_days",
                                        number_or_null(line->known, line->oldest), "median_days",
                                        number_or_null(line->known, line->median)));
    }
    json_print(json_pack("{ss?so}", "municipality", self->municipality, "states", states), false);
}

bool board_run(cli_t *cli, const arguments_t *arguments)
{
    board_t self = {.cli = cli};
    const char *place = arguments_value(arguments, "municipality");
    error_t error = {0};
    if (!send_connect(cli))
        return false;
    if (place && !resolve(cli, schema_kind("municipality"), place, "municipality",
                          &self.municipality, &error))
        return error.code == ERROR_NONE ? false : report_error(cli, &error);
    if (!board_ask(&self))
        return false;
    if (cli->output == OUTPUT_JSON)
        print_json(&self);
    else if (cli->output == OUTPUT_CSV)
        print_sheet(&self);
    else
        print_text(&self);
    return true;
}

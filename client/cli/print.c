#include "print.h"
#include "arguments.h"
#include "clean.h"
#include "format.h"
#include "guidance.h"
#include "language.h"
#include "move.h"
#include "names.h"
#include "report.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"

#include <inttypes.h>
#include <string.h>

/* A label that is longer has a line of its own: what it says would have no room beside it. */
#define LABEL_MOST 30u

static bool stands_right(const field_t *field)
{
    return !(field->attributes & FIELD_MANY) &&
           (field->type == TYPE_INTEGER || field->type == TYPE_MONEY ||
            field->type == TYPE_DEGREES || field->type == TYPE_TENTHS);
}

static bool withheld_in(cli_t *cli, const field_t *field, const value_t *value)
{
    if (value->form == VALUE_ABSENT)
        return field->class == CLASS_PERSONAL && field->attributes & FIELD_REQUIRED;
    if (field->type != TYPE_REFERENCE)
        return false;
    if (value->form == VALUE_TEXT)
        return names_withheld(cli, value->text);
    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        if (value->items[i].form == VALUE_TEXT && names_withheld(cli, value->items[i].text))
            return true;
    return false;
}

/* Empty fields look like lost data: say that people's are left out, and how to read them. */
static void tell_withheld(cli_t *cli, const kind_t *kind, const value_t *views, bool listed)
{
    if (cli->purpose || !cli->connection)
        return;
    for (uint32_t r = 0; r < views->count; r++)
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            if (listed && !(field->attributes & FIELD_LISTED))
                continue;
            if (!withheld_in(cli, field,
                             value_get(value_get(&views->items[r], "fields"), field->name)))
                continue;
            report_note(cli, "%s",
                        _("Personal data is left out. Say what it is read for to see it: "
                          "--purpose \"call the contact person\""));
            return;
        }
}

void print_table(cli_t *cli, FILE *file, const kind_t *kind, const value_t *views)
{
    const field_t *columns[SCHEMA_FIELDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->fields[i].attributes & FIELD_LISTED && !names_elsewhere(&kind->fields[i]))
            columns[n++] = &kind->fields[i];
    if (cli->connection) {
        for (uint32_t i = 0; i < views->count; i++)
            names_want(cli, &views->items[i]);
        names_fetch(cli);
    }
    table_t *table = table_new(cli->arena, n + 1);
    table_heading(table, 0, _("Id"), false);
    for (size_t i = 0; i < n; i++) {
        value_t usual;
        error_t error = {0};
        table_heading(table, i + 1, language_capital(label_of_field(kind, columns[i]), cli->arena),
                      stands_right(columns[i]));
        if (columns[i]->otherwise[0] &&
            field_parse(columns[i], columns[i]->otherwise, &usual, cli->arena, &error))
            table_usual(table, i + 1, format_value(cli, kind, columns[i], &usual, false));
    }
    for (uint32_t r = 0; r < views->count; r++) {
        const value_t *view = &views->items[r], *fields = value_get(view, "fields");
        const char **cells = arena_alloc(cli->arena, (n + 1) * sizeof *cells);
        const char *id = value_get_text(view, "id");
        cells[0] = id ? clean_text(id, false, cli->arena) : "";
        for (size_t i = 0; i < n; i++) {
            const field_t *shown = format_shown(kind, columns[i], fields);
            cells[i + 1] = format_cell(cli, kind, shown, value_get(fields, shown->name));
        }
        table_add(table, cells);
    }
    table_print(table, file, terminal_out() ? terminal_width() : 0);
    tell_withheld(cli, kind, views, true);
}

/* A text of several lines stands under its label, and so does one with a long label. */
static void print_field(const char *label, const char *text, size_t width)
{
    size_t places = table_width_of(label);
    printf("%s%s:%s", tone_begin(TONE_FAINT), label, tone_end(TONE_FAINT));
    if (places <= width)
        printf("%*s ", (int)(width - places), "");
    else
        printf("\n%*s", (int)width + 2, "");
    for (const char *line = text;;) {
        size_t size = strcspn(line, "\n");
        printf("%.*s\n", (int)size, line);
        if (!line[size])
            break;
        line += size + 1;
        printf("%*s", (int)width + 2, "");
    }
}

static bool is_told(const field_t *field, const value_t *fields)
{
    const value_t *value = value_get(fields, field->name);
    return value->form != VALUE_ABSENT && !format_says_nothing(field, value, fields);
}

void print_record(cli_t *cli, const kind_t *kind, const value_t *view)
{
    const value_t *fields = value_get(view, "fields");
    names_want(cli, view);
    names_fetch(cli);
    printf("%s%s%s\n", tone_begin(TONE_HEADING), format_title(cli, view), tone_end(TONE_HEADING));
    size_t width = table_width_of(_("revision"));
    for (size_t i = 0; i < kind->n_fields; i++) {
        size_t label = table_width_of(label_of_field(kind, &kind->fields[i]));
        if (is_told(&kind->fields[i], fields) && label > width && label <= LABEL_MOST)
            width = label;
    }
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = value_get(fields, field->name);
        const char *text = format_value(cli, kind, field, value, true);
        /* An amount is one thing with its currency, which is the field after it. */
        const field_t *next = i + 1 < kind->n_fields ? field + 1 : NULL;
        const value_t *currency = next ? value_get(fields, next->name) : &value_absent;
        if (next && field->type == TYPE_MONEY && value->form != VALUE_ABSENT &&
            currency->form != VALUE_ABSENT && strcmp(next->detail, "currency") == 0) {
            text = arena_format(cli->arena, "%s %s", text,
                                format_value(cli, kind, next, currency, true));
            i++;
        }
        if (is_told(field, fields))
            print_field(label_of_field(kind, field), text, width);
    }
    print_field(_("revision"), format_integer(value_get_integer(view, "rev", 0), cli->arena),
                width);
    const char *left = guidance_left(cli, kind, view);
    if (left)
        puts(left);
    const char *next = move_next(cli, kind, view);
    if (next)
        puts(clean_text(next, false, cli->arena));
    value_t views = value_list(view, 1);
    tell_withheld(cli, kind, &views, false);
}

/* -- spreadsheets -------------------------------------------------------------------------- */

void print_csv_heading(FILE *file, const kind_t *kind)
{
    sheet_begin(file);
    sheet_cell(file, "id", true, false);
    for (size_t i = 0; i < kind->n_fields; i++)
        if (arguments_field_ok(&kind->fields[i], FIELDS_READABLE))
            sheet_cell(file, kind->fields[i].name, false, false);
    sheet_end(file);
}

void print_csv(FILE *file, const kind_t *kind, const value_t *views)
{
    arena_t *arena = arena_new();
    for (uint32_t r = 0; r < views->count; r++) {
        arena_reset(arena);
        const char *id = value_get_text(&views->items[r], "id");
        const value_t *fields = value_get(&views->items[r], "fields");
        sheet_cell(file, id ? clean_text(id, false, arena) : "", true, false);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            if (!arguments_field_ok(field, FIELDS_READABLE))
                continue;
            const value_t *value = value_get(fields, field->name);
            const char *text = value->form == VALUE_ABSENT
                                   ? ""
                                   : clean_text(field_print(field, value, arena), true, arena);
            sheet_cell(file, text, false, stands_right(field));
        }
        sheet_end(file);
    }
    arena_destroy(&arena);
}

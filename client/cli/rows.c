#include "rows.h"
#include "clean.h"
#include "collect.h"
#include "expected.h"
#include "json.h"
#include "language.h"
#include "record.h"
#include "report.h"

#include <czmq.h>
#include <string.h>

struct rows_cache {
    zhashx_t *cells; /* field and text, to cell_t */
    zhashx_t *ids;   /* ids that the file makes */
};

/* What a text in a column turned out to be. */
typedef struct {
    value_t value;
    error_t error;
} cell_t;

/* -- faults --------------------------------------------------------------------------------- */

static void fault_add(rows_t *self, row_error_t error)
{
    if (self->n_errors == self->room_errors) {
        self->room_errors = self->room_errors ? 2 * self->room_errors : 16;
        row_error_t *larger = arena_alloc(self->cli->arena, self->room_errors * sizeof *larger);
        if (self->n_errors)
            memcpy(larger, self->errors, self->n_errors * sizeof *larger);
        self->errors = larger;
    }
    self->errors[self->n_errors++] = error;
}

/* The column that a field is read from; NULL when there is none. */
static const column_t *column_of(const rows_t *self, const char *field)
{
    for (size_t i = 0; i < self->columns->n_columns; i++) {
        const column_t *column = &self->columns->columns[i];
        if (column->use == COLUMN_ID ? strcmp(field, "id") == 0
                                     : column->field && column->use != COLUMN_IGNORED &&
                                           strcmp(column->field->name, field) == 0)
            return column;
    }
    return NULL;
}

static const char *cell_of(const rows_t *self, size_t row, const column_t *column)
{
    const sheet_row_t *source = &self->sheet->rows[row];
    size_t position = column ? (size_t)(column - self->columns->columns) : SIZE_MAX;
    return position < source->n ? source->cells[position] : "";
}

void rows_fault(rows_t *self, size_t row, const char *field, error_code_t code,
                const char *expected)
{
    arena_t *arena = self->cli->arena;
    field = arena_text(arena, field);
    const field_t *known = kind_field(self->kind, field);
    expected = expected_of_field(known, code, expected ? expected : "", arena);
    self->rows[row].faulty = true;
    const column_t *column = column_of(self, field);
    fault_add(self, (row_error_t){self->rows[row].line, column ? column->heading : "",
                                  cell_of(self, row, column), field, code,
                                  clean_text(expected, false, arena)});
}

static int by_line(const void *a, const void *b)
{
    const row_error_t *first = a, *second = b;
    return (first->line > second->line) - (first->line < second->line);
}

static bool tell_json(const rows_t *self)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < self->n_errors; i++) {
        const row_error_t *error = &self->errors[i];
        json_array_append_new(rows,
                              json_pack("{sI ss ss ss ss}", "line", (json_int_t)error->line,
                                        "column", error->column, "field", error->field, "code",
                                        error_name(error->code), "expected", error->expected));
    }
    json_t *document = json_pack(
        "{s{ss ss sn sn so}}", "error", "code", error_name(self->errors[0].code), "message",
        _("Nothing was imported: these rows cannot be taken."), "field", "expected", "rows", rows);
    json_write(document, stderr, true);
    fputc('\n', stderr);
    return false;
}

bool rows_tell(const rows_t *self)
{
    self->cli->status = EXIT_REFUSED;
    if (self->n_errors == 0)
        return false;
    qsort(self->errors, self->n_errors, sizeof *self->errors, by_line);
    if (self->cli->output == OUTPUT_JSON)
        return tell_json(self);
    for (size_t i = 0; i < self->n_errors; i++) {
        const row_error_t *error = &self->errors[i];
        fprintf(stderr, _("line %zu"), error->line);
        if (error->column[0])
            fprintf(stderr, ", %s", clean_text(error->column, false, self->cli->arena));
        else if (error->field[0])
            fprintf(stderr, ", %s", error->field);
        if (error->cell[0])
            fprintf(stderr, _(" \"%s\""), clean_text(error->cell, false, self->cli->arena));
        if (error->code == ERROR_INVALID && error->expected[0])
            fprintf(stderr, _(": must be %s\n"), error->expected);
        else if (error->expected[0])
            fprintf(stderr, ": %s\n    %s\n", label_of_error(error->code), error->expected);
        else
            fprintf(stderr, ": %s\n", label_of_error(error->code));
    }
    report_failure(self->cli,
                   ngettext("Nothing was imported: %zu fault.", "Nothing was imported: %zu faults.",
                            self->n_errors),
                   self->n_errors);
    return false;
}

bool rows_make(const rows_t *self, const char *id)
{
    return zhashx_lookup(self->cache->ids, id) != NULL;
}

/* -- cells ------------------------------------------------------------------------------------ */

/* False when the user has been told that it cannot go on. */
static bool cell_read(rows_t *self, const field_t *field, bool links, const char *text,
                      const cell_t **cell_p)
{
    cli_t *cli = self->cli;
    const char *key =
        arena_format(cli->arena, "%s\x1f%s\x1f%d\x1f%s", field->name, field->detail, links, text);
    cell_t *cell = zhashx_lookup(self->cache->cells, key);
    if (!cell) {
        cell = arena_alloc(cli->arena, sizeof *cell);
        const char *meant = columns_translate(self->columns, field, text, cli);
        /* A link has one value each; the cell has several. */
        field_t read = *field;
        read.attributes |= links ? FIELD_MANY : 0;
        if (!collect_one(cli, &read, meant, &cell->value, &cell->error) &&
            cell->error.code == ERROR_NONE)
            return false;
        zhashx_insert(self->cache->cells, key, cell);
    }
    *cell_p = cell;
    return true;
}

/* -- rows --------------------------------------------------------------------------------------- */

static bool add_field(rows_t *self, size_t r, const field_t *field, const char *text,
                      value_builder_t *fields)
{
    const cell_t *cell;
    if (!cell_read(self, field, false, text, &cell))
        return false;
    if (cell->error.code != ERROR_NONE)
        rows_fault(self, r, field->name, cell->error.code, cell->error.expected);
    else if (cell->value.form != VALUE_ABSENT)
        value_add_pair(fields, field->name, cell->value);
    return true;
}

static bool add_links(rows_t *self, size_t r, const field_t *field, const char *text)
{
    const cell_t *cell;
    if (!cell_read(self, field, true, text, &cell))
        return false;
    if (cell->error.code != ERROR_NONE)
        rows_fault(self, r, field->name, cell->error.code, cell->error.expected);
    else
        self->rows[r].links = cell->value;
    return true;
}

static void take_id(rows_t *self, size_t r, const char *text)
{
    cli_t *cli = self->cli;
    record_id_t id;
    if (!record_id_parse(&id, text, self->kind) && !record_id_coded(&id, self->kind, text)) {
        rows_fault(self, r, "id", ERROR_INVALID, _("a code of letters, digits and dashes"));
        return;
    }
    self->rows[r].id = arena_text(cli->arena, id.text);
    if (rows_make(self, id.text))
        rows_fault(self, r, "id", ERROR_EXISTS, _("the file has it twice"));
    else
        zhashx_insert(self->cache->ids, id.text, (void *)"");
}

static bool has_field(const value_builder_t *fields, const char *name)
{
    for (uint32_t i = 0; i + 1 < fields->count; i += 2)
        if (strcmp(fields->items[i].text, name) == 0)
            return true;
    return false;
}

static bool add_constants(rows_t *self, size_t r, value_builder_t *fields)
{
    const field_t *field;
    const char *text;
    for (size_t i = 0; columns_constant(self->columns, i, &field, &text); i++)
        if (!has_field(fields, field->name) && !add_field(self, r, field, text, fields))
            return false;
    return true;
}

static void check_required(rows_t *self, size_t r, const value_builder_t *fields, size_t faults)
{
    if (self->n_errors > faults)
        return; /* what is wrong with the row has been said */
    if (self->kind->coded && !self->rows[r].id)
        rows_fault(self, r, "id", ERROR_REQUIRED, _("a column id or code"));
    for (size_t i = 0; i < self->kind->n_fields; i++) {
        const field_t *field = &self->kind->fields[i];
        if (field->attributes & FIELD_REQUIRED && !(field->attributes & FIELD_DAEMON) &&
            !field->otherwise[0] && !has_field(fields, field->name))
            rows_fault(self, r, field->name, ERROR_REQUIRED, NULL);
    }
}

static bool row_read(rows_t *self, size_t r, const sheet_row_t *source)
{
    value_builder_t fields = value_builder(self->cli->arena);
    const link_t *link = &self->columns->link;
    row_t *row = &self->rows[r];
    size_t faults = self->n_errors;
    *row = (row_t){.line = source->line};
    if (source->n > self->columns->n_columns)
        rows_fault(self, r, "", ERROR_INVALID, _("no more cells than the heading has"));
    for (size_t c = 0; c < source->n && c < self->columns->n_columns; c++) {
        const column_t *column = &self->columns->columns[c];
        const char *text = source->cells[c];
        if (!text[0])
            continue;
        if (column->use == COLUMN_ID)
            take_id(self, r, text);
        if (column->use == COLUMN_FIELD && !add_field(self, r, column->field, text, &fields))
            return false;
        if (column->use == COLUMN_LINKS && !add_links(self, r, column->field, text))
            return false;
    }
    if (link->same && row->links.form == VALUE_LIST && row->links.count == 1 &&
        !has_field(&fields, link->same->name))
        value_add_pair(&fields, link->same->name, row->links.items[0]);
    if (!add_constants(self, r, &fields))
        return false;
    check_required(self, r, &fields, faults);
    row->fields = value_build_map(&fields);
    return true;
}

bool rows_read(rows_t *self, cli_t *cli, const kind_t *kind, const columns_t *columns,
               const sheet_t *sheet)
{
    *self = (rows_t){
        .cli = cli, .kind = kind, .columns = columns, .sheet = sheet, .n_rows = sheet->n_rows};
    self->rows = arena_alloc(cli->arena, (sheet->n_rows + 1) * sizeof *self->rows);
    self->cache = arena_alloc(cli->arena, sizeof *self->cache);
    self->cache->cells = zhashx_new();
    self->cache->ids = zhashx_new();
    for (size_t r = 0; r < sheet->n_rows; r++)
        if (!row_read(self, r, &sheet->rows[r]))
            return false;
    return true;
}

void rows_destroy(rows_t *self)
{
    if (!self->cache)
        return;
    zhashx_destroy(&self->cache->cells);
    zhashx_destroy(&self->cache->ids);
    self->cache = NULL;
}

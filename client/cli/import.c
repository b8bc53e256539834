#include "columns.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "ledger.h"
#include "pending.h"
#include "report.h"
#include "rows.h"
#include "send.h"
#include "verbs.h"
#include "wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* samverk import: the whole file is checked, then applied batch by batch. */

/* Whoever else writes waits for one batch at most: it is small, at the cost of more syncs. */
#define BATCH_ROWS_MAX 50u
#define BATCH_OPERATIONS_MAX 900u
#define BATCH_BYTES_MAX ((size_t)400 << 10)
#define BATCH_NODES_MAX 50000u
/* A batch takes the daemon longer than one record does. */
#define BATCH_TIMEOUT_MS 60000u

typedef struct {
    cli_t *cli;
    rows_t rows;
    ledger_t *ledger;
    bool confirm;
    arena_t *arena; /* one batch */
    json_t *ids;    /* of what was made */
} import_t;

/* -- batches ---------------------------------------------------------------------------------- */

static size_t nodes_of(const value_t *value)
{
    size_t n = 1;
    uint32_t count = value->form == VALUE_LIST  ? value->count
                     : value->form == VALUE_MAP ? 2 * value->count
                                                : 0;
    for (uint32_t i = 0; i < count; i++)
        n += nodes_of(&value->items[i]);
    return n;
}

/* How many rows from `begin` one request can carry. */
static size_t batch_rows(const import_t *self, size_t begin)
{
    size_t bytes = 0, nodes = 0, operations = 0, n = 0;
    arena_t *arena = arena_new();
    for (size_t r = begin; r < self->rows.n_rows && n < BATCH_ROWS_MAX; r++, n++) {
        const row_t *row = &self->rows.rows[r];
        void *data;
        size_t size;
        wire_encode(&row->fields, arena, &data, &size);
        size_t links = row->links.form == VALUE_LIST ? row->links.count : 0;
        bytes += size + 100 + links * 150;
        nodes += nodes_of(&row->fields) + 12 + links * 16;
        operations += 1 + links;
        if (n > 0 && (bytes > BATCH_BYTES_MAX || nodes > BATCH_NODES_MAX ||
                      operations > BATCH_OPERATIONS_MAX))
            break;
    }
    arena_destroy(&arena);
    return n;
}

static bool has_links(const import_t *self)
{
    return self->rows.columns->link.kind != NULL;
}

/* The arguments of `import` for those of n rows that no fault was found with. */
static value_t rows_request(const import_t *self, size_t begin, size_t n, bool dry_run)
{
    value_builder_t rows = value_builder(self->arena), map = value_builder(self->arena);
    for (size_t r = begin; r < begin + n; r++) {
        if (self->rows.rows[r].faulty)
            continue;
        value_builder_t row = value_builder(self->arena);
        if (self->rows.rows[r].id)
            value_add_pair(&row, "id", value_text(self->rows.rows[r].id));
        value_add_pair(&row, "fields", self->rows.rows[r].fields);
        value_add(&rows, value_build_map(&row));
    }
    value_add_pair(&map, "kind", value_text(self->rows.kind->name));
    value_add_pair(&map, "rows", value_build_list(&rows));
    if (self->confirm)
        value_add_pair(&map, "confirm", value_boolean(true));
    if (dry_run)
        value_add_pair(&map, "dry_run", value_boolean(true));
    return value_build_map(&map);
}

static void add_put(const import_t *self, value_builder_t *operations, const kind_t *kind,
                    const char *id, value_t fields)
{
    value_builder_t put = value_builder(self->arena);
    value_add_pair(&put, "do", value_text("put"));
    value_add_pair(&put, "kind", value_text(kind->name));
    if (id)
        value_add_pair(&put, "id", value_text(id));
    value_add_pair(&put, "fields", fields);
    if (self->confirm)
        value_add_pair(&put, "confirm", value_boolean(true));
    value_add(operations, value_build_map(&put));
}

/* The arguments of `batch`: each row, and after it its links, tied to it by $n. */
static value_t links_request(const import_t *self, size_t begin, size_t n)
{
    const link_t *link = &self->rows.columns->link;
    const field_t *other = NULL;
    for (size_t c = 0; c < self->rows.columns->n_columns; c++)
        if (self->rows.columns->columns[c].use == COLUMN_LINKS)
            other = self->rows.columns->columns[c].field;
    assert(other);
    value_builder_t operations = value_builder(self->arena), map = value_builder(self->arena);
    for (size_t r = begin; r < begin + n; r++) {
        const row_t *row = &self->rows.rows[r];
        add_put(self, &operations, self->rows.kind, row->id, row->fields);
        const char *owner = arena_format(self->arena, "$%u", operations.count);
        for (uint32_t i = 0; row->links.form == VALUE_LIST && i < row->links.count; i++) {
            value_builder_t fields = value_builder(self->arena);
            value_add_pair(&fields, link->owner->name, value_text(owner));
            value_add_pair(&fields, other->name, row->links.items[i]);
            add_put(self, &operations, link->kind, NULL, value_build_map(&fields));
        }
    }
    value_add_pair(&map, "operations", value_build_list(&operations));
    return value_build_map(&map);
}

static value_t batch_request(const import_t *self, size_t begin, size_t n)
{
    return has_links(self) ? links_request(self, begin, n) : rows_request(self, begin, n, false);
}

/* The row that an operation of links_request belongs to. */
static size_t row_of_operation(const import_t *self, size_t begin, int64_t operation)
{
    size_t r = begin;
    int64_t at = 1;
    for (; r + 1 < self->rows.n_rows; r++) {
        const value_t *links = &self->rows.rows[r].links;
        at += 1 + (links->form == VALUE_LIST ? links->count : 0);
        if (operation < at)
            break;
    }
    return r;
}

/* -- progress and faults ----------------------------------------------------------------------- */

static void show_progress(const import_t *self, const char *what, size_t rows)
{
    if (!isatty(STDERR_FILENO) || self->cli->output == OUTPUT_JSON)
        return;
    fputc('\r', stderr);
    fprintf(stderr, _("%s: %zu of %zu rows"), what, rows, self->rows.n_rows);
    if (rows == self->rows.n_rows)
        fputs("\r\033[K", stderr);
}

/* In the check no batch sees what an earlier one makes: a reference to a record that
   the file itself has is no fault. */
static bool refers_within(const import_t *self, size_t row, const char *field, error_code_t code)
{
    const value_t *value = value_get(&self->rows.rows[row].fields, field ? field : "");
    if (code != ERROR_REFERENCE)
        return false;
    if (value->form == VALUE_TEXT)
        return rows_make(&self->rows, value->text);
    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        if (value->items[i].form == VALUE_TEXT && rows_make(&self->rows, value->items[i].text))
            return true;
    return false;
}

static const char *candidates_of(import_t *self, const value_t *error)
{
    const value_t *list = value_get(value_get(error, "detail"), "candidates");
    const char *text = "";
    for (uint32_t i = 0; list->form == VALUE_LIST && i < list->count; i++) {
        const char *id = value_get_text(&list->items[i], "id");
        const char *name = value_get_text(&list->items[i], "name");
        if (id)
            text = arena_format(self->cli->arena, "%s%s%s (%s)", text, text[0] ? ", " : "",
                                name ? name : "", id);
    }
    return text;
}

/* The faults of a reply to `import` for n rows; the number of them. */
static size_t take_faults(import_t *self, size_t begin, size_t n_rows, const value_t *result,
                          bool checking)
{
    const value_t *errors = value_get(result, "errors");
    size_t sent[BATCH_ROWS_MAX], n_sent = 0, n = 0;
    for (size_t r = begin; r < begin + n_rows; r++)
        if (!self->rows.rows[r].faulty)
            sent[n_sent++] = r;
    for (uint32_t i = 0; errors->form == VALUE_LIST && i < errors->count; i++) {
        const value_t *error = &errors->items[i];
        int64_t row = value_get_integer(error, "row", 1);
        const char *name = value_get_text(error, "code");
        const char *field = value_get_text(error, "field");
        const char *expected = value_get_text(error, "expected");
        error_code_t code = name ? error_code(name) : ERROR_INTERNAL;
        if (row < 1 || (size_t)row > n_sent)
            continue;
        size_t r = sent[row - 1];
        if (checking && refers_within(self, r, field, code))
            continue;
        const char *candidates = candidates_of(self, error);
        rows_fault(&self->rows, r, field ? field : "", code, candidates[0] ? candidates : expected);
        n++;
    }
    return n;
}

/* -- the two passes ------------------------------------------------------------------------------ */

static bool check(import_t *self)
{
    size_t n;
    for (size_t begin = ledger_rows_done(self->ledger); begin < self->rows.n_rows; begin += n) {
        n = batch_rows(self, begin);
        show_progress(self, _("Checking"), begin);
        arena_reset(self->arena);
        value_t request = rows_request(self, begin, n, true), result;
        if (!send_read(self->cli, "import", &request, &result))
            return false;
        take_faults(self, begin, n, &result, true);
    }
    show_progress(self, _("Checking"), self->rows.n_rows);
    return self->rows.n_errors == 0 || rows_tell(&self->rows);
}

/* A refusal that does not say whether the batch went in earlier: its id stays noted, so
   that nothing is made twice. */
static bool leaves_open(const error_t *error)
{
    return (error->code == ERROR_INVALID && strcmp(error->field, "id") == 0) ||
           error->code == ERROR_EXPIRED || error->code == ERROR_UNKNOWN_OUTCOME ||
           error->code == ERROR_REVOKED || error->code == ERROR_INTERNAL;
}

static bool refused(import_t *self, size_t begin, const error_t *error)
{
    int64_t operation = value_get_integer(&error->detail, "operation", 0);
    if (operation <= 0 && leaves_open(error)) {
        report_note(
            self->cli, "%s",
            _("What an earlier run of this import sent is not settled: run it again with "
              "the same file and options, and look at what is there before you begin anew."));
        return report_error(self->cli, error);
    }
    ledger_refused(self->ledger);
    if (operation <= 0)
        return report_error(self->cli, error);
    size_t row = row_of_operation(self, begin, operation);
    rows_fault(&self->rows, row, error->field, error->code, error->expected);
    return rows_tell(&self->rows);
}

static void collect_ids(import_t *self, const value_t *result)
{
    const value_t *ids = value_get(result, "ids"), *views = value_get(result, "results");
    for (uint32_t i = 0; ids->form == VALUE_LIST && i < ids->count; i++)
        json_array_append_new(self->ids, json_of_value(&ids->items[i]));
    for (uint32_t i = 0; views->form == VALUE_LIST && i < views->count; i++)
        json_array_append_new(self->ids, json_of_value(value_get(&views->items[i], "id")));
}

/* Send a batch under its id, which stands in the ledger already. */
static bool send_batch(import_t *self, size_t begin, size_t n, const unsigned char id[16])
{
    cli_t *cli = self->cli;
    arena_reset(self->arena);
    value_t request = batch_request(self, begin, n), result;
    error_t error = {0};
    samverk_call_t *call =
        samverk_call(cli->connection, has_links(self) ? "batch" : "import", &request, id);
    samverk_outcome_t outcome =
        samverk_wait(cli->connection, &call, self->arena, &result, NULL, &error);
    switch (outcome) {
    case SAMVERK_DONE:
        break;
    case SAMVERK_REFUSED:
        return refused(self, begin, &error);
    case SAMVERK_UNREACHED:
        return report_unreached(cli);
    case SAMVERK_UNKNOWN:
        return report_unknown(cli);
    }
    if (take_faults(self, begin, n, &result, false) > 0) {
        ledger_refused(self->ledger);
        return rows_tell(&self->rows);
    }
    collect_ids(self, &result);
    return ledger_done(self->ledger) ||
           report_failure(cli, _("How far the import has come could not be noted: %s"),
                          strerror(errno));
}

/* The batch that an earlier run sent and got no answer for. */
static bool finish_under_way(import_t *self)
{
    size_t n, begin = ledger_rows_done(self->ledger);
    unsigned char id[16];
    if (!ledger_under_way(self->ledger, &n, id))
        return true;
    if (begin + n > self->rows.n_rows)
        return report_failure(self->cli, "%s", _("The notes on the earlier import do not fit."));
    return send_batch(self, begin, n, id);
}

static bool apply(import_t *self)
{
    size_t n;
    for (size_t begin = ledger_rows_done(self->ledger); begin < self->rows.n_rows; begin += n) {
        unsigned char id[16];
        n = batch_rows(self, begin);
        show_progress(self, _("Importing"), begin);
        samverk_request_id(self->cli->connection, id);
        if (!ledger_send(self->ledger, n, id))
            return report_failure(self->cli,
                                  _("How far the import has come could not be noted: %s"),
                                  strerror(errno));
        if (!send_batch(self, begin, n, id))
            return false;
    }
    show_progress(self, _("Importing"), self->rows.n_rows);
    return true;
}

static bool import(import_t *self, bool dry_run)
{
    cli_t *cli = self->cli;
    size_t n_sent, before = ledger_rows_done(self->ledger);
    unsigned char id[16];
    int64_t imported = ledger_imported(self->ledger);
    if (imported && !before && !ledger_under_way(self->ledger, &n_sent, id) && !self->confirm &&
        !dry_run)
        return report_failure(
            cli, _("This file was imported %s, and has not changed. --confirm imports it again."),
            format_instant(imported, cli->arena));
    if (before)
        report_note(cli,
                    ngettext("Going on after %zu row that an earlier run has imported.",
                             "Going on after %zu rows that an earlier run has imported.", before),
                    before);
    if (!dry_run && !finish_under_way(self))
        return false;
    if (!check(self))
        return false;
    if (!dry_run && !apply(self))
        return false;
    if (!dry_run)
        ledger_finish(self->ledger);
    size_t n = self->rows.n_rows;
    if (cli->output == OUTPUT_JSON)
        json_print(
            json_pack("{sI sb sO}", "rows", (json_int_t)n, "dry_run", dry_run, "ids", self->ids),
            false);
    else if (dry_run)
        printf(ngettext("%zu row is good. Nothing was changed: this was a dry run.\n",
                        "%zu rows are good. Nothing was changed: this was a dry run.\n", n),
               n);
    else
        printf(ngettext("Imported %zu row: %s.\n", "Imported %zu rows: %s.\n", n), n,
               label_of_kinds(cli->kind));
    return true;
}

/* -- beginning and end ------------------------------------------------------------------------------ */

static bool read_sheet(cli_t *cli, const char *path, sheet_t *sheet)
{
    switch (sheet_read(sheet, path, cli->arena)) {
    case SHEET_OK:
        break;
    case SHEET_UNREADABLE:
        return report_failure(cli, "%s: %s", path, strerror(errno));
    case SHEET_QUOTE:
        return report_failure(cli, _("%s ends within quotation marks."), path);
    case SHEET_EMPTY:
        return report_failure(cli, _("%s has no rows."), path);
    }
    if (sheet->n_rows == 0)
        return report_failure(cli, _("%s has no rows."), path);
    if (sheet->converted)
        report_note(cli, _("%s is not UTF-8; it is read as Windows-1252."), path);
    return true;
}

/* The same file with another map is another import. */
static const char *digest_of(cli_t *cli, const sheet_t *sheet, const char *map_path)
{
    sheet_t map;
    if (!map_path || sheet_read(&map, map_path, cli->arena) != SHEET_OK)
        return sheet->digest;
    return arena_format(cli->arena, "%s%s", sheet->digest, map.digest);
}

bool import_run(cli_t *cli, const arguments_t *arguments)
{
    sheet_t sheet;
    columns_t columns;
    const char *map_path = arguments_value(arguments, "map");
    if (cli->timeout_ms == SAMVERK_TIMEOUT_MS)
        cli->timeout_ms = BATCH_TIMEOUT_MS;
    if (!read_sheet(cli, arguments->words[0], &sheet) ||
        !columns_read(&columns, cli, cli->kind, &sheet.heading, map_path) || !send_connect(cli))
        return false;
    import_t self = {.cli = cli, .confirm = arguments_has(arguments, "confirm")};
    bool good = rows_read(&self.rows, cli, cli->kind, &columns, &sheet);
    if (good) {
        self.ledger = ledger_open(&cli->profile, cli->kind->name, digest_of(cli, &sheet, map_path));
        if (!self.ledger)
            good = report_failure(cli, _("How far the import has come could not be noted: %s"),
                                  strerror(errno));
    }
    if (good) {
        self.arena = arena_new();
        self.ids = json_array();
        import(&self, arguments_has(arguments, "dry-run"));
        json_decref(self.ids);
        arena_destroy(&self.arena);
    }
    ledger_close(&self.ledger);
    rows_destroy(&self.rows);
    return cli->status == 0;
}

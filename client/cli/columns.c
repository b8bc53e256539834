#include "columns.h"
#include "arguments.h"
#include "language.h"
#include "report.h"
#include "resolve.h"

#include <string.h>

#define MAP_COLUMNS 4u

/* One row of the map that says what a value means, or what every row has. */
struct columns_value {
    struct columns_value *next;
    const field_t *field;
    const char *from; /* NULL: for every row that has nothing there */
    const char *to;
};

/* -- the map -------------------------------------------------------------------------------- */

typedef struct {
    sheet_t sheet;
    size_t at[MAP_COLUMNS]; /* where column, field, from and to stand */
    bool present;
} map_t;

static const char *map_cell(const map_t *self, const sheet_row_t *row, size_t which)
{
    return self->at[which] < row->n ? row->cells[self->at[which]] : "";
}

static bool sheet_told(cli_t *cli, sheet_status_t status, const char *path)
{
    switch (status) {
    case SHEET_OK:
        return true;
    case SHEET_UNREADABLE:
        return report_failure(cli, "%s: %s", path, strerror(errno));
    case SHEET_QUOTE:
        return report_failure(cli, _("%s ends within quotation marks."), path);
    case SHEET_EMPTY:
        break;
    }
    return report_failure(cli, _("%s has no rows."), path);
}

static bool map_read(map_t *self, cli_t *cli, const char *path)
{
    static const char *const names[MAP_COLUMNS] = {"column", "field", "from", "to"};
    memset(self, 0, sizeof *self);
    if (!path)
        return true;
    if (!sheet_told(cli, sheet_read(&self->sheet, path, cli->arena), path))
        return false;
    self->present = true;
    for (size_t i = 0; i < MAP_COLUMNS; i++) {
        self->at[i] = SIZE_MAX;
        for (size_t c = 0; c < self->sheet.heading.n; c++)
            if (strcmp(self->sheet.heading.cells[c], names[i]) == 0)
                self->at[i] = c;
        if (i < 2 && self->at[i] == SIZE_MAX)
            return report_failure(cli,
                                  _("%s needs the columns column and field, and may have "
                                    "from and to."),
                                  path);
    }
    return true;
}

/* -- which field ------------------------------------------------------------------------------ */

static bool same(cli_t *cli, const char *a, const char *b)
{
    return strcmp(resolve_fold(a, false, cli->arena), resolve_fold(b, false, cli->arena)) == 0;
}

/* "Travel limit, km" and "travel-limit-km" to "travel_limit_km"'s letters. */
static const char *as_name(cli_t *cli, const char *text)
{
    char *name = arena_text(cli->arena, resolve_fold(text, false, cli->arena));
    for (char *c = name; *c; c++)
        if (*c == '-' || *c == ' ')
            *c = '_';
    return name;
}

static const field_t *field_called(cli_t *cli, const kind_t *kind, const char *heading)
{
    const char *name = as_name(cli, heading);
    const field_t *begun = NULL;
    size_t n_begun = 0;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!arguments_field_ok(field, FIELDS_READABLE))
            continue;
        if (strcmp(field->name, name) == 0 || same(cli, field->label, heading) ||
            same(cli, label_of_field(kind, field), heading))
            return field;
        if (name[0] && strncmp(field->name, name, strlen(name)) == 0) {
            begun = field;
            n_begun++;
        }
    }
    return n_begun == 1 ? begun : NULL;
}

/* -- links ------------------------------------------------------------------------------------- */

/* A kind whose one required field is a reference to `kind`, with a single reference
   to `target` besides. */
static bool link_find(link_t *self, const field_t **field_p, const kind_t *kind,
                      const kind_t *target)
{
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *link = schema_kind_at(k);
        const field_t *owner = NULL, *other = NULL;
        size_t n_required = 0;
        for (size_t i = 0; i < link->n_fields; i++) {
            const field_t *field = &link->fields[i];
            bool single = field->type == TYPE_REFERENCE &&
                          !(field->attributes & (FIELD_MANY | FIELD_DAEMON | FIELD_INTERNAL));
            n_required += (field->attributes & FIELD_REQUIRED) != 0;
            if (single && field->target == kind && field->attributes & FIELD_REQUIRED)
                owner = field;
            else if (single && field->target == target && !other)
                other = field;
        }
        if (owner && other && n_required == 1) {
            *self = (link_t){.kind = link, .owner = owner};
            *field_p = other;
            return true;
        }
    }
    return false;
}

static bool links_called(columns_t *self, cli_t *cli, const kind_t *kind, const char *heading,
                         column_t *column)
{
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *target = schema_kind_at(k);
        if (!same(cli, target->plural, heading) && !same(cli, label_of_kinds(target), heading))
            continue;
        if (!link_find(&self->link, &column->field, kind, target))
            continue;
        column->use = COLUMN_LINKS;
        for (size_t i = 0; i < kind->n_fields && !self->link.same; i++) {
            const field_t *field = &kind->fields[i];
            if (field->type == TYPE_REFERENCE && field->target == target &&
                !(field->attributes & (FIELD_MANY | FIELD_DAEMON | FIELD_INTERNAL)))
                self->link.same = field;
        }
        return true;
    }
    return false;
}

/* -- the columns ---------------------------------------------------------------------------------- */

/* What the map says that a column is; NULL when it says nothing. */
static const char *mapped_to(const map_t *map, cli_t *cli, const char *heading)
{
    for (size_t i = 0; map->present && i < map->sheet.n_rows; i++) {
        const sheet_row_t *row = &map->sheet.rows[i];
        if (map_cell(map, row, 0)[0] && same(cli, map_cell(map, row, 0), heading) &&
            map_cell(map, row, 1)[0])
            return map_cell(map, row, 1);
    }
    return NULL;
}

static bool column_unknown(cli_t *cli, const kind_t *kind, const char *heading)
{
    const char *names[SCHEMA_FIELDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < kind->n_fields; i++)
        if (arguments_field_ok(&kind->fields[i], FIELDS_WRITABLE))
            names[n++] = kind->fields[i].name;
    const char *near = schema_nearest(as_name(cli, heading), names, n);
    if (near)
        return report_failure(cli,
                              _("%s has no field for the column \"%s\". Did you mean %s? A "
                                "file for --map can say so, or that it is to be left out."),
                              kind->name, heading, near);
    return report_failure(cli,
                          _("%s has no field for the column \"%s\". A file for --map can say "
                            "which it is, or that it is to be left out."),
                          kind->name, heading);
}

static bool map_unknown(cli_t *cli, const kind_t *kind, const char *name)
{
    return report_failure(cli, _("%s has no field \"%s\", which the file for --map names."),
                          kind->name, name);
}

static bool column_read(columns_t *self, cli_t *cli, const kind_t *kind, const map_t *map,
                        const char *heading, column_t *column)
{
    const char *wanted = mapped_to(map, cli, heading);
    *column = (column_t){.heading = heading};
    if (wanted && strcmp(wanted, "-") == 0)
        return true;
    const char *name = wanted ? wanted : heading;
    if (!name[0])
        return true;
    column->field = field_called(cli, kind, name);
    if (column->field) {
        column->use = column->field->attributes & FIELD_DAEMON ? COLUMN_DAEMON : COLUMN_FIELD;
        return true;
    }
    if (same(cli, name, "id") ||
        (kind->coded && (same(cli, name, "code") || same(cli, name, _("code"))))) {
        column->use = kind->coded ? COLUMN_ID : COLUMN_DAEMON;
        return true;
    }
    return links_called(self, cli, kind, name, column) ||
           (wanted ? map_unknown(cli, kind, wanted) : column_unknown(cli, kind, name));
}

static bool values_read(columns_t *self, cli_t *cli, const kind_t *kind, const map_t *map)
{
    struct columns_value **end = &self->values;
    for (size_t i = 0; map->present && i < map->sheet.n_rows; i++) {
        const sheet_row_t *row = &map->sheet.rows[i];
        const char *from = map_cell(map, row, 2), *to = map_cell(map, row, 3);
        bool constant = !map_cell(map, row, 0)[0] && !from[0] && to[0];
        if (!from[0] && !constant)
            continue;
        const char *name = map_cell(map, row, 1), *heading = map_cell(map, row, 0);
        if (!name[0])
            name = mapped_to(map, cli, heading);
        if (!name)
            name = heading; /* which says by itself what it is */
        const field_t *field = field_called(cli, kind, name);
        column_t linked;
        if (!field && !constant && links_called(self, cli, kind, name, &linked))
            field = linked.field;
        if (!field || !arguments_field_ok(field, FIELDS_WRITABLE))
            return map_unknown(cli, kind, name);
        struct columns_value *value = arena_alloc(cli->arena, sizeof *value);
        *value = (struct columns_value){NULL, field, constant ? NULL : from, to};
        *end = value;
        end = &value->next;
    }
    return true;
}

/* An export has ids and states, which an import cannot give: passing them over would
   make new records of old ones, all of them in their first state. */
static bool none_of_the_daemon(const columns_t *self, cli_t *cli)
{
    const char *list = "", *lines = "";
    for (size_t i = 0; i < self->n_columns; i++) {
        if (self->columns[i].use != COLUMN_DAEMON)
            continue;
        const char *heading = self->columns[i].heading;
        list = arena_format(cli->arena, "%s%s%s", list, list[0] ? ", " : "", heading);
        lines = arena_format(cli->arena, "%s\n  %s,-", lines, heading);
    }
    return !list[0] ||
           report_failure(cli,
                          _("The daemon sets these columns itself: %s. An import makes new "
                            "records; to do so without them, --map FILE with these lines:%s"),
                          list, arena_format(cli->arena, "\n  column,field%s", lines));
}

bool columns_read(columns_t *self, cli_t *cli, const kind_t *kind, const sheet_row_t *heading,
                  const char *map_path)
{
    map_t map;
    memset(self, 0, sizeof *self);
    if (!map_read(&map, cli, map_path))
        return false;
    self->n_columns = heading->n;
    self->columns = arena_alloc(cli->arena, (heading->n + 1) * sizeof *self->columns);
    for (size_t i = 0; i < heading->n; i++) {
        column_t *column = &self->columns[i];
        if (!column_read(self, cli, kind, &map, heading->cells[i], column))
            return false;
        for (size_t j = 0; j < i; j++)
            if (column->use != COLUMN_IGNORED && column->use != COLUMN_DAEMON &&
                column->use == self->columns[j].use && column->field == self->columns[j].field)
                return report_failure(cli, _("The columns \"%s\" and \"%s\" are the same field."),
                                      self->columns[j].heading, column->heading);
    }
    return none_of_the_daemon(self, cli) && values_read(self, cli, kind, &map);
}

const char *columns_translate(const columns_t *self, const field_t *field, const char *text,
                              cli_t *cli)
{
    for (const struct columns_value *value = self->values; value; value = value->next)
        if (value->from && value->field == field && same(cli, value->from, text))
            return value->to;
    return text;
}

bool columns_constant(const columns_t *self, size_t i, const field_t **field_p, const char **text_p)
{
    for (const struct columns_value *value = self->values; value; value = value->next) {
        if (value->from || i-- > 0)
            continue;
        *field_p = value->field;
        *text_p = value->to;
        return true;
    }
    return false;
}

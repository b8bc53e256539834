#include "table.h"
#include "terminal.h"

#include <string.h>
#include <utf8proc.h>

#define GAP 2u
#define CUT_LEAST 6u

typedef struct {
    const char *heading;
    bool right;
    bool used;
    size_t natural;
} column_t;

typedef struct row row_t;
struct row {
    row_t *next;
    const char *const *cells;
};

struct table {
    arena_t *arena;
    column_t *columns;
    size_t n_columns;
    row_t *first, *last;
};

size_t table_width_of(const char *text)
{
    size_t width = 0;
    utf8proc_int32_t c;
    utf8proc_ssize_t step;
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    while (*at && (step = utf8proc_iterate(at, -1, &c)) > 0) {
        int places = utf8proc_charwidth(c);
        width += places > 0 ? (size_t)places : 0;
        at += step;
    }
    return width;
}

const char *table_cut(const char *text, size_t width, arena_t *arena)
{
    if (table_width_of(text) <= width || width == 0)
        return text;
    size_t shown = 0;
    utf8proc_int32_t c;
    utf8proc_ssize_t step;
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    while (*at && (step = utf8proc_iterate(at, -1, &c)) > 0) {
        int places = utf8proc_charwidth(c);
        if (shown + (size_t)(places > 0 ? places : 0) > width - 1)
            break;
        shown += places > 0 ? (size_t)places : 0;
        at += step;
    }
    return arena_format(arena, "%.*s…", (int)((const char *)at - text), text);
}

table_t *table_new(arena_t *arena, size_t n_columns)
{
    table_t *self = arena_alloc(arena, sizeof *self);
    self->arena = arena;
    self->n_columns = n_columns;
    self->columns = arena_alloc(arena, n_columns * sizeof *self->columns);
    for (size_t i = 0; i < n_columns; i++)
        self->columns[i].heading = "";
    return self;
}

void table_heading(table_t *self, size_t column, const char *heading, bool right)
{
    self->columns[column].heading = heading;
    self->columns[column].right = right;
}

void table_add(table_t *self, const char *const *cells)
{
    row_t *row = arena_alloc(self->arena, sizeof *row);
    row->cells = cells;
    if (self->last)
        self->last->next = row;
    else
        self->first = row;
    self->last = row;
    for (size_t i = 0; i < self->n_columns; i++) {
        size_t width = table_width_of(cells[i]);
        if (width > 0)
            self->columns[i].used = true;
        if (width > self->columns[i].natural)
            self->columns[i].natural = width;
    }
}

/* Take places from the widest column until all fit. */
static void fit(const table_t *self, size_t *widths, size_t width)
{
    for (;;) {
        size_t total = 0, widest = 0;
        for (size_t i = 0; i < self->n_columns; i++) {
            if (!self->columns[i].used)
                continue;
            total += widths[i] + (total ? GAP : 0);
            if (i > 0 && (widest == 0 || widths[i] > widths[widest]))
                widest = i;
        }
        if (width == 0 || total <= width || widest == 0 || widths[widest] <= CUT_LEAST)
            return;
        size_t excess = total - width, spare = widths[widest] - CUT_LEAST;
        /* A step at a time, so that equals shrink together. */
        size_t step = excess < 4 ? excess : 4;
        widths[widest] -= step < spare ? step : spare;
    }
}

static void print_cells(const table_t *self, FILE *file, const size_t *widths,
                        const char *const *cells, tone_t tone)
{
    size_t last = 0;
    for (size_t i = 0; i < self->n_columns; i++)
        if (self->columns[i].used && cells[i][0])
            last = i;
    bool first = true;
    for (size_t i = 0; i < self->n_columns; i++) {
        if (!self->columns[i].used || i > last)
            continue;
        const char *text = table_cut(cells[i], widths[i], self->arena);
        size_t shown = table_width_of(text);
        int pad = shown < widths[i] ? (int)(widths[i] - shown) : 0;
        if (!first)
            fprintf(file, "%*s", (int)GAP, "");
        first = false;
        if (self->columns[i].right)
            fprintf(file, "%*s%s%s%s", pad, "", tone_begin(tone), text, tone_end(tone));
        else
            fprintf(file, "%s%s%s%*s", tone_begin(tone), text, tone_end(tone), i == last ? 0 : pad,
                    "");
    }
    fputc('\n', file);
}

void table_print(const table_t *self, FILE *file, size_t width)
{
    size_t *widths = arena_alloc(self->arena, (self->n_columns + 1) * sizeof *widths);
    const char **headings = arena_alloc(self->arena, (self->n_columns + 1) * sizeof *headings);
    bool headed = false;
    for (size_t i = 0; i < self->n_columns; i++) {
        size_t heading = table_width_of(self->columns[i].heading);
        widths[i] = self->columns[i].natural > heading ? self->columns[i].natural : heading;
        headings[i] = self->columns[i].heading;
        headed = headed || heading > 0;
    }
    fit(self, widths, width);
    if (headed)
        print_cells(self, file, widths, headings, TONE_HEADING);
    for (const row_t *row = self->first; row; row = row->next)
        print_cells(self, file, widths, row->cells, TONE_PLAIN);
}

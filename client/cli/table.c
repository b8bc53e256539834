#include "table.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define GAP 2u
/* So much of a cell must be left; of the one that names the record, so much. */
#define CUT_LEAST 9u
#define CUT_NAME_LEAST 6u
/* Text is not broken into a column narrower than this. */
#define WRAP_LEAST 20u
/* A first cell that is longer stands on a line of its own, lest it narrow what all others say. */
#define FIRST_MOST 34u

typedef struct {
    const char *heading;
    bool right;
    const char *usual; /* NULL for nothing */
    bool used;
    bool dull; /* there is only what is usual */
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
        self->columns[i] = (column_t){.heading = "", .dull = true};
    return self;
}

void table_heading(table_t *self, size_t column, const char *heading, bool right)
{
    self->columns[column].heading = heading;
    self->columns[column].right = right;
}

void table_usual(table_t *self, size_t column, const char *text)
{
    self->columns[column].usual = text;
}

void table_least(table_t *self, size_t column, size_t width)
{
    if (width > 0)
        self->columns[column].used = true;
    if (width > self->columns[column].natural)
        self->columns[column].natural = width;
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
        if (width > 0 && (!self->columns[i].usual || strcmp(cells[i], self->columns[i].usual) != 0))
            self->columns[i].dull = false;
        if (width > self->columns[i].natural)
            self->columns[i].natural = width;
    }
}

/* Places that a column cannot do without. */
static size_t least(const table_t *self, size_t position)
{
    const column_t *column = &self->columns[position];
    size_t cut_least = position == 1 ? CUT_NAME_LEAST : CUT_LEAST;
    size_t heading = table_width_of(column->heading);
    size_t wanted = column->natural > heading ? column->natural : heading;
    if (!column->right)
        return wanted < cut_least ? wanted : cut_least;
    /* A number that is cut is another number; its heading may be cut. */
    size_t short_heading = heading < cut_least ? heading : cut_least;
    return column->natural > short_heading ? column->natural : short_heading;
}

/* Take places from the widest column until all fit; false when they cannot. */
static bool shrink(const table_t *self, const bool *shown, size_t *widths, size_t width)
{
    for (;;) {
        size_t total = 0, widest = 0;
        for (size_t i = 0; i < self->n_columns; i++) {
            if (!shown[i])
                continue;
            total += widths[i] + (total ? GAP : 0);
            if (i > 0 && widths[i] > least(self, i) && (widest == 0 || widths[i] > widths[widest]))
                widest = i;
        }
        if (total <= width)
            return true;
        if (widest == 0)
            return false;
        size_t excess = total - width, spare = widths[widest] - least(self, widest);
        /* A step at a time, so that equals shrink together. */
        size_t step = excess < 4 ? excess : 4;
        widths[widest] -= step < spare ? step : spare;
    }
}

static void natural_widths(const table_t *self, size_t *widths)
{
    for (size_t i = 0; i < self->n_columns; i++) {
        size_t heading = table_width_of(self->columns[i].heading);
        widths[i] = self->columns[i].natural > heading ? self->columns[i].natural : heading;
    }
}

static bool fits(const table_t *self, const bool *shown, const size_t *widths, size_t width)
{
    size_t total = 0;
    for (size_t i = 0; i < self->n_columns; i++)
        if (shown[i])
            total += widths[i] + (total ? GAP : 0);
    return total <= width;
}

/* Which columns there is room for, and how wide each is. */
static void fit(const table_t *self, bool *shown, size_t *widths, size_t width)
{
    for (size_t i = 0; i < self->n_columns; i++)
        shown[i] = self->columns[i].used;
    natural_widths(self, widths);
    if (width == 0)
        return;
    for (size_t i = 1; i < self->n_columns && !fits(self, shown, widths, width); i++)
        shown[i] = shown[i] && !self->columns[i].dull;
    for (size_t last = self->n_columns; !shrink(self, shown, widths, width) && last > 2;) {
        shown[--last] = false;
        natural_widths(self, widths);
    }
}

static void print_cells(const table_t *self, FILE *file, const bool *columns, const size_t *widths,
                        const char *const *cells, tone_t tone)
{
    size_t last = 0;
    for (size_t i = 0; i < self->n_columns; i++)
        if (columns[i] && cells[i][0])
            last = i;
    bool first = true;
    for (size_t i = 0; i < self->n_columns; i++) {
        if (!columns[i] || i > last)
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
    bool *shown = arena_alloc(self->arena, (self->n_columns + 1) * sizeof *shown), headed = false;
    for (size_t i = 0; i < self->n_columns; i++) {
        headings[i] = self->columns[i].heading;
        headed = headed || headings[i][0];
    }
    fit(self, shown, widths, width);
    if (headed)
        print_cells(self, file, shown, widths, headings, TONE_HEADING);
    for (const row_t *row = self->first; row; row = row->next)
        print_cells(self, file, shown, widths, row->cells, TONE_PLAIN);
}

/* One line of at most `width` places, broken at a space; what is left of the text. */
static const char *print_line(FILE *file, const char *text, size_t width)
{
    size_t end = 0;
    for (size_t at = 0; text[at];) {
        at += strcspn(text + at + 1, " ") + 1;
        char *part = strndup(text, at);
        size_t places = part ? table_width_of(part) : 0;
        free(part);
        if (end > 0 && places > width)
            break;
        end = at;
    }
    fprintf(file, "%.*s\n", (int)end, text);
    return text + end + strspn(text + end, " ");
}

void table_print_wrapped(const table_t *self, FILE *file, size_t width)
{
    size_t *widths = arena_alloc(self->arena, (self->n_columns + 1) * sizeof *widths);
    size_t before = 0, last = self->n_columns - 1;
    natural_widths(self, widths);
    if (widths[0] > FIRST_MOST) {
        widths[0] = 0;
        for (const row_t *row = self->first; row; row = row->next) {
            size_t places = table_width_of(row->cells[0]);
            if (places <= FIRST_MOST && places > widths[0])
                widths[0] = places;
        }
    }
    for (size_t i = 0; i < last; i++)
        before += widths[i] + GAP;
    size_t room = width > before + WRAP_LEAST ? width - before : WRAP_LEAST;
    for (const row_t *row = self->first; row; row = row->next) {
        for (size_t i = 0; i < last; i++) {
            size_t places = table_width_of(row->cells[i]);
            if (places <= widths[i])
                fprintf(file, "%s%*s", row->cells[i], (int)(widths[i] - places + GAP), "");
            else /* alone on its line */
                fprintf(file, "%s\n%*s", row->cells[i], (int)before, "");
        }
        const char *rest = print_line(file, row->cells[last], room);
        while (*rest) {
            fprintf(file, "%*s", (int)before, "");
            rest = print_line(file, rest, room);
        }
    }
}

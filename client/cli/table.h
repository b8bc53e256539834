#ifndef SAMVERK_TABLE_H
#define SAMVERK_TABLE_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns of text, aligned by what a terminal shows: å takes one place, a CJK
   character two, a combining mark none. */
typedef struct table table_t;

/* Columns a place that a terminal shows `text` in. */
size_t table_width_of(const char *text);
/* `text` cut to `width` places, an ellipsis last when something is left out. */
const char *table_cut(const char *text, size_t width, arena_t *arena);

table_t *table_new(arena_t *arena, size_t n_columns);
/* Numbers stand to the right. */
void table_heading(table_t *self, size_t column, const char *heading, bool right);
/* What goes without saying: a column with nothing else goes first when room is short. */
void table_usual(table_t *self, size_t column, const char *text);
/* At least so wide, even without a cell: in line with the tables beside it. 0 for none. */
void table_least(table_t *self, size_t column, size_t width);
/* The cells are borrowed, as many as there are columns. */
void table_add(table_t *self, const char *const *cells);

/* Print within `width` places, 0 for any, every row on one line. Columns without a cell
   are left out. Where there is no room for all, those that say only what is usual go,
   then the widest are cut, then columns go from the right; the first column and numbers
   are never cut. */
void table_print(const table_t *self, FILE *file, size_t width);

/* The same, but the last column goes on over several lines instead of being cut, and starts
   on the next line where the first cell is long. */
void table_print_wrapped(const table_t *self, FILE *file, size_t width);

#endif

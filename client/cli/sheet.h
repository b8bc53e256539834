#ifndef SAMVERK_SHEET_H
#define SAMVERK_SHEET_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Comma-separated values (RFC 4180), out to and in from spreadsheets. */

/* -- out ------------------------------------------------------------------------- */

/* A byte order mark, so that spreadsheets read UTF-8. */
void sheet_begin(FILE *file);
/* One cell, quoted where it must be; `first` of its row. Text that a spreadsheet
   would calculate (= + - @ first) gets an apostrophe before it, which marks text;
   a `number` does not. Semicolons separate under Swedish, commas otherwise. */
void sheet_cell(FILE *file, const char *text, bool first, bool number);
void sheet_end(FILE *file);

/* -- in --------------------------------------------------------------------------- */

typedef struct {
    size_t line;        /* of the file, from 1, where the row begins */
    const char **cells; /* NUL-terminated UTF-8, n of them */
    size_t n;
} sheet_row_t;

typedef struct {
    sheet_row_t heading;
    sheet_row_t *rows;
    size_t n_rows;
    bool converted;     /* it was Windows-1252, as Swedish Excel writes it */
    const char *digest; /* of the whole file's content, hexadecimal */
} sheet_t;

typedef enum { SHEET_OK, SHEET_UNREADABLE, SHEET_QUOTE, SHEET_EMPTY } sheet_status_t;

/* Read a file ("-" for standard input) into `arena`: with or without byte order
   mark, separated by whichever of , ; and tab its first line has most of. */
sheet_status_t sheet_read(sheet_t *self, const char *path, arena_t *arena);

#endif

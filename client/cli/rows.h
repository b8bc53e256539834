#ifndef SAMVERK_ROWS_H
#define SAMVERK_ROWS_H

#include "cli.h"
#include "columns.h"

/* The rows of a spreadsheet as records to be, and what is wrong with them. */

typedef struct {
    size_t line;    /* of the file */
    const char *id; /* kinds with codes; NULL otherwise */
    value_t fields;
    value_t links; /* ids of records that it is tied to; absent for none */
    bool faulty;   /* there is a fault with it already */
} row_t;

typedef struct {
    size_t line;
    const char *column; /* heading; "" for the row as a whole */
    const char *cell;   /* what stands there; "" for nothing */
    const char *field;
    error_code_t code;
    const char *expected;
} row_error_t;

typedef struct {
    cli_t *cli;
    const kind_t *kind;
    const columns_t *columns;
    const sheet_t *sheet;
    row_t *rows;
    size_t n_rows;
    row_error_t *errors;
    size_t n_errors, room_errors;
    struct rows_cache *cache; /* cells that were read before */
} rows_t;

/* Read every row; what is wrong is in `errors`. False when the user has been told
   that it cannot go on (the daemon is needed to find records by name). */
bool rows_read(rows_t *self, cli_t *cli, const kind_t *kind, const columns_t *columns,
               const sheet_t *sheet);
void rows_destroy(rows_t *self);

/* A row that the daemon, or the file's other rows, found fault with. */
void rows_fault(rows_t *self, size_t row, const char *field, error_code_t code,
                const char *expected);

/* Tell every fault, by line. Returns false. */
bool rows_tell(const rows_t *self);

/* Whether a row of the file makes this record. */
bool rows_make(const rows_t *self, const char *id);

#endif

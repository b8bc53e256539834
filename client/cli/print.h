#ifndef SAMVERK_PRINT_H
#define SAMVERK_PRINT_H

#include "cli.h"
#include "value.h"

#include <stdio.h>

/* Records on standard output, or in `file`. `views` is a list of views of one kind. */

void print_table(cli_t *cli, FILE *file, const kind_t *kind, const value_t *views);
/* One record, a field a line. */
void print_record(cli_t *cli, const kind_t *kind, const value_t *view);

/* For spreadsheets: the heading is field names, so that what goes out comes in. */
void print_csv_heading(FILE *file, const kind_t *kind);
void print_csv(FILE *file, const kind_t *kind, const value_t *views);

#endif

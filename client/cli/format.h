#ifndef SAMVERK_FORMAT_H
#define SAMVERK_FORMAT_H

#include "cli.h"
#include "value.h"

/* Values as people read them, in their language and their locale's forms. All
   text is in the run's arena. */

const char *format_date(const char *date, arena_t *arena); /* from YYYY-MM-DD */
const char *format_instant(int64_t milliseconds, arena_t *arena);
const char *format_integer(int64_t integer, arena_t *arena);

/* The value of a field of `kind`: words by their labels, references by name and id
   (names_fetch first, or they are ids alone). "" for an absent one. */
const char *format_value(cli_t *cli, const kind_t *kind, const field_t *field, const value_t *value,
                         bool lines);

/* The same for a table's cell: references by name alone, since room is short. */
const char *format_cell(cli_t *cli, const kind_t *kind, const field_t *field, const value_t *value);

/* The field to show for `field` in a short view of a record: the one after it where that
   stands in for it and it is empty. */
const field_t *format_shown(const kind_t *kind, const field_t *field, const value_t *fields);

/* Whether `value` of `field` says nothing: the currency that the daemon fills in where there
   is no amount of money. */
bool format_says_nothing(const field_t *field, const value_t *value, const value_t *fields);

/* "inq-12 Grundkurs i CAD": a view by its id and title. */
const char *format_title(cli_t *cli, const value_t *view);

#endif

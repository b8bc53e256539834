#ifndef SAMVERK_COLLECT_H
#define SAMVERK_COLLECT_H

#include "arguments.h"
#include "cli.h"
#include "value.h"

/* From the options that were given to the values of fields. */

/* The fields of a write: names resolved, @FILE and - read, --clear and "" as nil. */
bool collect_fields(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *map);

/* Which records of a kind: a map of `where`, `mine` and `without`, those of them that were
   given. Several values of a field are alternatives; 5..10 is a range, and so is a day of a
   point in time; 1-49 are the words that it is made of. */
bool collect_filter(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *filter);
/* Add it to the arguments of a request. */
void collect_add(value_builder_t *request, const value_t *filter);

/* The number from 1 that an option has, `otherwise` where it was not given. False once it is
   told that it has another. */
bool collect_number(cli_t *cli, const arguments_t *arguments, const char *option, long otherwise,
                    long *number_p);

/* The first and last millisecond of a day, YYYY-MM-DD, by the clock here. */
bool collect_day(const char *text, int64_t *first_p, int64_t *last_p);

/* What an option takes as a point in the past, REV or DAY, as a `get` has it; a day means
   its end, by the clock here. */
bool collect_at(cli_t *cli, const char *option, const char *text, value_builder_t *get);

/* The day so many days from today, by the daemon's clock and the zone here. Connected
   already. */
const char *collect_near(cli_t *cli, int days);

/* One field from one text, as people and spreadsheets write it. */
bool collect_one(cli_t *cli, const field_t *field, const char *text, value_t *value,
                 error_t *error);

/* The text without space around it, cut in place. */
char *collect_trimmed(char *text);

#endif

#ifndef SAMVERK_COLLECT_H
#define SAMVERK_COLLECT_H

#include "arguments.h"
#include "cli.h"
#include "value.h"

/* From the options that were given to the values of fields. */

/* The fields of a write: names resolved, @FILE and - read, --clear and "" as nil. */
bool collect_fields(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *map);

/* The `where` of a list: several values of a field are alternatives. Absent when no
   field was given. */
bool collect_filter(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *map);

/* One field from one text, as people and spreadsheets write it. */
bool collect_one(cli_t *cli, const field_t *field, const char *text, value_t *value,
                 error_t *error);

#endif

#ifndef SAMVERK_TYPES_H
#define SAMVERK_TYPES_H

#include "schema.h"

/* What types.c and forms.c share. `written` says whose forms an error describes:
   people's ("yes or no") or the wire's ("true or false"). */

bool types_check(const field_t *field, bool written, value_t *value, arena_t *arena,
                 error_t *error);
/* One item of the field, in English. */
const char *types_expects(const field_t *field, bool written, arena_t *arena);

#endif

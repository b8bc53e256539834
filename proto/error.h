#ifndef SAMVERK_ERROR_H
#define SAMVERK_ERROR_H

#include "arena.h"
#include "value.h"

#include <errno.h>
#include <stdbool.h>

/* What a user did wrong, as it travels back to that user: a code from
   errors.def, the field, what was expected, and sometimes more (the newer
   record of a conflict, the candidates of a duplicate, the moves that are
   possible). What the world does wrong (disk, memory, library) is no error_t. */
typedef enum {
    ERROR_NONE = 0,
#define ERROR(code, name, exit_status, sentence) ERROR_##code,
#include "errors.def"
#undef ERROR
    ERROR_CODES
} error_code_t;

typedef struct {
    error_code_t code;
    char field[64];     /* "" when no field is to blame */
    char expected[400]; /* "" when there is nothing to add */
    value_t detail;     /* VALUE_ABSENT, or a map; lives in the request's arena */
} samverk_error_t;

/* With _GNU_SOURCE <errno.h>, included above, has given this name to an int. */
#define error_t samverk_error_t

/* Fill in `self` unless it holds an error already (the first one counts).
   Always returns false, so that a check ends in `return error_set (...)`.
   `field` may be NULL; `expected` is a printf format and may be NULL. */
bool error_set(error_t *self, error_code_t code, const char *field, const char *expected, ...)
    __attribute__((format(printf, 4, 5)));

const char *error_name(error_code_t code);     /* "not-found"; "" for ERROR_NONE */
const char *error_sentence(error_code_t code); /* English, for gettext */
int error_exit_status(error_code_t code);      /* CLI.md: 1, 4, 5, 6 or 7 */
/* ERROR_NONE when no code is called so. */
error_code_t error_code(const char *name);

/* {code, message, field?, expected?, detail?} and back. */
value_t error_to_value(const error_t *self, arena_t *arena);
bool error_from_value(error_t *self, const value_t *value, arena_t *arena);

#endif

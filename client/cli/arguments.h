#ifndef SAMVERK_ARGUMENTS_H
#define SAMVERK_ARGUMENTS_H

#include "schema.h"

#include <stdbool.h>
#include <stddef.h>

/* The command line, read against the options that a command has and the fields of
   its kind. Fields are options too: `travel_limit_km` is --travel-limit-km. */

typedef struct {
    const char *name;  /* "if-rev" */
    const char *value; /* "REV"; NULL when it takes none */
    const char *label; /* what it does, for help */
} option_t;

#define OPTION_END                                                                                 \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }

/* What every command takes, wherever it stands on the line. */
extern const option_t arguments_global[];

/* One option that was given: of the command, or of a field. */
typedef struct {
    const option_t *option; /* NULL for a field */
    const field_t *field;
    const char *value;  /* NULL for an option without one */
    const char *passed; /* the word after a yes or no that stood alone; NULL otherwise */
} given_t;

typedef struct {
    const char **words; /* what is no option: kind, verb, id */
    size_t n_words;
    given_t *given;
    size_t n_given;
} arguments_t;

/* Take the global options out of argv, into `self->given`; the rest stays, in
   order, in `rest`. The program's name is not part of argv. */
bool arguments_take_global(arguments_t *self, int argc, const char *const *argv,
                           const char ***rest_p, size_t *n_rest_p, arena_t *arena, error_t *error);

/* Which fields of a kind are options. */
typedef enum {
    FIELDS_NONE,
    FIELDS_WRITABLE, /* those that the daemon does not set by itself */
    FIELDS_READABLE, /* all that can be asked for */
} fields_t;

bool arguments_field_ok(const field_t *field, fields_t which);
/* True when that is how people write the name: with _ or - between its words. */
bool arguments_is_written(const char *name, const char *written);

/* "travel-limit-km", in `arena`. */
const char *arguments_option_name(const char *name, arena_t *arena);

/* Read `rest` against the command's options and its kind's fields, adding to `self`.
   Names may be cut short where that is clear. An error's field is the option. */
bool arguments_read(arguments_t *self, const char *const *rest, size_t n_rest,
                    const option_t *options, const kind_t *kind, fields_t which, arena_t *arena,
                    error_t *error);

/* The value of an option, the last one given; NULL when there is none. */
const char *arguments_value(const arguments_t *self, const char *option);
bool arguments_has(const arguments_t *self, const char *option);

#endif

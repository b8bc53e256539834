#ifndef SAMVERK_RESOLVE_H
#define SAMVERK_RESOLVE_H

#include "arguments.h"
#include "cli.h"
#include "value.h"

/* Which record someone means: by id, official code, organisation number or unique
   name. `text` may be any of them; `target` NULL takes ids alone. `*id_p` lives in
   the run's arena. Failures come in `error` (with the candidates, when there are
   several) for the caller to tell; false with no code: it has been told. */
bool resolve(cli_t *cli, const kind_t *target, const char *text, const char *field,
             const char **id_p, error_t *error);

/* The record of the command's own kind that its argument names, told when there is
   none. Connects. */
bool resolve_record(cli_t *cli, const char *text, const char **id_p);

/* A kind by its name as people write it, opt-in for opt_in; NULL for none. */
const kind_t *resolve_kind_written(const char *word);
/* A kind by what it is called: "förfrågan", "Förfrågningar"; NULL for none. */
const kind_t *resolve_kind_called(cli_t *cli, const char *word);
/* The kind of this name; NULL once the user has been told what was probably meant. */
const kind_t *resolve_kind(cli_t *cli, const char *word);

/* An option that names a record of the kind that it is called after, by its id in `map`;
   told when there is none. Connects. */
bool resolve_option(cli_t *cli, const arguments_t *arguments, const char *option,
                    value_builder_t *map);

/* Upper and lower case, compatibility forms and, when `accents`, å, ä, ö and their
   like are one and the same. In `arena`. */
const char *resolve_fold(const char *text, bool accents, arena_t *arena);

#endif

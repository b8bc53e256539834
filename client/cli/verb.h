#ifndef SAMVERK_VERB_H
#define SAMVERK_VERB_H

#include "arguments.h"
#include "cli.h"

/* What the command line can do: one row each, from which it is dispatched, and
   help, completion and the man page are made. */

typedef struct {
    const char *name;    /* "list"; NULL ends a table */
    const char *usage;   /* what follows the name: "ID", "KIND FILE" */
    const char *summary; /* for gettext */
    const option_t *options;
    fields_t fields;                  /* which fields of the kind are options too */
    unsigned words_least, words_most; /* words after the name */
    bool takes_kind;                  /* verb_general: the first word is a kind */
    bool (*run)(cli_t *cli, const arguments_t *arguments);
} verb_t;

extern const verb_t verb_of_kinds[]; /* samverk KIND VERB ... */
extern const verb_t verb_of_moves;   /* samverk KIND MOVE ID ...: every move of a lifecycle */
extern const verb_t verb_general[];  /* samverk VERB ... */

/* What follows the name, in the reader's language. */
const char *verb_usage(const verb_t *verb);

const verb_t *verb_find(const verb_t *table, const char *name);

/* Whether a verb makes sense for a kind: kinds that only commands of their own
   write have no add, edit and delete. */
bool verb_fits(const verb_t *verb, const kind_t *kind);

#endif

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

/* What one kind alone has, or has in a way of its own: such a row goes before that of
   the same name in verb_of_kinds. */
typedef struct {
    const char *kind; /* NULL ends the table */
    verb_t verb;
} kind_verb_t;

extern const kind_verb_t verb_of_one[];

extern const verb_t verb_of_moves;  /* samverk KIND MOVE ID ...: every move of a lifecycle */
extern const verb_t verb_general[]; /* samverk VERB ... */

/* What follows the name, in the reader's language. */
const char *verb_usage(const verb_t *verb);

const verb_t *verb_find(const verb_t *table, const char *name);

/* The verb of a kind that is called so; NULL when it has none. */
const verb_t *verb_of_kind(const kind_t *kind, const char *name);
/* All of them, its own last: the i-th, NULL after the last. */
const verb_t *verb_of_kind_at(const kind_t *kind, size_t i);

/* Whether a verb makes sense for a kind: kinds that only commands of their own
   write have no add, edit and delete. */
bool verb_fits(const verb_t *verb, const kind_t *kind);

#endif

#ifndef SAMVERK_NAMES_H
#define SAMVERK_NAMES_H

#include "cli.h"
#include "value.h"

/* What records are called, and which record someone means by a name. */

/* The fields that name a record of a kind, best first for the reader's language:
   its required, listed, single texts. Returns how many, at most `room`. */
size_t names_fields(const kind_t *kind, const field_t **fields, size_t room);

/* A view's name, fit to print; NULL when it shows none. */
const char *names_of_view(cli_t *cli, const value_t *view);

/* Remember the ids that a view refers to, so that names_fetch asks for them. */
void names_want(cli_t *cli, const value_t *view);
void names_want_id(cli_t *cli, const char *id);
void names_want_value(cli_t *cli, const value_t *value); /* an id, or a list of them */
/* Ask for the names wanted, many at a time. What cannot be seen stays an id. */
void names_fetch(cli_t *cli);

/* "Kinda kommun (org-7)", "Motala (0583)", or the id alone. */
const char *names_with_id(cli_t *cli, const char *id);

void names_destroy(cli_t *cli);

/* "Motala", or the id of what shows no name: for tables, where room is short. */
const char *names_short(cli_t *cli, const char *id);

/* Whether a field says in another language than the reader's what one beside it says in
   that: name_en under Swedish. */
bool names_elsewhere(const field_t *field);

/* Whether the id is of a kind with names of people, and its name did not come. */
bool names_withheld(cli_t *cli, const char *id);

#endif

#ifndef SAMVERK_ADMIN_H
#define SAMVERK_ADMIN_H

#include "verb.h"

/* What operators do: samverk admin VERB ..., or samverk admin KIND VERB ... A row is
   all that dispatch, help, completion and the man page need; its function lives in a
   file of its own, admin_VERB.c. */

/* The names are one word or two, "user list". Where the first word is a kind, that is
   what the command is about. Without `run` it is the kind's own verb. */
extern const verb_t verb_of_admin[];

bool admin_has(const verb_t *verb);

/* The row that the words begin with, and how many of them its name takes; NULL when
   there is none. */
const verb_t *admin_find(const char *const *words, size_t n, size_t *n_taken_p);

/* The first word of a row's name, in `arena`, and the rest of it: "" for one word. */
const char *admin_noun(const verb_t *verb, arena_t *arena);
const char *admin_rest(const verb_t *verb);

bool admin_accesses_run(cli_t *cli, const arguments_t *arguments);
bool admin_backup_run(cli_t *cli, const arguments_t *arguments);
bool admin_maintenance_off_run(cli_t *cli, const arguments_t *arguments);
bool admin_maintenance_on_run(cli_t *cli, const arguments_t *arguments);
bool admin_person_erase(cli_t *cli, const arguments_t *arguments);
bool admin_person_export(cli_t *cli, const arguments_t *arguments);
bool admin_sessions_run(cli_t *cli, const arguments_t *arguments);

#endif

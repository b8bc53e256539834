#ifndef SAMVERK_HELP_H
#define SAMVERK_HELP_H

#include "cli.h"
#include "verb.h"

/* How something is used: of the program (both NULL), of a kind, of a kind's verb or
   move, or of a general verb (kind NULL). */
bool help_print(cli_t *cli, const kind_t *kind, const char *verb);

/* Of `samverk admin`: one row by its name, those that begin with a word, or all (NULL). */
bool help_print_admin(cli_t *cli, const char *name);

#endif

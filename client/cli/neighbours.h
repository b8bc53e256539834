#ifndef SAMVERK_NEIGHBOURS_H
#define SAMVERK_NEIGHBOURS_H

#include "arguments.h"
#include "cli.h"

/* Who has been in touch with an organisation lately, and what is planned (DOMAIN: who has
   been there): so that two do not run to the same employer without knowing. What is seen
   is what the reader may see. */

/* samverk contact add, contact edit, organisation show: as for every kind, and with that. */
bool neighbours_add(cli_t *cli, const arguments_t *arguments);
bool neighbours_edit(cli_t *cli, const arguments_t *arguments);
bool neighbours_show(cli_t *cli, const arguments_t *arguments);

#endif

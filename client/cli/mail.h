#ifndef SAMVERK_CLI_MAIL_H
#define SAMVERK_CLI_MAIL_H

#include "arguments.h"
#include "cli.h"
#include "value.h"

/* Mail into the record: what an e-mail says, as the fields of a new record. */

/* Read the mail that --mail names, by samverk-mail, and add to `fields` (a map) what it says
   on fields that the user has given nothing for. Nothing when there is no --mail. False when
   the user has been told why not. */
bool mail_add(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *fields);

/* Show on a terminal what is to be sent of it, and ask. True also when there is no --mail
   or nobody to ask. */
bool mail_agreed(cli_t *cli, const kind_t *kind, const arguments_t *arguments,
                 const value_t *fields);

#endif

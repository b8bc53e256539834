#ifndef SAMVERK_FORM_H
#define SAMVERK_FORM_H

#include "cli.h"
#include "value.h"

/* A record as a form in $EDITOR. `present` is the view that is edited; of a new record NULL,
   or a view without an id, whose fields were given beforehand. `fields` gets what was filled
   in, or what was changed (cleared fields as nil). When the form cannot be taken the editor opens again, with the reason
   in it; an empty form gives up. False when the user has been told why. */
bool form_edit(cli_t *cli, const kind_t *kind, const value_t *present, value_t *fields);

/* The two halves of it, for whoever has no terminal. */
const char *form_write(cli_t *cli, const kind_t *kind, const value_t *present);
bool form_read(cli_t *cli, const kind_t *kind, const value_t *present, const char *text,
               value_t *fields, error_t *error);

#endif

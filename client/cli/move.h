#ifndef SAMVERK_MOVE_H
#define SAMVERK_MOVE_H

#include "cli.h"
#include "value.h"

/* Moves of a lifecycle as they are written on the command line and told to people. */

/* The move that is written so, or NULL. */
const move_t *move_written(const kind_t *kind, const char *written);
/* "start-dialogue", or with another language "start-dialogue (inled dialog)". */
const char *move_name(cli_t *cli, const kind_t *kind, const char *verb);
/* "Possible now: ..." from what the daemon said of the record; NULL when it is nothing. */
const char *move_next(cli_t *cli, const kind_t *kind, const value_t *view);

#endif

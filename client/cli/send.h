#ifndef SAMVERK_SEND_H
#define SAMVERK_SEND_H

#include "cli.h"
#include "value.h"

/* Asking the daemon. All return false once the user has been told why not. */

/* Load the profile and connect, unless that is done. */
bool send_connect(cli_t *cli);

/* A request that changes nothing. */
bool send_read(cli_t *cli, const char *command, const value_t *arguments, value_t *result);

/* One of several questions that change nothing, and what came of it. */
typedef struct {
    const char *command;
    value_t arguments;
    value_t result;
    bool refused; /* `error` says why */
    error_t error;
} question_t;

/* Ask them all at once, and wait for all answers: one way there and back. */
bool send_reads(cli_t *cli, question_t *questions, size_t n);

/* A request that changes the record: its id is saved before it goes out. With
   `dry_run` in the arguments it is as a read. */
bool send_write(cli_t *cli, const char *command, const value_t *arguments, value_t *result);

/* The same two, but an error of the daemon's comes back in `error` instead of being
   told, and `*refused` says so. */
bool send_try(cli_t *cli, const char *command, const value_t *arguments, value_t *result,
              error_t *error, bool *refused);
bool send_write_try(cli_t *cli, const char *command, const value_t *arguments, value_t *result,
                    error_t *error, bool *refused);

/* The roles that the welcome gave us. */
role_mask_t send_roles(const cli_t *cli);

#endif

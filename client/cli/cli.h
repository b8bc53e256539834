#ifndef SAMVERK_CLI_H
#define SAMVERK_CLI_H

#include "arena.h"
#include "samverk.h"
#include "schema.h"

#include <stdbool.h>

typedef enum { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_CSV } output_t;

/* Exit statuses of our own making (CLI.md); the daemon's errors bring theirs. */
#define EXIT_REFUSED 1
#define EXIT_USAGE 2
#define EXIT_UNREACHED 3
#define EXIT_UNKNOWN 7

/* One run of the program. Functions that can fail return false once they have
   told the user why and set `status`. */
typedef struct {
    arena_t *arena; /* all that the run needs */
    output_t output;
    int status;
    unsigned timeout_ms;
    const char *profile_name; /* as asked for; NULL for the usual one */
    const char *purpose;      /* what personal data is read for; NULL when not said */
    const kind_t *kind;       /* what the command is about; NULL for none */
    samverk_profile_t profile;
    samverk_t *connection; /* NULL until send_connect */
    struct names *names;   /* NULL until names.c needs it */
} cli_t;

#endif

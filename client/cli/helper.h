#ifndef SAMVERK_HELPER_H
#define SAMVERK_HELPER_H

#include "cli.h"

/* Helper programs: what needs heavy libraries, or reads what strangers sent, is not part of
   samverk. They stand beside it, or in the folder for such programs. */

typedef struct {
    const char *output; /* in the run's arena; ends in NUL, and may hold some */
    size_t size;
    const char *said; /* on standard error, as it said it; "" for nothing */
} helper_t;

/* Run `program` with `arguments` (NULL after the last) and the file `input` as its standard
   input, and wait for it. False when it is not there or did not end well, which the user
   has been told, with what the program said. */
bool helper_run(helper_t *self, cli_t *cli, const char *program, const char *const *arguments,
                int input);

/* A file in memory that holds `size` bytes of `data`, to be read from its beginning; -1
   when there is none to be had, as errno says. The caller closes it. */
int helper_input(const void *data, size_t size);

#endif

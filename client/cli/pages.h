#ifndef SAMVERK_PAGES_H
#define SAMVERK_PAGES_H

#include "cli.h"
#include "value.h"

#include <stdio.h>
#include <sys/types.h>

/* Answers that come a page at a time, and where they are written to. */

/* Send `command` again and again, with `arguments` (a map) and the `next` of the page
   before as `after`, and hand each page to `take`, which returns false when it wants no
   more. A page, and all that `take` puts into the run's arena, is gone with the next. */
typedef bool (*pages_take_t)(cli_t *cli, const value_t *page, void *context);
bool pages_each(cli_t *cli, const char *command, const value_t *arguments, pages_take_t take,
                void *context);

/* The `items` of all pages, in the run's arena. */
bool pages_items(cli_t *cli, const char *command, const value_t *arguments, value_t *items);

typedef struct {
    FILE *file;
    int failure; /* errno of the first write that failed */
} output_file_t;

/* False when something that was written did not get there. */
bool pages_written(output_file_t *self);

/* Whether the file may be written: it is new, or the user has said so (`yes`), or says so now. */
bool pages_may_write(cli_t *cli, const char *path, bool yes);

/* Let `write`, which returns false once it has told why, fill a file beside the one at
   `path`, which takes its place when it is whole; standard output when `path` is NULL.
   `mode` as for open(2). A reader of standard output that has seen enough is no failure,
   but `self` says so. */
bool pages_to_file(cli_t *cli, const char *path, mode_t mode, output_file_t *self,
                   bool (*write)(cli_t *cli, output_file_t *file, void *context), void *context);

#endif

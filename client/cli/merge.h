#ifndef SAMVERK_MERGE_H
#define SAMVERK_MERGE_H

#include "arguments.h"
#include "cli.h"

/* samverk organisation merge ID --into ORGANISATION, and unmerge ID: edits of
   `merged_into`, under the names that people look for. */
bool merge_run(cli_t *cli, const arguments_t *arguments);
bool merge_undo(cli_t *cli, const arguments_t *arguments);

#endif

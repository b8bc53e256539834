#ifndef SAMVERK_VERBS_H
#define SAMVERK_VERBS_H

#include "arguments.h"
#include "cli.h"

/* The verbs, but those that change a record (change.h). Each prints what it has to
   say and returns false once it has told why not. */

bool today_run(cli_t *cli, const arguments_t *arguments);
bool board_run(cli_t *cli, const arguments_t *arguments); /* inquiry board */
bool list_run(cli_t *cli, const arguments_t *arguments);
bool count_run(cli_t *cli, const arguments_t *arguments);
bool search_run(cli_t *cli, const arguments_t *arguments);
bool show_run(cli_t *cli, const arguments_t *arguments);
bool diff_run(cli_t *cli, const arguments_t *arguments);
bool history_run(cli_t *cli, const arguments_t *arguments);
bool observe_run(cli_t *cli, const arguments_t *arguments); /* watch */
bool demand_run(cli_t *cli, const arguments_t *arguments);
bool export_run(cli_t *cli, const arguments_t *arguments);
bool import_run(cli_t *cli, const arguments_t *arguments);
bool invite_run(cli_t *cli, const arguments_t *arguments);
bool join_run(cli_t *cli, const arguments_t *arguments);
bool status_run(cli_t *cli, const arguments_t *arguments);
bool matches_run(cli_t *cli, const arguments_t *arguments);
bool matches_add(cli_t *cli, const arguments_t *arguments); /* inquiry add */
bool suggest_run(cli_t *cli, const arguments_t *arguments);
bool schema_run(cli_t *cli, const arguments_t *arguments);
bool completion_run(cli_t *cli, const arguments_t *arguments);
bool paper_run(cli_t *cli, const arguments_t *arguments); /* print */
bool help_run(cli_t *cli, const arguments_t *arguments);

#endif

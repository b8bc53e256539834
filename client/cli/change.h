#ifndef SAMVERK_CHANGE_H
#define SAMVERK_CHANGE_H

#include "arguments.h"
#include "cli.h"
#include "value.h"

/* The verbs that change a record. */

bool change_add(cli_t *cli, const arguments_t *arguments);
bool change_edit(cli_t *cli, const arguments_t *arguments);
/* The same, with something to be told when it is known what is to be written, and before it
   is: `id` is NULL for a new record. It cannot stand in the way. */
typedef void (*change_before_t)(cli_t *cli, const char *id, const value_t *fields);
/* `added`, which may be NULL: the view of what was added; absent on a dry run. */
bool change_add_after(cli_t *cli, const arguments_t *arguments, change_before_t before,
                      value_t *added);
bool change_edit_after(cli_t *cli, const arguments_t *arguments, change_before_t before);
bool change_delete(cli_t *cli, const arguments_t *arguments);
/* `arguments->words[0]` is the move's verb as it was written: start-dialogue. */
bool change_move(cli_t *cli, const arguments_t *arguments);

/* What the write at this revision changed of a record: its history's entry, or absent
   when that is not to be had. Connected already. */
value_t change_entry(cli_t *cli, const char *id, int64_t revision);
/* Remember the ids in its `fields`, as names_want does. */
void change_want(cli_t *cli, const value_t *changes);

#endif

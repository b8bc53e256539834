#ifndef SAMVERK_COMPLETION_H
#define SAMVERK_COMPLETION_H

#include "arena.h"

#include <stddef.h>
#include <stdio.h>

/* What can stand last on a command line, which the shells' scripts ask for through
   the hidden command `samverk complete`: one candidate a line, a tab and what it
   means. `words` are those after the program's name, the last one unfinished. */
void completion_answer(const char *const *words, size_t n, arena_t *arena, FILE *file);

#endif

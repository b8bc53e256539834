#ifndef SAMVERK_GUIDANCE_H
#define SAMVERK_GUIDANCE_H

#include "cli.h"
#include "value.h"

/* What to ask when a field is filled in (proto/guidance.def), in the reader's language. */

/* NULL for a field that speaks for itself. */
const char *guidance_of(const kind_t *kind, const field_t *field);

/* `text` broken at spaces into lines of at most `width` places, `before` in front of each. */
const char *guidance_lines(const char *text, const char *before, size_t width, arena_t *arena);

/* Of a record that is filled in step by step: which steps are left, as a sentence. NULL
   where none are, or where the reader does not see them. */
const char *guidance_left(cli_t *cli, const kind_t *kind, const value_t *view);

#endif

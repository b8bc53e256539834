#ifndef SAMVERK_CLEAN_H
#define SAMVERK_CLEAN_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

/* What a terminal would obey instead of show: control and bidirectional override
   characters. */
bool clean_steers(int32_t character);

/* Text that cannot steer the terminal: what would is shown as U+FFFD. Newlines stay
   when `lines`, else become spaces. */
const char *clean_text(const char *text, bool lines, arena_t *arena);

#endif

#ifndef SAMVERK_UNIT_H
#define SAMVERK_UNIT_H

#include "draft.h"

/* The responsible organisation of what a broker writes, where it is left out: the one
   that the writer's right names, or else the learning centre that serves the municipality
   which the right names. Without either it stays empty. */
void unit_fill(draft_t *draft, record_t *after);

#endif

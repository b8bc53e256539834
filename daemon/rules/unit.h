#ifndef SAMVERK_UNIT_H
#define SAMVERK_UNIT_H

#include "draft.h"

/* The responsible organisation of what a broker writes, where it is left out: the one
   that the writer's right names, or else what serves the municipality which the right
   names: a learning centre, or the federation that runs it. Else it stays empty. */
void unit_fill(draft_t *draft, record_t *after);

/* And who writes it is its broker, where nobody is named. */
void unit_fill_broker(draft_t *draft, record_t *after);

/* False with an error when there is none, or it is set to one that the writer's right
   neither covers nor has served by it. Federations lie in one municipality and serve
   others, whose brokers they answer for. */
bool unit_check(draft_t *draft, const record_t *before, const record_t *after, error_t *error);

#endif

#ifndef SAMVERK_MOVES_H
#define SAMVERK_MOVES_H

#include "access.h"

/* The verbs that this user can take the record on with now, as a list; absent when the
   kind has no lifecycle. What the moves ask for besides is not looked at. */
value_t moves_possible(const access_t *access, const record_t *record, const placement_t *placement,
                       arena_t *arena);

#endif

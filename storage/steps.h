#ifndef SAMVERK_STEPS_H
#define SAMVERK_STEPS_H

#include "meta.h"

/* The body of a journal entry of format n as format n + 1 has it. False when it is none.
   All else in a store is made from the journal. */
typedef bool (*journal_step_t)(value_t *body, arena_t *arena);

/* One step a version, from format n at [n]; NULL: no version reads it any more. */
extern const journal_step_t journal_steps[META_FORMAT];

#endif

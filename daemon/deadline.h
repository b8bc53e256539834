#ifndef SAMVERK_DEADLINE_H
#define SAMVERK_DEADLINE_H

#include "draft.h"

/* The day at whose end, 24:00 in the region's zone, a deadline of `n` working days ends
   that begins now; by the region's closures as this transaction has them. Text in the
   draft's arena. */
value_t deadline_after(draft_t *draft, unsigned n);

#endif

#ifndef SAMVERK_REQUIREMENTS_H
#define SAMVERK_REQUIREMENTS_H

#include "pools.h"

/* Hard requirements of those who share a course intersect; they are never averaged. False
   with an error that names the field in which the inquiry's leave nothing that the pool
   and those in it could have together. Of a discreet inquiry only what all may see counts;
   of the one that asks all, where `whole` says that the writer may know it. */
bool requirements_meet(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                       const record_t *inquiry, bool whole, error_t *error);

#endif

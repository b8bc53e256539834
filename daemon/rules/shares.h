#ifndef SAMVERK_SHARES_H
#define SAMVERK_SHARES_H

#include "pools.h"

/* What each in a pool pays of the offer that was accepted. */

/* The accepted offer of a pool, or NULL. */
const record_t *shares_offer(draft_t *draft, const record_t *pool);
/* What all pay together, in öre; -1 where the offer's price does not tell. */
int64_t shares_total(const record_t *offer, const opt_ins_t *opt_ins);
/* What they pay as their opt-ins say. */
int64_t shares_sum(const opt_ins_t *opt_ins);

/* Set the share of each by the pool's split: a seat or equal, whole öre that make the
   price together, those that do not divide the first's. Split as agreed, or without an
   accepted offer: left as they are. `offer` NULL: the accepted one. `changed` (or NULL) is
   set directly. False with an error where the price is more than a share can hold. */
bool shares_split(draft_t *draft, const record_t *pool, const opt_ins_t *opt_ins,
                  const record_t *offer, record_t *changed, error_t *error);

#endif

#ifndef SAMVERK_MAINTENANCE_H
#define SAMVERK_MAINTENANCE_H

#include "store.h"

/* Times in which ordinary writes are refused: records of the kind `maintenance`, written
   through the one door by administrators, and in force until their `until`. */

/* The newest one when it is in force, or NULL. */
const record_t *maintenance_now(store_txn_t *txn, uint64_t now_ms, arena_t *arena);
/* {id, until, text} */
value_t maintenance_value(const record_t *maintenance, arena_t *arena);
/* What may be written meanwhile: what administrators and data protection officers alone
   do, such as revoking and erasing. `roles` are those of a kind's or a move's row. */
bool maintenance_lets(role_mask_t roles);
/* The error that says why and until when. False. */
bool maintenance_refuse(const record_t *maintenance, arena_t *arena, error_t *error);

#endif

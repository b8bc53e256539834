#ifndef SAMVERK_PAST_H
#define SAMVERK_PAST_H

#include "store.h"

/* The record as it stands, or as it last stood when it has been deleted: what its past
   is judged by, which shows what may be seen both then and now. NULL when it never was. */
const record_t *past_last(store_txn_t *txn, const record_id_t *id, arena_t *arena);

#endif

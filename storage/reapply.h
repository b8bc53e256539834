#ifndef SAMVERK_REAPPLY_H
#define SAMVERK_REAPPLY_H

#include "journal.h"

/* Apply a journal entry to a store that stands where the entry's own stood: what check,
   restore and migrate are made of. False when it does not fit there, or when the
   transaction has failed. */
bool reapply(store_txn_t *txn, const journal_entry_t *entry, arena_t *arena);

#endif

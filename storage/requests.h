#ifndef SAMVERK_REQUESTS_H
#define SAMVERK_REQUESTS_H

#include "store.h"

/* Which requests were applied, for seven days, by user and request id. */
#define REQUESTS_KEPT_MS (7ull * 24 * 60 * 60 * 1000)

/* True when the request of this user (the `actor` of its batch) was applied: at
   which revision, for which arguments. */
bool requests_find(store_txn_t *txn, const char *user, const unsigned char id[16],
                   uint64_t *revision, unsigned char arguments_hash[32]);
/* Forget what is older than seven days: a look at no more than `most` rows, each
   call from where the last one ended, and round again. Returns how many went. Ids
   begin with their time, and a user's lie in its order: one young row passes its
   user. */
unsigned requests_prune(store_txn_t *txn, uint64_t now_ms, unsigned most);

/* Used by store_apply and replay alone. */
void requests_put(store_txn_t *txn, const char *user, const unsigned char id[16], uint64_t revision,
                  const unsigned char arguments_hash[32]);

#endif

#ifndef SAMVERK_ACCESS_CACHE_H
#define SAMVERK_ACCESS_CACHE_H

#include "access.h"

/* Rights by key, kept while no user, grant or key changes and the day is the same.
   One thread's own. */
typedef struct access_cache access_cache_t;

access_cache_t *access_cache_new(void);
void access_cache_destroy(access_cache_t **self_p);
/* Borrowed until the next call. */
const access_t *access_cached(access_cache_t *self, store_txn_t *txn,
                              const unsigned char public_key[32], uint64_t now_ms);

#endif

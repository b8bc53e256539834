#ifndef SAMVERK_READS_H
#define SAMVERK_READS_H

#include "store.h"

/* Who saw whose personal data, when and for what. Part of the record, but no
   revision of it. */
typedef struct {
    uint64_t time_ms;
    const char *user;
    const char *as; /* for whom a service read it, or NULL */
    const char *command;
    const char *purpose;
    const char *const *subjects; /* ids, NULL at the end */
} read_t;

void reads_append(store_txn_t *txn, const read_t *read);

/* All between two instants, both included, in order; `handle` returns false to stop. The read
   and what it points to live until `handle` returns. */
void reads_each(store_txn_t *txn, uint64_t from_ms, uint64_t to_ms,
                bool (*handle)(const read_t *read, void *context), void *context);

#endif

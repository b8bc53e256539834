#ifndef SAMVERK_RANGE_H
#define SAMVERK_RANGE_H

#include "key.h"

/* A walk over the entries of one database whose keys begin with a prefix, either
   way. For storage alone. */
typedef struct {
    db_key_t prefix;
    db_key_t start;
    bool descending;
    db_key_t end; /* where it ends before the prefix does; empty: nowhere */
    bool whole;   /* no key can follow the start: begin at the very end */
    enum { RANGE_NEW, RANGE_MOVING, RANGE_DONE } stage;
    db_cursor_t cursor; /* where it stands: its key and value */
} range_t;

/* Ended before its transaction; nothing is written to the database meanwhile. */
void range_start(range_t *self, db_txn_t *txn, db_name_t name, const db_key_t *prefix,
                 bool descending);
/* Only entries from `first` to before `end`; NULL: all on that side. Said before the
   first move. */
void range_bound(range_t *self, const db_key_t *first, const db_key_t *end);
/* Begin after the entry `key` in the walk's direction; it need not exist. */
void range_after(range_t *self, const db_key_t *key);
bool range_next(range_t *self);
/* The key of the entry, less the prefix. */
db_view_t range_rest(const range_t *self);
void range_end(range_t *self);

#endif

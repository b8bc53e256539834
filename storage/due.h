#ifndef SAMVERK_DUE_H
#define SAMVERK_DUE_H

#include "dates.h"
#include "store.h"

/* What the daemon is to do by itself, by the day (schema.h: due_t): an entry (day, id,
   field) for each row that a live record as it stands comes under. */

typedef struct {
    char day[DAY_TEXT_SIZE]; /* from whose beginning it is due; "" before all entries */
    record_id_t id;
    const due_t *row;
} due_entry_t;

/* The day on which this record, when it stays as it is, comes under the row; done or not.
   False when it never does. */
bool due_day(const record_t *record, const due_t *row, char day[DAY_TEXT_SIZE]);

/* Go on to the entry after this one, by day and id. False when there is none. */
bool due_next(store_txn_t *txn, due_entry_t *self);

/* Used by store_apply and replay alone: entries of `before` go, of `after` come. */
void due_change(store_txn_t *txn, const record_t *before, const record_t *after);
/* Throw all entries away and make them anew from the records. */
void due_rebuild(store_txn_t *txn);

#endif

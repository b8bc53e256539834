#ifndef SAMVERK_TEST_LEDGER_H
#define SAMVERK_TEST_LEDGER_H

/* What a load was promised, written down outside the store, and a store held against
   it. One line a promise, parts separated by tabs, the first the position in the trace
   (disk_trace.h) after which it holds, 0 where nothing was traced:

     0  created
     0  kept        REVISION  ID  FIELD  TEXT    the record after that revision
     0  deleted     REVISION  ID
     0  read        TIME      ID                 a row that says who saw whose data
     0  forgetting  ID                           from here on the key may be gone
     0  forgotten   ID                           and from here on it must be */

#include "store.h"

#include <stdio.h>

typedef struct ledger ledger_t;

/* NULL when it cannot be read. */
ledger_t *ledger_read(const char *path);
void ledger_destroy(ledger_t **self_p);

/* How a store compares, bits. */
#define LEDGER_UNOPENED 0x1u /* the store does not open */
#define LEDGER_REFUSED 0x2u  /* a transaction failed: the damage was noticed */
#define LEDGER_LOST 0x4u     /* something promised is not there */
#define LEDGER_WRONG 0x8u    /* something else than what was written is served */

/* Compare the store in the directory with what was promised up to the position, by
   reading alone; a line on `out` for each difference. Revisions that were written
   but not promised yet may be there or not, and must be right when they are. */
unsigned ledger_compare(const ledger_t *self, const char *directory, uint64_t position, FILE *out);
/* And that the store goes on: the next write is the next revision. False with a line. */
bool ledger_goes_on(const char *directory, FILE *out);

/* A store's options in these tests. */
store_t *ledger_open(const char *directory, bool create, bool read_only, FILE *out);

#endif

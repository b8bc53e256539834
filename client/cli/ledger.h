#ifndef SAMVERK_LEDGER_H
#define SAMVERK_LEDGER_H

#include "samverk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far an import has come: a line for each batch before it is sent, with its
   request id, and one when it has been answered. An import that was interrupted
   reads it and goes on; the batch that was under way is asked again under the
   same id, so that nothing is made twice. */

typedef struct ledger ledger_t;

/* The ledger of this file's content (`digest`), for this profile and kind. NULL
   sets errno; EWOULDBLOCK when the same import runs elsewhere. */
ledger_t *ledger_open(const samverk_profile_t *profile, const char *kind, const char *digest);
void ledger_close(ledger_t **self_p);

/* Rows that answered batches cover, from the first: go on after them. */
size_t ledger_rows_done(const ledger_t *self);
/* The batch that was sent and not answered: its rows and request id, or false. */
bool ledger_under_way(const ledger_t *self, size_t *n_rows_p, unsigned char id[16]);

/* Before a batch of `n_rows` is sent; after it was applied; when it was refused, and
   nothing of it done. False sets errno. */
bool ledger_send(ledger_t *self, size_t n_rows, const unsigned char id[16]);
bool ledger_done(ledger_t *self);
bool ledger_refused(ledger_t *self);

/* When this content was imported whole, in milliseconds; 0 when it was not. */
int64_t ledger_imported(const ledger_t *self);

/* The import is whole: remove the ledger, and note that and when it was. */
void ledger_finish(ledger_t *self);

#endif

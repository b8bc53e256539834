#ifndef SAMVERK_CANDIDATES_H
#define SAMVERK_CANDIDATES_H

#include "query.h"

/* Where the records come from that a query looks at: all that can match are among them.
   Each is still to be held against the query, under the reader's rights. */
typedef struct candidates candidates_t;

/* NULL with the call's error when the cursor is none. Closed before the transaction ends. */
candidates_t *candidates_open(const query_t *query, call_t *call);
void candidates_close(candidates_t **self_p);

/* True when they come in the query's order, from after its cursor; false: all of them,
   in order of id, as no index has the order that is asked for. */
bool candidates_in_order(const candidates_t *self);

/* Or NULL at the end. In the call's arena. */
const record_t *candidates_next(candidates_t *self, call_t *call);

#endif

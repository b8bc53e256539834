#ifndef SAMVERK_WITHOUT_H
#define SAMVERK_WITHOUT_H

#include "condition.h"

/* Records that none of another kind refers to: employers without a contact since a day,
   inquiries without a canvas. */

#define WITHOUT_CONDITIONS_MAX 8u
/* So many referring records are looked at for one request. */
#define WITHOUT_EXAMINED_MAX 100000u

typedef struct {
    const field_t *field; /* the reference */
    const kind_t *kind;   /* whose it is */
    condition_t conditions[WITHOUT_CONDITIONS_MAX];
    unsigned n_conditions;
    const index_t *index;     /* begins with the reference */
    const condition_t *range; /* of the index's second field; NULL: it has none */
    unsigned examined;
} without_t;

/* From {kind, field, where}; `listed` is the kind that is asked for. */
bool without_parse(without_t *self, call_t *call, const kind_t *listed, const value_t *given);

/* Whether one that the reader sees, and sees to meet the conditions, refers to the record.
   False with the call's error set where that would take too long. */
bool without_referred(without_t *self, call_t *call, const record_t *record, bool *referred);

#endif

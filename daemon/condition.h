#ifndef SAMVERK_CONDITION_H
#define SAMVERK_CONDITION_H

#include "call.h"

/* One condition of `where`: what a field must be. */

#define CONDITION_VALUES_MAX 200u

typedef struct {
    const field_t *field;  /* NULL: the id */
    field_t scalar;        /* the field as one value of it is checked */
    const value_t *values; /* any of these */
    uint32_t n_values;
    bool range; /* or between these, both included; absent is no end */
    value_t from, to;
} condition_t;

/* From a value, a list of values or {from, to}. A reference to a kind that is a tree of
   public knowledge (competence areas) means what lies below, too; one to what has been
   merged, all that are one now (merges.h). */
bool condition_parse(condition_t *self, call_t *call, const kind_t *kind, const char *name,
                     const value_t *given);

/* Over the reader's view: a hidden field is absent. Sets `*personal` where it opened
   people's data to know. */
bool condition_holds(const condition_t *self, call_t *call, const record_t *record,
                     field_mask_t mask, bool *personal);

#endif

#ifndef SAMVERK_QUERY_H
#define SAMVERK_QUERY_H

#include "call.h"

/* Filter, sort and count over what the reader may see: a hidden field is absent
   (DESIGN: rights in queries). */

#define QUERY_CONDITIONS_MAX 16u
#define QUERY_EXAMINED_MAX 10000u /* records looked at for one page */
#define QUERY_LIMIT_MAX 200

typedef struct {
    const field_t *field;  /* NULL: the id */
    field_t scalar;        /* the field as one value of it is checked */
    const value_t *values; /* any of these */
    uint32_t n_values;
} condition_t;

typedef struct {
    const kind_t *kind;
    condition_t conditions[QUERY_CONDITIONS_MAX];
    unsigned n_conditions;
    const field_t *sort; /* NULL: by id */
    bool descending;
    int64_t limit;
    value_t after; /* the cursor, or absent */
} query_t;

/* From the arguments `kind where sort limit after` of the call. */
bool query_parse(query_t *self, call_t *call, bool descending);

/* Handle each record that matches, in order, with its mask; false from `handle`
   stops. The record is gone after that: what is kept of it is copied. Sets `next` to the cursor after the last record handled, or absent when all
   were. `examine` bounds the records looked at; where it runs out `next` is set too. */
typedef bool (*query_handle_t)(call_t *call, const record_t *record, field_mask_t mask,
                               void *context);
bool query_run(const query_t *self, call_t *call, unsigned examine, query_handle_t handle,
               void *context, value_t *next);

#endif

#ifndef SAMVERK_QUERY_H
#define SAMVERK_QUERY_H

#include "without.h"

/* Filter, sort and count over what the reader may see: a hidden field is absent
   (DESIGN: rights in queries). */

#define QUERY_CONDITIONS_MAX 16u
#define QUERY_EXAMINED_MAX 10000u /* records looked at for one page */
#define QUERY_LIMIT_MAX 200

typedef struct {
    const kind_t *kind;
    condition_t conditions[QUERY_CONDITIONS_MAX];
    unsigned n_conditions;
    bool mine;           /* only records that name the reader */
    without_t *without;  /* only records that none of these refers to; NULL: any */
    const field_t *sort; /* NULL: by id */
    bool descending;
    int64_t limit;
    value_t after; /* the cursor, or absent */
} query_t;

/* From the arguments `kind where mine without sort limit after` of the call. */
bool query_parse(query_t *self, call_t *call, bool descending);

/* The condition on the field (NULL: the id), or NULL. */
const condition_t *query_condition(const query_t *self, const field_t *field);
/* The record that the cursor stands at; false when there is none, or it is no cursor. */
bool query_cursor(const query_t *self, record_id_t *id);

/* Handle each record that matches, in order, with its mask; false from `handle`
   stops. The record is gone after that: what is kept of it is copied. Sets `next` to the cursor after the last record handled, or absent when all
   were. `examine` bounds the records looked at; where it runs out `next` is set too. */
typedef bool (*query_handle_t)(call_t *call, const record_t *record, field_mask_t mask,
                               void *context);
bool query_run(const query_t *self, call_t *call, unsigned examine, query_handle_t handle,
               void *context, value_t *next);

#endif

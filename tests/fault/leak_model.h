#ifndef SAMVERK_TEST_LEAK_MODEL_H
#define SAMVERK_TEST_LEAK_MODEL_H

#include "region.h"

/* Who may see what, written from DOMAIN section 2 and DESIGN section 5 and from the rows
   of the tables, beside the daemon and not from its code: it looks at the store as
   storage has it, grant by grant, and shares no line with daemon/access.c. */
typedef struct model model_t;

model_t *model_new(region_t *region);
void model_destroy(model_t **self_p);

/* Look at the store as it stands: between the two nothing else reads or writes it. */
void model_open(model_t *self);
void model_close(model_t *self);

typedef enum {
    MODEL_PLAIN,   /* no purpose was named, or it is a push */
    MODEL_PURPOSE, /* people's data in the own scope too */
    MODEL_GET,     /* and of whom a record that one may write names in a local field */
} model_reading_t;

/* Whose key this is; NULL when it is no active key of an active user. */
const char *model_user(model_t *self, const unsigned char public_key[32]);
/* The fields of the record, in this state, that the user may see today. */
field_mask_t model_sees(model_t *self, const char *user, const record_t *record,
                        model_reading_t reading);
bool model_may_write(model_t *self, const char *user, const record_t *record);
/* The record as it stands, or as it last stood; NULL when there never was one. */
const record_t *model_last(model_t *self, const record_id_t *id);
/* Its state at a revision. */
const record_t *model_at(model_t *self, const record_id_t *id, uint64_t revision);
/* What may be seen of that state: only what may be seen both then and now (P7). */
field_mask_t model_sees_at(model_t *self, const char *user, const record_id_t *id,
                           uint64_t revision, model_reading_t reading);
/* The last revision before this one that changed the record, 0 when none did. */
uint64_t model_before(model_t *self, const record_id_t *id, uint64_t revision);

store_txn_t *model_txn(model_t *self);
arena_t *model_arena(model_t *self); /* until model_close */

#endif

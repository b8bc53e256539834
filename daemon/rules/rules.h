#ifndef SAMVERK_RULES_H
#define SAMVERK_RULES_H

#include "draft.h"

/* What a kind demands beyond its rows. `before` is NULL for a new record, `after`
   is the record as it would stand, `move` the move that is being made or NULL.
   May fill in fields of `after` that follow from others. */
typedef struct {
    const char *kind;
    /* Before required fields and references are checked. */
    bool (*fill)(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error);
    /* When the record is right by its rows; `after` NULL: may it be deleted? `confirm`:
       go on where there is one like it. */
    bool (*check)(draft_t *draft, const record_t *before, const record_t *after, bool confirm,
                  error_t *error);
} rules_t;

extern const rules_t rules_area;
extern const rules_t rules_assessment;
extern const rules_t rules_canvas;
extern const rules_t rules_closure;
extern const rules_t rules_contact;
extern const rules_t rules_course;
extern const rules_t rules_erasure;
extern const rules_t rules_grant;
extern const rules_t rules_inquiry;
extern const rules_t rules_key;
extern const rules_t rules_maintenance;
extern const rules_t rules_need;
extern const rules_t rules_offer;
extern const rules_t rules_opt_in;
extern const rules_t rules_organisation;
extern const rules_t rules_person;
extern const rules_t rules_pool;
extern const rules_t rules_user;

/* The rules of a kind, or NULL. */
const rules_t *rules_of(const kind_t *kind);

#endif

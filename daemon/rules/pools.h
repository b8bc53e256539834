#ifndef SAMVERK_POOLS_H
#define SAMVERK_POOLS_H

#include "draft.h"

/* Who is in a pool: what pools, opt-ins and inquiries have in common. */

/* In it, by name or without; and that, or asked. */
bool pools_is_in(const record_t *opt_in);
bool pools_is_open(const record_t *opt_in);
/* Neither done nor dissolved. */
bool pools_is_live(const record_t *pool);

typedef struct {
    const record_t **items; /* oldest first */
    size_t count;
} opt_ins_t;

/* The opt-ins whose `field` (pool or inquiry) names this record, as the draft leaves them;
   `changed`, which may be NULL, stands for itself as it is about to be. */
opt_ins_t pools_opt_ins(draft_t *draft, const char *field, const char *id, const record_t *changed);

/* How many people those bring that are in it. */
int64_t pools_participants(const opt_ins_t *opt_ins);

/* What an opt-in takes from its inquiry and its own state: the broker; the employer from
   the second step on; who has left pays nothing and is named no more. */
void pools_fill(record_t *opt_in, const record_t *inquiry);
/* What a live pool takes from its opt-ins: participants, forming or viable, and after it
   was offered whether they are too few. */
void pools_count(record_t *pool, const opt_ins_t *opt_ins);

/* An opt-in is about to be `after` (NULL: deleted): its pool follows, and what each pays.
   False with an error where that cannot be. */
bool pools_settle(draft_t *draft, const record_t *before, record_t *after, error_t *error);
/* An inquiry is about to be `after`: its opt-ins follow. One that has ended takes part no
   more, unless it was closed with its course; nor does one that was sent on: who has it now
   has not asked its employer. */
bool pools_follow(draft_t *draft, const record_t *before, const record_t *after, error_t *error);
/* Its pool is dissolved: these are in it no more. */
void pools_release(draft_t *draft, const opt_ins_t *opt_ins);

#endif

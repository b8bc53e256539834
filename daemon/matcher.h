#ifndef SAMVERK_MATCHER_H
#define SAMVERK_MATCHER_H

#include "access.h"
#include "wish.h"

/* Which open inquiries could share a course (DOMAIN: matching): areas that meet in the
   tree, periods that overlap, forms that fit, no requirement of one against the other's.
   All of it over what one reader may see: a hidden field is absent, so that neither that
   two match nor why says more than a list would. */

#define MATCHER_REASONS_MAX 9u
#define MATCHER_AREA_MAX 2000u       /* inquiries looked at in one area, the newest */
#define MATCHER_CANDIDATES_MAX 4000u /* and in all of them */

typedef struct {
    reason_t reasons[MATCHER_REASONS_MAX];
    unsigned n_reasons;
    int64_t score; /* their points, of a hundred */
} fit_t;

typedef struct {
    wish_t wish;
    fit_t fit;
} match_t;

/* Somebody looking for what matches one inquiry. Lives in `arena`; what it finds too. */
typedef struct matcher matcher_t;

/* `reader` NULL: what all of staff see. */
matcher_t *matcher_new(const lookup_t *lookup, const atlas_t *atlas, const access_t *reader,
                       arena_t *arena);

/* The inquiry to match; false when the reader does not see it, or when it is past the
   states in which it could share. */
bool matcher_take(matcher_t *self, const record_t *inquiry);
const wish_t *matcher_own(const matcher_t *self);

/* By what they count, and of equals the one that has waited longest. */
typedef struct {
    record_id_t id;
    int64_t score;
} ranked_t;
int ranked_compare(const void *a, const void *b);
/* All that match it, in that order. `*looked_at`, `*cut`: how many were looked at, and
   whether there were more. */
size_t matcher_rank(matcher_t *self, ranked_t **ranked, size_t *looked_at, bool *cut);
/* The best `most` of them, with why. */
size_t matcher_find(matcher_t *self, size_t most, match_t **matches, size_t *looked_at, bool *cut);
/* This one alone; false when it does not match, or is not the reader's to see. */
bool matcher_try(matcher_t *self, const record_t *inquiry, match_t *match);

#endif

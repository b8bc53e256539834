#ifndef SAMVERK_SEARCH_H
#define SAMVERK_SEARCH_H

#include "call.h"

/* Records by the words that they hold, over what the reader may see: a word in a hidden
   field is not there, and neither is the name of what a hidden field refers to. */

#define SEARCH_WORDS_MAX 8u
#define SEARCH_CANDIDATES_MAX 10000u /* of a kind, the newest */

typedef struct {
    call_t *call;
    stemmer_t *stemmer;
    arena_t *scratch;     /* for records that are looked at and forgotten */
    derived_look_t *look; /* NULL: the newest records themselves are looked at */
    derived_word_t words[SEARCH_WORDS_MAX];
    size_t n_words;
    bool cut; /* there may be more that nobody looked at */
} search_t;

/* What of a record answers the search. */
typedef struct {
    field_mask_t where; /* the fields in which the words are */
    unsigned titles;    /* how many of them stand in its title */
} search_answer_t;

/* A search among these kinds, from the argument `text`. False with the call's error. Ended in
   either case. */
bool search_begin(search_t *self, call_t *call, const kind_t *const *kinds, size_t n_kinds);
/* Done with candidates: the file of words is let go. Records are still judged. */
void search_release(search_t *self);
void search_end(search_t *self);

/* The records of the kind that may hold all the words, newest id first: each is still to
   be judged. In the call's arena. */
void search_candidates(search_t *self, const kind_t *kind, derived_hit_t **hits, size_t *n_hits);
/* True when the record holds them all, in what `mask` shows of it. */
bool search_judge(search_t *self, const record_t *record, field_mask_t mask,
                  search_answer_t *answer);

#endif

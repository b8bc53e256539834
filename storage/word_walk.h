#ifndef SAMVERK_WORD_WALK_H
#define SAMVERK_WORD_WALK_H

#include "derived_rows.h"

/* A walk over the rows of one kind that have all of some words, newest id first: each
   word's rows are streams in order of id, and where they meet is a hit. For storage
   alone. */

/* At most `most` hits, in `arena`. `*cut` is set when there may be more. False when the file is at fault;
   the transaction then has failed, too. */
bool word_walk(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE], const kind_t *kind,
               const derived_word_t *words, size_t n_words, stemmer_t *stemmer, size_t most,
               arena_t *arena, derived_hit_t **hits, size_t *n_hits, bool *cut);

#endif

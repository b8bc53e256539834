#ifndef SAMVERK_EXPECTED_H
#define SAMVERK_EXPECTED_H

#include "arena.h"
#include "schema.h"

/* What the daemon says was expected is English. Where it is one of the sentences
   that people meet, it comes out in the reader's language, otherwise as it is.
   In `arena`. */
const char *expected_translated(const char *text, arena_t *arena);

/* What to say of `field` (NULL when it is none of the kind's) where the daemon or a
   check of ours expected `text`: what the field takes in general when `text` says no
   more than that. */
const char *expected_of_field(const field_t *field, error_code_t code, const char *text,
                              arena_t *arena);

/* The sentences, with %s for what differs; NULL after the last. */
const char *expected_sentence(size_t position);

#endif

#ifndef SAMVERK_EXPECTED_H
#define SAMVERK_EXPECTED_H

#include "arena.h"

/* What the daemon says was expected is English. Where it is one of the sentences
   that people meet, it comes out in the reader's language, otherwise as it is.
   In `arena`. */
const char *expected_translated(const char *text, arena_t *arena);

/* The sentences, with %s for what differs; NULL after the last. */
const char *expected_sentence(size_t position);

#endif

#ifndef SAMVERK_LIKENESS_H
#define SAMVERK_LIKENESS_H

#include "arena.h"

/* Text without case and accents (å, ä and ö included). */
const char *likeness_letters(const char *text, arena_t *arena);

/* A firm's name as people mean it: without case and accents (å, ä and ö included),
   company forms ("AB", "HB") and the order of its words. Two names that fold alike
   are probably one firm. */
const char *likeness_fold(const char *name, arena_t *arena);

#endif

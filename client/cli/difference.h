#ifndef SAMVERK_DIFFERENCE_H
#define SAMVERK_DIFFERENCE_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

/* What lies between two texts, word by word. */

typedef enum { DIFFERENCE_SAME, DIFFERENCE_REMOVED, DIFFERENCE_ADDED } difference_sort_t;

typedef struct {
    difference_sort_t sort;
    const char *text;
} difference_t;

/* The parts in order, in `arena`: what is the same or removed makes `before`, what is the
   same or added `after`. Of a place where words were replaced, what is removed comes first.
   Returns how many. */
size_t difference_of(const char *before, const char *after, arena_t *arena,
                     const difference_t **parts_p);

/* The parts as lines of text, each indented, with [-removed-] and {+added+}, or in colours on
   a terminal that has them; lines and long stretches without a change are left out, as "…". */
const char *difference_text(const difference_t *parts, size_t n, const char *indent,
                            arena_t *arena);

#endif

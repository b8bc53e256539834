#ifndef SAMVERK_ACCESSES_H
#define SAMVERK_ACCESSES_H

#include "call.h"

/* Who saw whose personal data, as a privacy officer is told: oldest first, a page at a
   time, the officer's own readings too. */
typedef struct {
    const char *user;   /* readings by this user, or for whom a service read; NULL: by all */
    const char *person; /* readings of this person's data; NULL: of all in the own scope */
    uint64_t since_ms;
    const value_t *after; /* the `next` of the page before, or absent */
} accesses_t;

/* Adds the rows of one page and sets `next`. False with the call's error when `after` is
   none of ours. */
bool accesses_page(const accesses_t *self, call_t *call, value_builder_t *rows, value_t *next);

#endif

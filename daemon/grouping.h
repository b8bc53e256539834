#ifndef SAMVERK_GROUPING_H
#define SAMVERK_GROUPING_H

#include "matcher.h"

/* Inquiries that could be one course: their requirements intersect, and are never
   averaged; their participants add up. */

#define GROUPING_MAX 16u

typedef struct {
    const wish_t *members[GROUPING_MAX];
    size_t n_members;
    const char *from, *to, *level, *language; /* what all of them take; NULL: any */
    unsigned forms, times;                    /* 0: any */
    int64_t participants;
    unsigned unsaid; /* members that have not said how many they are */
} grouping_t;

/* The members are borrowed. */
grouping_t grouping_new(const wish_t *first);
/* False, and nothing changed, where one requirement leaves nothing, where people could not
   meet, or where there is no room. */
bool grouping_add(grouping_t *self, const wish_t *wish);

/* So many are enough where no course says otherwise: what a pool begins with. */
int64_t grouping_enough(void);

/* As it leaves the daemon: members, participants, what all of them take, and whether that
   is enough. */
value_t grouping_value(const grouping_t *self, int64_t minimum, arena_t *arena);

#endif

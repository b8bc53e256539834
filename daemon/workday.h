#ifndef SAMVERK_WORKDAY_H
#define SAMVERK_WORKDAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Working days in Sweden. Not Saturdays and Sundays, not the public holidays (lag
   1989:253, as it reads since 2005), not Midsummer's, Christmas and New Year's Eve (DOMAIN:
   deadlines). Days are counted as in dates.h. Any thread. */

/* Days on which a region works no deadline off, both included. */
typedef struct {
    int64_t from, to;
} closed_t;

bool workday_is(int64_t day);
/* The n-th working day after `day` on which nothing is closed. The last day that dates.h
   knows, when there are not so many. */
int64_t workday_after(int64_t day, unsigned n, const closed_t *closed, size_t n_closed);

#endif

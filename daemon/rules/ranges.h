#ifndef SAMVERK_RANGES_H
#define SAMVERK_RANGES_H

#include "draft.h"

/* What several kinds ask of fields that are the two ends of something, and of days. Each
   gives false with an error that names the field. */

/* The day in `to` is no earlier than the one in `from`. */
bool ranges_days(const record_t *record, const char *from, const char *to, error_t *error);
/* `minimum` is no more than `maximum`. */
bool ranges_numbers(const record_t *record, error_t *error);
/* A day that is set or changed is none that has passed. */
bool ranges_to_come(draft_t *draft, const record_t *before, const record_t *after,
                    const char *field, error_t *error);

#endif

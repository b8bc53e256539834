#ifndef SAMVERK_DATES_H
#define SAMVERK_DATES_H

#include <stdbool.h>
#include <stdint.h>

/* Days and instants as text and as numbers (ISO 8601, proleptic Gregorian, UTC),
   from 1900 to 2200. Any thread. */

#define DAY_MS INT64_C(86400000)
#define DAY_TEXT_SIZE 11u     /* "2026-03-14" */
#define INSTANT_TEXT_SIZE 25u /* "2026-03-14T09:00:00.250Z" */

/* "2026-03-14", a day that exists, to days since 1970-01-01. */
bool day_parse(const char *text, int64_t *day);
/* "" for a day outside the years above. */
void day_print(int64_t day, char text[DAY_TEXT_SIZE]);

/* "2026-03-14T09:00:00Z", with a fraction or an offset (+01:00) instead of Z too,
   to milliseconds since 1970. */
bool instant_parse(const char *text, int64_t *ms);
/* Milliseconds only when there are any; "" outside the years above. */
void instant_print(int64_t ms, char text[INSTANT_TEXT_SIZE]);
bool instant_is_plausible(int64_t ms);

#endif

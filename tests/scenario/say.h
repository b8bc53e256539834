#ifndef SAMVERK_TEST_SAY_H
#define SAMVERK_TEST_SAY_H

#include "region.h"

/* Requests and answers in the words of literal.h, for tests in C. Arguments are the
   inside of a map: say (region, "admin", "get", "id=%s", id). They and what comes
   back live as long as the region. */
reply_t say(region_t *region, const char *who, const char *command, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same, and it must be answered, not refused. */
value_t say_well(region_t *region, const char *who, const char *command, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same, and it must be refused with this code. */
error_t say_badly(region_t *region, const char *who, error_code_t code, const char *command,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A literal as a value. */
value_t say_value(region_t *region, const char *text);
/* The value must be as the pattern says. */
void say_expect(region_t *region, const value_t *value, const char *pattern);

/* A user with one grant, invited by the administrator, joined, and connected under
   that name; `scope` is the inside of a map of grant fields: "municipalities=[mun-1880]"
   or "". Returns the user's id. */
const char *say_user(region_t *region, const char *name, const char *role, const char *scope);
/* Two counties, mun-1880, mun-0583, are-07, are-0715, and two learning centres: org-1
   in mun-1880, org-2 in mun-0583. */
void say_places(region_t *region);

#endif

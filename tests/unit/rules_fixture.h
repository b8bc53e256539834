#ifndef SAMVERK_TEST_RULES_FIXTURE_H
#define SAMVERK_TEST_RULES_FIXTURE_H

/* What the tests of rules put, in a region of their own. */

#include "region_fixture.h"

/* Put by the administrator; the id of the new record. */
static inline const char *put(const char *kind, const char *fields)
{
    value_t made = say_well(region, "admin", "put", "kind=%s fields={%s}", kind, fields);

    return value_get_text(&made, "id");
}

#endif

#ifndef SAMVERK_TEST_RIGHTS_FIXTURE_H
#define SAMVERK_TEST_RIGHTS_FIXTURE_H

/* A region for each test, with a second administrator, a coordinator, a broker and a
   viewer. */

#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;

static inline int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "ops", "admin", "");                              /* usr-2 */
    say_user(region, "coordinator", "coordinator", "");                /* usr-3 */
    say_user(region, "broker", "broker", "municipalities=[mun-1880]"); /* usr-4 */
    say_user(region, "viewer", "viewer", "municipalities=[mun-0583]"); /* usr-5 */
    return 0;
}

static inline int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static inline const char *grant_of(const char *user, const char *role)
{
    value_t list =
        say_well(region, "admin", "list", "kind=grant where={user=%s role=%s}", user, role);
    const value_t *records = value_get(&list, "records");

    assert_int_equal(records->count, 1);
    return value_get_text(&records->items[0], "id");
}

static inline const char *key_of(const char *user)
{
    value_t list = say_well(region, "admin", "list", "kind=key where={user=%s state=active}", user);

    return value_get_text(&value_get(&list, "records")->items[0], "id");
}

#endif

#ifndef SAMVERK_TEST_POOL_FIXTURE_H
#define SAMVERK_TEST_POOL_FIXTURE_H

/* A pool of two: poo-1 in mun-1880, made by "orebro" (usr-2), whose inquiry inq-1 brings 8
   people of org-3; and inq-2 of "motala" (usr-3), discreet, with 6 of org-4. */

#include "rules_fixture.h"

static inline int open_pool(void **state)
{
    open_region(state);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    say_user(region, "motala", "broker", "municipalities=[mun-0583]");
    put("organisation", "name=\"Firm one\" types=[employer] municipality=mun-1880");
    put("organisation", "name=\"Firm two\" types=[employer] municipality=mun-0583");
    put("inquiry", "title=a municipality=mun-1880 employer=org-3 broker=usr-2 participants=8");
    put("inquiry", "title=b municipality=mun-0583 employer=org-4 broker=usr-3 participants=6 "
                   "discreet=true");
    say_well(region, "orebro", "put", "kind=pool fields={title=p municipality=mun-1880}");
    return 0;
}

/* The pool's maker asks; the id of the opt-in. */
static inline const char *ask_in(const char *inquiry)
{
    value_t made =
        say_well(region, "orebro", "put", "kind=opt_in fields={pool=poo-1 inquiry=%s}", inquiry);

    return value_get_text(&made, "id");
}

static inline value_t step(const char *who, const char *id, const char *verb)
{
    return say_well(region, who, "move", "id=%s verb=%s fields={said_on=2026-03-14 said_how=phone}",
                    id, verb);
}

/* Both are in, without a name: opt-1 and opt-2. */
static inline void both_in(void)
{
    step("orebro", ask_in("inq-1"), "accept");
    step("motala", ask_in("inq-2"), "accept");
}

static inline void expect_record(const char *id, const char *fields)
{
    value_t record = say_well(region, "admin", "get", "id=%s", id);

    say_expect(region, &record, arena_format(region_arena(region), "{fields={%s}}", fields));
}

#endif

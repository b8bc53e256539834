#include "say.h"

#include "moves.h"
#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    say_user(region, "other", "broker", "municipalities=[mun-0583]");
    say_user(region, "viewer", "viewer", "municipalities=[mun-1880]");
    say_well(region, "broker", "put", "kind=inquiry fields={title=x municipality=mun-1880}");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static void expect(const char *who, const char *moves)
{
    value_t got = say_well(region, who, "get", "id=inq-1");

    say_expect(region, &got, arena_format(region_arena(region), "{moves=%s}", moves));
}

/* What a client may offer: by state, by right, and by what there is to go back to. */
static void one_is_told_what_one_can_do(void **state)
{
    (void)state;
    expect("broker", "[acknowledge pause withdraw decline forward]");
    expect("other", "nil");
    expect("viewer", "nil");
    value_t moved = say_well(region, "broker", "move", "id=inq-1 verb=acknowledge");
    say_expect(region, &moved,
               "{moves=[start_dialogue offer close pause withdraw decline forward]}");
    say_well(region, "broker", "move", "id=inq-1 verb=pause fields={waiting_until=2026-12-01}");
    expect("broker", "[pause resume withdraw decline forward]");
    say_well(region, "broker", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    expect("broker", "nil");
    expect("other", "[acknowledge pause withdraw decline forward refuse]");
    say_well(region, "other", "move", "id=inq-1 verb=decline fields={reason=no}");
    expect("other", "nil");
    expect("admin", "nil");
}

static void a_kind_without_states_has_none(void **state)
{
    value_t got = say_well(region, "admin", "get", "id=cty-18");

    (void)state;
    say_expect(region, &got, "{moves=nil}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(one_is_told_what_one_can_do),
        TEST(a_kind_without_states_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "region_fixture.h"

#include "atlas.h"

#include <string.h>

static store_txn_t *txn;
static atlas_t *atlas;

/* Two on the map, 148 km apart, in two counties, and two that are not. */
static int open_map(void **state)
{
    open_region(state);
    say_well(region, "admin", "put",
             "kind=municipality id=\"0580\" fields={name=a county=cty-05 latitude=58410000 "
             "longitude=15620000}");
    say_well(region, "admin", "put",
             "kind=municipality id=\"1784\" fields={name=b county=cty-18 latitude=59660000 "
             "longitude=14600000}");
    txn = store_read(region_environment(region)->store);
    atlas = atlas_new(txn, region_arena(region));
    return 0;
}

static int close_map(void **state)
{
    store_abort(&txn);
    return close_region(state);
}

static void each_is_found_by_its_id(void **state)
{
    (void)state;
    assert_int_equal(atlas->count, 4);
    assert_null(atlas_place(atlas, "mun-0001"));
    assert_null(atlas_place(atlas, "mun-9999"));
    const atlas_place_t *off = atlas_place(atlas, "mun-1880");
    assert_false(off->located);
    assert_string_equal(off->county, "cty-18");
    const atlas_place_t *on = atlas_place(atlas, "mun-0580");
    assert_true(on->located);
    assert_int_equal((int)atlas_distance(on, atlas_place(atlas, "mun-1784")), 150);
    assert_int_equal((int)atlas_distance(on, on), 0);
}

/* The counties within reach of a place, in one word. */
static const char *counties(const char *from, const char *own, int64_t km, size_t room)
{
    const char *found[8], *text = "";
    const atlas_place_t *place = from != NULL ? atlas_place(atlas, from) : NULL;
    size_t count = atlas_counties(atlas, place, own, km, found, room);

    for (size_t i = 0; i < count; i++)
        text = arena_format(region_arena(region), "%s%s ", text, found[i]);
    return text;
}

static void counties_within_reach(void **state)
{
    (void)state;
    assert_string_equal(counties("mun-0580", "cty-05", 50, 8), "cty-05 ");
    assert_string_equal(counties("mun-0580", "cty-05", 200, 8), "cty-05 cty-18 ");
    assert_string_equal(counties("mun-0580", "cty-05", 200, 1), "cty-05 ");
    assert_string_equal(counties("mun-1880", "cty-18", 200, 8), "cty-18 ");
    assert_string_equal(counties(NULL, "cty-18", 200, 8), "cty-18 ");
    assert_string_equal(counties("mun-0580", NULL, 0, 8), "cty-05 ");
    assert_string_equal(counties(NULL, NULL, 200, 8), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_map, close_map)
    const struct CMUnitTest tests[] = {
        TEST(each_is_found_by_its_id),
        TEST(counties_within_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

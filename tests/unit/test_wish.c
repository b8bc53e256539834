#include "wish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_new();
    return schema_n_kinds() > 0 || schema_start() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static record_t *inquiry(void)
{
    record_t *record = record_new(arena, schema_kind("inquiry"));
    value_t *form = arena_alloc(arena, sizeof *form);

    *form = value_text("distance");
    record->id = record_id_numbered(record->id.kind, 7);
    record_set(record, "title", value_text("Svets"));
    record_set(record, "municipality", value_text("mun-0580"));
    record_set(record, "participants", value_integer(8));
    record_set(record, "travel_limit_km", value_integer(0));
    record_set(record, "form", value_list(form, 1));
    return record;
}

static field_mask_t bit(const char *field)
{
    return (field_mask_t)1 << kind_field(schema_kind("inquiry"), field)->index;
}

static void what_is_not_seen_is_not_there(void **state)
{
    (void)state;
    const wish_fields_t fields = wish_fields(&(atlas_t){.count = 0});
    const record_t *record = inquiry();
    wish_t all = wish_of(&fields, record, FIELD_MASK_ALL);
    assert_string_equal(all.title, "Svets");
    assert_string_equal(all.municipality, "mun-0580");
    assert_int_equal(all.participants, 8);
    assert_int_equal(all.travel_km, 0);
    assert_int_equal(all.forms, wish_form("distance"));
    assert_null(all.level);
    wish_t some = wish_of(&fields, record, bit("participants") | bit("state"));
    assert_null(some.title);
    assert_null(some.municipality);
    assert_int_equal(some.participants, 8);
    assert_int_equal(some.travel_km, WISH_TRAVEL_KM);
    assert_int_equal(some.forms, 0);
}

static void as_far_as_either_travels(void **state)
{
    (void)state;
    wish_t one = {.municipality = "mun-1", .county = "cty-1", .travel_km = 112}, other = one;
    reason_t reason;

    one.travel_km = 200;
    const atlas_place_t south = {.located = true, .latitude = 58}, north = {.latitude = 59};
    one.place = &south;
    other.place = &north; /* a degree of latitude is 111.2 km */
    other.municipality = "mun-2";
    other.county = "cty-2";
    assert_true(wish_near(&one, &other, &reason));
    assert_string_equal(reason.reason, "near");
    assert_int_equal(reason.detail.integer, 111);
    assert_int_equal(reason.points, 1);
    one.travel_km = 110;
    assert_false(wish_near(&one, &other, &reason));
    assert_false(wish_near(&other, &one, &reason));
    other.municipality = "mun-1";
    assert_true(wish_near(&one, &other, &reason));
    assert_string_equal(reason.reason, "same_municipality");
    other.municipality = NULL;
    other.place = NULL;
    assert_false(wish_near(&one, &other, &reason));
    other.county = "cty-1";
    assert_true(wish_near(&one, &other, &reason));
    assert_string_equal(reason.reason, "same_county");
    other.county = NULL;
    assert_false(wish_near(&one, &other, &reason));
}

static void who_said_nothing_takes_what_the_other_does(void **state)
{
    (void)state;
    unsigned ours = 0;
    assert_true(wish_common(&ours, 0));
    assert_int_equal(ours, 0);
    assert_true(wish_common(&ours, 3));
    assert_int_equal(ours, 3);
    assert_true(wish_common(&ours, 0));
    assert_int_equal(ours, 3);
    assert_true(wish_common(&ours, 6));
    assert_int_equal(ours, 2);
    assert_false(wish_common(&ours, 4));
}

/* What the first shares with the second: "Svetsning TIG". */
static const char *shared(const char *first, const char *second)
{
    wish_t one = {.title = first, .tags = &value_absent};
    wish_t other = {.title = second, .tags = &value_absent};
    wish_words_t own = wish_words(&one, arena), theirs = wish_words(&other, arena);
    value_t list = wish_shared(&own, &theirs, arena);
    const char *text = "";

    for (uint32_t i = 0; i < list.count; i++)
        text = arena_format(arena, "%s%s%s", text, i > 0 ? " " : "", list.items[i].text);
    return text;
}

static void words_that_tell_something(void **state)
{
    (void)state;
    assert_string_equal(shared("Svetsning, TIG", "tig-svets"), "Svetsning TIG");
    assert_string_equal(shared("Kurs och utbildning för alla", "utbildning och kurs för alla"),
                        "alla");
    assert_string_equal(shared("CAD II", "cad ii"), "CAD");
    assert_string_equal(shared("Äldreomsorg", "ÄLDREOMSORG i kommun"), "Äldreomsorg");
    /* Four letters are too few to be the beginning of many words. */
    assert_string_equal(shared("mått", "måttagning"), "");
    assert_string_equal(shared("– · –", "– · –"), "");
    assert_string_equal(shared("", "x"), "");
    wish_t hidden = {.tags = &value_absent};
    assert_int_equal(wish_words(&hidden, arena).count, 0);
    char many[400] = "";
    for (size_t i = 0; i < 2 * WISH_WORDS_MAX; i++)
        strcat(many, "ordet ");
    wish_t long_one = {.title = many, .tags = &value_absent};
    assert_int_equal(wish_words(&long_one, arena).count, WISH_WORDS_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_seen_is_not_there),
        TEST(as_far_as_either_travels),
        TEST(who_said_nothing_takes_what_the_other_does),
        TEST(words_that_tell_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "grouping.h"

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

/* An inquiry in a municipality, of so many. */
static wish_t wish(unsigned number, const char *municipality, int64_t participants)
{
    return (wish_t){.id = record_id_numbered(schema_kind("inquiry"), number),
                    .municipality = municipality,
                    .participants = participants,
                    .travel_km = WISH_TRAVEL_KM};
}

static unsigned words(const char *vocabulary, const char *list)
{
    const vocabulary_t *words = schema_vocabulary(vocabulary);
    unsigned bits = 0;

    for (size_t i = 0; i < words->n_words; i++)
        if (schema_words_have(list, words->words[i].name))
            bits |= 1u << i;
    return bits;
}

static void requirements_intersect(void **state)
{
    (void)state;
    wish_t first = wish(1, "mun-0580", 4), second = first, third = first;
    first.from = "2026-09-01";
    first.forms = words("form", "on_site hybrid");
    first.times = words("time_of_day", "day evening");
    second.from = "2026-10-01";
    second.to = "2026-12-01";
    second.forms = words("form", "hybrid workplace");
    second.level = "vocational";
    third.to = "2026-11-01";
    third.language = "sv";
    third.times = words("time_of_day", "evening weekend");
    third.participants = 0;
    grouping_t group = grouping_new(&first);
    assert_true(grouping_add(&group, &second));
    assert_true(grouping_add(&group, &third));
    assert_int_equal(group.n_members, 3);
    assert_string_equal(group.from, "2026-10-01");
    assert_string_equal(group.to, "2026-11-01");
    assert_string_equal(group.level, "vocational");
    assert_string_equal(group.language, "sv");
    assert_int_equal(group.forms, words("form", "hybrid"));
    assert_int_equal(group.times, words("time_of_day", "evening"));
    assert_int_equal(group.participants, 8);
    assert_int_equal(group.unsaid, 1);
}

/* Each fits one of the two, and not what both leave; nothing is changed then. */
static void what_does_not_fit_all_is_left_out(void **state)
{
    (void)state;
    wish_t first = wish(1, "mun-0580", 4), second = first;
    first.from = "2026-09-01";
    first.level = "vocational";
    first.times = words("time_of_day", "day evening");
    first.forms = words("form", "on_site hybrid");
    second.to = "2026-10-01";
    second.times = words("time_of_day", "evening");
    second.forms = words("form", "hybrid");
    grouping_t group = grouping_new(&first);
    assert_true(grouping_add(&group, &second));
    const grouping_t before = group;

    wish_t late = wish(3, "mun-0580", 9), level = late, language = late, day = late, form = late;
    late.from = "2026-10-02";
    level.level = "university";
    day.times = words("time_of_day", "day");
    form.forms = words("form", "on_site distance");
    assert_false(grouping_add(&group, &late));
    assert_false(grouping_add(&group, &level));
    assert_false(grouping_add(&group, &day));
    assert_false(grouping_add(&group, &form));
    assert_memory_equal(&group, &before, sizeof group);
    language.language = "sv";
    assert_true(grouping_add(&group, &language));
    language.language = "en";
    assert_false(grouping_add(&group, &language));
}

/* All of them must meet, not each the first. */
static void who_is_too_far_from_one_of_them_meets_at_a_distance(void **state)
{
    (void)state;
    wish_t middle = wish(1, "mun-0580", 4), west = middle, east = middle;
    static const atlas_place_t places[] = {
        {.latitude = 58.4, .longitude = 15.6},
        {.latitude = 58.4, .longitude = 15.0}, /* 35 km */
        {.latitude = 58.4, .longitude = 16.2},
    };
    middle.place = &places[0];
    west.place = &places[1];
    east.place = &places[2];
    west.municipality = "mun-0001";
    east.municipality = "mun-0002";
    grouping_t group = grouping_new(&middle);
    assert_true(grouping_add(&group, &west));
    assert_false(grouping_add(&group, &east));
    middle.forms = west.forms = words("form", "on_site distance");
    group = grouping_new(&middle);
    assert_true(grouping_add(&group, &west));
    assert_int_equal(group.forms, words("form", "on_site distance"));
    assert_true(grouping_add(&group, &east));
    assert_int_equal(group.forms, words("form", "distance"));
}

static void there_is_an_end_to_it(void **state)
{
    (void)state;
    wish_t one = wish(1, "mun-0580", 1);
    grouping_t group = grouping_new(&one);
    for (unsigned i = 1; i < GROUPING_MAX; i++)
        assert_true(grouping_add(&group, &one));
    assert_false(grouping_add(&group, &one));
}

static void as_it_leaves_the_daemon(void **state)
{
    (void)state;
    wish_t first = wish(1, "mun-0580", 7), second = wish(2, "mun-0580", 5);
    first.prior_knowledge = "körkort";
    second.forms = words("form", "on_site distance");
    grouping_t group = grouping_new(&first);
    value_t alone = grouping_value(&group, 7, arena);
    assert_false(value_get_boolean(&alone, "enough", true)); /* one is no pool */
    assert_true(grouping_add(&group, &second));
    assert_int_equal(grouping_enough(), 12);
    value_t value = grouping_value(&group, 12, arena);
    assert_true(value_get_boolean(&value, "enough", false));
    assert_int_equal(value_get_integer(&value, "participants", 0), 12);
    assert_true(value_list_has(value_get(&value, "inquiries"), "inq-2"));
    assert_int_equal(value_get(&value, "form")->count, 2);
    assert_true(value_list_has(value_get(&value, "prior_knowledge"), "körkort"));
    assert_int_equal(value_get(&value, "level")->form, VALUE_ABSENT);
    assert_int_equal(value_get(&value, "time_of_day")->form, VALUE_ABSENT);
    value = grouping_value(&group, 13, arena);
    assert_false(value_get_boolean(&value, "enough", true));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(requirements_intersect),
        TEST(what_does_not_fit_all_is_left_out),
        TEST(who_is_too_far_from_one_of_them_meets_at_a_distance),
        TEST(there_is_an_end_to_it),
        TEST(as_it_leaves_the_daemon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

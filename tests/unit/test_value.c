#include "value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static value_t list_of(const char *const *texts, uint32_t count)
{
    value_builder_t list = value_builder(arena);
    for (uint32_t i = 0; i < count; i++)
        value_add(&list, value_text(texts[i]));
    return value_build_list(&list);
}

static void the_order_is_total(void **state)
{
    (void)state;
    value_builder_t small = value_builder(arena), large = value_builder(arena);
    value_add_pair(&small, "a", value_integer(1));
    value_add_pair(&large, "a", value_integer(2));
    /* Each is less than all that follow. */
    const value_t ordered[] = {
        value_absent,
        value_boolean(false),
        value_boolean(true),
        value_integer(INT64_MIN),
        value_integer(-1),
        value_integer(INT64_MAX),
        value_text(""),
        value_text("a"),
        value_text("ab"),
        value_text("b"),
        value_text("å"),
        value_bytes("", 0),
        value_bytes("\0", 1),
        value_bytes("\0\1", 2),
        value_bytes("\xff", 1),
        list_of(NULL, 0),
        list_of((const char *const[]){"a"}, 1),
        list_of((const char *const[]){"a", "a"}, 2),
        list_of((const char *const[]){"b"}, 1),
        value_build_map(&small),
        value_build_map(&large),
    };
    const size_t n_ordered = sizeof ordered / sizeof *ordered;
    for (size_t i = 0; i < n_ordered; i++) {
        for (size_t j = 0; j < n_ordered; j++) {
            int order = value_compare(&ordered[i], &ordered[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(value_equal(&ordered[i], &ordered[j]), i == j);
        }
    }
}

static void maps_are_asked_by_key(void **state)
{
    (void)state;
    value_builder_t builder = value_builder(arena);
    value_add_pair(&builder, "title", value_text("CAD"));
    value_add_pair(&builder, "participants", value_integer(8));
    value_add_pair(&builder, "discreet", value_boolean(true));
    value_t map = value_build_map(&builder);
    assert_int_equal(map.count, 3);
    assert_string_equal(value_get_text(&map, "title"), "CAD");
    assert_int_equal(value_get_integer(&map, "participants", -1), 8);
    assert_true(value_get_boolean(&map, "discreet", false));

    assert_null(value_get_text(&map, "participants"));
    assert_int_equal(value_get_integer(&map, "title", -1), -1);
    assert_true(value_get_boolean(&map, "title", true));
    assert_ptr_equal(value_get(&map, "none"), &value_absent);
    value_t text = value_text("title");
    assert_ptr_equal(value_get(&text, "title"), &value_absent);
}

static void builders_grow_and_keep_their_order(void **state)
{
    (void)state;
    value_builder_t builder = value_builder(arena);
    for (int64_t i = 0; i < 1000; i++)
        value_add(&builder, value_integer(i));
    value_t list = value_build_list(&builder);
    assert_int_equal(list.count, 1000);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(list.items[i].integer, i);
}

static void a_copy_shares_nothing(void **state)
{
    (void)state;
    char text[] = "inquiry";
    unsigned char bytes[] = {1, 2, 3};
    value_t items[2] = {value_text(text), value_bytes(bytes, sizeof bytes)};
    value_builder_t builder = value_builder(arena);
    char key[] = "list";
    value_add_pair(&builder, key, value_list(items, 2));
    value_t original = value_build_map(&builder);

    value_t copy = value_copy(arena, &original);
    assert_true(value_equal(&copy, &original));
    text[0] = 'x';
    bytes[0] = 9;
    key[0] = 'x';
    items[1] = value_absent;
    const value_t *list = value_get(&copy, "list");
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[0].text, "inquiry");
    assert_int_equal(list->items[1].form, VALUE_BYTES);
    assert_int_equal(list->items[1].bytes[0], 1);
}

static void empty_values_copy_and_compare(void **state)
{
    (void)state;
    value_builder_t builder = value_builder(arena);
    const value_t empty[] = {value_build_list(&builder), value_build_map(&builder),
                             value_bytes(NULL, 0), value_text(""), value_absent};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        value_t copy = value_copy(arena, &empty[i]);
        assert_true(value_equal(&copy, &empty[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_order_is_total, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(maps_are_asked_by_key, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(builders_grow_and_keep_their_order, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_copy_shares_nothing, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(empty_values_copy_and_compare, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

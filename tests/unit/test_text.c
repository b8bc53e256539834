#include "wire.h"

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

static bool clean(const char *text, size_t size, bool lines, error_t *error)
{
    *error = (error_t){.code = ERROR_NONE};
    value_t value = value_text_of(arena_text_of(arena, text, size), size);
    return wire_clean_text(&value, lines, arena, error);
}

/* A code point as UTF-8; 0 bytes for none. */
static size_t utf8(char *text, unsigned point)
{
    if (point < 0x80)
        return (size_t)snprintf(text, 5, "%c", (int)point);
    if (point < 0x800)
        return (size_t)snprintf(text, 5, "%c%c", (int)(0xc0 | point >> 6), 0x80 | (point & 0x3f));
    if (point < 0x10000)
        return (size_t)snprintf(text, 5, "%c%c%c", (int)(0xe0 | point >> 12),
                                0x80 | (point >> 6 & 0x3f), 0x80 | (point & 0x3f));
    return (size_t)snprintf(text, 5, "%c%c%c%c", (int)(0xf0 | point >> 18),
                            0x80 | (point >> 12 & 0x3f), 0x80 | (point >> 6 & 0x3f),
                            0x80 | (point & 0x3f));
}

static void steering_characters_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned from, to;
    } refused[] = {
        {0x01, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200e, 0x200f},
        {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfdd0, 0xfdef}, {0xfffe, 0xffff},
    };
    char text[5];
    error_t error;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        for (unsigned point = refused[i].from; point <= refused[i].to; point++) {
            size_t size = utf8(text, point);
            if (clean(text, size, false, &error))
                fail_msg("U+%04X passed", point);
            assert_int_equal(error.code, ERROR_INVALID);
            bool line = point == '\n' || point == '\t';
            if (clean(text, size, true, &error) != line)
                fail_msg("U+%04X in long text", point);
        }
    }
    for (unsigned plane = 1; plane <= 0x10; plane++)
        for (unsigned end = 0xfffe; end <= 0xffff; end++)
            assert_false(clean(text, utf8(text, plane << 16 | end), true, &error));
}

static void the_neighbours_pass(void **state)
{
    (void)state;
    static const unsigned points[] = {0x20,   0x7e,   0xa0,    0x61b,   0x61d,   0x200d,
                                      0x2010, 0x2027, 0x202f,  0x2065,  0x206a,  0xfdcf,
                                      0xfdf0, 0xfffd, 0x10000, 0x1f393, 0x10fffd};
    char text[5];
    error_t error;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        if (!clean(text, utf8(text, points[i]), false, &error))
            fail_msg("U+%04X was refused", points[i]);
}

static void the_error_says_which_and_where(void **state)
{
    (void)state;
    error_t error;
    assert_false(clean("\xc3\xa5\xc3\xa4\x1b[2J", 8, true, &error));
    assert_non_null(strstr(error.expected, "U+001B"));
    assert_non_null(strstr(error.expected, "number 3"));
    assert_string_equal(error.field, "");
}

static void text_comes_out_composed(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"Motala", "Motala"},
        {"\xc3\x96rebro", "\xc3\x96rebro"},           /* composed as it stands */
        {"O\xcc\x88rebro", "\xc3\x96rebro"},          /* O and two dots */
        {"A\xcc\x8a A\xcc\x88", "\xc3\x85 \xc3\x84"}, /* as a Mac's file names have it */
        {"\xe2\x84\xab", "\xc3\x85"},                 /* the sign for an angstrom */
        {"a\xcc\xa3\xcc\x82", "\xe1\xba\xad"},        /* two marks */
        {"a\xcc\x82\xcc\xa3", "\xe1\xba\xad"},        /* in the other order */
        {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"},
        {"q\xcc\x88", "q\xcc\x88"},                   /* nothing to compose to */
        {"\xef\xac\x81", "\xef\xac\x81"},             /* a ligature is not taken apart */
        {"\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc"}, /* never composed */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = {.code = ERROR_NONE};
        value_t value = value_text(rows[i].in);
        assert_true(wire_clean_text(&value, false, arena, &error));
        assert_string_equal(value.text, rows[i].out);
        assert_int_equal(value.size, strlen(rows[i].out));
    }
}

/* {"fields": {"number": 7, "tags": ["x", TAG]}, "id": ID} */
static value_t tree(const char *tag, const char *id)
{
    value_builder_t tags = value_builder(arena);
    value_add(&tags, value_text("x"));
    value_add(&tags, value_text(tag));
    value_builder_t fields = value_builder(arena);
    value_add_pair(&fields, "number", value_integer(7));
    value_add_pair(&fields, "tags", value_build_list(&tags));
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "fields", value_build_map(&fields));
    value_add_pair(&map, "id", value_text(id));
    return value_build_map(&map);
}

static void lists_and_maps_are_walked(void **state)
{
    (void)state;
    error_t error = {.code = ERROR_NONE};
    value_t value = tree("o\xcc\x88", "u\xcc\x88");
    assert_true(wire_clean_text(&value, false, arena, &error));
    value_t expected = tree("\xc3\xb6", "\xc3\xbc");
    assert_true(value_equal(&value, &expected));
}

static void what_is_clean_stays_where_it_is(void **state)
{
    (void)state;
    error_t error = {.code = ERROR_NONE};
    value_t value = tree("\xc3\xb6", "inq-12");
    const value_t *items = value.items;
    size_t used = arena_used(arena);
    assert_true(wire_clean_text(&value, false, arena, &error));
    assert_ptr_equal(value.items, items);
    assert_int_equal(arena_used(arena), used);
}

static void the_field_is_the_innermost_key(void **state)
{
    (void)state;
    error_t error = {.code = ERROR_NONE};
    value_t value = tree("\x1b", "inq-12");
    assert_false(wire_clean_text(&value, false, arena, &error));
    assert_string_equal(error.field, "tags");

    error = (error_t){.code = ERROR_NONE};
    value = tree("x", "\xe2\x80\xae");
    assert_false(wire_clean_text(&value, false, arena, &error));
    assert_string_equal(error.field, "id");
}

static void what_is_no_text_passes(void **state)
{
    (void)state;
    error_t error = {.code = ERROR_NONE};
    value_t values[] = {value_absent, value_boolean(true), value_integer(27),
                        value_bytes("\x1b\x00\xff", 3)};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_true(wire_clean_text(&values[i], false, arena, &error));
    value_t list = value_list(values, 4);
    assert_true(wire_clean_text(&list, false, arena, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steering_characters_are_refused),
        cmocka_unit_test(the_neighbours_pass),
        cmocka_unit_test(the_error_says_which_and_where),
        cmocka_unit_test(text_comes_out_composed),
        cmocka_unit_test(lists_and_maps_are_walked),
        cmocka_unit_test(what_is_clean_stays_where_it_is),
        cmocka_unit_test(the_field_is_the_innermost_key),
        cmocka_unit_test(what_is_no_text_passes),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}

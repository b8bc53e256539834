#include "error.h"

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

static void every_row_has_a_name_a_sentence_and_a_status(void **state)
{
    (void)state;
    assert_string_equal(error_name(ERROR_NONE), "");
    assert_int_equal(error_exit_status(ERROR_NONE), 0);
    for (error_code_t code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
        const char *name = error_name(code), *sentence = error_sentence(code);
        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        assert_true(strlen(sentence) > 10);
        assert_int_equal(sentence[strlen(sentence) - 1], '.');
        assert_in_range((unsigned)error_exit_status(code), 1, 7);
        assert_int_equal(error_code(name), code);
    }
    assert_int_equal(error_code("no such code"), ERROR_NONE);
    assert_int_equal(error_code(""), ERROR_NONE);
    assert_string_equal(error_name(ERROR_CODES), "");
}

static void statuses_are_those_of_the_command_line(void **state)
{
    (void)state;
    assert_int_equal(error_exit_status(ERROR_INVALID), 1);
    assert_int_equal(error_exit_status(ERROR_CONFLICT), 4);
    assert_int_equal(error_exit_status(ERROR_NOT_ALLOWED), 5);
    assert_int_equal(error_exit_status(ERROR_NOT_FOUND), 6);
    assert_int_equal(error_exit_status(ERROR_UNKNOWN_OUTCOME), 7);
}

static void the_first_error_counts(void **state)
{
    (void)state;
    error_t error = {.code = ERROR_NONE};
    assert_false(error_set(&error, ERROR_INVALID, "title", "%d to %d characters", 1, 200));
    assert_false(error_set(&error, ERROR_REQUIRED, "areas", "other"));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(error.field, "title");
    assert_string_equal(error.expected, "1 to 200 characters");
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    char text[900] = "a";
    for (size_t i = 1; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "å", 3);
    error_t error = {.code = ERROR_NONE};
    error_set(&error, ERROR_INVALID, text, "%s", text);
    assert_int_equal(strlen(error.field), 63);
    assert_int_equal(strlen(error.expected), 399);
    assert_memory_equal(error.field + 61, "å", 2);

    error = (error_t){.code = ERROR_NONE};
    error_set(&error, ERROR_INVALID, text + 1, "%s", text + 1);
    assert_int_equal(strlen(error.field), 62);
    assert_int_equal(strlen(error.expected), 398);
}

static void errors_travel_as_maps(void **state)
{
    (void)state;
    value_builder_t moves = value_builder(arena);
    value_add(&moves, value_text("acknowledge"));
    value_builder_t detail = value_builder(arena);
    value_add_pair(&detail, "moves", value_build_list(&moves));
    error_t error = {.code = ERROR_NONE};
    error_set(&error, ERROR_IMPOSSIBLE_MOVE, "verb", "acknowledge");
    error.detail = value_build_map(&detail);

    value_t map = error_to_value(&error, arena);
    assert_string_equal(value_get_text(&map, "code"), "impossible-move");
    assert_string_equal(value_get_text(&map, "message"), error_sentence(ERROR_IMPOSSIBLE_MOVE));
    error_t back;
    assert_true(error_from_value(&back, &map, arena));
    assert_int_equal(back.code, error.code);
    assert_string_equal(back.field, error.field);
    assert_string_equal(back.expected, error.expected);
    assert_true(value_equal(&back.detail, &error.detail));

    error = (error_t){.code = ERROR_BUSY};
    map = error_to_value(&error, arena);
    assert_int_equal(map.count, 2);
    assert_true(error_from_value(&back, &map, arena));
    assert_string_equal(back.field, "");
    assert_int_equal(back.detail.form, VALUE_ABSENT);
}

static void errors_of_newer_daemons_are_passed_on(void **state)
{
    (void)state;
    value_builder_t builder = value_builder(arena);
    value_add_pair(&builder, "code", value_text("too-late"));
    value_add_pair(&builder, "message", value_text("It is too late."));
    value_add_pair(&builder, "field", value_text("due"));
    value_t map = value_build_map(&builder);
    error_t error;
    assert_true(error_from_value(&error, &map, arena));
    assert_int_equal(error.code, ERROR_INTERNAL);
    assert_string_equal(error.field, "due");
    assert_string_equal(error.expected, "too-late: It is too late.");

    value_t text = value_text("busy");
    assert_false(error_from_value(&error, &text, arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_name_a_sentence_and_a_status),
        cmocka_unit_test(statuses_are_those_of_the_command_line),
        cmocka_unit_test(the_first_error_counts),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test_setup_teardown(errors_travel_as_maps, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(errors_of_newer_daemons_are_passed_on, open_arena,
                                        close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "arguments.h"
#include "cli_fixture.h"
#include "move.h"

static void every_move_is_found_as_it_is_written(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_moves; i++) {
            const char *verb = kind->moves[i].verb;
            const move_t *move = move_written(kind, arguments_option_name(verb, cli.arena));
            assert_non_null(move);
            assert_string_equal(move->verb, verb);
            assert_ptr_equal(move_written(kind, verb), move);
        }
        assert_null(move_written(kind, ""));
    }
    const kind_t *inquiry = schema_kind("inquiry");
    assert_null(move_written(inquiry, "start"));
    assert_string_equal(move_name(&cli, inquiry, "start_dialogue"), "start-dialogue");
    speak("sv");
    assert_string_equal(move_name(&cli, inquiry, "start_dialogue"),
                        "start-dialogue (inled dialog)");
}

static void the_moves_that_a_view_names_are_possible(void **state)
{
    (void)state;
    value_t verbs[] = {value_text("acknowledge"), value_text("start_dialogue")};
    const kind_t *inquiry = schema_kind("inquiry");
    value_builder_t pairs = value_builder(cli.arena);
    const value_t none = value_build_map(&pairs);
    value_add_pair(&pairs, "moves", value_list(verbs, 2));
    const value_t view = value_build_map(&pairs);
    assert_string_equal(move_next(&cli, inquiry, &view),
                        "Possible now: acknowledge, start-dialogue.");
    assert_null(move_next(&cli, inquiry, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_move_is_found_as_it_is_written),
        CLI_TEST(the_moves_that_a_view_names_are_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

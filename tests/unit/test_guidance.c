#include "cli_fixture.h"
#include "guidance.h"
#include "table.h"

static const struct {
    const char *kind, *field, *text;
} rows[] = {
#define GUIDE(kind, field, text) {#kind, #field, text},
#include "guidance.def"
#undef GUIDE
};

static void every_row_is_of_a_long_text_and_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const kind_t *kind = schema_kind(rows[i].kind);
        const field_t *field = kind ? kind_field(kind, rows[i].field) : NULL;
        if (!field || field->type != TYPE_LONG_TEXT)
            fail_msg("%s of %s is no long text", rows[i].field, rows[i].kind);
        speak("en");
        assert_string_equal(guidance_of(kind, field), rows[i].text);
        speak("sv");
        if (strcmp(guidance_of(kind, field), rows[i].text) == 0)
            fail_msg("no Swedish for: %s", rows[i].text);
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(rows[j].kind, rows[i].kind) == 0 &&
                         strcmp(rows[j].field, rows[i].field) == 0);
    }
    const kind_t *inquiry = schema_kind("inquiry");
    assert_null(guidance_of(inquiry, kind_field(inquiry, "title")));
}

/* As many fields with a question as there are steps to count. */
static void every_step_has_its_question(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("canvas");
    int64_t n = 0;
    for (size_t i = 0; i < kind->n_fields; i++)
        n += guidance_of(kind, &kind->fields[i]) != NULL;
    assert_true(kind_field(kind, "completeness")->attributes & FIELD_STEPS);
    assert_int_equal(n, kind_field(kind, "completeness")->most);
}

static void lines_are_no_wider_than_asked_for(void **state)
{
    (void)state;
    assert_string_equal(guidance_lines("ett två tre fyra", "# ", 9, cli.arena),
                        "# ett två\n# tre\n# fyra\n");
    assert_string_equal(guidance_lines("åäö åäö", "", 7, cli.arena), "åäö åäö\n");
    assert_string_equal(guidance_lines("behovsinventering nu", "  ", 8, cli.arena),
                        "  behovsinventering\n  nu\n");
    assert_string_equal(guidance_lines("", "# ", 8, cli.arena), "# \n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *rest = arena_text(cli.arena, guidance_lines(rows[i].text, "#   ", 78, cli.arena));
        for (char *line; (line = strsep(&rest, "\n"));)
            assert_true(table_width_of(line) <= 78);
    }
}

static const char *left(const char *const *fields)
{
    value_t view = view_of(cli.arena, "can-5", fields);
    return guidance_left(&cli, schema_kind("canvas"), &view);
}

#define LEFT(...) left((const char *const[]){__VA_ARGS__, NULL})

static void the_steps_that_are_left(void **state)
{
    (void)state;
    speak("sv");
    assert_string_equal(
        LEFT("background", "a", "participants", "b", "pedagogy", "c", "extent", "d", "completeness",
             "4"),
        "Kvar att fylla i: resurser och partners; gemensam planering för fortsatt dialog samt "
        "uppföljning.");
    assert_null(LEFT("background", "a", "participants", "b", "pedagogy", "c", "extent", "d",
                     "resources", "e", "follow_up", "f", "completeness", "6"));
    /* What others do not see is not therefore empty. */
    assert_null(LEFT("completeness", "4"));
    /* Elsewhere nothing is counted. */
    value_t view = VIEW(cli.arena, "nee-1", "people", "4");
    assert_null(guidance_left(&cli, schema_kind("need"), &view));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_row_is_of_a_long_text_and_in_both_languages),
        CLI_TEST(every_step_has_its_question),
        CLI_TEST(lines_are_no_wider_than_asked_for),
        CLI_TEST(the_steps_that_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

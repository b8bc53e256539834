#include "table.h"
#include "terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int begin(void **state)
{
    (void)state;
    terminal_start(false, false);
    arena = arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static const char *printed(const table_t *table, size_t width)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    table_print(table, file, width);
    fclose(file);
    const char *copy = arena_text(arena, text);
    free(text);
    return copy;
}

static void width_is_what_a_terminal_shows(void **state)
{
    (void)state;
    assert_int_equal(table_width_of(""), 0);
    assert_int_equal(table_width_of("åäö"), 3);
    assert_int_equal(table_width_of("a\xcc\x8a"), 1); /* a and a combining ring */
    assert_int_equal(table_width_of("学校"), 4);
}

static void cuts_at_characters(void **state)
{
    (void)state;
    assert_string_equal(table_cut("Åtvidaberg", 10, arena), "Åtvidaberg");
    assert_string_equal(table_cut("Åtvidaberg", 4, arena), "Åtv…");
    assert_string_equal(table_cut("学校学校", 4, arena), "学…");
    assert_string_equal(table_cut("ö", 1, arena), "ö");
}

static void aligns(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 3);
    table_heading(table, 0, "Id", false);
    table_heading(table, 1, "Kommun", false);
    table_heading(table, 2, "Antal", true);
    static const char *const one[] = {"inq-1", "Åmål", "8"};
    static const char *const two[] = {"inq-12", "Ängelholm", "1200"};
    static const char *const three[] = {"inq-3", "Flen", ""};
    table_add(table, one);
    table_add(table, two);
    table_add(table, three);
    assert_string_equal(printed(table, 0), "Id      Kommun     Antal\n"
                                           "inq-1   Åmål           8\n"
                                           "inq-12  Ängelholm   1200\n"
                                           "inq-3   Flen\n");
}

/* Two tables of which one has shorter ids, and no days. */
static void stands_in_line_with_others(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 3);
    static const char *const row[] = {"inq-1", "", "Grundkurs"};
    table_least(table, 0, 7);
    table_least(table, 1, 6);
    table_add(table, row);
    assert_string_equal(printed(table, 0), "inq-1            Grundkurs\n");
    table = table_new(arena, 3);
    table_least(table, 1, 0);
    table_add(table, row);
    assert_string_equal(printed(table, 0), "inq-1  Grundkurs\n");
}

static void leaves_empty_columns_out(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 3);
    table_heading(table, 0, "Id", false);
    table_heading(table, 1, "Nothing", false);
    table_heading(table, 2, "Name", false);
    static const char *const row[] = {"cty-05", "", "Östergötlands län"};
    table_add(table, row);
    assert_string_equal(printed(table, 0), "Id      Name\ncty-05  Östergötlands län\n");
}

static void fits_the_terminal_and_keeps_the_id(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 3);
    table_heading(table, 0, "Id", false);
    table_heading(table, 1, "Title", false);
    table_heading(table, 2, "Employer", false);
    static const char *const row[] = {
        "inq-1000000001", "A very long title that nobody needs to read in full in a table",
        "An employer with a long name as well, limited partnership"};
    table_add(table, row);
    for (size_t width = 40; width < 140; width += 7) {
        char *text = strdup(printed(table, width));
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
            assert_true(table_width_of(line) <= width);
            assert_true(strncmp(line, "Id", 2) == 0 || strncmp(line, row[0], 14) == 0);
        }
        free(text);
    }
}

static void the_id_is_never_cut(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 2);
    static const char *const row[] = {"mun-a-code-that-is-very-long-indeed", "Motala kommun"};
    table_add(table, row);
    assert_string_equal(printed(table, 43), "mun-a-code-that-is-very-long-indeed  Motal…\n");
    assert_string_equal(printed(table, 20), "mun-a-code-that-is-very-long-indeed  Motal…\n");
}

static void what_is_usual_goes_first(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 4);
    table_heading(table, 0, "Id", false);
    table_heading(table, 1, "Title", false);
    table_heading(table, 2, "Discreet", false);
    table_usual(table, 2, "no");
    table_heading(table, 3, "State", false);
    static const char *const one[] = {"inq-1", "Welding for beginners", "no", "new"};
    static const char *const two[] = {"inq-2", "CAD", "no", "closed"};
    table_add(table, one);
    table_add(table, two);
    assert_non_null(strstr(printed(table, 60), "Discreet"));
    assert_string_equal(printed(table, 40), "Id     Title                  State\n"
                                            "inq-1  Welding for beginners  new\n"
                                            "inq-2  CAD                    closed\n");
    static const char *const three[] = {"inq-3", "Crane", "yes", "new"};
    table_add(table, three);
    assert_non_null(strstr(printed(table, 40), "yes"));
}

static void columns_go_from_the_right(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 4);
    table_heading(table, 0, "Id", false);
    table_heading(table, 1, "Title", false);
    table_heading(table, 2, "Number", true);
    table_heading(table, 3, "Employer", false);
    static const char *const row[] = {"inq-1", "Welding for beginners", "1234567890", "Mechanics"};
    table_add(table, row);
    const char *text = printed(table, 30);
    assert_null(strstr(text, "Employer"));
    assert_non_null(strstr(text, "1234567890"));
}

static void the_last_column_goes_on(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 2);
    static const char *const row[] = {"  --form",
                                      "one of on_site, workplace (på arbetsplatsen), hybrid"};
    table_add(table, row);
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    table_print_wrapped(table, file, 36);
    fclose(file);
    assert_string_equal(text, "  --form  one of on_site, workplace\n"
                              "          (på arbetsplatsen), hybrid\n");
    free(text);
}

static void a_long_first_cell_stands_alone(void **state)
{
    (void)state;
    table_t *table = table_new(arena, 2);
    static const char *const first[] = {"  person erase ID --decision TEXT|--approve",
                                        "ask for it"},
                             *const second[] = {"  sessions", "who is connected"};
    table_add(table, first);
    table_add(table, second);
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    table_print_wrapped(table, file, 80);
    fclose(file);
    assert_string_equal(text, "  person erase ID --decision TEXT|--approve\n"
                              "            ask for it\n"
                              "  sessions  who is connected\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_is_what_a_terminal_shows),
        cmocka_unit_test(cuts_at_characters),
        cmocka_unit_test(aligns),
        cmocka_unit_test(stands_in_line_with_others),
        cmocka_unit_test(leaves_empty_columns_out),
        cmocka_unit_test(the_id_is_never_cut),
        cmocka_unit_test(the_last_column_goes_on),
        cmocka_unit_test(a_long_first_cell_stands_alone),
        cmocka_unit_test(what_is_usual_goes_first),
        cmocka_unit_test(columns_go_from_the_right),
        cmocka_unit_test(fits_the_terminal_and_keeps_the_id),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

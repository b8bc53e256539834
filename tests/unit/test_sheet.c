#include "language.h"
#include "sheet.h"
#include "temporary_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int begin(void **state)
{
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", "en", 1);
    language_start();
    arena = arena_new();
    return home_make(state);
}

static int end(void **state)
{
    arena_destroy(&arena);
    return home_remove(state);
}

static sheet_status_t read_text(sheet_t *sheet, const char *text, size_t size)
{
    char path[300];
    snprintf(path, sizeof path, "%s/sheet.csv", home);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
    return sheet_read(sheet, path, arena);
}

static const char *cell(const char *text, bool number)
{
    char *out = NULL;
    size_t size;
    FILE *file = open_memstream(&out, &size);
    sheet_cell(file, text, true, number);
    fclose(file);
    const char *copy = arena_text(arena, out);
    free(out);
    return copy;
}

static void quotes_where_it_must(void **state)
{
    (void)state;
    assert_string_equal(cell("plain", false), "plain");
    assert_string_equal(cell("", false), "");
    assert_string_equal(cell("a,b", false), "\"a,b\"");
    assert_string_equal(cell("a;b", false), "\"a;b\"");
    assert_string_equal(cell("say \"hi\"", false), "\"say \"\"hi\"\"\"");
    assert_string_equal(cell("two\nlines", false), "\"two\nlines\"");
}

static void what_would_be_calculated_is_text(void **state)
{
    (void)state;
    assert_string_equal(cell("=1+2", false), "\"'=1+2\"");
    assert_string_equal(cell("+46 142 123", false), "\"'+46 142 123\"");
    assert_string_equal(cell("-5", false), "\"'-5\"");
    assert_string_equal(cell("@home", false), "\"'@home\"");
    assert_string_equal(cell("\t=1", false), "\"'\t=1\"");
    assert_string_equal(cell("-12.5", true), "-12.5");
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    static const char *const cells[] = {"=cmd", "a \"b\", c;d", "rad 1\r\nrad 2", "'quoted", " x "};
    char *out = NULL;
    size_t size;
    FILE *file = open_memstream(&out, &size);
    sheet_begin(file);
    for (size_t i = 0; i < 5; i++)
        sheet_cell(file, "h", i == 0, false);
    sheet_end(file);
    for (size_t i = 0; i < 5; i++)
        sheet_cell(file, cells[i], i == 0, false);
    sheet_end(file);
    fclose(file);
    sheet_t sheet;
    assert_int_equal(read_text(&sheet, out, size), SHEET_OK);
    free(out);
    assert_int_equal(sheet.n_rows, 1);
    assert_int_equal(sheet.rows[0].n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(sheet.rows[0].cells[i], cells[i]);
}

static void finds_the_separator(void **state)
{
    (void)state;
    static const char *const texts[] = {"name,town\nA,B\n", "name;town\nA;B\n",
                                        "name\ttown\nA\tB\n", "\"a;b;c\",town\nA,B\n"};
    for (size_t i = 0; i < 4; i++) {
        sheet_t sheet;
        assert_int_equal(read_text(&sheet, texts[i], strlen(texts[i])), SHEET_OK);
        assert_int_equal(sheet.heading.n, 2);
        assert_string_equal(sheet.heading.cells[1], "town");
        assert_string_equal(sheet.rows[0].cells[1], "B");
    }
}

static void counts_lines_of_the_file(void **state)
{
    (void)state;
    static const char text[] = "name,town\r\n\r\n\"two\r\nlines\",B\r\n  \r\nC,D\r\n,\r\nE,F";
    sheet_t sheet;
    assert_int_equal(read_text(&sheet, text, strlen(text)), SHEET_OK);
    assert_int_equal(sheet.n_rows, 3); /* a row of nothing is none */
    assert_int_equal(sheet.rows[0].line, 3);
    assert_string_equal(sheet.rows[0].cells[0], "two\r\nlines");
    assert_int_equal(sheet.rows[1].line, 6);
    assert_int_equal(sheet.rows[2].line, 8);
    assert_string_equal(sheet.rows[2].cells[1], "F");
}

static void takes_what_excel_writes(void **state)
{
    (void)state;
    static const char windows[] = "namn;ort\r\n\xc5m\xe5l;\xd6rebro\r\n";
    sheet_t sheet;
    assert_int_equal(read_text(&sheet, windows, strlen(windows)), SHEET_OK);
    assert_true(sheet.converted);
    assert_string_equal(sheet.rows[0].cells[0], "Åmål");
    assert_string_equal(sheet.rows[0].cells[1], "Örebro");
    static const char marked[] = "\xef\xbb\xbfnamn\nÅmål\n";
    assert_int_equal(read_text(&sheet, marked, strlen(marked)), SHEET_OK);
    assert_false(sheet.converted);
    assert_string_equal(sheet.heading.cells[0], "namn");
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    sheet_t sheet;
    assert_int_equal(sheet_read(&sheet, "/no/such/file", arena), SHEET_UNREADABLE);
    assert_int_equal(read_text(&sheet, "", 0), SHEET_EMPTY);
    assert_int_equal(read_text(&sheet, "a,b\n\"open,c\n", 12), SHEET_QUOTE);
}

static void knows_the_same_content_again(void **state)
{
    (void)state;
    sheet_t one, same, other;
    assert_int_equal(read_text(&one, "a\nb\n", 4), SHEET_OK);
    assert_int_equal(read_text(&same, "a\nb\n", 4), SHEET_OK);
    assert_int_equal(read_text(&other, "a\nc\n", 4), SHEET_OK);
    assert_string_equal(one.digest, same.digest);
    assert_string_not_equal(one.digest, other.digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_where_it_must),
        cmocka_unit_test(what_would_be_calculated_is_text),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(finds_the_separator),
        cmocka_unit_test(counts_lines_of_the_file),
        cmocka_unit_test(takes_what_excel_writes),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(knows_the_same_content_again),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

#include "document_fixture.h"
#include "pdf.h"
#include "temporary_home.h"

static const char *failure;
static char path[300];

static int begin(void **state)
{
    if (home_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/paper.pdf", home);
    return arena_begin(state);
}

static int end(void **state)
{
    arena_end(state);
    return home_remove(state);
}

#define PDF_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

static void make(const document_t *document, unsigned pages_max)
{
    layout_t layout;
    FILE *file = fopen(path, "w");
    layout_make(&layout, document, pages_max, arena);
    if (!pdf_write(document, &layout, file, &failure))
        fail_msg("%s", failure);
    layout_clear(&layout);
    assert_int_equal(fclose(file), 0);
}

/* What a program that is not ours reads in it. */
static const char *read_by(const char *program, const char *after)
{
    const char *command = arena_format(arena, "%s '%s' %s", program, path, after);
    char *text = arena_alloc(arena, 65536);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    fread(text, 1, 65535, pipe);
    assert_int_equal(pclose(pipe), 0);
    return text;
}

static void a_page(void **state)
{
    (void)state;
    document_t document = document_of(
        "'lead':'För Åmål','sections':[{'heading':'Krav och önskemål','text':'Intyg\\n"
        "<b>inte fet</b>','checklist':true}],'facts':[{'label':'Pris','value':'1 000 SEK'}],"
        "'link':{'url':'https://example.se/it\\u0027s','text':'Sidan'},'footer':'off-3'");
    make(&document, 1);
    const char *text = read_by("pdftotext", "-");
    static const char *const parts[] = {
        "Kursbeskrivning", "Grundkurs i CAD",         "För Åmål", "Krav och önskemål",
        "Intyg",           "<b>inte fet</b>",         "Pris",     "1 000 SEK",
        "Sidan",           "https://example.se/it's", "off-3"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        text = strstr(text, parts[i]);
        if (!text)
            fail_msg("%s is not there, or in another place", parts[i]);
    }
    const char *about = read_by("pdfinfo", "");
    assert_non_null(strstr(about, "Title:           Grundkurs i CAD\n"));
    assert_non_null(strstr(about, "Pages:           1\n"));
    assert_non_null(strstr(about, "(A4)"));
    assert_non_null(strstr(read_by("pdfinfo -url", ""), "https://example.se/it's\n"));
    assert_non_null(strstr(read_by("pdfinfo -struct", ""), "\nH1 (block)\n"));
    assert_non_null(strstr(read_by("pdffonts", ""), "OpenSans"));
}

static void pages_are_numbered(void **state)
{
    (void)state;
    document_t document = document_of(arena_format(
        arena, "'sections':[{'heading':'Innehåll','text':'%s'}]", repeated("ord ", 2000)));
    make(&document, 9);
    assert_non_null(strstr(read_by("pdfinfo", ""), "Pages:           3\n"));
    assert_non_null(strstr(read_by("pdftotext -f 2 -l 2", "-"), "2 (3)"));
    document = document_of("");
    make(&document, 9);
    assert_null(strstr(read_by("pdftotext", "-"), "(1)"));
}

static void what_cannot_be_written_is_told(void **state)
{
    (void)state;
    document_t document = document_of("");
    layout_t layout;
    char room[16];
    FILE *file = fmemopen(room, sizeof room, "w");
    setvbuf(file, NULL, _IONBF, 0);
    layout_make(&layout, &document, 1, arena);
    assert_false(pdf_write(&document, &layout, file, &failure));
    assert_non_null(strstr(failure, "writing"));
    layout_clear(&layout);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PDF_TEST(a_page),
        PDF_TEST(pages_are_numbered),
        PDF_TEST(what_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

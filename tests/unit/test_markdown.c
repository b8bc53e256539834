#include "document_fixture.h"
#include "markdown.h"

static void a_page(void **state)
{
    (void)state;
    document_t document = document_of(
        "'lead':'För Motala','footer':'off-3','facts':[{'label':'Pris','value':'0 SEK'},"
        "{'label':'Nivå','value':'1'}],"
        "'sections':[{'heading':'Mål','text':'Rita.\\nMäta.\\n\\nMer.\\n- ett\\n- två'},"
        "{'heading':'Krav','text':'intyg\\nlokal','checklist':true}],"
        "'parties':[{'heading':'Anordnare','text':'A\\nB'}],"
        "'link':{'url':'https://example.se/a_b','text':'Kursens sida'}");
    assert_string_equal(written(markdown_write, &document),
                        "# Grundkurs i CAD\n"
                        "\n"
                        "*Kursbeskrivning*\n"
                        "\n"
                        "För Motala\n"
                        "\n"
                        "- **Pris:** 0 SEK\n"
                        "- **Nivå:** 1\n"
                        "\n"
                        "## Mål\n"
                        "\n"
                        "Rita.\\\n"
                        "Mäta.\n"
                        "\n"
                        "Mer.\n"
                        "\n"
                        "- ett\n"
                        "- två\n"
                        "\n"
                        "## Krav\n"
                        "\n"
                        "- [ ] intyg\n"
                        "- [ ] lokal\n"
                        "\n"
                        "## Anordnare\n"
                        "\n"
                        "A\\\n"
                        "B\n"
                        "\n"
                        "Kursens sida: <https://example.se/a_b>\n"
                        "\n"
                        "---\n"
                        "\n"
                        "off-3\n");
    document = document_of("");
    assert_string_equal(written(markdown_write, &document),
                        "# Grundkurs i CAD\n\n*Kursbeskrivning*\n");
}

static void text_is_text(void **state)
{
    (void)state;
    static const struct {
        const char *given, *wanted;
    } rows[] = {
        {"# rubrik", "\\# rubrik"},
        {"*stjärna* _streck_ `kod`", "\\*stjärna\\* \\_streck\\_ \\`kod\\`"},
        {"![bild](x)", "\\!\\[bild\\](x)"},
        {"<script>", "\\<script\\>"},
        {"&amp; ~~x~~ a|b $x$", "\\&amp; \\~\\~x\\~\\~ a\\|b \\$x\\$"},
        {"12. april", "12\\. april"},
        {"12) april", "12\\) april"},
        {"12 april. Sen", "12 april. Sen"},
        {"---", "\\---"},
        {"=== mer", "\\=== mer"},
        {"+46 13", "\\+46 13"},
        {"a - b + c = d", "a - b + c = d"},
        {"C:\\\\kurs", "C:\\\\kurs"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        document_t document = document_of(arena_format(
            arena, "'sections':[{'heading':'Mål','text':'x\\n\\n%s'}]", rows[i].given));
        const char *body = strstr(written(markdown_write, &document), "x\n\n");
        assert_non_null(body);
        assert_string_equal(body + 3, arena_format(arena, "%s\n", rows[i].wanted));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_page),
        ARENA_TEST(text_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "document_fixture.h"
#include "html.h"

static void a_page(void **state)
{
    (void)state;
    document_t document = document_of(
        "'lead':'För Motala','footer':'off-3','facts':[{'label':'Pris','value':'0 SEK'}],"
        "'sections':[{'heading':'Mål','text':'Rita.\\n\\n- ett\\n- två'},"
        "{'heading':'Krav','text':'intyg','checklist':true}],"
        "'parties':[{'heading':'Anordnare','text':'A'}]");
    const char *html = written(html_write, &document);
    static const char *const parts[] = {
        "<!DOCTYPE html>\n<html lang=\"sv\">",
        "<meta charset=\"utf-8\">",
        "<title>Grundkurs i CAD</title>",
        "@page { size: A4;",
        "<h1>Grundkurs i CAD</h1>",
        "<p class=\"lead\">För Motala</p>",
        "<h2>Mål</h2>\n<p>Rita.</p>\n<ul class=\"items apart\">\n<li>ett</li>\n<li>två</li>\n</ul>",
        "<h2>Krav</h2>\n<ul class=\"boxes\">\n<li>intyg</li>\n</ul>",
        "<dt>Pris</dt>\n<dd>0 SEK</dd>",
        "<h2>Anordnare</h2>\n<p>A</p>",
        "<footer>off-3</footer>",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        html = strstr(html, parts[i]);
        if (!html)
            fail_msg("%s is not there, or in another place", parts[i]);
    }
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    while ((text = strstr(text, part))) {
        n++;
        text++;
    }
    return n;
}

/* A document with this text wherever it takes one. */
static document_t everywhere(const char *text)
{
    document_t document =
        document_of("'facts':[{'label':'x','value':'x'}],'parties':[{'heading':'x','text':'x'}],"
                    "'sections':[{'heading':'x','text':'x\\n- x'}],"
                    "'link':{'url':'https://example.se/?a=b&c=\\u0027onclick=x','text':'x'}");
    document.title = document.kind = document.language = document.lead = document.footer = text;
    document.link_text = document.facts[0].label = document.facts[0].value = text;
    document.parties[0].heading = document.parties[0].paragraphs[0].text = text;
    document.sections[0].heading = document.sections[0].paragraphs[0].text = text;
    document.sections[0].paragraphs[1].text = text;
    return document;
}

/* Whatever stands in a document is text: not one element more than without it. */
static void text_is_text(void **state)
{
    (void)state;
    static const char hostile[] = "</p></title></style><script>alert(1)</script><img src=x "
                                  "onerror=alert(1)>&lt;\"'";
    document_t tame = everywhere("x"), wild = everywhere(hostile);
    const char *calm = written(html_write, &tame), *html = written(html_write, &wild);
    assert_int_equal(count(html, "<"), count(calm, "<"));
    assert_int_equal(count(html, ">"), count(calm, ">"));
    assert_int_equal(count(html, "\""), count(calm, "\""));
    assert_int_equal(count(html, "&lt;script&gt;"), 15);
    assert_non_null(strstr(html, "&amp;lt;&quot;&#39;"));
    assert_non_null(strstr(html, "href=\"https://example.se/?a=b&amp;c=&#39;onclick=x\""));
}

/* Nothing is fetched: the only address is the link that one may follow. */
static void nothing_is_fetched(void **state)
{
    (void)state;
    document_t document = document_of("'link':{'url':'https://example.se/','text':'Kursens sida'}");
    const char *html = written(html_write, &document);
    assert_int_equal(count(html, "http"), 3); /* http-equiv, the link and its text */
    assert_int_equal(count(html, "url("), 0);
    assert_int_equal(count(html, "src="), 0);
    assert_non_null(strstr(html, "default-src 'none'"));
    assert_non_null(strstr(html, "aria-label=\"Kursens sida\""));
    document = document_of("");
    assert_null(strstr(written(html_write, &document), "<svg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_page),
        ARENA_TEST(text_is_text),
        ARENA_TEST(nothing_is_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "document_fixture.h"

static void the_least(void **state)
{
    (void)state;
    document_t document = document_of("");
    assert_string_equal(document.language, "sv");
    assert_string_equal(document.kind, "Kursbeskrivning");
    assert_string_equal(document.title, "Grundkurs i CAD");
    assert_string_equal(document.lead, "");
    assert_string_equal(document.footer, "");
    assert_string_equal(document.link, "");
    assert_int_equal(document.n_sections + document.n_facts + document.n_parties, 0);
}

static void all_of_it(void **state)
{
    (void)state;
    document_t document = document_of(
        "'lead':'För Motala','footer':'off-3','facts':[{'label':'Pris','value':'0 SEK'}],"
        "'parties':[{'heading':'Anordnare','text':'A\\nB'}],"
        "'link':{'url':'https://example.se/a?b=c&d','text':'Kursens sida'}");
    assert_string_equal(document.lead, "För Motala");
    assert_string_equal(document.footer, "off-3");
    assert_int_equal(document.n_facts, 1);
    assert_string_equal(document.facts[0].label, "Pris");
    assert_string_equal(document.facts[0].value, "0 SEK");
    assert_int_equal(document.n_parties, 1);
    assert_string_equal(document.parties[0].heading, "Anordnare");
    assert_int_equal(document.parties[0].n_paragraphs, 2);
    assert_string_equal(document.parties[0].paragraphs[1].text, "B");
    assert_string_equal(document.link, "https://example.se/a?b=c&d");
    assert_string_equal(document.link_text, "Kursens sida");
}

static void paragraphs_as_people_write_them(void **state)
{
    (void)state;
    document_t document =
        document_of("'sections':[{'heading':'Innehåll','text':'\\n\\nFörst.  \\nSen.\\n \\n- ett\\n"
                    "  • två\\n-inget\\n\\n\\n'},"
                    "{'heading':'Krav','text':'- intyg\\n\\nlokal','checklist':true}]");
    static const paragraph_t wanted[] = {{"Först.", PARAGRAPH_PLAIN, false},
                                         {"Sen.", PARAGRAPH_PLAIN, false},
                                         {"ett", PARAGRAPH_ITEM, true},
                                         {"två", PARAGRAPH_ITEM, false},
                                         {"-inget", PARAGRAPH_PLAIN, false}};
    assert_int_equal(document.sections[0].n_paragraphs, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(document.sections[0].paragraphs[i].text, wanted[i].text);
        assert_int_equal(document.sections[0].paragraphs[i].form, wanted[i].form);
        assert_int_equal(document.sections[0].paragraphs[i].apart, wanted[i].apart);
    }
    assert_int_equal(document.sections[1].n_paragraphs, 2);
    assert_string_equal(document.sections[1].paragraphs[0].text, "intyg");
    assert_int_equal(document.sections[1].paragraphs[1].form, PARAGRAPH_BOX);
}

/* A text is composed: a and a ring are one letter to every reader. */
static void texts_are_composed(void **state)
{
    (void)state;
    document_t document = document_of("'lead':'A\xcc\x8amål'");
    assert_string_equal(document.lead, "Åmål");
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    const struct {
        const char *more, *field, *expected;
    } rows[] = {
        {"'lead':5", "lead", "a text"},
        {arena_format(arena, "'lead':'%s'", repeated("x", (32 << 10) + 1)), "lead", "32 KiB"},
        {"'sections':{}", "sections", "a list"},
        {"'sections':[5]", "sections[0]", "an object"},
        {"'sections':[{'heading':'x','text':'y'},{'text':'y'}]", "sections[1].heading", "a text"},
        {"'sections':[{'heading':'x','text':' \\n '}]", "sections[0].text", "a text"},
        {"'sections':[{'heading':'x\\ny','text':'z'}]", "sections[0].heading", "U+000A"},
        {"'sections':[{'heading':'x','text':'y','checklist':1}]", "sections[0].checklist",
         "true or false"},
        {"'facts':[{'label':'x','value':'a\xe2\x80\xae"
         "b'}]",
         "facts[0].value", "U+202E"},
        {"'footer':'a\\u001b[2J'", "footer", "U+001B"},
        {"'link':'https://example.se'", "link", "an object"},
        {"'link':{'url':'javascript:alert(1)','text':'x'}", "link.url", "a web address"},
        {"'link':{'url':'https://','text':'x'}", "link.url", "a web address"},
        {"'link':{'url':'https://a b','text':'x'}", "link.url", "a web address"},
        {"'link':{'url':'https://å.se','text':'x'}", "link.url", "a web address"},
        {"'link':{'url':'https://a\\u003e','text':'x'}", "link.url", "a web address"},
        {"'link':{'url':'https://example.se'}", "link.text", "a text"},
        {"'lead':'a','lead':'b'", "", "JSON"},
        {"'lead':'\\u0000'", "", "JSON"},
        {"'lead':'\xff'", "", "JSON"},
        {"'lead'", "", "JSON"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        document_t document;
        error_t error = {0};
        const char *json = json_with(rows[i].more);
        if (document_read(&document, json, strlen(json), arena, &error))
            fail_msg("%s was read", rows[i].more);
        assert_int_equal(error.code, ERROR_INVALID);
        assert_string_equal(error.field, rows[i].field);
        if (!strstr(error.expected, rows[i].expected))
            fail_msg("%s: %s", rows[i].more, error.expected);
    }
}

static void what_is_needed_is_named(void **state)
{
    (void)state;
    static const char *const jsons[] = {"{\"kind\":\"k\",\"title\":\"t\"}",
                                        "{\"language\":\"sv\",\"title\":\"t\"}",
                                        "{\"language\":\"sv\",\"kind\":\"k\",\"title\":\"\"}"};
    static const char *const fields[] = {"language", "kind", "title"};
    for (size_t i = 0; i < 3; i++) {
        document_t document;
        error_t error = {0};
        assert_false(document_read(&document, jsons[i], strlen(jsons[i]), arena, &error));
        assert_string_equal(error.field, fields[i]);
    }
    document_t document;
    error_t error = {0};
    assert_false(document_read(&document, "[]", 2, arena, &error));
    assert_string_equal(error.expected, "an object");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(the_least),
        ARENA_TEST(all_of_it),
        ARENA_TEST(paragraphs_as_people_write_them),
        ARENA_TEST(texts_are_composed),
        ARENA_TEST(what_is_wrong_is_named),
        ARENA_TEST(what_is_needed_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli_fixture.h"
#include "one_pager.h"

#include <string.h>

/* What the record holds, as text: id, then fields and values. */
typedef struct {
    const char *id;
    const char *fields[24];
} row_t;

static const row_t *rows;
static size_t n_rows;
static int64_t n_taking_part;

static bool wanted(const value_t *arguments, const char *id)
{
    const value_t *where = value_get(value_get(arguments, "where"), "id");
    return where->form == VALUE_ABSENT || value_list_has(where, id);
}

static value_t record(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t list = value_builder(arena), result = value_builder(arena);
    if (strcmp(command, "count") == 0) {
        value_add_pair(&result, "count", value_integer(n_taking_part));
        return value_build_map(&result);
    }
    const char *kind = value_get_text(arguments, "kind"), *id = value_get_text(arguments, "id");
    for (size_t i = 0; i < n_rows; i++) {
        record_id_t parsed;
        record_id_parse(&parsed, rows[i].id, NULL);
        if (id && strcmp(id, rows[i].id) == 0)
            return view_of(arena, id, rows[i].fields);
        if (kind && strcmp(kind, parsed.kind->name) == 0 && wanted(arguments, rows[i].id))
            value_add(&list, view_of(arena, rows[i].id, rows[i].fields));
    }
    if (id)
        error_set(error, ERROR_NOT_FOUND, NULL, NULL);
    value_add_pair(&result, "records", value_build_list(&list));
    return value_build_map(&result);
}

/* The one-pager of off-3 in a record of these rows, as a JSON text; the footer is taken away,
   since it has the day. */
static const char *made(const row_t *with, size_t n, const char *language, one_pager_t *page)
{
    rows = with;
    n_rows = n;
    fake_t *daemon = daemon_begin(record);
    assert_true(one_pager_make(page, &cli, "off-3", language));
    daemon_end(&daemon);
    json_object_del(page->document, "footer");
    char *text = json_dumps(page->document, JSON_COMPACT | JSON_SORT_KEYS);
    const char *copy = arena_text(cli.arena, text);
    free(text);
    json_decref(page->document);
    return copy;
}

#define MADE(rows, language, page) made(rows, sizeof rows / sizeof *rows, language, page)

static void an_offer_alone(void **state)
{
    (void)state;
    static const row_t with[] = {{"off-3", {"title", "CAD", "edition", "2"}}};
    one_pager_t page;
    assert_string_equal(MADE(with, "en", &page),
                        "{\"facts\":[{\"label\":\"Price\",\"value\":\"not stated yet\"}],"
                        "\"kind\":\"Course description\",\"language\":\"en\",\"parties\":[],"
                        "\"sections\":[],\"title\":\"CAD\"}");
    assert_int_equal(page.edition, 2);
    assert_false(page.canvas);
}

/* What the offer says itself goes before what there was to go by. */
static void from_whom_the_texts_are(void **state)
{
    (void)state;
    static const row_t canvas = {
        "can-1", {"inquiry", "inq-1", "background", "Behov.", "extent", "Två dagar."}};
    row_t with[] = {
        {"off-3", {"title", "CAD", "inquiry", "inq-1", "course", "crs-1", "goals", "Rita."}},
        {"inq-1", {"title", "CAD", "employer", "org-7", "target_group", "Svetsare"}},
        {"org-7", {"name", "Kinda Plåt AB"}},
        {"crs-1",
         {"title", "CAD 1", "description", "Kursens innehåll.", "target_group", "Alla", "web",
          "https://example.se/"}},
        canvas};
    one_pager_t page;
    const char *text = MADE(with, "sv", &page);
    assert_non_null(strstr(text, "\"lead\":\"För Kinda Plåt AB\""));
    assert_non_null(strstr(text, "\"heading\":\"Mål\",\"text\":\"Rita.\""));
    assert_non_null(strstr(text, "\"heading\":\"Beskrivning\",\"text\":\"Kursens innehåll.\""));
    assert_non_null(strstr(text, "\"text\":\"Två dagar.\""));
    assert_non_null(strstr(text, "\"heading\":\"Målgrupp\",\"text\":\"Svetsare\""));
    assert_non_null(strstr(text, "\"url\":\"https://example.se/\""));
    assert_null(strstr(text, "Behov."));
    assert_null(strstr(text, "Alla"));
    assert_true(page.canvas);
    /* The daemon shows no canvas, course or employer: the paper is without. */
    with[1] = (row_t){"inq-1", {"title", "CAD", "discreet", "yes", "employer", "org-7"}};
    text = made(with, 3, "sv", &page);
    assert_null(strstr(text, "Kinda"));
    assert_null(strstr(text, "link"));
    assert_false(page.canvas);
}

/* Of a pool those alone are named who said that co-employers may know. */
static void employers_of_a_pool(void **state)
{
    (void)state;
    static const row_t with[] = {
        {"off-3", {"title", "CAD", "pool", "poo-4", "specific_requirements", "Intyg"}},
        {"poo-4", {"title", "CAD i tre kommuner", "requirements", "Kväll", "minimum", "12"}},
        {"opt-1", {"pool", "poo-4", "employer", "org-7"}},
        {"opt-2", {"pool", "poo-4", "employer", "org-8"}},
        {"org-7", {"name", "Kinda Plåt AB"}},
        {"org-8", {"name", "Åtvids Verktyg AB"}}};
    one_pager_t page;
    n_taking_part = 5;
    const char *text = MADE(with, "sv", &page);
    assert_non_null(
        strstr(text, "{\"heading\":\"Arbetsgivare\",\"text\":\"Kinda Plåt AB, Åtvids Verktyg AB "
                     "och ytterligare 3 arbetsgivare\"}"));
    assert_non_null(strstr(text, "\"lead\":\"CAD i tre kommuner\""));
    assert_non_null(strstr(text, "{\"label\":\"Deltagare\",\"value\":\"minst 12\"}"));
    assert_non_null(strstr(text, "\"text\":\"Intyg\""));
    assert_null(strstr(text, "Kväll"));
    /* It asks for the open ones, and for the number of all who take part. */
    bool open = false, all = false;
    for (int i = 0; asked(i); i++) {
        open = open || strstr(asked(i), "list {\"kind\":\"opt_in\",\"where\":{\"pool\":\"poo-4\","
                                        "\"state\":\"open\"}");
        all = all || strstr(asked(i), "\"state\":[\"anonymous\",\"named\",\"open\"]");
    }
    assert_true(open && all);
    n_taking_part = 2;
    assert_non_null(strstr(MADE(with, "en", &page), "\"Kinda Plåt AB, Åtvids Verktyg AB\""));
    n_taking_part = 3;
    assert_non_null(strstr(made(with, 2, "en", &page), "\"text\":\"3 employers\""));
}

static void prices(void **state)
{
    (void)state;
    static const struct {
        row_t offer;
        const char *sv, *en;
    } cases[] = {
        {{"off-3",
          {"title", "x", "price", "148000.00", "currency", "SEK", "price_model", "group", "vat",
           "excluded"}},
         "148\u202f000 kr per grupp, exklusive moms",
         "148000 SEK a group, VAT not included"},
        {{"off-3", {"title", "x", "price", "99.50", "currency", "EUR"}}, "99,50 EUR", "99.50 EUR"},
        {{"off-3", {"title", "x", "price", "0.00", "price_model", "free", "vat", "exempt"}},
         "kostnadsfritt",
         "free of charge"},
        {{"off-3", {"title", "x", "price_model", "hour"}}, "lämnas senare", "not stated yet"},
    };
    one_pager_t page;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *swedish = made(&cases[i].offer, 1, "sv", &page);
        const char *english = made(&cases[i].offer, 1, "en", &page);
        if (!strstr(swedish,
                    arena_format(cli.arena, "{\"label\":\"Pris\",\"value\":\"%s\"}", cases[i].sv)))
            fail_msg("%s", swedish);
        if (!strstr(english,
                    arena_format(cli.arena, "{\"label\":\"Price\",\"value\":\"%s\"}", cases[i].en)))
            fail_msg("%s", english);
    }
}

static void ranges(void **state)
{
    (void)state;
    static const row_t with[] = {
        {"off-3",
         {"title", "x", "course", "crs-1", "minimum", "8", "maximum", "8", "period_from",
          "2027-02-08", "supplementary", "no"}},
        {"crs-1", {"title", "y", "minimum", "12", "credits", "7.5", "hours", "320.0"}}};
    one_pager_t page;
    const char *text = MADE(with, "sv", &page);
    assert_non_null(strstr(text, "{\"label\":\"Deltagare\",\"value\":\"8\"}"));
    assert_non_null(strstr(text, "{\"label\":\"Period\",\"value\":\"från och med 2027-02-08\"}"));
    assert_non_null(strstr(text, "{\"label\":\"Tilläggsavtal\",\"value\":\"nej\"}"));
    assert_non_null(strstr(text, "{\"label\":\"Högskolepoäng\",\"value\":\"7,5\"}"));
    assert_non_null(strstr(text, "{\"label\":\"Timmar\",\"value\":\"320\"}"));
}

/* The reader goes on in the own language and forms. */
static void the_language_is_put_back(void **state)
{
    (void)state;
    static const row_t with[] = {{"off-3", {"title", "x"}}};
    one_pager_t page;
    speak_swedish();
    assert_non_null(strstr(MADE(with, "en", &page), "Course description"));
    assert_true(language_is_swedish() && language_has_forms());
    unsetenv("LANGUAGE");
    MADE(with, "en", &page);
    assert_null(getenv("LANGUAGE"));
    assert_string_equal(getenv("LC_ALL"), "sv_SE.UTF-8");
}

static void who_is_behind_it(void **state)
{
    (void)state;
    static const row_t with[] = {
        {"off-3", {"title", "x", "provider", "org-1", "unit", "org-2", "inquiry", "inq-1"}},
        {"inq-1", {"title", "x", "broker", "usr-4"}},
        {"usr-4", {"name", "kompetensmäklare, Motala"}},
        {"org-1", {"name", "Högskolan", "email", "a@example.se", "web", "https://example.se"}},
        {"org-2", {"name", "Lärcentrum", "phone", "0141-22 50 00"}}};
    one_pager_t page;
    const char *text = MADE(with, "sv", &page);
    assert_non_null(strstr(text, "{\"heading\":\"Utbildningsanordnare\",\"text\":\"Högskolan\\n"
                                 "https://example.se\\na@example.se\"}"));
    assert_non_null(strstr(text, "{\"heading\":\"Ansvarig organisation\",\"text\":\"Lärcentrum\\n"
                                 "kompetensmäklare, Motala\\n0141225000\"}"));
}

static void no_offer_no_paper(void **state)
{
    (void)state;
    one_pager_t page;
    rows = NULL;
    n_rows = 0;
    fake_t *daemon = daemon_begin(record);
    hear();
    assert_false(one_pager_make(&page, &cli, "off-3", "sv"));
    heard_t said = heard();
    daemon_end(&daemon);
    assert_int_equal(cli.status, 6);
    assert_true(said.err[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(an_offer_alone),
        CLI_TEST(from_whom_the_texts_are),
        CLI_TEST(employers_of_a_pool),
        CLI_TEST(prices),
        CLI_TEST(ranges),
        CLI_TEST(the_language_is_put_back),
        CLI_TEST(who_is_behind_it),
        CLI_TEST(no_offer_no_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

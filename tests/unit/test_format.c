#include "cli_fixture.h"
#include "format.h"

static value_t parsed(const char *kind, const char *field, const char *text)
{
    value_t value;
    error_t error = {0};
    assert_true(field_parse(kind_field(schema_kind(kind), field), text, &value, cli.arena, &error));
    return value;
}

static const char *shown(const char *kind, const char *field, const char *text)
{
    value_t value = parsed(kind, field, text);
    return format_value(&cli, schema_kind(kind), kind_field(schema_kind(kind), field), &value,
                        false);
}

static void values_in_the_readers_language(void **state)
{
    (void)state;
    speak("sv");
    assert_string_equal(language_code(), "sv");
    assert_string_equal(shown("inquiry", "state", "offered"), "offert lämnad");
    assert_string_equal(shown("inquiry", "form", "on_site distance"), "på plats, på distans");
    assert_string_equal(shown("inquiry", "discreet", "yes"), "ja");
    assert_string_equal(shown("inquiry", "budget_hint", "1250.5"), "1\xe2\x80\xaf"
                                                                   "250,50");
    assert_string_equal(shown("grant", "role", "broker"), "kompetensmäklare");
    assert_string_equal(shown("user", "state", "revoked"), "behörighet återkallad");
    assert_string_equal(shown("key", "state", "revoked"), "återkallad");
    assert_string_equal(shown("inquiry", "period_from", "2027-03-01"), "2027-03-01");
    speak("en");
    assert_string_equal(shown("inquiry", "state", "offered"), "offered");
    assert_string_equal(shown("inquiry", "budget_hint", "1250.5"), "1250.50");
    assert_string_equal(shown("inquiry", "areas", "0715 0713"), "are-0715, are-0713");
}

static void instants_in_local_time(void **state)
{
    (void)state;
    speak("sv");
    /* Two hours before UTC's midnight in summer time is the next day here. */
    assert_string_equal(format_instant(1751320800000, cli.arena), "2025-07-01 00:00");
}

static void money_below_zero(void **state)
{
    (void)state;
    static const struct {
        int64_t ore;
        const char *english, *swedish;
    } rows[] = {
        {0, "0.00", "0,00"},
        {-5, "-0.05", "-0,05"},
        {-50, "-0.50", "-0,50"},
        {-1250, "-12.50", "-12,50"},
        {99, "0.99", "0,99"},
        {125000050, "1250000.50",
         "1\xe2\x80\xaf"
         "250\xe2\x80\xaf"
         "000,50"},
        {-125000050, "-1250000.50",
         "-1\xe2\x80\xaf"
         "250\xe2\x80\xaf"
         "000,50"},
        {INT64_MIN, "-92233720368547758.08",
         "-92\xe2\x80\xaf"
         "233\xe2\x80\xaf"
         "720\xe2\x80\xaf"
         "368\xe2\x80\xaf"
         "547\xe2\x80\xaf"
         "758,08"},
    };
    const kind_t *kind = schema_kind("inquiry");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        value_t value = value_integer(rows[i].ore);
        const field_t *field = kind_field(kind, "budget_hint");
        speak("en");
        assert_string_equal(format_value(&cli, kind, field, &value, false), rows[i].english);
        speak_swedish();
        assert_string_equal(format_value(&cli, kind, field, &value, false), rows[i].swedish);
    }
}

static void swedish_numbers_need_no_locale(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-999, "-999"},
        {1000, "1\xe2\x80\xaf"
               "000"},
        {-25000, "-25\xe2\x80\xaf"
                 "000"},
        {1234567, "1\xe2\x80\xaf"
                  "234\xe2\x80\xaf"
                  "567"},
    };
    const kind_t *inquiry = schema_kind("inquiry"), *municipality = schema_kind("municipality");
    value_t budget = value_integer(2500050), latitude = value_integer(58536700),
            whole = value_integer(-15000000);
    const field_t *degrees = kind_field(municipality, "latitude");
    speak("sv");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(format_integer(rows[i].number, cli.arena), rows[i].text);
    assert_string_equal(
        format_value(&cli, inquiry, kind_field(inquiry, "budget_hint"), &budget, false),
        "25\xe2\x80\xaf"
        "000,50");
    assert_string_equal(format_value(&cli, municipality, degrees, &latitude, false), "58,5367");
    assert_string_equal(format_value(&cli, municipality, degrees, &whole, false), "-15,0");
    speak("en");
    assert_string_equal(format_integer(1234567, cli.arena), "1234567");
    assert_string_equal(format_value(&cli, municipality, degrees, &latitude, false), "58.5367");
}

static void dates_as_the_locale_has_them(void **state)
{
    (void)state;
    speak_swedish();
    assert_string_equal(format_date("2027-03-01", cli.arena), "2027-03-01");
    assert_string_equal(format_date("soon\033", cli.arena), "soon\xef\xbf\xbd");
    assert_string_equal(format_date("2027-03-01\033", cli.arena), "2027-03-01\xef\xbf\xbd");
    assert_string_equal(format_integer(-1234567, cli.arena), "-1\xe2\x80\xaf"
                                                             "234\xe2\x80\xaf"
                                                             "567");
    speak("en");
    assert_string_equal(format_integer(-1234567, cli.arena), "-1234567");
}

static void a_cell_has_names_alone(void **state)
{
    (void)state;
    value_t value = parsed("inquiry", "areas", "0715 0713"), absent = value_absent;
    const kind_t *kind = schema_kind("inquiry");
    const field_t *areas = kind_field(kind, "areas"), *employer = kind_field(kind, "employer");
    assert_string_equal(format_cell(&cli, kind, areas, &value), "are-0715, are-0713");
    assert_string_equal(format_cell(&cli, kind, employer, &absent), "");
    assert_string_equal(format_value(&cli, kind, employer, &absent, false), "");
    value = value_text("rad 1\nrad 2");
    assert_string_equal(format_cell(&cli, kind, kind_field(kind, "description"), &value),
                        "rad 1 rad 2");
    /* What is no reference at all. */
    value = value_integer(7);
    assert_string_equal(format_cell(&cli, kind, employer, &value), "");
}

static void titles_are_names(void **state)
{
    (void)state;
    value_t view = VIEW(cli.arena, "inq-12", "title", "Grundkurs i CAD");
    assert_string_equal(format_title(&cli, &view), "inq-12 Grundkurs i CAD");
    view = VIEW(cli.arena, "inq-12", "participants", "8"); /* a discreet one */
    assert_string_equal(format_title(&cli, &view), "inq-12");
    view = VIEW(cli.arena, "are-0715", "name_sv", "Maskinteknik");
    assert_string_equal(format_title(&cli, &view), "are-0715 Maskinteknik");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(values_in_the_readers_language),
        CLI_TEST(instants_in_local_time),
        CLI_TEST(money_below_zero),
        CLI_TEST(swedish_numbers_need_no_locale),
        CLI_TEST(dates_as_the_locale_has_them),
        CLI_TEST(a_cell_has_names_alone),
        CLI_TEST(titles_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "arguments.h"
#include "cli_fixture.h"
#include "format.h"
#include "print.h"
#include "table.h"

static const char *csv_of(const kind_t *kind, const value_t *views)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    print_csv_heading(file, kind);
    if (views)
        print_csv(file, kind, views);
    fclose(file);
    const char *copy = arena_text(cli.arena, text);
    free(text);
    return copy;
}

static const char *table_of(const char *kind, value_t *views, uint32_t n)
{
    value_t list = value_list(views, n);
    hear();
    print_table(&cli, stdout, schema_kind(kind), &list);
    heard_t said = heard();
    return arena_format(cli.arena, "%s%s", said.out, said.err);
}

static const char *record_of(const char *kind, const value_t *view)
{
    hear();
    print_record(&cli, schema_kind(kind), view);
    heard_t said = heard();
    return arena_format(cli.arena, "%s%s", said.out, said.err);
}

/* -- spreadsheets ------------------------------------------------------------------------------ */

static void every_field_is_a_column(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        const char *expected = "\xef\xbb\xbfid";
        for (size_t i = 0; i < kind->n_fields; i++)
            if (!(kind->fields[i].attributes & FIELD_INTERNAL))
                expected = arena_format(cli.arena, "%s,%s", expected, kind->fields[i].name);
        assert_string_equal(csv_of(kind, NULL), arena_format(cli.arena, "%s\r\n", expected));
        /* And a row has as many cells, whatever is in it. */
        const char *id = arena_format(cli.arena, "%s-%s", kind->prefix, kind->coded ? "0583" : "1");
        value_t view = view_of(cli.arena, id, (const char *const[]){NULL});
        value_t list = value_list(&view, 1);
        const char *row = strchr(csv_of(kind, &list), '\n') + 1;
        size_t commas = 0;
        for (const char *c = expected; *c; c++)
            commas += *c == ',';
        assert_int_equal(strlen(row), strlen(id) + commas + 2);
    }
}

static void a_row_has_a_cell_for_each_column(void **state)
{
    (void)state;
    value_t views[] = {
        VIEW(cli.arena, "pla-1", "name", "Aulan, \"stora\"", "municipality", "0583", "seats", "40",
             "equipment", "tavla; projektor", "accessibility", "ramp\nhiss", "video", "no"),
        VIEW(cli.arena, "pla-2", "name", "Öst"),
    };
    value_t list = value_list(views, 2);
    assert_string_equal(csv_of(schema_kind("place"), &list),
                        "\xef\xbb\xbfid,name,municipality,address,seats,equipment,video,"
                        "accessibility,tags,notes,created,created_by\r\n"
                        "pla-1,\"Aulan, \"\"stora\"\"\",mun-0583,,40,\"tavla; projektor\",no,"
                        "\"ramp\nhiss\",,,,\r\n"
                        "pla-2,Öst,,,,,,,,,,\r\n");
    list.count = 0;
    assert_string_equal(csv_of(schema_kind("place"), &list), csv_of(schema_kind("place"), NULL));
    speak("sv");
    list.count = 2;
    assert_non_null(strstr(csv_of(schema_kind("place"), &list), "\r\npla-2;Öst;;;;;;;;;;\r\n"));
}

static void what_would_be_calculated_is_text(void **state)
{
    (void)state;
    static const char *const formulas[] = {"=1+1", "+46 13", "-kurs", "@SUM(A1)"};
    for (size_t i = 0; i < 4; i++) {
        value_t view = VIEW(cli.arena, "inq-1", "title", formulas[i]);
        value_t list = value_list(&view, 1);
        const char *expected = arena_format(cli.arena, "\r\ninq-1,\"'%s\",", formulas[i]);
        assert_non_null(strstr(csv_of(schema_kind("inquiry"), &list), expected));
    }
}

static value_t with_field(const char *id, const char *name, value_t value)
{
    value_builder_t fields = value_builder(cli.arena), view = value_builder(cli.arena);
    value_add_pair(&fields, name, value);
    value_add_pair(&view, "id", value_text(id));
    value_add_pair(&view, "rev", value_integer(812));
    value_add_pair(&view, "fields", value_build_map(&fields));
    return value_build_map(&view);
}

static void numbers_below_zero_are_numbers(void **state)
{
    (void)state;
    value_t view = with_field("inq-1", "budget_hint", value_integer(-1250));
    value_t list = value_list(&view, 1);
    assert_non_null(strstr(csv_of(schema_kind("inquiry"), &list), ",-12.50,"));
    speak_swedish(); /* a program's form, in every locale */
    assert_non_null(strstr(csv_of(schema_kind("inquiry"), &list), ";-12.50;"));
    view = with_field("mun-0583", "latitude", value_integer(-58537200));
    assert_non_null(strstr(csv_of(schema_kind("municipality"), &list), ";-58.537200;"));
}

/* -- tables ------------------------------------------------------------------------------------ */

static void a_table_has_what_is_listed(void **state)
{
    (void)state;
    value_t views[] = {
        VIEW(cli.arena, "mun-0561", "name", "Åtvidaberg", "county", "05", "tags", "x", "latitude",
             "58.2"),
        VIEW(cli.arena, "mun-0583", "name", "Motala", "county", "05", "latitude", "-8.537201")};
    assert_string_equal(table_of("municipality", views, 2),
                        "Id        Name        County   Latitude\n"
                        "mun-0561  Åtvidaberg  cty-05       58.2\n"
                        "mun-0583  Motala      cty-05  -8.537201\n");
}

static void a_name_in_the_readers_language_is_enough(void **state)
{
    (void)state;
    value_t view = VIEW(cli.arena, "are-0715", "name_en", "Mechanics", "name_sv", "Maskinteknik");
    assert_string_equal(table_of("area", &view, 1), "Id        English name\n"
                                                    "are-0715  Mechanics\n");
    speak("sv");
    assert_non_null(strstr(table_of("area", &view, 1), "are-0715  Maskinteknik\n"));
}

static void who_rang_stands_where_no_employer_is(void **state)
{
    (void)state;
    value_t views[] = {
        VIEW(cli.arena, "inq-2", "title", "CAD", "caller", "a firm by the harbour"),
        VIEW(cli.arena, "inq-1", "title", "Truck", "employer", "org-7", "caller", "the foreman")};
    assert_string_equal(table_of("inquiry", views, 2), "Id     Title  Employer\n"
                                                       "inq-2  CAD    a firm by the harbour\n"
                                                       "inq-1  Truck  org-7\n");
}

static void swedish_is_aligned(void **state)
{
    (void)state;
    speak_swedish();
    value_t views[] = {
        VIEW(cli.arena, "inq-12", "title", "Ämne å", "state", "dialogue", "participants", "1200"),
        VIEW(cli.arena, "inq-9", "title", "学校 (kurs)", "state", "new", "participants", "8"),
        VIEW(cli.arena, "inq-7", "title", "a\xcc\x8a", "state", "new", "participants", "100000"),
    };
    const char *text = table_of("inquiry", views, 3);
    assert_string_equal(text, "Id      Rubrik       Status    Deltagare\n"
                              "inq-12  Ämne å       i dialog      1\xe2\x80\xaf"
                              "200\n"
                              "inq-9   学校 (kurs)  ny                8\n"
                              "inq-7   a\xcc\x8a            ny          100\xe2\x80\xaf"
                              "000\n");
}

static void it_fits_the_terminal(void **state)
{
    (void)state;
    static const unsigned short widths[] = {40, 80, 200};
    static const char *const languages[] = {"en", "sv"};
    for (size_t l = 0; l < 2; l++)
        for (size_t w = 0; w < 3; w++) {
            speak(languages[l]);
            value_t views[] = {
                VIEW(cli.arena, "inq-12", "title", "Grundkurs i svetsning för äldre 学校学校学校",
                     "municipality", "0561", "employer", "org-7", "areas", "0715 0713 0712",
                     "participants", "8", "state", "acknowledged", "urgency", "urgent"),
                VIEW(cli.arena, "inq-13", "title", "Kort", "participants", "100000")};
            value_t list = value_list(views, 2);
            hear_on_terminal(widths[w], true);
            print_table(&cli, stdout, schema_kind("inquiry"), &list);
            heard_t said = heard();
            size_t lines = 0;
            char *rest = arena_text(cli.arena, said.out), *line;
            while ((line = strsep(&rest, "\n")) && *line) {
                if (lines++ > 0) /* the heading is bold, which takes no place */
                    assert_in_range(table_width_of(line), 1, widths[w]);
            }
            assert_int_equal(lines, 3);
            assert_non_null(strstr(said.out, "\033[1mId"));
            /* Who has room sees more. */
            assert_int_equal(!strstr(said.out, "org-7"), widths[w] == 40);
            assert_int_equal(!strstr(said.out, "学校学校学校"), widths[w] < 200);
            /* A number is whole or not there. */
            const char *number = format_integer(100000, cli.arena);
            assert_int_equal(!strstr(said.out, number), widths[w] == 40);
            assert_null(strstr(said.out, "00…"));
        }
}

static void what_goes_without_saying_goes_first(void **state)
{
    (void)state;
    value_t views[] = {VIEW(cli.arena, "inq-12", "title", "Grundkurs i CAD", "discreet", "no",
                            "urgency", "normal", "participants", "8", "state", "acknowledged")};
    value_t list = value_list(views, 1);
    hear_on_terminal(56, false);
    print_table(&cli, stdout, schema_kind("inquiry"), &list);
    heard_t said = heard();
    assert_string_equal(said.out, "Id      Title            State         Participants\n"
                                  "inq-12  Grundkurs i CAD  acknowledged             8\n");
}

/* Of a discreet inquiry the county is what others see. */
static void the_county_stands_in_for_the_municipality(void **state)
{
    (void)state;
    value_t views[] = {
        VIEW(cli.arena, "inq-2", "state", "new", "county", "cty-05", "discreet", "yes"),
        VIEW(cli.arena, "inq-1", "state", "new", "municipality", "mun-0583", "county", "cty-05")};
    assert_string_equal(table_of("inquiry", views, 2), "Id     State  Municipality  Discreet\n"
                                                       "inq-2  new    cty-05        yes\n"
                                                       "inq-1  new    mun-0583\n");
}

/* -- one record -------------------------------------------------------------------------------- */

static void a_field_a_line(void **state)
{
    (void)state;
    speak("sv");
    value_t view = VIEW(cli.arena, "pla-1", "name", "Aulan", "seats", "40", "accessibility",
                        "ramp\nhiss åt höger", "equipment", "tavla; projektor", "video", "yes");
    assert_string_equal(record_of("place", &view), "pla-1 Aulan\n"
                                                   "namn:           Aulan\n"
                                                   "platser:        40\n"
                                                   "utrustning:     tavla, projektor\n"
                                                   "video:          ja\n"
                                                   "tillgänglighet: ramp\n"
                                                   "                hiss åt höger\n"
                                                   "revision:       812\n");
}

static void an_amount_is_one_with_its_currency(void **state)
{
    (void)state;
    speak("sv");
    value_t view = VIEW(cli.arena, "inq-1", "budget_hint", "25000", "currency", "SEK");
    assert_string_equal(record_of("inquiry", &view), "inq-1\n"
                                                     "ungefärlig budget: 25\xe2\x80\xaf"
                                                     "000,00 kr\n"
                                                     "revision:          812\n");
    view = VIEW(cli.arena, "inq-1", "currency", "EUR");
    assert_non_null(strstr(record_of("inquiry", &view), "valuta:   EUR\n"));
    /* The one that the daemon fills in is of nothing here. */
    view = VIEW(cli.arena, "inq-1", "currency", "SEK");
    assert_string_equal(record_of("inquiry", &view), "inq-1\nrevision: 812\n");
}

/* What it says would have no room beside it. */
static void a_long_label_has_a_line_of_its_own(void **state)
{
    (void)state;
    speak("sv");
    value_t view = VIEW(cli.arena, "can-1", "background", "Ny maskinpark.\nRitningar i 3D.",
                        "resources", "egna", "completeness", "2");
    assert_string_equal(record_of("canvas", &view),
                        "can-1\n"
                        "bakgrundsbeskrivning till behov samt målsättning:\n"
                        "                       Ny maskinpark.\n"
                        "                       Ritningar i 3D.\n"
                        "resurser och partners: egna\n"
                        "ifyllda steg:          2 av 6\n"
                        "revision:              812\n"
                        "Kvar att fylla i: deltagare och förkunskaper; pedagogik och former; "
                        "utbildningens omfattning och tidsplanering; gemensam planering för "
                        "fortsatt dialog samt uppföljning.\n");
}

static void a_record_of_nothing(void **state)
{
    (void)state;
    value_t view = VIEW(cli.arena, "tsk-1", NULL);
    assert_string_equal(record_of("task", &view), "tsk-1\nrevision: 812\n");
}

static void every_field_is_shown_by_its_label(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "sv"};
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        for (size_t k = 0; k < schema_n_kinds(); k++) {
            const kind_t *kind = schema_kind_at(k);
            for (size_t i = 0; i < kind->n_fields; i++) {
                const char *id =
                    arena_format(cli.arena, "%s-%s", kind->prefix, kind->coded ? "0583" : "1");
                value_t view = with_field(id, kind->fields[i].name, value_text("x"));
                const char *line =
                    arena_format(cli.arena, "\n%s:", label_of_field(kind, &kind->fields[i]));
                assert_non_null(strstr(record_of(kind->name, &view), line));
            }
        }
    }
}

static void what_can_be_done_next(void **state)
{
    (void)state;
    value_t moves[] = {value_text("acknowledge"), value_text("start_dialogue"), value_text("\033")};
    value_builder_t view = value_builder(cli.arena);
    value_add_pair(&view, "id", value_text("inq-12"));
    value_add_pair(&view, "rev", value_integer(812));
    value_add_pair(&view, "fields", fake_map(cli.arena));
    value_add_pair(&view, "moves", value_list(moves, 3));
    value_t whole = value_build_map(&view);
    assert_string_equal(record_of("inquiry", &whole), "inq-12\nrevision: 812\n"
                                                      "Possible now: acknowledge, start-dialogue, "
                                                      "\xef\xbf\xbd.\n");
}

static void what_is_left_out_is_said(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(answer_nothing);
    value_t person = VIEW(cli.arena, "per-1", "staff", "no");
    value_t named = VIEW(cli.arena, "per-1", "name", "Kontaktpersonen", "staff", "no");
    value_t inquiry = VIEW(cli.arena, "inq-12", "contact_person", "per-1");
    assert_non_null(strstr(record_of("person", &person), "Personal data is left out."));
    assert_non_null(strstr(table_of("person", &person, 1), "Personal data is left out."));
    assert_non_null(strstr(record_of("inquiry", &inquiry), "Personal data is left out."));
    /* One of several is enough. */
    value_t ids[] = {value_text("org-7"), value_text("per-1")};
    value_t several = with_field("inq-12", "contact_person", value_list(ids, 2));
    assert_non_null(strstr(record_of("inquiry", &several), "Personal data is left out."));
    several = with_field("inq-12", "contact_person", value_list(ids, 1));
    assert_null(strstr(record_of("inquiry", &several), "Personal data is left out."));
    /* A list does not show the contact person. */
    assert_null(strstr(table_of("inquiry", &inquiry, 1), "Personal data is left out."));
    assert_null(strstr(record_of("person", &named), "Personal data is left out."));
    cli.purpose = "ringa";
    assert_null(strstr(record_of("person", &person), "Personal data is left out."));
    daemon_end(&daemon);
}

/* -- what a daemon should not send ------------------------------------------------------------- */

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    static const char hostile[] = "a\033[2J\xc2\x9b"
                                  "31m\xe2\x80\xae"
                                  "b";
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            value_t item = value_text(hostile), value = item;
            const char *id =
                arena_format(cli.arena, "%s-%s", kind->prefix, kind->coded ? "0583" : "1");
            for (int form = 0; form < 2; form++) {
                if (form)
                    value = value_list(&item, 1);
                value_t view = with_field(id, field->name, value), list = value_list(&view, 1);
                const char *texts[] = {record_of(kind->name, &view), table_of(kind->name, &view, 1),
                                       csv_of(kind, &list) + 3};
                for (size_t t = 0; t < 3; t++)
                    if (strchr(texts[t], '\033') || strstr(texts[t], "\xc2\x9b") ||
                        strstr(texts[t], "\xe2\x80\xae"))
                        fail_msg("%s of %s steers the terminal: %s", field->name, kind->name,
                                 texts[t]);
            }
        }
    }
    value_t view = with_field("inq-\033[2J", "title", value_text("x")), list = value_list(&view, 1);
    assert_null(strchr(table_of("inquiry", &view, 1), '\033'));
    assert_null(strchr(record_of("inquiry", &view), '\033'));
    assert_null(strchr(csv_of(schema_kind("inquiry"), &list), '\033'));
}

static void a_field_of_16_kib(void **state)
{
    (void)state;
    char *large = arena_alloc(cli.arena, 16385);
    for (size_t i = 0; i < 16384; i += 2)
        memcpy(large + i, "å", 2);
    value_t view = with_field("inq-12", "title", value_text(large)), list = value_list(&view, 1);
    assert_non_null(strstr(csv_of(schema_kind("inquiry"), &list), large));
    assert_non_null(strstr(record_of("inquiry", &view), large));
    hear_on_terminal(80, false);
    print_table(&cli, stdout, schema_kind("inquiry"), &list);
    heard_t said = heard();
    const char *row = strchr(said.out, '\n') + 1;
    assert_int_equal(table_width_of(arena_text_of(cli.arena, row, strcspn(row, "\n"))), 80);
    assert_non_null(strstr(row, "…\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_field_is_a_column),
        CLI_TEST(a_row_has_a_cell_for_each_column),
        CLI_TEST(what_would_be_calculated_is_text),
        CLI_TEST(numbers_below_zero_are_numbers),
        CLI_TEST(a_table_has_what_is_listed),
        CLI_TEST(a_name_in_the_readers_language_is_enough),
        CLI_TEST(who_rang_stands_where_no_employer_is),
        CLI_TEST(swedish_is_aligned),
        CLI_TEST(it_fits_the_terminal),
        CLI_TEST(what_goes_without_saying_goes_first),
        CLI_TEST(the_county_stands_in_for_the_municipality),
        CLI_TEST(a_field_a_line),
        CLI_TEST(an_amount_is_one_with_its_currency),
        CLI_TEST(a_long_label_has_a_line_of_its_own),
        CLI_TEST(a_record_of_nothing),
        CLI_TEST(every_field_is_shown_by_its_label),
        CLI_TEST(what_can_be_done_next),
        CLI_TEST(what_is_left_out_is_said),
        CLI_TEST(nothing_steers_the_terminal),
        CLI_TEST(a_field_of_16_kib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

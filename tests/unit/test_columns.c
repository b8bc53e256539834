#include "arguments.h"
#include "cli_fixture.h"
#include "columns.h"
#include "temporary_home.h"

static columns_t columns;

static int begin(void **state)
{
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

/* The map's lines, NULL for no map. What was said, NULL when all went well. */
static const char *read_all(const char *kind, const char *map, const char *const *heading)
{
    sheet_row_t row = {.line = 1};
    while (heading[row.n])
        row.n++;
    row.cells = (const char **)heading;
    const char *path = map ? arena_format(cli.arena, "%s/map.csv", home) : NULL;
    if (map) {
        FILE *file = fopen(path, "w");
        fputs(map, file);
        fclose(file);
    }
    cli.status = 0;
    hear();
    bool good = columns_read(&columns, &cli, schema_kind(kind), &row, path);
    heard_t said = heard();
    assert_int_equal(good, cli.status == 0);
    assert_string_equal(said.out, "");
    return good ? NULL : said.err;
}

#define READ(kind, map, ...) read_all(kind, map, (const char *const[]){__VA_ARGS__, NULL})

static void is_field(const kind_t *kind, const char *heading, const field_t *field)
{
    const char *said = read_all(kind->name, NULL, (const char *const[]){heading, NULL});
    if (field->attributes & FIELD_DAEMON) {
        if (!said || !strstr(said, "column,field"))
            fail_msg("%s of %s is not the daemon's", heading, kind->name);
        return;
    }
    if (said)
        fail_msg("%s of %s: %s", heading, kind->name, said);
    assert_int_equal(columns.n_columns, 1);
    assert_int_equal(columns.columns[0].use, COLUMN_FIELD);
    if (columns.columns[0].field != field)
        fail_msg("%s of %s is %s", heading, kind->name, columns.columns[0].field->name);
    assert_string_equal(columns.columns[0].heading, heading);
}

static void every_field_by_its_name_and_labels(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "sv"};
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            if (field->attributes & FIELD_INTERNAL) {
                assert_non_null(READ(kind->name, NULL, field->name));
                continue;
            }
            for (size_t l = 0; l < 2; l++) {
                speak(languages[l]);
                is_field(kind, field->name, field);
                is_field(kind, arguments_option_name(field->name, cli.arena), field);
                is_field(kind, field->label, field);
                is_field(kind, label_of_field(kind, field), field);
                is_field(kind, language_capital(label_of_field(kind, field), cli.arena), field);
            }
        }
    }
}

static void the_beginning_of_one_name(void **state)
{
    (void)state;
    assert_null(READ("inquiry", NULL, "Particip", "travel limit"));
    assert_string_equal(columns.columns[0].field->name, "participants");
    assert_string_equal(columns.columns[1].field->name, "travel_limit_km");
    assert_non_null(READ("inquiry", NULL, "period")); /* from or to? */
}

static void ids_are_codes(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        static const char *const names[] = {"id", "ID", "code", "kod"};
        speak("sv");
        for (size_t i = 0; i < 4; i++) {
            const char *said = READ(kind->name, NULL, names[i]);
            assert_int_equal(!said, kind->coded);
            if (!said)
                assert_int_equal(columns.columns[0].use, COLUMN_ID);
        }
    }
}

static void what_an_export_has_besides(void **state)
{
    (void)state;
    /* The lines it names, given to --map, take it in. */
    static const char *const heading[] = {"id", "title", "state", "created", NULL};
    assert_string_equal(read_all("inquiry", NULL, heading),
                        "samverk: The daemon sets these columns itself: id, state, created. An "
                        "import makes new records; to do so without them, --map FILE with these "
                        "lines:\n  column,field\n  id,-\n  state,-\n  created,-\n");
    assert_null(read_all("inquiry", "column,field\nid,-\nstate,-\ncreated,-\n", heading));
    assert_int_equal(columns.columns[0].use, COLUMN_IGNORED);
    assert_int_equal(columns.columns[1].use, COLUMN_FIELD);
    assert_int_equal(columns.columns[3].use, COLUMN_IGNORED);
}

static void a_column_of_links(void **state)
{
    (void)state;
    static const char *const headings[] = {"municipalities", "Municipalities", "Kommuner"};
    speak("sv");
    for (size_t i = 0; i < 3; i++) {
        assert_null(READ("organisation", NULL, "name", headings[i]));
        assert_int_equal(columns.columns[1].use, COLUMN_LINKS);
        assert_string_equal(columns.columns[1].field->name, "municipality");
        assert_string_equal(columns.link.kind->name, "membership");
        assert_string_equal(columns.link.owner->name, "organisation");
        assert_ptr_equal(columns.link.same,
                         kind_field(schema_kind("organisation"), "municipality"));
    }
    /* Nothing ties a place to several municipalities. */
    assert_non_null(READ("place", NULL, "municipalities"));
    /* An engagement ties people and organisations, but says as what: no mere link. */
    assert_non_null(READ("person", NULL, "name", "organisations"));
}

static void one_column_a_field(void **state)
{
    (void)state;
    assert_string_equal(READ("place", NULL, "name", "seats", "Name"),
                        "samverk: The columns \"name\" and \"Name\" are the same field.\n");
    assert_non_null(READ("county", NULL, "id", "code"));
    assert_non_null(READ("organisation", NULL, "municipalities", "Municipalities"));
    assert_null(READ("place", NULL, "", "name", "")); /* without a heading: nothing */
    assert_int_equal(columns.columns[0].use, COLUMN_IGNORED);
    assert_null(READ("place", "column,field\nx,-\ny,-\n", "x", "y", "name"));
}

static void what_it_might_have_meant(void **state)
{
    (void)state;
    const char *said = READ("place", NULL, "naem");
    assert_non_null(strstr(said, "no field for the column \"naem\". Did you mean name?"));
    assert_non_null(strstr(READ("place", NULL, "xyzzy"), "A file for --map can say"));
    assert_null(strchr(READ("place", NULL, "\033[2J"), '\033'));
}

/* -- the map ----------------------------------------------------------------------------------- */

static const char *translated(const char *field, const char *text)
{
    return columns_translate(&columns, kind_field(schema_kind("place"), field), text, &cli);
}

static void the_map_renames_and_translates(void **state)
{
    (void)state;
    assert_null(READ("place",
                     "column;field;from;to\n"
                     "Lokal;name;;\n"
                     "Ort;municipality;Linkoping;Linköping\n"
                     "Ort;;okänd;\n"
                     ";video;x;yes\n"
                     ";seats;;20\n"
                     ";tags;;från lista\n"
                     "Telefon;-;;\n",
                     "LOKAL", "Ort", "Telefon", "Video"));
    assert_string_equal(columns.columns[0].field->name, "name");
    assert_string_equal(columns.columns[1].field->name, "municipality");
    assert_int_equal(columns.columns[2].use, COLUMN_IGNORED);
    assert_string_equal(columns.columns[3].field->name, "video");
    assert_string_equal(translated("municipality", "LINKOPING"), "Linköping");
    assert_string_equal(translated("municipality", "okänd"), "");
    assert_string_equal(translated("municipality", "Motala"), "Motala");
    assert_string_equal(translated("name", "Linkoping"), "Linkoping");
    assert_string_equal(translated("video", "X"), "yes");
    const field_t *field;
    const char *text;
    assert_true(columns_constant(&columns, 0, &field, &text));
    assert_string_equal(field->name, "seats");
    assert_string_equal(text, "20");
    assert_true(columns_constant(&columns, 1, &field, &text));
    assert_string_equal(text, "från lista");
    assert_false(columns_constant(&columns, 2, &field, &text));
}

static void links_are_translated_too(void **state)
{
    (void)state;
    assert_null(READ("organisation",
                     "column,field,from,to\nServes,municipalities,,\nServes,,Linkoping,0580\n",
                     "name", "Serves"));
    assert_int_equal(columns.columns[1].use, COLUMN_LINKS);
    assert_string_equal(columns_translate(&columns, columns.columns[1].field, "linkoping", &cli),
                        "0580");
    /* A heading that says by itself what it is need not be said again. */
    assert_null(READ("place", "column,field,from,to\nVideo,,x,yes\n", "name", "Video"));
    assert_string_equal(translated("video", "x"), "yes");
    /* Every row the same links would be the link's own field of something else. */
    assert_non_null(READ("organisation", "column,field,from,to\n,municipalities,,0580\n", "name"));
}

static void maps_that_cannot_be_used(void **state)
{
    (void)state;
    static const struct {
        const char *map, *said;
    } rows[] = {
        {"", "has no rows"},
        {"column,field\n\"x,name\n", "ends within quotation marks"},
        {"column,from\nx,y\n", "needs the columns column and field"},
        {"field,column\nnam,e\n", NULL},
        {"column,field\ne-post,mail\n", NULL},
        {"column,field\nname,colour\n", "place has no field \"colour\""},
        {"column,field,from,to\n,colour,,x\n", "place has no field \"colour\""},
        {"column,field,from,to\n,created,,x\n", "place has no field \"created\""},
        {"column,field,from,to\nOrt,,Linkoping,Linköping\n", "place has no field \"Ort\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = READ("place", rows[i].map, "name");
        if (!said != !rows[i].said || (said && !strstr(said, rows[i].said)))
            fail_msg("row %zu: %s", i, said ? said : "it was taken");
    }
    sheet_row_t heading = {0};
    hear();
    assert_false(columns_read(&columns, &cli, schema_kind("place"), &heading, "/no/such/map"));
    assert_string_equal(heard().err, "samverk: /no/such/map: No such file or directory\n");
}

#define COLUMNS_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COLUMNS_TEST(every_field_by_its_name_and_labels),
        COLUMNS_TEST(the_beginning_of_one_name),
        COLUMNS_TEST(ids_are_codes),
        COLUMNS_TEST(what_an_export_has_besides),
        COLUMNS_TEST(a_column_of_links),
        COLUMNS_TEST(one_column_a_field),
        COLUMNS_TEST(what_it_might_have_meant),
        COLUMNS_TEST(the_map_renames_and_translates),
        COLUMNS_TEST(links_are_translated_too),
        COLUMNS_TEST(maps_that_cannot_be_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli_fixture.h"
#include "rows.h"
#include "temporary_home.h"

static sheet_t sheet;
static columns_t columns;
static rows_t rows;

static int begin(void **state)
{
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    rows_destroy(&rows);
    cli_end(state);
    return home_remove(state);
}

/* Three municipalities by name; every other is unknown. */
static value_t region(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    static const char *const places[][2] = {
        {"mun-0583", "Motala"}, {"mun-0580", "Linköping"}, {"mun-0513", "Kinda"}};
    value_builder_t records = value_builder(arena), result = value_builder(arena);
    const char *name = value_get_text(value_get(arguments, "where"), "name");
    (void)command;
    (void)error;
    for (size_t i = 0; i < 3; i++)
        if (name && strcmp(name, places[i][1]) == 0)
            value_add(&records, VIEW(arena, places[i][0], "name", name));
    value_add_pair(&result, "records", value_build_list(&records));
    return value_build_map(&result);
}

static const char *file_of(const char *name, const char *text)
{
    const char *path = arena_format(cli.arena, "%s/%s", home, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    return path;
}

/* The file's rows as records of a kind. */
static void read_rows(const char *kind, const char *map, const char *text)
{
    const char *map_path = map ? file_of("map.csv", map) : NULL;
    rows_destroy(&rows);
    cli.kind = schema_kind(kind);
    assert_int_equal(sheet_read(&sheet, file_of("rows.csv", text), cli.arena), SHEET_OK);
    assert_true(columns_read(&columns, &cli, cli.kind, &sheet.heading, map_path));
    assert_true(rows_read(&rows, &cli, cli.kind, &columns, &sheet));
}

static const char *told(void)
{
    cli.status = 0;
    hear();
    assert_false(rows_tell(&rows));
    heard_t said = heard();
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_string_equal(said.out, "");
    return said.err;
}

/* -- records to be ----------------------------------------------------------------------------- */

static void a_row_is_a_record(void **state)
{
    (void)state;
    read_rows("place", NULL,
              "name,municipality,seats,equipment,video,accessibility\r\n"
              "Aulan,0583,40,tavla; projektor,ja,\"ramp\nhiss\"\r\n"
              "\r\n"
              "Sal 2,mun-0580,,,,\r\n");
    assert_int_equal(rows.n_errors, 0);
    assert_int_equal(rows.n_rows, 2);
    assert_int_equal(rows.rows[0].line, 2);
    assert_string_equal(json_text(&rows.rows[0].fields),
                        "{\"name\":\"Aulan\",\"municipality\":\"mun-0583\",\"seats\":40,"
                        "\"equipment\":[\"tavla\",\"projektor\"],\"video\":true,"
                        "\"accessibility\":\"ramp\\nhiss\"}");
    assert_int_equal(rows.rows[1].line, 5); /* of the file, not the row */
    assert_string_equal(json_text(&rows.rows[1].fields),
                        "{\"name\":\"Sal 2\",\"municipality\":\"mun-0580\"}");
    assert_null(rows.rows[0].id);
    assert_int_equal(rows.rows[0].links.form, VALUE_ABSENT);
}

static void codes_are_ids(void **state)
{
    (void)state;
    read_rows("municipality", NULL,
              "code,name,county\n0583,Motala,05\nmun-0580,Linköping,05\n05 80,x,05\n"
              "0583,Igen,05\n,Utan,05\n");
    assert_string_equal(rows.rows[0].id, "mun-0583");
    assert_string_equal(rows.rows[1].id, "mun-0580");
    assert_true(rows_make(&rows, "mun-0580"));
    assert_false(rows_make(&rows, "mun-0581"));
    assert_false(rows_make(&rows, "0583"));
    assert_int_equal(rows.n_errors, 3);
    assert_int_equal(rows.errors[0].line, 4);
    assert_int_equal(rows.errors[0].code, ERROR_INVALID);
    assert_string_equal(rows.errors[0].column, "code");
    assert_string_equal(rows.errors[0].cell, "05 80");
    assert_int_equal(rows.errors[1].code, ERROR_EXISTS);
    assert_int_equal(rows.errors[2].code, ERROR_REQUIRED);
    assert_string_equal(rows.errors[2].field, "id");
    assert_int_equal(rows.errors[2].line, 6);
}

static void names_are_asked_for_once(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(region);
    read_rows("place", NULL,
              "name,municipality\nA,Motala\nB,Kinda\nC,Motala\nD,Motala\nE,Nowhere\nF,Nowhere\n");
    daemon_end(&daemon);
    assert_string_equal(value_get_text(&rows.rows[3].fields, "municipality"), "mun-0583");
    assert_string_equal(value_get_text(&rows.rows[1].fields, "municipality"), "mun-0513");
    int n = 0;
    for (int i = 0; asked(i); i++)
        n += strstr(asked(i), "Motala") != NULL;
    assert_int_equal(n, 1);
    assert_int_equal(rows.n_errors, 2); /* the same fault is in two rows */
    assert_int_equal(rows.errors[0].line, 6);
    assert_int_equal(rows.errors[1].line, 7);
    assert_int_equal(rows.errors[0].code, ERROR_REFERENCE);
    assert_true(rows.rows[4].faulty && rows.rows[5].faulty && !rows.rows[0].faulty);
}

static void without_a_daemon_it_cannot_go_on(void **state)
{
    (void)state;
    cli.kind = schema_kind("place");
    cli.profile_name = "none";
    assert_int_equal(
        sheet_read(&sheet, file_of("rows.csv", "name,municipality\nA,Motala\n"), cli.arena),
        SHEET_OK);
    hear();
    assert_true(columns_read(&columns, &cli, cli.kind, &sheet.heading, NULL));
    bool good = rows_read(&rows, &cli, cli.kind, &columns, &sheet);
    assert_non_null(strstr(heard().err, "There is no profile"));
    assert_false(good);
    assert_int_equal(cli.status, EXIT_USAGE);
}

/* -- links ------------------------------------------------------------------------------------- */

static void links_go_apart(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(region);
    read_rows("organisation", "column,field,from,to\nmunicipalities,,Tätorten,0583\n",
              "name,types,municipalities\n"
              "Lärcentrum Kinda,learning_centre,Kinda\n"
              "Vuxenutbildningen,adult_education,\"Kinda; Linköping\"\n"
              "Kontoret,business_office,Tätorten\n"
              "Ingen,employer,\n"
              "Fel,employer,Nowhere\n");
    daemon_end(&daemon);
    assert_string_equal(json_text(&rows.rows[0].links), "[\"mun-0513\"]");
    /* The only one is the organisation's own as well. */
    assert_string_equal(value_get_text(&rows.rows[0].fields, "municipality"), "mun-0513");
    assert_string_equal(json_text(&rows.rows[1].links), "[\"mun-0513\",\"mun-0580\"]");
    assert_null(value_get_text(&rows.rows[1].fields, "municipality"));
    assert_string_equal(json_text(&rows.rows[2].links), "[\"mun-0583\"]");
    assert_int_equal(rows.rows[3].links.form, VALUE_ABSENT);
    assert_int_equal(rows.n_errors, 1);
    assert_string_equal(rows.errors[0].column, "municipalities");
    assert_string_equal(rows.errors[0].cell, "Nowhere");
}

static void its_own_municipality_stays(void **state)
{
    (void)state;
    read_rows("organisation", NULL,
              "name,types,municipality,municipalities\nA,employer,0580,0583\n");
    assert_string_equal(json_text(&rows.rows[0].fields),
                        "{\"name\":\"A\",\"types\":[\"employer\"],\"municipality\":\"mun-0580\"}");
    assert_string_equal(json_text(&rows.rows[0].links), "[\"mun-0583\"]");
}

/* -- the map ----------------------------------------------------------------------------------- */

static void constants_fill_what_is_empty(void **state)
{
    (void)state;
    read_rows("place",
              "column,field,from,to\n,seats,,20\n,municipality,,0583\nname,,Aulan,Stora salen\n",
              "name,seats\nAulan,40\nSal 2,\n");
    assert_int_equal(rows.n_errors, 0);
    assert_string_equal(json_text(&rows.rows[0].fields),
                        "{\"name\":\"Stora salen\",\"seats\":40,\"municipality\":\"mun-0583\"}");
    assert_string_equal(json_text(&rows.rows[1].fields),
                        "{\"name\":\"Sal 2\",\"seats\":20,\"municipality\":\"mun-0583\"}");
}

/* -- faults ------------------------------------------------------------------------------------ */

static void every_required_field_is_missed(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        read_rows(kind->name, NULL, kind->coded ? "code,tags\n05,x\n" : "tags\nx\n");
        size_t n = 0;
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            if (!(field->attributes & FIELD_REQUIRED) || field->attributes & FIELD_DAEMON ||
                field->otherwise[0])
                continue;
            assert_true(n < rows.n_errors);
            assert_string_equal(rows.errors[n].field, field->name);
            assert_int_equal(rows.errors[n++].code, ERROR_REQUIRED);
        }
        assert_int_equal(rows.n_errors, n);
    }
}

static void a_default_is_not_missed(void **state)
{
    (void)state;
    kind_t kind = *schema_kind("place");
    field_t *fields = arena_copy(cli.arena, kind.fields, kind.n_fields * sizeof *fields);
    field_t *seats = &fields[kind_field(&kind, "seats")->index];
    kind.fields = fields;
    seats->attributes |= FIELD_REQUIRED;
    seats->otherwise = "1";
    assert_int_equal(sheet_read(&sheet, file_of("rows.csv", "tags\nx\n"), cli.arena), SHEET_OK);
    assert_true(columns_read(&columns, &cli, &kind, &sheet.heading, NULL));
    assert_true(rows_read(&rows, &cli, &kind, &columns, &sheet));
    assert_int_equal(rows.n_errors, 2); /* name and municipality */
    seats->otherwise = "";
    rows_destroy(&rows);
    assert_true(rows_read(&rows, &cli, &kind, &columns, &sheet));
    assert_int_equal(rows.n_errors, 3);
}

static void each_fault_by_line_column_and_cell(void **state)
{
    (void)state;
    static const char text[] = "Namn,municipality,seats,video\n"
                               "Aulan,0583,many,yes\n"
                               ",0583,40,\n"
                               "Sal 2,0583,0,perhaps,x\n";
    read_rows("place", "column,field\nNamn,name\n", text);
    assert_string_equal(told(), "line 2, seats \"many\": must be a number from 1 to 100000\n"
                                "line 3, Namn: A required field is missing.\n"
                                "    1 to 120 characters\n"
                                "line 4: must be no more cells than the heading has\n"
                                "line 4, seats \"0\": must be a number from 1 to 100000\n"
                                "line 4, video \"perhaps\": must be yes or no\n"
                                "samverk: Nothing was imported: 5 faults.\n");
    speak("sv");
    read_rows("place", "column,field\nNamn,name\n", text);
    assert_non_null(strstr(told(), "rad 2, seats ”many”: ska vara "));
}

static void what_the_daemon_refused_comes_in_its_line(void **state)
{
    (void)state;
    read_rows("place", NULL, "name,municipality,seats\nA,0583,1\nB,0583,2\nC,0583,x\nD,0583,4\n");
    rows_fault(&rows, 3, "municipality", ERROR_NOT_ALLOWED, NULL);
    rows_fault(&rows, 0, "", ERROR_DUPLICATE, "one of the candidates\033");
    rows_fault(&rows, 1, "address", ERROR_INVALID, "elsewhere"); /* no column for it */
    assert_string_equal(
        told(), "line 2: There is one like this already.\n    one of the candidates\xef\xbf\xbd\n"
                "line 3, address: must be elsewhere\n"
                "line 4, seats \"x\": must be a number from 1 to 100000\n"
                "line 5, municipality \"0583\": You may not do this.\n"
                "samverk: Nothing was imported: 4 faults.\n");
    assert_true(rows.rows[3].faulty);
}

static void faults_as_json(void **state)
{
    (void)state;
    read_rows("place", NULL, "name,municipality,seats\nA,0583,\"\033[2J\"\nB,0583,2\n");
    rows_fault(&rows, 1, "", ERROR_DUPLICATE, NULL);
    cli.output = OUTPUT_JSON;
    assert_string_equal(
        told(), "{\"error\":{\"code\":\"invalid\",\"message\":\"Nothing was imported: these rows "
                "cannot be taken.\",\"field\":null,\"expected\":null,\"rows\":[{\"line\":2,"
                "\"column\":\"seats\",\"field\":\"seats\",\"code\":\"invalid\",\"expected\":\"a "
                "number from 1 to 100000\"},{\"line\":3,\"column\":\"\",\"field\":\"\",\"code\":"
                "\"duplicate\",\"expected\":\"\"}]}}\n");
}

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    read_rows("place", "column,field\n\033[2Jseats,seats\n",
              "name,municipality,\033[2Jseats\nA,0583,\"\033[31mmany\"\n");
    assert_string_equal(told(), "line 2, \xef\xbf\xbd[2Jseats \"\xef\xbf\xbd[31mmany\": must be a "
                                "number from 1 to 100000\n"
                                "samverk: Nothing was imported: 1 fault.\n");
}

static void more_faults_than_a_few(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    fputs("name,municipality,seats\n", file);
    for (int i = 0; i < 1000; i++)
        fprintf(file, "Sal %d,0583,x%d\n", i, i % 7);
    fclose(file);
    read_rows("place", NULL, text);
    free(text);
    assert_int_equal(rows.n_errors, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(rows.errors[i].line, i + 2);
        assert_string_equal(rows.errors[i].cell, arena_format(cli.arena, "x%zu", i % 7));
    }
}

static void no_rows_no_faults(void **state)
{
    (void)state;
    read_rows("place", NULL, "name,municipality\n");
    assert_int_equal(rows.n_rows, 0);
    assert_int_equal(rows.n_errors, 0);
    assert_string_equal(told(), "");
}

#define ROWS_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROWS_TEST(a_row_is_a_record),
        ROWS_TEST(codes_are_ids),
        ROWS_TEST(names_are_asked_for_once),
        ROWS_TEST(without_a_daemon_it_cannot_go_on),
        ROWS_TEST(links_go_apart),
        ROWS_TEST(its_own_municipality_stays),
        ROWS_TEST(constants_fill_what_is_empty),
        ROWS_TEST(every_required_field_is_missed),
        ROWS_TEST(a_default_is_not_missed),
        ROWS_TEST(each_fault_by_line_column_and_cell),
        ROWS_TEST(what_the_daemon_refused_comes_in_its_line),
        ROWS_TEST(faults_as_json),
        ROWS_TEST(nothing_steers_the_terminal),
        ROWS_TEST(more_faults_than_a_few),
        ROWS_TEST(no_rows_no_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "temporary_home.h"
#include "typed.h"
#include "verbs.h"

/* samverk import: the whole file is checked, then applied batch by batch, and nothing is
   made twice. */

static atomic_int n_checks, n_rows_checked; /* dry runs, and the rows in them */
static atomic_int n_made;                   /* records that were made */
static atomic_int n_writes;                 /* batches that were not dry runs */
static unsigned char ids[8][16];            /* of those */
static atomic_int faulty_row;               /* of a dry run, from 1; 0 none */
static _Atomic error_code_t refusal;        /* of a write */
static atomic_int mute_from;                /* the writes from this one on get no answer; 0 none */
static char operations[4096];               /* of the last batch, as JSON */

static value_t row_error(arena_t *arena)
{
    value_builder_t error = value_builder(arena);
    value_add_pair(&error, "row", value_integer(faulty_row));
    value_add_pair(&error, "code", value_text("invalid"));
    value_add_pair(&error, "field", value_text("participants"));
    value_add_pair(&error, "expected", value_text("1 to 100000"));
    return value_build_map(&error);
}

static void note(const frame_t *request)
{
    json_t *list = json_of_value(value_get(&request->body, "operations"));
    char *text = json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY);
    snprintf(operations, sizeof operations, "%s", text);
    free(text);
    json_decref(list);
    memcpy(ids[n_writes % 8], request->id, 16);
    n_writes++;
}

static void serve(fake_t *self, const frame_t *request)
{
    value_builder_t map = value_builder(self->arena), list = value_builder(self->arena),
                    errors = value_builder(self->arena);
    const value_t *rows = value_get(&request->body, "rows");
    bool dry_run = value_get_boolean(&request->body, "dry_run", false);
    if (strcmp(request->command, "list") == 0) {
        const char *name = value_get_text(value_get(&request->body, "where"), "name");
        if (name && strcmp(name, "Motala") == 0)
            value_add(&list, VIEW(self->arena, "mun-0583", "name", "Motala"));
        value_add_pair(&map, "records", value_build_list(&list));
    } else if (dry_run) {
        n_checks++;
        n_rows_checked += (int)rows->count;
        if (faulty_row)
            value_add(&errors, row_error(self->arena));
        value_add_pair(&map, "errors", value_build_list(&errors));
    } else {
        note(request);
        if (refusal != ERROR_NONE) {
            fake_refuse(self, request->id, refusal);
            return;
        }
        const value_t *made =
            rows->form == VALUE_LIST ? rows : value_get(&request->body, "operations");
        n_made += (int)made->count;
        for (uint32_t i = 0; i < made->count; i++)
            value_add(&list, value_text(arena_format(self->arena, "inq-%u", i + 1)));
        value_add_pair(&map, "ids", value_build_list(&list));
        if (mute_from && n_writes >= mute_from)
            return;
    }
    fake_reply(self, request->id, value_build_map(&map));
}

static fake_t *host;

static int begin(void **state)
{
    n_checks = n_rows_checked = n_made = n_writes = faulty_row = mute_from = 0;
    refusal = ERROR_NONE;
    if (home_make(state) != 0 || cli_begin(state) != 0)
        return -1;
    host = fake_new(serve);
    snprintf(cli.profile.name, sizeof cli.profile.name, "motala");
    return 0;
}

static int end(void **state)
{
    daemon_end(&host);
    cli_end(state);
    return home_remove(state);
}

static const char *file_of(const char *content)
{
    const char *path = arena_format(cli.arena, "%s/sheet.csv", home);
    assert_true(samverk_write_file(path, content, strlen(content), 0600));
    return path;
}

static bool good;

/* One run of the program: a connection of its own, the same profile. */
static heard_t run(const char *kind, const char *const *words)
{
    cli.kind = schema_kind(kind);
    cli.status = 0;
    samverk_destroy(&cli.connection);
    cli.connection = fake_client(host);
    samverk_set_timeout(cli.connection, mute_from ? 700 : 5000);
    arguments_t arguments = typed(verb_find(verb_general, "import"), words);
    hear();
    good = import_run(&cli, &arguments);
    heard_t said = heard();
    assert_int_equal(good, cli.status == 0);
    return said;
}

#define RUN(kind, ...) run(kind, (const char *const[]){__VA_ARGS__, NULL})

#define TWO_ROWS "title;municipality;participants\nCAD;Motala;8\nSvets;0583;3\n"

/* -- one file ------------------------------------------------------------------------------------ */

static void a_file_is_checked_and_then_made(void **state)
{
    (void)state;
    heard_t said = RUN("inquiry", file_of(TWO_ROWS));
    assert_true(good);
    assert_string_equal(said.out, "Imported 2 rows: inquiries.\n");
    assert_int_equal(n_rows_checked, 2);
    assert_int_equal(n_made, 2);
    assert_int_equal(n_writes, 1);
}

static void a_dry_run_makes_nothing_and_is_no_import(void **state)
{
    (void)state;
    const char *path = file_of(TWO_ROWS);
    heard_t said = RUN("inquiry", path, "--dry-run");
    assert_true(good);
    assert_non_null(strstr(said.out, "2 rows are good."));
    assert_int_equal(n_writes, 0);
    RUN("inquiry", path);
    assert_true(good);
    assert_int_equal(n_made, 2);
}

static void one_fault_and_nothing_is_made(void **state)
{
    (void)state;
    faulty_row = 2;
    heard_t said = RUN("inquiry", file_of(TWO_ROWS));
    assert_false(good);
    assert_int_equal(n_writes, 0);
    assert_non_null(strstr(said.err, "3")); /* the line of the file */
    assert_non_null(strstr(said.err, "participants"));
    /* What can be seen here is not sent; what is good beside it is checked all the same. */
    faulty_row = 0;
    n_rows_checked = 0;
    said =
        RUN("inquiry", file_of("title;municipality;participants\nCAD;Motala;many\nSvets;Nowhere;3"
                               "\nTruck;0583;2\n"));
    assert_false(good);
    assert_non_null(strstr(said.err, "many"));
    assert_non_null(strstr(said.err, "Nowhere"));
    assert_int_equal(n_rows_checked, 1);
    assert_int_equal(n_writes, 0);
}

static void a_long_file_goes_in_batches(void **state)
{
    (void)state;
    const char *text = "title;municipality\n";
    for (int i = 0; i < 112; i++)
        text = arena_format(cli.arena, "%sCourse %d;0583\n", text, i);
    cli.output = OUTPUT_JSON;
    heard_t said = RUN("inquiry", file_of(text));
    assert_true(good);
    assert_int_equal(n_writes, 3);
    assert_int_equal(n_made, 112);
    assert_memory_not_equal(ids[0], ids[1], 16);
    json_t *document = json_loads(said.out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(document, "rows")), 112);
    assert_int_equal(json_array_size(json_object_get(document, "ids")), 112);
    json_decref(document);
}

static void links_are_tied_to_their_row(void **state)
{
    (void)state;
    RUN("organisation", file_of("name;types;municipalities\nKinda lärcenter;learning_centre;"
                                "0513 0583\n"));
    assert_true(good);
    assert_int_equal(n_made, 3);
    json_t *list = json_loads(operations, 0, NULL);
    for (size_t i = 1; i < 3; i++) {
        json_t *operation = json_array_get(list, i);
        json_t *fields = json_object_get(operation, "fields");
        assert_string_equal(json_string_value(json_object_get(operation, "kind")), "membership");
        assert_string_equal(json_string_value(json_object_get(fields, "organisation")), "$1");
        assert_string_equal(json_string_value(json_object_get(fields, "municipality")),
                            i == 1 ? "mun-0513" : "mun-0583");
    }
    json_decref(list);
}

/* -- twice ----------------------------------------------------------------------------------------- */

static void the_same_file_is_imported_once(void **state)
{
    (void)state;
    const char *path = file_of(TWO_ROWS);
    RUN("inquiry", path);
    heard_t said = RUN("inquiry", path);
    assert_false(good);
    assert_int_equal(n_made, 2);
    assert_non_null(strstr(said.err, "--confirm"));
    RUN("inquiry", path, "--confirm");
    assert_true(good);
    assert_int_equal(n_made, 4);
    /* Another content is another file. */
    RUN("inquiry", file_of(TWO_ROWS "Truck;0583;2\n"));
    assert_true(good);
}

static void an_export_is_not_taken_for_new_records(void **state)
{
    (void)state;
    heard_t said = RUN("inquiry", file_of("id;title;state;municipality;created\n"
                                          "inq-1;CAD;closed;mun-0583;2026-11-22T03:09:56.244Z\n"));
    assert_false(good);
    assert_int_equal(n_checks, 0);
    assert_non_null(strstr(said.err, "id, state, created"));
    assert_non_null(strstr(said.err, "--map"));
}

/* The answer to the second batch is lost: the next run asks for it under the same id and
   goes on with the third. */
static void an_import_that_was_cut_off_goes_on(void **state)
{
    (void)state;
    const char *text = "title;municipality\n";
    for (int i = 0; i < 112; i++)
        text = arena_format(cli.arena, "%sCourse %d;0583\n", text, i);
    const char *path = file_of(text);
    mute_from = 2;
    cli.timeout_ms = 700;
    heard_t said = RUN("inquiry", path);
    assert_int_equal(cli.status, EXIT_UNKNOWN);
    assert_int_equal(n_writes, 2);
    mute_from = 0;
    said = RUN("inquiry", path);
    assert_true(good);
    assert_int_equal(n_writes, 4);
    assert_memory_equal(ids[2], ids[1], 16);
    assert_memory_not_equal(ids[3], ids[1], 16);
    assert_non_null(strstr(said.err, "50 rows"));
    assert_non_null(strstr(said.out, "Imported 112 rows"));
}

static void a_refused_batch_is_sent_anew_under_another_id(void **state)
{
    (void)state;
    const char *path = file_of(TWO_ROWS);
    refusal = ERROR_STORAGE_FULL;
    RUN("inquiry", path);
    assert_false(good);
    refusal = ERROR_NONE;
    RUN("inquiry", path);
    assert_true(good);
    assert_int_equal(n_made, 2);
    assert_memory_not_equal(ids[0], ids[1], 16);
}

/* Whether it went in earlier is not known: its id stays noted. */
static void what_is_not_settled_keeps_its_id(void **state)
{
    (void)state;
    const char *path = file_of(TWO_ROWS);
    refusal = ERROR_EXPIRED;
    heard_t said = RUN("inquiry", path);
    assert_false(good);
    assert_non_null(strstr(said.err, "not settled"));
    refusal = ERROR_NONE;
    RUN("inquiry", path);
    assert_memory_equal(ids[0], ids[1], 16);
}

static void what_is_no_sheet_is_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "title;municipality\n", "title;\"municipality\nCAD;05",
                                        "title;colour\nCAD;red\n", "title;rubrik\na;b\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RUN("inquiry", file_of(wrong[i]));
        assert_false(good);
        assert_int_equal(n_checks, 0);
    }
    heard_t said = RUN("inquiry", "/nowhere/at/all.csv");
    assert_false(good);
    assert_non_null(strstr(said.err, "/nowhere/at/all.csv"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_checked_and_then_made),
        TEST(a_dry_run_makes_nothing_and_is_no_import),
        TEST(one_fault_and_nothing_is_made),
        TEST(a_long_file_goes_in_batches),
        TEST(links_are_tied_to_their_row),
        TEST(the_same_file_is_imported_once),
        TEST(an_export_is_not_taken_for_new_records),
        TEST(an_import_that_was_cut_off_goes_on),
        TEST(a_refused_batch_is_sent_anew_under_another_id),
        TEST(what_is_not_settled_keeps_its_id),
        TEST(what_is_no_sheet_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

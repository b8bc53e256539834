#include "change.h"
#include "temporary_home.h"
#include "typed.h"

#include <fcntl.h>

/* add, edit, delete and the moves, before a daemon with one inquiry. */

static error_code_t refusal;   /* of the write; NONE when it is done */
static const char *refused_at; /* the field that is told with it */
static bool mute;              /* reads get no answer that is of use */
static int64_t revision;       /* of the record before the write */

static value_t view(arena_t *arena, int64_t at)
{
    value_t whole = VIEW(arena, "inq-12", "title", "CAD", "state", "acknowledged", "municipality",
                         "mun-0583", "participants", "10");
    value_builder_t map = value_builder(arena), moves = value_builder(arena);
    for (uint32_t i = 0; i < whole.count; i++)
        if (strcmp(whole.items[2 * i].text, "rev") != 0)
            value_add_pair(&map, whole.items[2 * i].text, whole.items[2 * i + 1]);
    value_add_pair(&map, "rev", value_integer(at));
    value_add(&moves, value_text("start_dialogue"));
    value_add(&moves, value_text("decline"));
    value_add_pair(&map, "moves", value_build_list(&moves));
    return value_build_map(&map);
}

static value_t history(arena_t *arena)
{
    value_builder_t fields = value_builder(arena), entry = value_builder(arena),
                    entries = value_builder(arena), map = value_builder(arena);
    add_change(&fields, arena, "participants", value_integer(8), value_integer(10));
    add_change(&fields, arena, "state", value_text("new"), value_text("acknowledged"));
    add_change(&fields, arena, "urgency", value_absent, value_text("normal"));
    value_add_pair(&entry, "rev", value_integer(812));
    value_add_pair(&entry, "change", value_text("patch"));
    value_add_pair(&entry, "fields", value_build_map(&fields));
    value_add(&entries, value_build_map(&entry));
    value_add_pair(&map, "entries", value_build_list(&entries));
    return value_build_map(&map);
}

static value_t named(const value_t *arguments, arena_t *arena)
{
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    if (strcmp(value_get_text(arguments, "kind"), "municipality") == 0)
        value_add(&records, VIEW(arena, "mun-0583", "name", "Motala"));
    value_add_pair(&map, "records", value_build_list(&records));
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    bool read = strcmp(command, "get") == 0 || strcmp(command, "history") == 0;
    if (read && mute)
        error_set(error, ERROR_INTERNAL, NULL, NULL);
    if (strcmp(command, "history") == 0)
        return history(arena);
    if (strcmp(command, "list") == 0)
        return named(arguments, arena);
    if (!read && refusal != ERROR_NONE) {
        value_builder_t detail = value_builder(arena);
        error_set(error, refusal, refused_at, NULL);
        value_add_pair(&detail, "record", view(arena, 812));
        if (refusal == ERROR_IMPOSSIBLE_MOVE)
            value_add_pair(&detail, "moves", *value_get(&detail.items[1], "moves"));
        error->detail = value_build_map(&detail);
    }
    return view(arena, strcmp(command, "get") == 0 ? revision : 812);
}

static int begin(void **state)
{
    refusal = ERROR_NONE;
    refused_at = NULL;
    mute = false;
    revision = 811;
    return home_make(state) == 0 ? cli_begin(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

static bool good;
static const char *written; /* the write that was asked for; "" for none */

static heard_t run(const char *verb, const char *const *words)
{
    fake_t *daemon = daemon_begin(serve);
    if (!cli.kind)
        cli.kind = schema_kind("inquiry");
    const verb_t *row = verb_find(verb_of_kinds, verb);
    arguments_t arguments = typed(row ? row : &verb_of_moves, words);
    int real = dup(0), nowhere = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nowhere, 0); /* nobody who could be asked */
    hear();
    good = row ? row->run(&cli, &arguments) : change_move(&cli, &arguments);
    heard_t said = heard();
    dup2(real, 0);
    close(real);
    close(nowhere);
    written = "";
    for (int i = 0; asked(i); i++)
        if (strncmp(asked(i), "get", 3) != 0 && strncmp(asked(i), "list", 4) != 0 &&
            strncmp(asked(i), "history", 7) != 0)
            written = arena_text(cli.arena, asked(i));
    daemon_end(&daemon);
    return said;
}

#define RUN(verb, ...) run(verb, (const char *const[]){__VA_ARGS__, NULL})

/* -- what is asked and told ---------------------------------------------------------------------- */

static void what_is_added_is_shown(void **state)
{
    (void)state;
    heard_t said = RUN("add", "--title", "CAD", "--municipality", "0583", "--confirm");
    assert_true(good);
    assert_string_equal(written, "put {\"kind\":\"inquiry\",\"fields\":{\"title\":\"CAD\","
                                 "\"municipality\":\"mun-0583\"},\"confirm\":true}");
    /* Who, when, the state and a new record's defaults are no news. */
    assert_string_equal(said.out, "Added: inq-12 CAD\n"
                                  "  participants: 8 → 10\n"
                                  "Possible now: start-dialogue, decline.\n");
}

static void an_edit_says_what_changed(void **state)
{
    (void)state;
    speak("sv");
    heard_t said = RUN("edit", "12", "--participants", "10", "--if-rev", "811");
    assert_true(good);
    assert_string_equal(written, "patch {\"id\":\"inq-12\",\"fields\":{\"participants\":10},"
                                 "\"if_rev\":811}");
    assert_string_equal(said.out, "Ändrad: inq-12 CAD (revision 812)\n"
                                  "  deltagare: 8 → 10\n"
                                  "Möjligt nu: start-dialogue (inled dialog), decline (avböj).\n");
}

/* What stands there already makes no revision: the last change was another's. */
static void an_edit_that_changes_nothing_says_so(void **state)
{
    (void)state;
    revision = 812;
    heard_t said = RUN("edit", "inq-12", "--participants", "10");
    assert_true(good);
    assert_int_equal(cli.status, 0);
    assert_string_equal(said.out, "Nothing was changed: it is so already.\n");
}

static void a_move_says_where_it_led(void **state)
{
    (void)state;
    heard_t said = RUN("start-dialogue", "start-dialogue", "inq-12", "--broker", "usr-4");
    assert_true(good);
    assert_string_equal(written, "move {\"id\":\"inq-12\",\"verb\":\"start_dialogue\","
                                 "\"fields\":{\"broker\":\"usr-4\"}}");
    assert_non_null(strstr(said.out, "inq-12 CAD is now: acknowledged\n"));
}

static void json_is_the_record(void **state)
{
    (void)state;
    cli.output = OUTPUT_JSON;
    heard_t said = RUN("edit", "inq-12", "--participants", "10");
    json_t *document = json_loads(said.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(document, "id")), "inq-12");
    json_decref(document);
    assert_string_equal(said.err, "");
}

/* Whatever becomes of the lines below it, the write is done: a script must not repeat it. */
static void a_write_is_done_whatever_is_told_of_it(void **state)
{
    (void)state;
    mute = true;
    heard_t said = RUN("add", "--title", "CAD", "--municipality", "0583");
    assert_true(good);
    assert_int_equal(cli.status, 0);
    assert_non_null(strstr(said.out, "Added: inq-12 CAD\n"));
    assert_string_equal(said.err, "");
}

static void a_dry_run_shows_what_would_change(void **state)
{
    (void)state;
    heard_t said = RUN("edit", "inq-12", "--participants", "12", "--dry-run");
    assert_true(good);
    assert_non_null(strstr(written, "\"dry_run\":true"));
    assert_string_equal(said.out, "This could be changed: inq-12 CAD\n"
                                  "  participants: 10 → 12\n"
                                  "Nothing was changed: this was a dry run.\n");
}

static void personal_data_just_typed_is_shown(void **state)
{
    (void)state;
    cli.kind = schema_kind("person");
    heard_t said = RUN("edit", "per-1", "--phone", "0141-12 34 56");
    assert_true(good);
    assert_non_null(strstr(said.out, "phone: 0141123456"));
}

/* -- wrong usage ------------------------------------------------------------------------------------- */

static void what_is_missing_is_told_before_anything_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *verb, *words[4], *told;
        int status;
    } wrong[] = {
        {"inquiry", "add", {"--title", "CAD"}, "--municipality", 1},
        {"inquiry", "add", {"inq-1", "--title=x", "--municipality=0583"}, "number", EXIT_USAGE},
        {"municipality", "add", {"--name", "Motala"}, "Which code?", EXIT_USAGE},
        {"inquiry", "edit", {"inq-12"}, "What changes?", EXIT_USAGE},
        {"inquiry", "edit", {"inq-12", "--participants=9", "--if-rev=0"}, "--if-rev", EXIT_USAGE},
        {"inquiry", "edit", {"inq-12", "--participants=9", "--if-rev=x"}, "--if-rev", EXIT_USAGE},
        {"inquiry", "delete", {"inq-12"}, "--yes", EXIT_USAGE},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cli.kind = schema_kind(wrong[i].kind);
        heard_t said = run(wrong[i].verb, wrong[i].words);
        assert_false(good);
        if (!strstr(said.err, wrong[i].told))
            fail_msg("\"%s\" is not in: %s", wrong[i].told, said.err);
        assert_int_equal(cli.status, wrong[i].status);
        assert_string_equal(written, "");
    }
}

/* -- refusals ------------------------------------------------------------------------------------------ */

static void a_conflict_shows_both_sides(void **state)
{
    (void)state;
    refusal = ERROR_CONFLICT;
    heard_t said = RUN("edit", "inq-12", "--participants", "7", "--if-rev", "700");
    assert_false(good);
    assert_int_equal(cli.status, error_exit_status(ERROR_CONFLICT));
    assert_non_null(strstr(said.err, "participants is now \"10\", and you gave \"7\""));
    assert_non_null(strstr(said.err, "--if-rev 812"));
    assert_string_equal(said.out, "");
}

static void a_refused_move_names_the_state(void **state)
{
    (void)state;
    refusal = ERROR_IMPOSSIBLE_MOVE;
    heard_t said = RUN("start-dialogue", "start-dialogue", "inq-12");
    assert_non_null(strstr(said.err, "inq-12 CAD is: acknowledged"));
    assert_non_null(strstr(said.err, "Possible now: start-dialogue, decline."));
    /* A move that asks for a field which was not given: it is missing, not wrong. */
    refusal = ERROR_INVALID;
    refused_at = "municipality";
    said = RUN("forward", "forward", "inq-12");
    assert_non_null(strstr(said.err, error_sentence(ERROR_REQUIRED)));
    assert_non_null(strstr(said.err, "--municipality"));
}

static void a_record_of_others_says_whose_it_is(void **state)
{
    (void)state;
    refusal = ERROR_NOT_ALLOWED;
    heard_t said = RUN("edit", "inq-12", "--participants", "7");
    assert_int_equal(cli.status, error_exit_status(ERROR_NOT_ALLOWED));
    assert_non_null(strstr(said.err, "Motala (0583)"));
}

static void deleting_is_said(void **state)
{
    (void)state;
    heard_t said = RUN("delete", "inq-12", "--yes");
    assert_true(good);
    assert_string_equal(written, "delete {\"id\":\"inq-12\"}");
    assert_string_equal(said.out, "Deleted: inquiry inq-12\n");
    said = RUN("delete", "inq-12", "--dry-run");
    assert_string_equal(said.out, "inquiry inq-12 could be deleted.\n");
    refusal = ERROR_REFERENCED;
    said = RUN("delete", "inq-12", "--yes");
    assert_false(good);
    assert_string_equal(said.out, "");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_is_shown),
        TEST(an_edit_says_what_changed),
        TEST(an_edit_that_changes_nothing_says_so),
        TEST(a_move_says_where_it_led),
        TEST(json_is_the_record),
        TEST(a_write_is_done_whatever_is_told_of_it),
        TEST(a_dry_run_shows_what_would_change),
        TEST(personal_data_just_typed_is_shown),
        TEST(what_is_missing_is_told_before_anything_is_sent),
        TEST(a_conflict_shows_both_sides),
        TEST(a_refused_move_names_the_state),
        TEST(a_record_of_others_says_whose_it_is),
        TEST(deleting_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli_fixture.h"
#include "verbs.h"

/* -- the record -------------------------------------------------------------------------------- */

static value_t record(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    if (strcmp(command, "list") == 0)
        return fake_map(arena);
    assert_string_equal(command, "get");
    if (strcmp(value_get_text(arguments, "id"), "inq-12") != 0) {
        error_set(error, ERROR_NOT_FOUND, NULL, NULL);
        return value_absent;
    }
    return VIEW(arena, "inq-12", "title", "=Grundkurs i CAD", "state", "new", "participants", "8",
                "created", "2026-03-14T09:00:00Z");
}

static const char *shown(const char *id, const given_t *given, size_t n_given, bool *good)
{
    fake_t *daemon = daemon_begin(record);
    arguments_t arguments = {.words = &id, .n_words = 1, .n_given = n_given};
    arguments.given = (given_t *)given;
    cli.kind = schema_kind("inquiry");
    cli.status = 0;
    hear();
    *good = show_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return *good ? said.out : said.err;
}

static void as_people_and_programs_read_it(void **state)
{
    (void)state;
    bool good;
    speak("sv");
    const char *text = shown("INQ-12", NULL, 0, &good);
    assert_true(good);
    assert_string_equal(asked(0), "get {\"id\":\"inq-12\"}");
    assert_memory_equal(text, "inq-12 =Grundkurs i CAD\nrubrik:    =Grundkurs i CAD\n", 49);
    assert_non_null(strstr(text, "\nstatus:    ny\n"));
    cli.output = OUTPUT_JSON;
    assert_string_equal(shown("12", NULL, 0, &good),
                        "{\n  \"id\": \"inq-12\",\n  \"rev\": 812,\n  \"fields\": {\n"
                        "    \"title\": \"=Grundkurs i CAD\",\n    \"state\": \"new\",\n"
                        "    \"participants\": 8,\n"
                        "    \"created\": \"2026-03-14T09:00:00.000Z\"\n  }\n}\n");
    cli.output = OUTPUT_CSV;
    text = shown("inq-12", NULL, 0, &good);
    assert_memory_equal(text, "\xef\xbb\xbfid;title;state;", 18);
    assert_non_null(strstr(text, "\r\ninq-12;\"'=Grundkurs i CAD\";new;"));
}

static void for_a_purpose(void **state)
{
    (void)state;
    bool good;
    cli.purpose = "ringa";
    shown("inq-12", NULL, 0, &good);
    assert_string_equal(asked(0), "get {\"id\":\"inq-12\",\"purpose\":\"ringa\"}");
}

static void none_such(void **state)
{
    (void)state;
    bool good;
    const char *text = shown("inq-99", NULL, 0, &good);
    assert_false(good);
    assert_int_equal(cli.status, 6);
    assert_non_null(strstr(text, "There is no such record"));
}

/* What was asked for with --at. */
static const char *at(const char *text)
{
    static const option_t option = {"at", "REV|DAY", ""};
    given_t given = {.option = &option, .value = text};
    bool good;
    const char *said = shown("inq-12", &given, 1, &good);
    if (good)
        return asked(0);
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_non_null(strstr(said, "--at takes a revision or a day"));
    assert_null(asked(0));
    return NULL;
}

static void as_it_was(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "0",          "-3",         "12x",   "x",
        "2026-02-29", "2026-02-31", "2026-13-01", "2026-", "2026-03-14T09:00:00Z"};
    assert_string_equal(at("700"), "get {\"id\":\"inq-12\",\"at\":700}");
    /* The end of the day here: an hour, in summer two, before that of UTC. */
    assert_string_equal(at("2026-01-14"), "get {\"id\":\"inq-12\",\"at_time\":1768431599999}");
    assert_string_equal(at("2026-07-14"), "get {\"id\":\"inq-12\",\"at_time\":1784066399999}");
    /* The day of 23 hours. */
    assert_string_equal(at("2026-03-29"), "get {\"id\":\"inq-12\",\"at_time\":1774821599999}");
    assert_string_equal(at("2028-02-29"), "get {\"id\":\"inq-12\",\"at_time\":1835477999999}");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (at(wrong[i]))
            fail_msg("--at %s was taken", wrong[i]);
}

/* -- history ----------------------------------------------------------------------------------- */

static const char *history_as;

/* One change of an inquiry: names, from and to; NULL for nothing there. */
static value_t entry_of(arena_t *arena, const char *change, const char *const (*fields)[3])
{
    value_builder_t entry = value_builder(arena), map = value_builder(arena);
    for (; (*fields)[0]; fields++) {
        value_builder_t sides = value_builder(arena);
        for (int side = 1; side <= 2; side++)
            value_add_pair(&sides, side == 1 ? "from" : "to",
                           (*fields)[side] ? value_text((*fields)[side]) : value_absent);
        value_add_pair(&map, (*fields)[0], value_build_map(&sides));
    }
    value_add_pair(&entry, "rev", value_integer(813));
    value_add_pair(&entry, "time", value_integer(1773478800250));
    value_add_pair(&entry, "actor", value_text("usr-4"));
    if (history_as)
        value_add_pair(&entry, "as", value_text(history_as));
    value_add_pair(&entry, "change", value_text(change));
    value_add_pair(&entry, "fields", value_build_map(&map));
    return value_build_map(&entry);
}

static const char *const (*history_fields)[3];
static const char *history_change = "patch";

static value_t history(const char *command, const value_t *arguments, arena_t *arena,
                       error_t *error)
{
    (void)error;
    value_builder_t result = value_builder(arena);
    if (strcmp(command, "list") == 0) {
        value_t user = VIEW(arena, "usr-4", "name", "mäklare, Motala");
        value_t place = VIEW(arena, "mun-0583", "name", "Motala");
        value_t *one = strcmp(value_get_text(arguments, "kind"), "user") == 0 ? &user : &place;
        value_add_pair(&result, "records", value_list(arena_copy(arena, one, sizeof *one), 1));
    } else {
        value_t entry = entry_of(arena, history_change, history_fields);
        value_add_pair(&result, "entries", value_list(arena_copy(arena, &entry, sizeof entry), 1));
        value_add_pair(&result, "next", value_integer(800));
    }
    return value_build_map(&result);
}

static heard_t told(const char *const (*fields)[3], const given_t *given, size_t n_given)
{
    const char *id = "inq-12";
    history_fields = fields;
    fake_t *daemon = daemon_begin(history);
    arguments_t arguments = {.words = &id, .n_words = 1, .n_given = n_given};
    arguments.given = (given_t *)given;
    cli.kind = schema_kind("inquiry");
    cli.status = 0;
    hear();
    history_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

static const char *const nothing[][3] = {{NULL}};

static void who_changed_what(void **state)
{
    (void)state;
    static const char *const fields[][3] = {
        {"title", "Kurs", "Grundkurs"}, {"municipality", NULL, "mun-0583"},
        {"caller", "ICA", NULL},        {"urgency", "normal", "urgent"},
        {"colour", "red", "blue"},      {NULL}};
    heard_t said = told(fields, NULL, 0);
    assert_string_equal(said.out,
                        "2026-03-14 10:00  mäklare, Motala (usr-4)  changed, revision 813\n"
                        "  title: Kurs → Grundkurs\n"
                        "  municipality: Motala (0583)\n"
                        "  employer or caller, as text: ICA → –\n"
                        "  urgency: normal → urgent\n");
    assert_string_equal(said.err, "Older changes: --before 800\n");
    assert_string_equal(asked(0), "history {\"id\":\"inq-12\"}");
    static const char *const added[][3] = {{"currency", NULL, "SEK"}, {NULL}};
    assert_null(strstr(told(added, NULL, 0).out, "SEK"));
    static const char *const with_amount[][3] = {
        {"budget_hint", NULL, "2500"}, {"currency", NULL, "SEK"}, {NULL}};
    assert_non_null(strstr(told(with_amount, NULL, 0).out, "  currency: SEK\n"));
    speak("sv");
    said = told(fields, NULL, 0);
    assert_non_null(strstr(said.out, " → brådskande\n"));
}

static void what_was_done(void **state)
{
    (void)state;
    static const char *const labels[][2] = {
        {"put", "added"}, {"delete", "deleted"}, {"patch", "changed"}, {"odd", "changed"}};
    for (size_t i = 0; i < 4; i++) {
        history_change = labels[i][0];
        const char *expected = arena_format(cli.arena, ")  %s, revision 813\n", labels[i][1]);
        assert_non_null(strstr(told(nothing, NULL, 0).out, expected));
    }
    history_change = "patch";
    /* By a service, for someone. */
    history_as = "usr-4";
    assert_non_null(strstr(told(nothing, NULL, 0).out,
                           "mäklare, Motala (usr-4) for mäklare, Motala (usr-4)  changed"));
    history_as = NULL;
}

/* What the daemon's rules leave behind of each move (daemon/rules/inquiry.c), and which move
   it is taken for. */
static void the_move_is_told_by_what_it_did(void **state)
{
    (void)state;
    static const struct {
        const char *verb; /* NULL: it cannot be told */
        const char *fields[5][3];
    } rows[] = {
        {"acknowledge", {{"state", "new", "acknowledged"}}},
        {"acknowledge", {{"state", "new", "acknowledged"}, {"broker", NULL, "usr-4"}}},
        {"start dialogue", {{"state", "offered", "dialogue"}}},
        {"map the need", {{"state", "dialogue", "mapped"}}},
        {"offer", {{"state", "acknowledged", "offered"}}},
        {"close", {{"state", "evaluating", "closed"}, {"outcome", NULL, "delivered"}}},
        {"pause", {{"state", "mapped", "waiting"}, {"state_before", NULL, "mapped"}}},
        {"resume", {{"state", "waiting", "mapped"}, {"state_before", "mapped", NULL}}},
        {"resume", {{"state", "waiting", "new"}, {"state_before", "new", NULL}}},
        {"forward",
         {{"state", "mapped", "new"},
          {"municipality", "mun-0583", "mun-0561"},
          {"state_sent", NULL, "mapped"}}},
        {"forward",
         {{"state", "waiting", "new"},
          {"municipality", "mun-0583", "mun-0561"},
          {"state_before", "mapped", NULL},
          {"state_sent", NULL, "mapped"}}},
        {"withdraw", {{"state", "waiting", "withdrawn"}, {"state_before", "new", "new"}}},
        {"decline", {{"state", "new", "declined"}}},
        {"refuse what was forwarded",
         {{"state", "new", "mapped"},
          {"municipality", "mun-0561", "mun-0583"},
          {"state_sent", "mapped", NULL}}},
        {NULL, {{"state", "closed", "new"}}},
        /* Sent on and sent back as new, which it stayed. */
        {"refuse what was forwarded",
         {{"municipality", "mun-0561", "mun-0583"}, {"state_sent", "new", NULL}}},
        /* Sent on once more. */
        {NULL, {{"municipality", "mun-0561", "mun-0580"}, {"state_sent", "mapped", "new"}}},
        /* Sent on while it waited as new: as well resumed, and moved by hand. */
        {NULL,
         {{"state", "waiting", "new"},
          {"municipality", "mun-0583", "mun-0561"},
          {"state_before", "new", NULL}}},
        /* One who does not see what the state was before. */
        {NULL, {{"state", "waiting", "new"}}},
        {NULL, {{"title", "a", "b"}}},
        {NULL, {{"state", NULL, "new"}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = told(rows[i].fields, NULL, 0).out;
        const char *expected =
            rows[i].verb ? arena_format(cli.arena, "  changed: %s, revision 813\n", rows[i].verb)
                         : "  changed, revision 813\n";
        if (!strstr(text, expected))
            fail_msg("row %zu is not %s: %s", i, expected, text);
    }
}

static void a_page_at_a_time(void **state)
{
    (void)state;
    static const option_t limit = {"limit", "NUMBER", ""}, before = {"before", "REV", ""};
    static const char *const wrong[] = {"", "0", "-1", "x", "5x"};
    given_t given[] = {{.option = &limit, .value = "5"}, {.option = &before, .value = "800"}};
    told(nothing, given, 2);
    assert_string_equal(asked(0), "history {\"id\":\"inq-12\",\"limit\":5,\"before\":800}");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        given[1].value = wrong[i];
        heard_t said = told(nothing, given, 2);
        assert_int_equal(cli.status, EXIT_USAGE);
        assert_string_equal(said.err, "samverk: --before takes a number from 1.\n");
        assert_null(asked(0));
    }
}

static void history_as_json(void **state)
{
    (void)state;
    static const char *const fields[][3] = {{"title", "Kurs", NULL}, {NULL}};
    cli.output = OUTPUT_JSON;
    heard_t said = told(fields, NULL, 0);
    json_t *document = json_loads(said.out, 0, NULL);
    json_t *entry = json_array_get(json_object_get(document, "entries"), 0);
    assert_string_equal(json_string_value(json_object_get(entry, "time")),
                        "2026-03-14T09:00:00.250Z");
    assert_true(json_is_null(
        json_object_get(json_object_get(json_object_get(entry, "fields"), "title"), "to")));
    assert_int_equal(json_integer_value(json_object_get(document, "next")), 800);
    json_decref(document);
    assert_string_equal(said.err, "");
    assert_int_equal(atomic_load(&n_asked), 1); /* no names */
}

static void history_steers_nothing(void **state)
{
    (void)state;
    static const char *const fields[][3] = {
        {"title", "a\033[2J", "b\xc2\x9b"}, {"urgency", "\033", "\033[2J"}, {NULL}};
    history_change = "\033[2J";
    const char *text = told(fields, NULL, 0).out;
    history_change = "patch";
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "\xc2\x9b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(as_people_and_programs_read_it),
        CLI_TEST(for_a_purpose),
        CLI_TEST(none_such),
        CLI_TEST(as_it_was),
        CLI_TEST(who_changed_what),
        CLI_TEST(what_was_done),
        CLI_TEST(the_move_is_told_by_what_it_did),
        CLI_TEST(a_page_at_a_time),
        CLI_TEST(history_as_json),
        CLI_TEST(history_steers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

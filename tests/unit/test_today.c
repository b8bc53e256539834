#include "typed.h"
#include "verbs.h"

/* What a broker must do on 18 May 2033, the day of the fake daemon's welcome, before a
   daemon that answers each of the questions. */

static bool nothing;   /* waits */
static bool everyone;  /* the whole scope is the reader's */
static bool centre;    /* two organisations are, too */
static bool many;      /* new inquiries, more than a page */
static bool forbidden; /* one question is refused */

#define ADD(id, ...) value_add(records, VIEW(arena, id, __VA_ARGS__))

static bool has(const value_t *where, const char *field, const char *value)
{
    const char *text = value_get_text(where, field);
    return text && strcmp(text, value) == 0;
}

static void add_grants(value_builder_t *records, arena_t *arena)
{
    ADD("gra-1", "user", "usr-4", "role", "broker", "municipalities", "mun-0583, mun-0513");
    ADD("gra-2", "user", "usr-4", "role", "viewer", "municipalities", "mun-1880");
    ADD("gra-3", "user", "usr-4", "role", "head", "municipalities", "mun-0581", "until",
        "2033-05-17");
    ADD("gra-4", "user", "usr-4", "role", "broker", "municipalities", "mun-0513");
    if (centre)
        ADD("gra-6", "user", "usr-4", "role", "head", "organisations", "org-7, org-8");
    if (everyone)
        ADD("gra-5", "user", "usr-4", "role", "coordinator", "whole", "yes");
}

static void add_inquiries(value_builder_t *records, arena_t *arena, const value_t *where)
{
    bool motala = has(where, "municipality", "mun-0583");
    if (motala && value_get_boolean(where, "overdue", false))
        ADD("inq-3", "title", "Försenad", "state", "dialogue", "municipality", "mun-0583",
            "answer_by", "2033-05-15", "overdue", "yes", "broker", "usr-9");
    if (motala && has(where, "state", "new")) {
        ADD("inq-9", "title", "Ny", "state", "new", "municipality", "mun-0583", "acknowledge_by",
            "2033-05-19");
        ADD("inq-8", "title", "Äldre ny", "state", "new", "municipality", "mun-0583",
            "acknowledge_by", "2033-05-18");
    }
    for (int i = 0; many && motala && has(where, "state", "new") && i < 12; i++)
        ADD(arena_format(arena, "inq-%d", 100 + i), "title", "En till", "state", "new",
            "acknowledge_by", "2033-05-20");
    if (has(where, "broker", "usr-4")) {
        ADD("inq-8", "title", "Äldre ny", "state", "new", "broker", "usr-4");
        ADD("inq-7", "title", "Vilande", "state", "waiting", "waiting_until", "2033-06-01",
            "municipality", "mun-0513", "broker", "usr-4");
        ADD("inq-6", "title", "Levereras", "state", "delivering", "broker", "usr-4");
        ADD("inq-5", "title", "Min försenade", "state", "acknowledged", "answer_by", "2033-05-17",
            "overdue", "yes", "broker", "usr-4", "municipality", "mun-0513");
    }
    if (has(where, "holder", "usr-4"))
        ADD("inq-6", "title", "Levereras", "state", "delivering", "holder", "usr-4");
}

static void add_others(value_builder_t *records, arena_t *arena, const char *kind,
                       const value_t *where)
{
    if (strcmp(kind, "contact") == 0 && has(where, "state", "planned"))
        ADD("con-2", "organisation", "org-3", "day", "2033-05-18", "state", "planned", "how",
            "visit");
    if (strcmp(kind, "contact") == 0 && has(where, "state", "done"))
        ADD("con-1", "organisation", "org-3", "day", "2033-05-01", "state", "done", "next_step",
            "Skicka förslag", "next_day", "2033-05-14", "aim", "behov");
    if (strcmp(kind, "opt_in") == 0)
        ADD("opt-1", "pool", "poo-1", "inquiry", "inq-6", "state", "asked", "answer_by",
            "2033-05-20");
    if (strcmp(kind, "offer") == 0 && value_get(where, "inquiry")->form == VALUE_LIST)
        ADD("off-1", "title", "Svets", "state", "requested", "provider", "org-2", "answer_by",
            "2033-05-17");
    if (strcmp(kind, "offer") == 0 && value_get(where, "pool")->form == VALUE_LIST)
        ADD("off-2", "title", "Svets i grupp", "state", "sent", "provider", "org-2", "valid_until",
            "2033-06-30");
    if (strcmp(kind, "task") == 0) {
        ADD("tsk-2", "what", "Utan dag", "about", "inq-6", "state", "open");
        ADD("tsk-1", "what", "Boka sal", "about", "inq-6", "state", "open", "due", "2033-05-19");
    }
    if (strcmp(kind, "pool") == 0)
        ADD("poo-1", "title", "Svets tillsammans", "state", "forming", "municipality", "mun-0583");
}

static void add_names(value_builder_t *records, arena_t *arena, const char *kind)
{
    if (strcmp(kind, "municipality") == 0) {
        ADD("mun-0583", "name", "Motala");
        ADD("mun-0513", "name", "Kinda");
    }
    if (strcmp(kind, "organisation") == 0) {
        ADD("org-2", "name", "Högskolan");
        ADD("org-3", "name", "Bergs AB");
    }
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    const char *kind = value_get_text(arguments, "kind");
    const value_t *where = value_get(arguments, "where");
    value_builder_t map = value_builder(arena), list = value_builder(arena), *records = &list;
    assert_string_equal(command, "list");
    if (forbidden && strcmp(kind, "task") == 0)
        error_set(error, ERROR_TOO_BROAD, "where", NULL);
    if (strcmp(kind, "grant") == 0)
        add_grants(records, arena);
    else if (value_get(where, "id")->form != VALUE_ABSENT)
        add_names(records, arena, kind);
    else if (!nothing && strcmp(kind, "inquiry") == 0)
        add_inquiries(records, arena, where);
    else if (!nothing)
        add_others(records, arena, kind, where);
    value_add_pair(&map, "records", value_build_list(records));
    if (many && strcmp(kind, "inquiry") == 0 && has(where, "state", "new"))
        value_add_pair(&map, "next", value_text("inq-100"));
    return value_build_map(&map);
}

static bool good;

static heard_t run(void)
{
    fake_t *daemon = daemon_begin(serve);
    arguments_t arguments = {0};
    assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
    cli.status = 0;
    hear();
    good = today_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

static int begin(void **state)
{
    nothing = everyone = centre = many = forbidden = false;
    return cli_begin(state);
}

static int n_asked_for(const char *part)
{
    int n = 0;
    for (int i = 0; asked(i); i++)
        n += strstr(asked(i), part) != NULL;
    return n;
}

static void the_most_urgent_comes_first(void **state)
{
    (void)state;
    speak("sv");
    heard_t said = run();
    assert_true(good);
    assert_string_equal(
        said.out, "Försenade förfrågningar (2)\n"
                  "  inq-3  för 3 dagar sedan  Försenad       Motala  i dialog\n"
                  "  inq-5  i går              Min försenade  Kinda   bekräftad\n"
                  "\n"
                  "Nya förfrågningar (2)\n"
                  "  inq-8  i dag              Äldre ny  Motala\n"
                  "  inq-9  i morgon           Ny        Motala\n"
                  "\n"
                  "Planerade kontakttillfällen (1)\n"
                  "  con-2  i dag              besök  Bergs AB\n"
                  "\n"
                  "Nästa steg (1)\n"
                  "  con-1  för 4 dagar sedan  Skicka förslag  Bergs AB\n"
                  "\n"
                  "Samordningar att svara på (1)\n"
                  "  opt-1  2033-05-20         poo-1  inq-6\n"
                  "\n"
                  "Offerter (2)\n"
                  "  off-1  i går              Svets          Högskolan  begärd\n"
                  "  off-2  2033-06-30         Svets i grupp  Högskolan  lämnad\n"
                  "\n"
                  "Åtgärder (2)\n"
                  "  tsk-1  i morgon           Boka sal  inq-6\n"
                  "  tsk-2                     Utan dag  inq-6\n"
                  "\n"
                  "Mina pågående förfrågningar (2)\n"
                  "  inq-7  2033-06-01         Vilande    Kinda  vilande\n"
                  "  inq-6                     Levereras         genomförs\n"
                  "\n"
                  "Mina samordningar (1)\n"
                  "  poo-1                     Svets tillsammans  Motala  under uppbyggnad\n");
    assert_non_null(strstr(said.err, "--clear next-day"));
}

/* Each question is one for an index; who the reader is comes from the grants in force. */
static void what_is_asked_is_narrow(void **state)
{
    (void)state;
    run();
    assert_int_equal(n_asked_for("{\"municipality\":\"mun-0583\",\"overdue\":true}"), 1);
    assert_int_equal(n_asked_for("{\"municipality\":\"mun-0583\",\"state\":\"new\"}"), 1);
    assert_int_equal(n_asked_for("{\"municipality\":\"mun-0513\",\"state\":\"new\"}"), 1);
    assert_int_equal(n_asked_for("mun-1880"), 0);
    assert_int_equal(n_asked_for("mun-0581"), 0);
    assert_int_equal(
        n_asked_for("\"broker\":\"usr-4\",\"state\":\"planned\",\"day\":{\"to\":\"2033-05-18\"}"),
        1);
    assert_int_equal(n_asked_for("\"next_day\":{\"from\":\"2033-02-17\",\"to\":\"2033-05-18\"}"),
                     1);
    /* Offers of the own inquiries and pools, the late one with them, others' not. */
    assert_int_equal(n_asked_for("\"inquiry\":[\"inq-5\",\"inq-7\",\"inq-6\"]"), 1);
    assert_int_equal(n_asked_for("\"pool\":[\"poo-1\"]"), 1);
    centre = true;
    run();
    assert_int_equal(n_asked_for("{\"organisation\":[\"org-7\",\"org-8\"],\"state\":\"new\"}"), 1);
    everyone = true;
    run();
    assert_int_equal(n_asked_for("org-7"), 0);
    assert_int_equal(n_asked_for("\"where\":{\"overdue\":true}"), 1);
    assert_int_equal(n_asked_for("\"where\":{\"state\":\"new\"}"), 1);
    assert_int_equal(n_asked_for("\"municipality\""), 1); /* their names */
}

static void nothing_to_do_is_said_kindly(void **state)
{
    (void)state;
    nothing = true;
    heard_t said = run();
    assert_true(good);
    assert_string_equal(said.out, "Nothing waits for you today.\n");
    assert_string_equal(said.err, "");
    speak("sv");
    assert_string_equal(run().out, "Inget väntar på dig i dag.\n");
    assert_int_equal(n_asked_for("\"kind\":\"offer\""), 0);
}

static void a_long_section_is_cut(void **state)
{
    (void)state;
    many = true;
    heard_t said = run();
    assert_non_null(strstr(said.out, "New inquiries (14+)\n"));
    assert_non_null(strstr(said.out, "inq-107"));
    assert_null(strstr(said.out, "inq-108"));
    assert_non_null(strstr(said.out, "\n  … samverk inquiry list --state new --municipality "
                                     "mun-0583 --municipality mun-0513\n"));
}

static void for_programs_and_spreadsheets(void **state)
{
    (void)state;
    cli.output = OUTPUT_JSON;
    heard_t said = run();
    json_error_t error;
    json_t *document = json_loads(said.out, 0, &error);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "day")), "2033-05-18");
    json_t *sections = json_object_get(document, "sections");
    assert_int_equal(json_array_size(sections), 9);
    json_t *late = json_array_get(sections, 0);
    assert_string_equal(json_string_value(json_object_get(late, "section")), "late");
    json_t *first = json_array_get(json_object_get(late, "records"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "id")), "inq-3");
    json_decref(document);
    cli.output = OUTPUT_CSV;
    said = run();
    assert_non_null(strstr(said.out, "section,id,day,what,who,state\r\n"));
    assert_non_null(strstr(said.out, "\r\nlate,inq-5,2033-05-17,Min försenade,"));
    assert_string_equal(said.err, "");
}

static void what_is_refused_is_told(void **state)
{
    (void)state;
    forbidden = true;
    heard_t said = run();
    assert_false(good);
    assert_int_equal(cli.status, error_exit_status(ERROR_TOO_BROAD));
    assert_string_equal(said.out, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, cli_end)
    const struct CMUnitTest tests[] = {
        TEST(the_most_urgent_comes_first),   TEST(what_is_asked_is_narrow),
        TEST(nothing_to_do_is_said_kindly),  TEST(a_long_section_is_cut),
        TEST(for_programs_and_spreadsheets), TEST(what_is_refused_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

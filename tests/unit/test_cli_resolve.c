#include "resolve.h"
#include "typed.h"

/* Which record someone means. The daemon has these organisations, areas and people, and
   filters as the real one does: exactly. */

static const char *const organisations[][4] = {
    {"org-1", "name", "Kinda kommun"},      {"org-2", "name", "Kinda Lärcenter"},
    {"org-3", "name", "Åmåls Verkstad AB"}, {"org-4", "name", "Amals Verkstad AB"},
    {"org-5", "name", "Bergs AB"},          {"org-6", "name", "Bergs AB"},
};

static void add_view(arena_t *arena, value_builder_t *records, const value_t *where,
                     const char *const *row)
{
    value_t view = view_of(arena, row[0], row + 1);
    for (uint32_t i = 0; where->form == VALUE_MAP && i < where->count; i++)
        if (!value_equal(value_get(value_get(&view, "fields"), where->items[2 * i].text),
                         &where->items[2 * i + 1]))
            return;
    value_add(records, view);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    const char *kind = value_get_text(arguments, "kind");
    const value_t *where = value_get(arguments, "where"), *after = value_get(arguments, "after");
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    if (strcmp(command, "list") != 0)
        error_set(error, ERROR_UNKNOWN_COMMAND, NULL, NULL);
    /* Organisations come on two pages. */
    bool paged = strcmp(kind, "organisation") == 0 && where->form != VALUE_MAP;
    for (size_t i = 0; strcmp(kind, "organisation") == 0 && i < 6; i++)
        if (!paged || (i >= 3) == (after->form != VALUE_ABSENT))
            add_view(arena, &records, where, organisations[i]);
    if (strcmp(kind, "organisation") == 0)
        add_view(
            arena, &records, where,
            (const char *const[]){"org-7", "name", "Numrerad AB", "number", "556036-0793", NULL});
    if (strcmp(kind, "area") == 0)
        add_view(
            arena, &records, where,
            (const char *const[]){"are-0715", "name_en", "Welding", "name_sv", "Svetsning", NULL});
    if (strcmp(kind, "person") == 0 && value_get_text(arguments, "purpose"))
        add_view(arena, &records, where,
                 (const char *const[]){"per-1", "name", "personalchef", NULL});
    value_add_pair(&map, "records", value_build_list(&records));
    if (paged && after->form == VALUE_ABSENT)
        value_add_pair(&map, "next", value_text("more"));
    return value_build_map(&map);
}

static error_t error;

/* The id, or NULL with `error`. */
static const char *id_of(const char *kind, const char *text)
{
    const char *id = NULL;
    memset(&error, 0, sizeof error);
    return resolve(&cli, kind ? schema_kind(kind) : NULL, text, "employer", &id, &error) ? id
                                                                                         : NULL;
}

static void an_id_or_a_code_asks_nobody(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    assert_string_equal(id_of("inquiry", "inq-12"), "inq-12");
    assert_string_equal(id_of("inquiry", "INQ-12"), "inq-12");
    assert_string_equal(id_of("inquiry", "12"), "inq-12");
    assert_string_equal(id_of("municipality", "0583"), "mun-0583");
    assert_string_equal(id_of("area", "mun-0583") ? "" : "none", "none");
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(id_of(NULL, "inq-12"), "inq-12");
    assert_null(id_of(NULL, "Kinda kommun"));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_null(asked(0));
    daemon_end(&daemon);
}

static void a_name_is_found_as_it_is_written_or_nearly(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    assert_string_equal(id_of("organisation", "Kinda kommun"), "org-1");
    assert_string_equal(id_of("organisation", "kinda KOMMUN"), "org-1");
    /* On the second page. */
    assert_string_equal(id_of("organisation", "amals verkstad ab"), "org-4");
    /* A ring makes another name: only one is written so. */
    assert_string_equal(id_of("organisation", "Åmåls verkstad AB"), "org-3");
    assert_string_equal(id_of("organisation", "5560360793"), "org-7");
    assert_string_equal(id_of("organisation", "556036-0793"), "org-7");
    /* In either language. */
    assert_string_equal(id_of("area", "Svetsning"), "are-0715");
    assert_string_equal(id_of("area", "welding"), "are-0715");
    daemon_end(&daemon);
}

static void what_is_not_clear_is_answered_with_candidates(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    assert_null(id_of("organisation", "Bergs AB"));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(error.field, "employer");
    assert_non_null(strstr(error.expected, "Bergs AB (org-5), Bergs AB (org-6)"));
    assert_null(id_of("organisation", "kinda"));
    assert_int_equal(error.code, ERROR_REFERENCE);
    assert_non_null(strstr(error.expected, "Kinda kommun (org-1), Kinda Lärcenter (org-2)"));
    /* Within the name, and without its dots. */
    assert_null(id_of("organisation", "larcenter"));
    assert_non_null(strstr(error.expected, "Kinda Lärcenter (org-2)"));
    assert_null(id_of("organisation", "Nowhere"));
    assert_int_equal(error.code, ERROR_REFERENCE);
    assert_non_null(strstr(error.expected, "Nowhere"));
    daemon_end(&daemon);
}

static void people_are_found_by_name_for_a_purpose(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    assert_null(id_of("person", "personalchef"));
    assert_non_null(strstr(error.expected, "--purpose"));
    cli.purpose = "to ring";
    assert_string_equal(id_of("person", "personalchef"), "per-1");
    daemon_end(&daemon);
}

static void a_record_that_is_none_is_not_found(void **state)
{
    (void)state;
    const char *id;
    fake_t *daemon = daemon_begin(serve);
    cli.kind = schema_kind("organisation");
    assert_true(resolve_record(&cli, "Kinda kommun", &id));
    assert_string_equal(id, "org-1");
    hear();
    assert_false(resolve_record(&cli, "Nowhere", &id));
    assert_non_null(strstr(heard().err, "Nowhere"));
    assert_int_equal(cli.status, error_exit_status(ERROR_NOT_FOUND));
    /* Another kind's id says where to look. */
    hear();
    assert_false(resolve_record(&cli, "inq-3", &id));
    assert_non_null(strstr(heard().err, "samverk inquiry show inq-3"));
    assert_int_equal(cli.status, error_exit_status(ERROR_NOT_FOUND));
    daemon_end(&daemon);
}

static const char *kind_meant(const char *word)
{
    cli.status = 0;
    hear();
    const kind_t *kind = resolve_kind(&cli, word);
    const char *text = heard().err;
    assert_int_equal(cli.status, kind ? 0 : EXIT_USAGE);
    return kind ? kind->name : text;
}

static void a_kind_that_is_none_is_told_what_was_meant(void **state)
{
    (void)state;
    assert_string_equal(kind_meant("inquiry"), "inquiry");
    assert_string_equal(kind_meant("inqiry"),
                        "samverk: There is no inqiry. Did you mean inquiry?\n");
    assert_string_equal(kind_meant("xyz"), "samverk: There is no kind xyz.\n");
    speak("sv");
    assert_string_equal(kind_meant("Förfrågningar"),
                        "samverk: Förfrågningar finns inte. Menade du inquiry?\n");
    assert_ptr_equal(resolve_kind_called(&cli, "forfragan"), schema_kind("inquiry"));
    assert_null(resolve_kind_called(&cli, "inquiry"));
    assert_ptr_equal(resolve_kind_written("opt-in"), schema_kind("opt_in"));
    assert_ptr_equal(resolve_kind_written("opt_in"), schema_kind("opt_in"));
    assert_null(resolve_kind_written("opt"));
    assert_null(resolve_kind_written("opt-in-"));
}

static void folding_is_of_case_and_accents(void **state)
{
    (void)state;
    assert_string_equal(resolve_fold("ÅTVIDABERG", false, cli.arena), "åtvidaberg");
    assert_string_equal(resolve_fold("Åtvidaberg", true, cli.arena), "atvidaberg");
    assert_string_equal(resolve_fold("A\xcc\x8atvidaberg", false, cli.arena), "åtvidaberg");
    assert_string_equal(resolve_fold("Straße", false, cli.arena), "strasse");
    assert_string_equal(resolve_fold("broken \xff", false, cli.arena), "broken \xff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(an_id_or_a_code_asks_nobody),
        CLI_TEST(a_name_is_found_as_it_is_written_or_nearly),
        CLI_TEST(what_is_not_clear_is_answered_with_candidates),
        CLI_TEST(people_are_found_by_name_for_a_purpose),
        CLI_TEST(a_record_that_is_none_is_not_found),
        CLI_TEST(a_kind_that_is_none_is_told_what_was_meant),
        CLI_TEST(folding_is_of_case_and_accents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

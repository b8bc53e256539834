#include "cli_fixture.h"
#include "verbs.h"

#define INQUIRY(arena, id, ...) VIEW(arena, id, "state", "new", __VA_ARGS__)

static value_t list_of(arena_t *arena, size_t n, const value_t *items)
{
    value_builder_t list = value_builder(arena);
    for (size_t i = 0; i < n; i++)
        value_add(&list, items[i]);
    return value_build_list(&list);
}

static value_t reason(arena_t *arena, const char *word, value_t detail)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "reason", value_text(word));
    value_add_pair(&map, "points", value_integer(40));
    if (detail.form != VALUE_ABSENT)
        value_add_pair(&map, "detail", detail);
    return value_build_map(&map);
}

static value_t texts(arena_t *arena, const char *first, const char *second)
{
    value_t items[2] = {first ? value_text(first) : value_absent,
                        second ? value_text(second) : value_absent};
    return list_of(arena, 2, items);
}

static value_t match(arena_t *arena, value_t view, const value_t *reasons, size_t n,
                     const char *pool)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "record", view);
    value_add_pair(&map, "score", value_integer(64));
    value_add_pair(&map, "reasons", list_of(arena, n, reasons));
    if (pool)
        value_add_pair(&map, "pool", value_text(pool));
    return value_build_map(&map);
}

static value_t together(arena_t *arena, int64_t participants, int64_t unsaid, size_t n, bool enough)
{
    static const char *const ids[] = {"inq-12", "inq-3", "inq-4"};
    value_builder_t map = value_builder(arena);
    value_t inquiries[3];
    for (size_t i = 0; i < n; i++)
        inquiries[i] = value_text(ids[i]);
    value_add_pair(&map, "inquiries", list_of(arena, n, inquiries));
    value_add_pair(&map, "participants", value_integer(participants));
    value_add_pair(&map, "unsaid", value_integer(unsaid));
    value_add_pair(&map, "minimum", value_integer(12));
    value_add_pair(&map, "enough", value_boolean(enough));
    value_add_pair(&map, "period_from", value_text("2026-09-01"));
    value_t form = value_text("on_site");
    value_add_pair(&map, "form", list_of(arena, 1, &form));
    return value_build_map(&map);
}

static size_t n_matches; /* that the daemon has */
static bool all_fit;

static value_t two_matches(arena_t *arena)
{
    value_t found[2];
    value_t first[] = {reason(arena, "same_area", texts(arena, "are-0715", "are-0715")),
                       reason(arena, "same_period", texts(arena, "2026-09-01", NULL)),
                       reason(arena, "near", value_integer(38)),
                       reason(arena, "same_words", texts(arena, "Svets", "TIG\033[2J"))};
    value_t second[] = {reason(arena, "same_county", value_absent),
                        reason(arena, "same_level", value_text("vocational"))};
    found[0] = match(
        arena,
        INQUIRY(arena, "inq-3", "title", "Svets", "municipality", "0513", "participants", "1"),
        first, 4, NULL);
    found[1] = match(arena, INQUIRY(arena, "inq-4", "county", "05", "discreet", "yes"), second, 2,
                     "poo-2");
    return list_of(arena, n_matches, found);
}

static value_t names_of_places(arena_t *arena)
{
    value_builder_t page = value_builder(arena);
    value_t views[] = {VIEW(arena, "mun-0513", "name", "Kinda"),
                       VIEW(arena, "cty-05", "name", "Östergötlands län"),
                       VIEW(arena, "are-0715", "name_sv", "Maskinteknik", "name_en", "Mechanics")};
    value_add_pair(&page, "records", list_of(arena, 3, views));
    return value_build_map(&page);
}

static value_t daemon_answer(const char *command, const value_t *arguments, arena_t *arena,
                             error_t *error)
{
    (void)error;
    value_builder_t map = value_builder(arena);
    if (strcmp(command, "list") == 0)
        return names_of_places(arena);
    if (strcmp(command, "get") == 0)
        return VIEW(arena, value_get_text(arguments, "id"), "title", "Något");
    if (strcmp(command, "suggest") == 0) {
        value_builder_t group = value_builder(arena);
        value_t views[] = {INQUIRY(arena, "inq-3", "title", "Svets", "municipality", "0513"),
                           INQUIRY(arena, "inq-4", "title", "TIG", "municipality", "0513")};
        value_add_pair(&group, "records", list_of(arena, 2, views));
        value_add_pair(&group, "together", together(arena, 17, 0, 2, true));
        value_t groups = value_build_map(&group);
        value_add_pair(&map, "groups", list_of(arena, n_matches > 0, &groups));
        return value_build_map(&map);
    }
    assert_string_equal(command, "matches");
    value_add_pair(&map, "matches", two_matches(arena));
    value_add_pair(&map, "looked_at", value_integer(4000));
    value_add_pair(&map, "cut", value_boolean(true));
    if (n_matches > 0)
        value_add_pair(
            &map, "together",
            together(arena, 17, !all_fit, all_fit ? n_matches + 1 : 1 + n_matches / 2, all_fit));
    return value_build_map(&map);
}

static heard_t say(bool (*verb)(cli_t *, const arguments_t *), const char *kind)
{
    const char *id = "inq-12";
    fake_t *daemon = daemon_begin(daemon_answer);
    arguments_t arguments = {.words = &id, .n_words = 1};
    cli.kind = schema_kind(kind);
    hear();
    assert_true(verb(&cli, &arguments));
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

static void who_matches_and_why(void **state)
{
    (void)state;
    speak("sv");
    n_matches = 2;
    all_fit = true;
    heard_t said = say(matches_run, "inquiry");
    assert_string_equal(said.out,
                        "Två liknande förfrågningar finns i Kinda och Östergötlands län. "
                        "Tillsammans 17\ndeltagare.\n"
                        "inq-3 Svets, Kinda, 1 deltagare (64 av 100)\n"
                        "  samma kompetensområde: Maskinteknik och Maskinteknik; perioder som "
                        "överlappar:\n  från 2026-09-01; 38 km bort; gemensamma ord: Svets och "
                        "TIG�[2J\n"
                        "inq-4 (diskret), Östergötlands län (64 av 100)\n"
                        "  samma län; samma nivå: yrkeshögskola; redan i en samordnad förfrågan: "
                        "poo-2\n"
                        "\nPassar alla: från 2026-09-01; på plats\n"
                        "Räcker för en samordnad förfrågan, som kräver minst 12.\n");
    assert_non_null(strstr(said.err, "4000"));
}

static void what_does_not_go_together(void **state)
{
    (void)state;
    n_matches = 2;
    all_fit = false;
    heard_t said = say(matches_run, "inquiry");
    assert_non_null(strstr(said.out, "One of them goes"));
    assert_non_null(strstr(said.out, "1 has not said how many."));
    assert_non_null(strstr(said.out, "Too few for a pool, which begins with 12."));
    n_matches = 1;
    said = say(matches_run, "inquiry");
    assert_non_null(strstr(said.out, "One similar inquiry is in Kinda."));
    assert_non_null(strstr(said.out, "None of them goes together with it."));
    assert_null(strstr(said.out, "pool"));
}

static void nothing_to_compare_by(void **state)
{
    (void)state;
    n_matches = 0;
    heard_t said = say(matches_run, "inquiry");
    assert_non_null(strstr(said.out, "samverk inquiry edit inq-12 --areas CODE"));
}

static void groups_that_are_enough(void **state)
{
    (void)state;
    n_matches = 1;
    heard_t said = say(suggest_run, "pool");
    assert_non_null(strstr(said.out, "Two inquiries in Kinda could be one pool. Together 17 "
                                     "participants.\ninq-3 Svets, Kinda\ninq-4 TIG, Kinda\n"));
    n_matches = 0;
    said = say(suggest_run, "pool");
    assert_string_equal(said.out, "No open inquiries are enough for a pool together.\n");
    cli.output = OUTPUT_JSON;
    said = say(suggest_run, "pool");
    assert_non_null(strstr(said.out, "\"groups\": []"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(who_matches_and_why),
        CLI_TEST(what_does_not_go_together),
        CLI_TEST(nothing_to_compare_by),
        CLI_TEST(groups_that_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli_fixture.h"

/* The region: organisations org-1 to org-9 with names, the others not to be seen; all
   municipalities; no people without a purpose. */
static value_t region(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    assert_string_equal(command, "list");
    const char *kind = value_get_text(arguments, "kind");
    const value_t *ids = value_get(value_get(arguments, "where"), "id");
    if (strcmp(kind, "user") == 0) {
        error_set(error, ERROR_NOT_ALLOWED, NULL, NULL);
        return value_absent;
    }
    value_builder_t records = value_builder(arena), result = value_builder(arena);
    for (uint32_t i = 0; i < ids->count; i++) {
        const char *id = ids->items[i].text;
        if (strcmp(kind, "municipality") == 0)
            value_add(&records, VIEW(arena, id, "name", "Åtvidaberg"));
        else if (strcmp(kind, "organisation") == 0 && strlen(id) == 5)
            value_add(&records, VIEW(arena, id, "name", arena_format(arena, "Bolaget %s", id)));
        else if (strcmp(kind, "person") == 0 && value_get_text(arguments, "purpose"))
            value_add(&records, VIEW(arena, id, "name", "Kontaktpersonen"));
        else if (strcmp(kind, "person") == 0)
            value_add(&records, VIEW(arena, id, "staff", "no"));
    }
    value_add_pair(&result, "records", value_build_list(&records));
    return value_build_map(&result);
}

static void every_kinds_name_is_a_text_that_it_must_have(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        const field_t *fields[4], *one[1];
        size_t n = names_fields(kind, fields, 4), expected = 0;
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            expected += field->type == TYPE_TEXT && field->attributes & FIELD_REQUIRED &&
                        field->attributes & FIELD_LISTED && !(field->attributes & FIELD_MANY);
        }
        assert_int_equal(n, expected);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(fields[i]->type, TYPE_TEXT);
            assert_true(fields[i]->attributes & FIELD_REQUIRED);
        }
        assert_int_equal(names_fields(kind, one, 1), n > 0);
        if (n > 0)
            assert_ptr_equal(one[0], fields[0]);
    }
}

static void in_the_readers_language(void **state)
{
    (void)state;
    const kind_t *area = schema_kind("area");
    value_t view = VIEW(cli.arena, "are-0715", "name_en", "Mechanics", "name_sv", "Maskinteknik");
    const field_t *field;
    assert_string_equal(names_of_view(&cli, &view), "Mechanics");
    assert_true(names_elsewhere(kind_field(area, "name_sv")));
    assert_false(names_elsewhere(kind_field(area, "name_en")));
    assert_false(names_elsewhere(kind_field(area, "created_by")));
    speak("sv");
    assert_string_equal(names_of_view(&cli, &view), "Maskinteknik");
    assert_int_equal(names_fields(area, &field, 1), 1);
    assert_string_equal(field->name, "name_sv");
    assert_true(names_elsewhere(kind_field(area, "name_en")));
    assert_false(names_elsewhere(kind_field(area, "name_sv")));
    /* One name is better than none. */
    view = VIEW(cli.arena, "are-0715", "name_en", "Mechanics");
    assert_string_equal(names_of_view(&cli, &view), "Mechanics");
}

static void of_views_that_show_none(void **state)
{
    (void)state;
    value_t view = VIEW(cli.arena, "inq-12", "participants", "8");
    assert_null(names_of_view(&cli, &view));
    view = VIEW(cli.arena, "gra-1", "role", "broker");
    assert_null(names_of_view(&cli, &view));
    view = value_absent;
    assert_null(names_of_view(&cli, &view));
    value_builder_t odd = value_builder(cli.arena);
    value_add_pair(&odd, "id", value_text("xyz-1"));
    view = value_build_map(&odd);
    assert_null(names_of_view(&cli, &view));
}

static void many_in_one_question_each_once(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(region);
    value_t view = VIEW(cli.arena, "inq-12", "title", "Org-4", "municipality", "0561", "employer",
                        "org-7", "organisation", "org-8", "created_by", "usr-4");
    value_t next = VIEW(cli.arena, "inq-13", "employer", "org-7", "organisation", "org-100");
    names_want(&cli, &view);
    names_want(&cli, &next);
    names_fetch(&cli);
    assert_int_equal(atomic_load(&n_asked), 3);
    assert_string_equal(asked(0),
                        "list {\"kind\":\"municipality\",\"where\":{\"id\":[\"mun-0561\"]},"
                        "\"limit\":200}");
    assert_string_equal(asked(1), "list {\"kind\":\"organisation\",\"where\":{\"id\":[\"org-7\","
                                  "\"org-8\",\"org-100\"]},\"limit\":200}");
    /* Again: everything is known, also that there is nothing to know. */
    names_want(&cli, &view);
    names_want(&cli, &next);
    names_fetch(&cli);
    assert_int_equal(atomic_load(&n_asked), 3);
    assert_string_equal(names_with_id(&cli, "org-7"), "Bolaget org-7 (org-7)");
    assert_string_equal(names_with_id(&cli, "mun-0561"), "Åtvidaberg (0561)");
    assert_string_equal(names_short(&cli, "org-8"), "Bolaget org-8");
    assert_string_equal(names_with_id(&cli, "org-100"), "org-100");
    assert_string_equal(names_short(&cli, "org-100"), "org-100");
    assert_string_equal(names_with_id(&cli, "usr-4"), "usr-4");
    assert_string_equal(names_short(&cli, "org-9"), "org-9"); /* never asked for */
    daemon_end(&daemon);
}

static void lists_of_ids(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(region);
    /* More than a condition takes, and more than is fetched for a list. */
    value_builder_t ids = value_builder(cli.arena);
    for (int i = 1; i <= 450; i++)
        value_add(&ids, value_text(arena_format(cli.arena, "org-%d", i)));
    value_add(&ids, value_integer(7));
    value_add(&ids, value_text("no id"));
    value_add(&ids, value_text("gra-1")); /* of a kind without names */
    value_t list = value_build_list(&ids);
    names_want_value(&cli, &list);
    names_fetch(&cli);
    assert_int_equal(atomic_load(&n_asked), 2);
    assert_non_null(strstr(asked(0), "\"org-1\",\"org-2\""));
    assert_non_null(strstr(asked(0), "\"org-200\"]"));
    assert_non_null(strstr(asked(1), "[\"org-201\","));
    assert_non_null(strstr(asked(1), "\"org-400\"]"));
    assert_string_equal(names_short(&cli, "org-9"), "Bolaget org-9");
    /* The next list has as much room as this one. */
    names_want_id(&cli, "mun-0561");
    names_fetch(&cli);
    assert_string_equal(names_short(&cli, "mun-0561"), "Åtvidaberg");
    daemon_end(&daemon);
}

static void people_are_asked_for_with_a_purpose(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(region);
    names_want_id(&cli, "per-1");
    names_want_id(&cli, "org-7");
    names_fetch(&cli);
    assert_null(strstr(asked(0), "purpose"));
    assert_true(names_withheld(&cli, "per-1"));
    assert_false(names_withheld(&cli, "org-100"));
    assert_false(names_withheld(&cli, "no id"));
    assert_string_equal(names_with_id(&cli, "per-1"), "per-1");
    daemon_end(&daemon);
    cli.purpose = "ringa kontaktpersonen";
    daemon = daemon_begin(region);
    names_want_id(&cli, "per-1");
    names_want_id(&cli, "mun-0561");
    names_fetch(&cli);
    assert_non_null(strstr(asked(0), "\"purpose\":\"ringa kontaktpersonen\""));
    assert_null(strstr(asked(1), "purpose")); /* nothing personal is read there */
    assert_false(names_withheld(&cli, "per-1"));
    assert_string_equal(names_short(&cli, "per-1"), "Kontaktpersonen");
    daemon_end(&daemon);
}

/* An entry of the journal that no user made. */
static void the_daemon_has_a_name(void **state)
{
    (void)state;
    names_want_id(&cli, "");
    assert_string_equal(names_short(&cli, ""), "the system");
    speak("sv");
    assert_string_equal(names_with_id(&cli, ""), "systemet");
    assert_string_equal(names_short(&cli, ""), "systemet");
}

static void without_anyone_to_ask(void **state)
{
    (void)state;
    assert_string_equal(names_with_id(&cli, "org-7"), "org-7");
    assert_true(names_withheld(&cli, "per-1"));
    names_fetch(&cli);
    names_destroy(&cli);
    names_destroy(&cli);
}

static value_t hostile(const char *command, const value_t *arguments, arena_t *arena,
                       error_t *error)
{
    (void)command;
    (void)arguments;
    (void)error;
    value_builder_t fields = value_builder(arena), view = value_builder(arena),
                    result = value_builder(arena);
    value_add_pair(&fields, "name", value_text("A\033[2J\nB"));
    value_add_pair(&view, "id", value_text("org-7"));
    value_add_pair(&view, "fields", value_build_map(&fields));
    value_t one = value_build_map(&view);
    value_add_pair(&result, "records", value_list(arena_copy(arena, &one, sizeof one), 1));
    return value_build_map(&result);
}

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(hostile);
    names_want_id(&cli, "org-7");
    names_fetch(&cli);
    assert_string_equal(names_short(&cli, "org-7"), "A\xef\xbf\xbd[2J B");
    assert_string_equal(names_short(&cli, "\033[2J"), "\xef\xbf\xbd[2J");
    assert_string_equal(names_with_id(&cli, "org-7"), "A\xef\xbf\xbd[2J B (org-7)");
    assert_string_equal(names_with_id(&cli, "\033[2J"), "\xef\xbf\xbd[2J");
    daemon_end(&daemon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_kinds_name_is_a_text_that_it_must_have),
        CLI_TEST(in_the_readers_language),
        CLI_TEST(of_views_that_show_none),
        CLI_TEST(many_in_one_question_each_once),
        CLI_TEST(lists_of_ids),
        CLI_TEST(people_are_asked_for_with_a_purpose),
        CLI_TEST(the_daemon_has_a_name),
        CLI_TEST(without_anyone_to_ask),
        CLI_TEST(nothing_steers_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

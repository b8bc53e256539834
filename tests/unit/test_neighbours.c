#include "neighbours.h"
#include "temporary_home.h"
#include "typed.h"

#include <fcntl.h>

/* Who else has been there, before a daemon whose day is told by its welcome. */

static bool nobody;   /* has been there */
static bool mute;     /* the daemon does not list */
static int n_written; /* writes, when the contacts were asked for */

static value_t listed(const value_t *arguments, arena_t *arena)
{
    const char *kind = value_get_text(arguments, "kind");
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    if (strcmp(kind, "contact") == 0 && !nobody) {
        value_add(&records,
                  VIEW(arena, "con-7", "organisation", "org-3", "day", "2026-05-04", "state",
                       "planned", "broker", "usr-5", "unit", "org-2", "aim", "behovsinventering"));
        value_add(&records, VIEW(arena, "con-4", "organisation", "org-3", "day", "2026-03-01",
                                 "state", "done", "unit", "org-2", "how", "visit"));
    }
    if (strcmp(kind, "organisation") == 0) {
        value_add(&records, VIEW(arena, "org-2", "name", "Kinda lärcentrum"));
        value_add(&records, VIEW(arena, "org-3", "name", "Bergs AB"));
    }
    if (strcmp(kind, "user") == 0)
        value_add(&records, VIEW(arena, "usr-5", "name", "mäklare, Kinda"));
    value_add_pair(&map, "records", value_build_list(&records));
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    if (strcmp(command, "list") == 0 && mute)
        error_set(error, ERROR_INTERNAL, NULL, NULL);
    if (strcmp(command, "list") == 0)
        return listed(arguments, arena);
    if (strcmp(command, "history") == 0)
        return fake_map(arena);
    if (strcmp(value_get_text(arguments, "id") ? value_get_text(arguments, "id") : "", "org-3") ==
        0)
        return VIEW(arena, "org-3", "name", "Bergs AB");
    return VIEW(arena, "con-9", "organisation", "org-3", "day", "2026-04-01");
}

static int begin(void **state)
{
    nobody = mute = false;
    return home_make(state) == 0 ? cli_begin(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

static bool good;

static heard_t run(const char *kind, const char *verb, const char *const *words)
{
    fake_t *daemon = daemon_begin(serve);
    assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
    cli.kind = schema_kind(kind);
    const verb_t *row = verb_of_kind(cli.kind, verb);
    arguments_t arguments = typed(row, words);
    int real = dup(0), nowhere = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nowhere, 0);
    hear();
    good = row->run(&cli, &arguments);
    heard_t said = heard();
    dup2(real, 0);
    close(real);
    close(nowhere);
    bool written = false;
    n_written = -1;
    for (int i = 0; asked(i); i++) {
        written = written || strncmp(asked(i), "put", 3) == 0 || strncmp(asked(i), "patch", 5) == 0;
        if (strstr(asked(i), "list {\"kind\":\"contact\""))
            n_written = written;
    }
    daemon_end(&daemon);
    return said;
}

#define RUN(kind, verb, ...) run(kind, verb, (const char *const[]){__VA_ARGS__, NULL})

static const char *contacts_asked(void)
{
    for (int i = 0; asked(i); i++)
        if (strstr(asked(i), "list {\"kind\":\"contact\""))
            return asked(i);
    return "";
}

static void booking_shows_who_has_been_there(void **state)
{
    (void)state;
    heard_t said =
        RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit", "org-2");
    assert_true(good);
    assert_int_equal(n_written, 0); /* before it is written */
    assert_non_null(
        strstr(contacts_asked(), "\"where\":{\"organisation\":\"org-3\",\"day\":{\"from\":\""));
    assert_non_null(strstr(contacts_asked(), "\"state\":[\"planned\",\"done\"]"));
    assert_non_null(strstr(contacts_asked(), "\"sort\":\"-day\""));
    /* The unit where there is no broker, and the organisation once. */
    assert_non_null(strstr(said.err, "Contacts with Bergs AB (org-3) since "));
    assert_non_null(strstr(said.err, "and those planned:\n"));
    assert_non_null(strstr(said.err, "con-7  2026-05-04  planned         mäklare, Kinda"));
    assert_non_null(strstr(said.err, "behovsinventering"));
    assert_non_null(strstr(said.err, "con-4  2026-03-01  done     visit"));
    assert_non_null(strstr(said.err, "Kinda lärcentrum"));
    assert_int_equal(strstr(said.err, "Bergs AB") - said.err, strlen("Contacts with "));
    assert_null(strstr(strstr(said.err, "Bergs AB") + 1, "Bergs AB"));
    assert_null(strstr(said.out, "con-7"));
    assert_non_null(strstr(said.out, "Added: con-9"));
    said = RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit",
               "org-2", "--dry-run");
    assert_non_null(strstr(said.err, "con-7"));
    speak("sv");
    said =
        RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit", "org-2");
    assert_non_null(strstr(said.err, "Kontakter med Bergs AB (org-3) sedan "));
}

/* By the daemon's clock, which says 18 May 2033. */
static void the_last_ninety_days(void **state)
{
    (void)state;
    RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit", "org-2");
    assert_non_null(strstr(contacts_asked(), "\"from\":\"2033-02-17\"}"));
}

static void nothing_where_nobody_has(void **state)
{
    (void)state;
    nobody = true;
    heard_t said =
        RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit", "org-2");
    assert_string_equal(said.err, "");
    nobody = false;
    mute = true; /* a courtesy that does not stand in the way */
    said =
        RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit", "org-2");
    assert_true(good);
    assert_string_equal(said.err, "");
    mute = false;
    cli.output = OUTPUT_JSON;
    said =
        RUN("contact", "add", "--organisation", "org-3", "--day", "2026-04-01", "--unit", "org-2");
    assert_string_equal(said.err, "");
    assert_string_equal(contacts_asked(), "");
}

static void an_edit_of_day_or_organisation(void **state)
{
    (void)state;
    heard_t said = RUN("contact", "edit", "con-4", "--day", "2026-04-01");
    assert_true(good);
    assert_int_equal(n_written, 0);
    assert_non_null(strstr(contacts_asked(), "\"organisation\":\"org-3\""));
    assert_non_null(strstr(said.err, "con-7"));
    assert_null(strstr(said.err, "con-4")); /* itself */
    RUN("contact", "edit", "con-4", "--organisation", "org-2");
    assert_non_null(strstr(contacts_asked(), "\"organisation\":\"org-2\""));
    said = RUN("contact", "edit", "con-4", "--summary", "bra möte");
    assert_true(good);
    assert_string_equal(contacts_asked(), "");
}

static void an_organisation_with_its_contacts(void **state)
{
    (void)state;
    heard_t said = RUN("organisation", "show", "org-3");
    assert_true(good);
    const char *section = strstr(said.out, "\nContacts with Bergs AB (org-3) since ");
    assert_non_null(section);
    assert_non_null(strstr(section, "con-7"));
    assert_non_null(strstr(section, "con-4"));
    said = RUN("organisation", "show", "org-3", "--at", "700");
    assert_null(strstr(said.out, "con-7"));
    nobody = true;
    said = RUN("organisation", "show", "org-3");
    assert_null(strstr(said.out, "Contacts"));
    nobody = false;
    cli.output = OUTPUT_JSON;
    said = RUN("organisation", "show", "org-3");
    assert_memory_equal(said.out, "{\n  \"id\": \"org-3\"", 17);
    assert_null(strstr(said.out, "con-7"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(booking_shows_who_has_been_there),  TEST(the_last_ninety_days),
        TEST(nothing_where_nobody_has),          TEST(an_edit_of_day_or_organisation),
        TEST(an_organisation_with_its_contacts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

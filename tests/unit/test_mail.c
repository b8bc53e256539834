#include "cli_fixture.h"
#include "mail.h"
#include "temporary_home.h"

#include <sys/stat.h>

static const option_t mail_option = {"mail", "FILE", ""}, dry_run = {"dry-run", NULL, ""};

static int begin(void **state)
{
    if (home_make(state) != 0)
        return -1;
    setenv("SAMVERK_LIBEXECDIR", home, 1);
    return cli_begin(state);
}

static int end(void **state)
{
    unsetenv("SAMVERK_LIBEXECDIR");
    cli_end(state);
    return home_remove(state);
}

#define MAIL_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

static const char whole[] = "{\"subject\":\"Kurs i svets\",\"name\":\"Kinda\",\"address\":"
                            "\"a@example.se\",\"day\":\"2026-11-20\",\"text\":\"Hej!\\n\\nVi.\","
                            "\"attachments\":0}";

/* A helper that says this of whatever mail. */
static void install(const char *says)
{
    const char *path = arena_format(cli.arena, "%s/samverk-mail", home);
    FILE *file = fopen(path, "w");
    fprintf(file, "#!/bin/sh\ncat >/dev/null\ncat <<'END'\n%s\nEND\n", says);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

static heard_t said;

/* What becomes of the fields that were given; NULL when it was refused. */
static const char *taken(const char *kind, const char *path, value_t given)
{
    given_t option = {.option = &mail_option, .value = path};
    arguments_t arguments = {.given = &option, .n_given = path ? 1 : 0};
    cli.kind = schema_kind(kind);
    cli.status = 0;
    hear();
    bool good = mail_add(&cli, cli.kind, &arguments, &given);
    said = heard();
    assert_int_equal(good, cli.status == 0);
    return good ? json_text(&given) : NULL;
}

static value_t no_fields(void)
{
    return fake_map(cli.arena);
}

static const char *a_file(void)
{
    const char *path = arena_format(cli.arena, "%s/a.eml", home);
    FILE *file = fopen(path, "w");
    fclose(file);
    return path;
}

static void into_an_inquiry(void **state)
{
    (void)state;
    install(whole);
    assert_string_equal(taken("inquiry", a_file(), no_fields()),
                        "{\"title\":\"Kurs i svets\",\"caller\":\"Kinda <a@example.se>\","
                        "\"description\":\"Hej!\\n\\nVi.\",\"channel\":\"mail\"}");
    assert_string_equal(said.err, "");
    assert_string_equal(taken("inquiry", NULL, no_fields()), "{}");
}

static void into_a_contact(void **state)
{
    (void)state;
    install(whole);
    assert_string_equal(taken("contact", a_file(), no_fields()),
                        "{\"aim\":\"Kurs i svets\",\"day\":\"2026-11-20\",\"summary\":\"From Kinda "
                        "<a@example.se>\\n\\nHej!\\n\\nVi.\",\"how\":\"mail\"}");
}

/* What the user gave goes before what the mail says, also when it is nothing. */
static void what_was_given_wins(void **state)
{
    (void)state;
    value_builder_t given = value_builder(cli.arena);
    install(whole);
    value_add_pair(&given, "title", value_text("Egen rubrik"));
    value_add_pair(&given, "caller", value_absent);
    value_add_pair(&given, "channel", value_text("phone"));
    assert_string_equal(taken("inquiry", a_file(), value_build_map(&given)),
                        "{\"title\":\"Egen rubrik\",\"caller\":null,\"channel\":\"phone\","
                        "\"description\":\"Hej!\\n\\nVi.\"}");
}

static const char *mail_with(const char *subject, const char *text)
{
    return arena_format(cli.arena,
                        "{\"subject\":\"%s\",\"name\":\"\",\"address\":\"a@example.se\",\"day\":"
                        "\"\",\"text\":\"%s\",\"attachments\":2}",
                        subject, text);
}

/* As many characters as the field takes, bytes or not; words whole where they can be. */
static void what_is_too_long_is_cut(void **state)
{
    (void)state;
    char subject[1024] = "";
    for (int i = 0; i < 200; i++)
        strcat(subject, "å");
    install(mail_with(subject, ""));
    assert_non_null(strstr(taken("inquiry", a_file(), no_fields()), subject));
    assert_null(strstr(said.err, "cut"));
    strcat(subject, "ä");
    install(mail_with(subject, ""));
    const char *fields = taken("inquiry", a_file(), no_fields());
    char wanted[1024] = "\"title\":\"";
    strncat(wanted, subject, 199 * strlen("å"));
    assert_non_null(strstr(fields, strcat(wanted, "…\"")));
    assert_string_equal(said.err, "title: longer than 200 characters, and cut.\n"
                                  "The mail has no text that can be read.\n"
                                  "2 attachments of the mail are left out.\n");
    /* A word longer than a line is cut itself. */
    memcpy(subject, "kort ", 5);
    memset(subject + 5, 'x', 300);
    subject[305] = 0;
    install(mail_with(subject, "x"));
    fields = taken("inquiry", a_file(), no_fields());
    assert_non_null(strstr(fields, "kort xxxx"));
    subject[0] = 0;
    for (int i = 0; i < 50; i++)
        strcat(subject, "orden ");
    install(mail_with(subject, "x"));
    assert_non_null(strstr(taken("inquiry", a_file(), no_fields()), "orden orden…\""));
}

static void what_is_refused(void **state)
{
    (void)state;
    install("[]");
    assert_null(taken("inquiry", a_file(), no_fields()));
    assert_non_null(strstr(said.err, "samverk-mail"));
    install("");
    assert_null(taken("inquiry", a_file(), no_fields()));
    assert_null(taken("inquiry", "/none/a.eml", no_fields()));
    assert_non_null(strstr(said.err, "/none/a.eml: No such file"));
    assert_int_equal(cli.status, EXIT_REFUSED);
    /* Members of another form are not there. */
    install("{\"subject\":5,\"address\":[],\"text\":null,\"attachments\":\"x\"}");
    assert_string_equal(taken("inquiry", a_file(), no_fields()), "{\"channel\":\"mail\"}");
}

/* Nobody is asked in a script, on a dry run, or when there is no mail. */
static void who_is_asked(void **state)
{
    (void)state;
    given_t given[] = {{.option = &mail_option, .value = "a"}, {.option = &dry_run}};
    value_t fields = no_fields();
    for (size_t n = 0; n <= 2; n++) {
        arguments_t arguments = {.given = given, .n_given = n};
        hear();
        assert_true(mail_agreed(&cli, schema_kind("inquiry"), &arguments, &fields));
        assert_string_equal(heard().out, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_TEST(into_an_inquiry),     MAIL_TEST(into_a_contact),
        MAIL_TEST(what_was_given_wins), MAIL_TEST(what_is_too_long_is_cut),
        MAIL_TEST(what_is_refused),     MAIL_TEST(who_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "invitation.h"
#include "temporary_home.h"
#include "typed.h"
#include "verbs.h"

/* samverk invite, before a daemon that lets everybody in. */

#define EXPIRES INT64_C(1773565200000)

static error_code_t refusal;
static const char *refused_at;
static unsigned char sent_key[32]; /* of the last invite */
static int n_invites;

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    if (strcmp(command, "list") == 0) {
        const char *kind = value_get_text(arguments, "kind");
        const char *name = value_get_text(value_get(arguments, "where"), "name");
        if (strcmp(kind, "municipality") == 0 && (!name || strcmp(name, "Motala") == 0))
            value_add(&records, VIEW(arena, "mun-0583", "name", "Motala"));
        if (strcmp(kind, "organisation") == 0 && (!name || strcmp(name, "Kinda kommun") == 0))
            value_add(&records, VIEW(arena, "org-7", "name", "Kinda kommun"));
        value_add_pair(&map, "records", value_build_list(&records));
        return value_build_map(&map);
    }
    const value_t *key = value_get(arguments, "public_key");
    if (key->form == VALUE_BYTES && key->size == 32)
        memcpy(sent_key, key->bytes, 32);
    n_invites++;
    if (refusal != ERROR_NONE)
        error_set(error, refusal, refused_at, NULL);
    value_add_pair(&map, "user", value_text("usr-9"));
    value_add_pair(&map, "expires", value_integer(EXPIRES));
    return value_build_map(&map);
}

static int begin(void **state)
{
    refusal = ERROR_NONE;
    n_invites = 0;
    return home_make(state) == 0 ? cli_begin(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

static bool good;

static heard_t run(const char *const *words, bool silent)
{
    fake_t *daemon = daemon_begin(serve);
    snprintf(cli.profile.endpoint, sizeof cli.profile.endpoint, "tcp://samverk.example.se:7761");
    memset(cli.profile.server_key, 5, 32);
    assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
    atomic_store(&daemon->silent, silent);
    samverk_set_timeout(cli.connection, silent || refusal == ERROR_BUSY ? 400 : 3000);
    arguments_t arguments = typed(verb_find(verb_general, "invite"), words);
    cli.status = 0;
    hear();
    good = invite_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL}, false)

static invitation_t read_line(const char *text)
{
    invitation_t invitation;
    error_t error = {0};
    const char *line = arena_text_of(cli.arena, text, strcspn(text, "\n"));
    assert_true(invitation_read(&invitation, line, cli.arena, &error));
    return invitation;
}

static void the_line_is_an_invitation_with_the_key_that_was_sent(void **state)
{
    (void)state;
    unsigned char public_key[32];
    heard_t said = RUN("--role", "broker", "--name", "broker, Motala", "--scope", "Motala",
                       "--scope", "Kinda kommun", "--language", "sv");
    assert_true(good);
    invitation_t invitation = read_line(said.out);
    assert_string_equal(invitation.address, "tcp://samverk.example.se:7761");
    assert_int_equal(invitation.expires, EXPIRES);
    assert_memory_equal(invitation.server_key, cli.profile.server_key, 32);
    samverk_key_public(public_key, invitation.secret_key);
    assert_memory_equal(public_key, sent_key, 32);
    /* What it gives is said, to whom and until when. */
    assert_non_null(strstr(said.err, "broker, Motala (usr-9)"));
    assert_non_null(strstr(said.err, "Motala (0583), Kinda kommun (org-7)"));
    assert_non_null(strstr(said.err, "2026-03-15"));
}

static void the_whole_scope_is_said_aloud(void **state)
{
    (void)state;
    heard_t said = RUN("--role", "viewer", "--name", "viewer", "--address", "tcp://10.0.0.1:7761");
    assert_true(good);
    assert_non_null(strstr(said.err, "Role: viewer. Scope: the whole."));
    assert_string_equal(read_line(said.out).address, "tcp://10.0.0.1:7761");
}

static void the_secret_is_kept_until_there_is_an_answer(void **state)
{
    (void)state;
    unsigned char first[32];
    static const char *const words[] = {"--role", "viewer", "--name", "viewer", NULL};
    char command[400];
    run(words, true);
    assert_false(good);
    assert_int_equal(cli.status, EXIT_UNKNOWN);
    assert_int_equal(n_invites, 0);
    snprintf(command, sizeof command, "test $(ls %s/state/samverk | grep -c secret) = 1", home);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "test $(stat -c %%a %s/state/samverk/*.secret) = 600", home);
    assert_int_equal(system(command), 0);
    refusal = ERROR_BUSY;
    run(words, false); /* busy until the time is up: the outcome is still open */
    memcpy(first, sent_key, 32);
    refusal = ERROR_NONE;
    run(words, false);
    assert_true(good);
    assert_memory_equal(sent_key, first, 32);
    snprintf(command, sizeof command, "test $(ls %s/state/samverk | grep -c secret) = 0", home);
    assert_int_equal(system(command), 0);
    /* Answered: the next one is another. */
    run(words, false);
    assert_memory_not_equal(sent_key, first, 32);
}

static void json_has_the_line(void **state)
{
    (void)state;
    cli.output = OUTPUT_JSON;
    json_t *document = json_loads(RUN("--role", "viewer", "--name", "v").out, 0, NULL);
    read_line(json_string_value(json_object_get(document, "invitation")));
    assert_string_equal(json_string_value(json_object_get(document, "user")), "usr-9");
    json_decref(document);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *words[7], *told;
        int status;
    } wrong[] = {
        {{"--role", "viewer"}, "--name TEXT", EXIT_USAGE},
        {{"--name", "viewer"}, "--role ROLE", EXIT_USAGE},
        {{"--role", "brokr", "--name", "x"}, "broker", EXIT_USAGE},
        {{"--role", "king", "--name", "x"}, "coordinator", EXIT_USAGE},
        {{"--role", "viewer", "--name", "x", "--scope", "Nowhere"}, "Nowhere", 1},
        {{"--role", "viewer", "--name", "x", "--person", "inq-1"}, "inq-1", 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        heard_t said = run(wrong[i].words, false);
        assert_false(good);
        assert_int_equal(n_invites, 0);
        assert_int_equal(cli.status, wrong[i].status);
        assert_string_equal(said.out, "");
        if (!strstr(said.err, wrong[i].told))
            fail_msg("\"%s\" is not in: %s", wrong[i].told, said.err);
    }
    /* A code that looks like one, and is none. */
    refusal = ERROR_REFERENCE;
    refused_at = "municipalities";
    heard_t said = RUN("--role", "viewer", "--name", "x", "--scope", "9999");
    assert_false(good);
    assert_non_null(strstr(said.err, "--scope 9999"));
    refusal = ERROR_NOT_ALLOWED;
    refused_at = NULL;
    said = RUN("--role", "admin", "--name", "x");
    assert_int_equal(cli.status, 5);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_line_is_an_invitation_with_the_key_that_was_sent),
        TEST(the_whole_scope_is_said_aloud),
        TEST(the_secret_is_kept_until_there_is_an_answer),
        TEST(json_has_the_line),
        TEST(what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "send.h"
#include "temporary_home.h"
#include "typed.h"

#include <dirent.h>

/* Asking the daemon: profiles, request ids that survive, and what is told of failures. */

static _Atomic error_code_t refusal; /* of every request; NONE for an answer */

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    (void)arguments;
    (void)arena;
    if (refusal != ERROR_NONE)
        error_set(error, refusal, "title", "1 to 200 characters");
    return value_text(command);
}

static int begin(void **state)
{
    refusal = ERROR_NONE;
    return home_make(state) == 0 ? cli_begin(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    return home_remove(state);
}

static value_t titled(const char *title)
{
    value_builder_t map = value_builder(cli.arena);
    value_add_pair(&map, "title", value_text(title));
    return value_build_map(&map);
}

/* A profile on disk, of a daemon at this address. */
static void save_profile(const char *name, const fake_t *daemon)
{
    samverk_profile_t profile = {0};
    snprintf(profile.name, sizeof profile.name, "%s", name);
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s",
             daemon ? daemon->endpoint : "tcp://127.0.0.1:9");
    if (daemon)
        memcpy(profile.server_key, daemon->public_key, 32);
    samverk_key_pair(profile.public_key, profile.secret_key);
    assert_int_equal(samverk_profile_save(&profile), SAMVERK_PROFILE_OK);
}

/* Requests that wait for an answer, by their files. */
static int n_pending(void)
{
    char folder[400];
    int n = 0;
    snprintf(folder, sizeof folder, "%s/state/samverk/pending", home);
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        n += entry->d_name[0] != '.';
    if (directory)
        closedir(directory);
    return n;
}

/* -- profiles ------------------------------------------------------------------------------------ */

static void the_profile_is_the_one_asked_for(void **state)
{
    (void)state;
    fake_t *daemon = fake_new(answer_request);
    answer = serve;
    save_profile("default", NULL);
    save_profile("motala", daemon);
    save_profile("orebro", daemon);
    cli.profile_name = "motala";
    assert_true(send_connect(&cli));
    assert_string_equal(cli.profile.name, "motala");
    assert_true(samverk_connected(cli.connection));
    /* Connected is connected. */
    assert_true(send_connect(&cli));
    assert_int_equal(atomic_load(&daemon->hellos), 1);
    samverk_destroy(&cli.connection);
    cli.profile_name = NULL;
    setenv("SAMVERK_PROFILE", "orebro", 1);
    assert_true(send_connect(&cli));
    unsetenv("SAMVERK_PROFILE");
    assert_string_equal(cli.profile.name, "orebro");
    daemon_end(&daemon);
}

static void the_only_profile_needs_no_name(void **state)
{
    (void)state;
    fake_t *daemon = fake_new(answer_request);
    answer = serve;
    save_profile("motala", daemon);
    assert_true(send_connect(&cli));
    assert_string_equal(cli.profile.name, "motala");
    daemon_end(&daemon);
}

static const char *connect_refused(void)
{
    hear();
    bool good = send_connect(&cli);
    const char *text = heard().err;
    assert_false(good);
    return text;
}

static void what_is_wrong_with_a_profile_is_told(void **state)
{
    (void)state;
    char path[400];
    assert_non_null(strstr(connect_refused(), "samverk join INVITATION"));
    assert_int_equal(cli.status, EXIT_USAGE);
    save_profile("default", NULL);
    cli.profile_name = "motala";
    assert_non_null(strstr(connect_refused(), "no profile motala. --profile NAME chooses another; "
                                              "there are: default."));
    cli.profile_name = NULL;
    snprintf(path, sizeof path, "%s/config/samverk/default.secret", home);
    assert_int_equal(chmod(path, 0644), 0);
    assert_non_null(strstr(connect_refused(), "chmod 600"));
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_int_equal(unlink(path), 0);
    assert_non_null(strstr(connect_refused(), "no secret key"));
    /* A join that did not reach the daemon. */
    samverk_profile_t half = {.name = "half", .endpoint = "tcp://127.0.0.1:9", .invitation = {1}};
    samverk_key_pair(half.public_key, half.secret_key);
    assert_int_equal(samverk_profile_save(&half), SAMVERK_PROFILE_OK);
    cli.profile_name = "half";
    assert_non_null(strstr(connect_refused(), "samverk --profile half join INVITATION"));
    assert_int_equal(cli.status, EXIT_USAGE);
}

static void a_daemon_that_is_not_there_is_told(void **state)
{
    (void)state;
    save_profile("default", NULL);
    cli.timeout_ms = 300;
    const char *text = connect_refused();
    assert_non_null(strstr(text, "tcp://127.0.0.1:9"));
    assert_non_null(strstr(text, "nobody listens"));
    assert_int_equal(cli.status, EXIT_UNREACHED);
}

/* -- requests -------------------------------------------------------------------------------------- */

static void a_write_is_noted_until_it_is_answered(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    value_t map = titled("CAD"), result;
    assert_true(send_write(&cli, "put", &map, &result));
    assert_string_equal(result.text, "put");
    assert_int_equal(n_pending(), 0);

    atomic_store(&daemon->silent, true);
    samverk_set_timeout(cli.connection, 300);
    hear();
    assert_false(send_write(&cli, "put", &map, &result));
    assert_non_null(strstr(heard().err, "The same command again is safe"));
    assert_int_equal(cli.status, EXIT_UNKNOWN);
    assert_int_equal(n_pending(), 1);

    /* The same again goes under the same id, and says so; another does not. */
    atomic_store(&daemon->silent, false);
    samverk_set_timeout(cli.connection, 3000);
    value_t other = titled("Svets");
    assert_true(send_write(&cli, "put", &other, &result));
    hear();
    assert_true(send_write(&cli, "put", &map, &result));
    assert_non_null(strstr(heard().err, "not done twice"));
    assert_int_equal(n_pending(), 0);
    daemon_end(&daemon);
}

static void the_same_again_has_the_same_id(void **state)
{
    (void)state;
    unsigned char lost[16];
    fake_t *daemon = fake_new(NULL); /* notes what it is asked, and answers nothing */
    cli.connection = fake_client(daemon);
    value_t map = titled("CAD"), result;
    samverk_set_timeout(cli.connection, 300);
    for (int i = 0; i < 2; i++) {
        hear();
        assert_false(send_write(&cli, "put", &map, &result));
        heard();
        if (i == 0)
            memcpy(lost, fake_logged(daemon, 0)->id, 16);
        else
            assert_memory_equal(fake_logged(daemon, 1)->id, lost, 16);
    }
    daemon_end(&daemon);
}

static void a_refused_write_is_answered_too(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    value_t map = titled(""), result;
    error_t error;
    bool refused;
    refusal = ERROR_INVALID;
    cli.kind = schema_kind("inquiry");
    hear();
    assert_false(send_write(&cli, "put", &map, &result));
    assert_non_null(strstr(heard().err, "--title"));
    assert_int_equal(cli.status, 1);
    assert_int_equal(n_pending(), 0);
    /* Where the caller wants to know, nothing is told. */
    cli.status = 0;
    hear();
    assert_true(send_write_try(&cli, "put", &map, &result, &error, &refused));
    assert_string_equal(heard().err, "");
    assert_true(refused);
    assert_int_equal(error.code, ERROR_INVALID);
    assert_int_equal(cli.status, 0);
    hear();
    assert_true(send_try(&cli, "get", &map, &result, &error, &refused));
    assert_string_equal(heard().err, "");
    assert_true(refused);
    hear();
    assert_false(send_read(&cli, "get", &map, &result));
    assert_non_null(strstr(heard().err, "--title"));
    daemon_end(&daemon);
}

static void a_dry_run_is_noted_nowhere(void **state)
{
    (void)state;
    fake_t *daemon = fake_new(NULL);
    cli.connection = fake_client(daemon);
    samverk_set_timeout(cli.connection, 300);
    value_builder_t map = value_builder(cli.arena);
    value_add_pair(&map, "dry_run", value_boolean(true));
    value_t request = value_build_map(&map), result;
    hear();
    assert_false(send_write(&cli, "put", &request, &result));
    heard();
    assert_int_equal(n_pending(), 0);
    daemon_end(&daemon);
}

static void several_are_asked_at_once(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(serve);
    question_t questions[] = {{.command = "get", .arguments = titled("a")},
                              {.command = "list", .arguments = titled("b")},
                              {.command = "count", .arguments = titled("c")}};
    assert_true(send_reads(&cli, questions, 3));
    for (int i = 0; i < 3; i++) {
        assert_false(questions[i].refused);
        assert_string_equal(questions[i].result.text, questions[i].command);
    }
    assert_non_null(asked(2));
    /* What is refused is for whoever asked to tell; */
    refusal = ERROR_TOO_BROAD;
    hear();
    assert_true(send_reads(&cli, questions, 2));
    assert_string_equal(heard().err, "");
    assert_true(questions[0].refused && questions[1].refused);
    assert_int_equal(questions[1].error.code, ERROR_TOO_BROAD);
    daemon_end(&daemon);
    /* a daemon that is gone is told once. */
    daemon = daemon_begin(serve);
    assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
    samverk_set_timeout(cli.connection, 300);
    fake_destroy(&daemon);
    hear();
    assert_false(send_reads(&cli, questions, 3));
    const char *text = heard().err;
    assert_int_equal(cli.status, EXIT_UNREACHED);
    assert_null(strstr(strstr(text, "samverk:") + 1, "samverk:"));
    assert_true(send_reads(&cli, questions, 0));
}

static void roles_are_those_of_the_welcome(void **state)
{
    (void)state;
    assert_int_equal(send_roles(&cli), 0);
    fake_t *daemon = daemon_begin(serve);
    assert_true(samverk_connect(cli.connection, NULL) == SAMVERK_DONE);
    assert_int_equal(send_roles(&cli), ROLE_BIT(role_of("broker")));
    daemon_end(&daemon);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_profile_is_the_one_asked_for),
        TEST(the_only_profile_needs_no_name),
        TEST(what_is_wrong_with_a_profile_is_told),
        TEST(a_daemon_that_is_not_there_is_told),
        TEST(a_write_is_noted_until_it_is_answered),
        TEST(the_same_again_has_the_same_id),
        TEST(a_refused_write_is_answered_too),
        TEST(a_dry_run_is_noted_nowhere),
        TEST(several_are_asked_at_once),
        TEST(roles_are_those_of_the_welcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

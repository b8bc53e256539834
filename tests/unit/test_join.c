#include "invitation.h"
#include "temporary_home.h"
#include "typed.h"
#include "verbs.h"

/* samverk join: an invitation's key for a key of one's own. */

static unsigned char bound[32]; /* the key that was sent to be bound */
static atomic_int n_joins;
static _Atomic error_code_t refusal;

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t map = value_builder(arena);
    if (strcmp(command, "join") == 0) {
        const value_t *key = value_get(arguments, "public_key");
        n_joins++;
        if (key->form == VALUE_BYTES && key->size == 32)
            memcpy(bound, key->bytes, 32);
        if (refusal != ERROR_NONE)
            error_set(error, refusal, NULL, NULL);
    }
    value_add_pair(&map, "user", value_text("usr-9"));
    return value_build_map(&map);
}

static fake_t *host;
static const char *line; /* an invitation of its */

static int begin(void **state)
{
    refusal = ERROR_NONE;
    n_joins = 0;
    if (home_make(state) != 0 || cli_begin(state) != 0)
        return -1;
    host = daemon_begin(serve);
    samverk_destroy(&cli.connection);
    invitation_t invitation = {.address = host->endpoint, .expires = INT64_C(1773565200000)};
    memcpy(invitation.server_key, host->public_key, 32);
    unsigned char public_key[32];
    samverk_key_pair(public_key, invitation.secret_key);
    line = invitation_write(&invitation, cli.arena);
    return 0;
}

static int end(void **state)
{
    daemon_end(&host);
    cli_end(state);
    return home_remove(state);
}

static bool good;

static heard_t run(const char *const *words)
{
    arguments_t arguments = typed(verb_find(verb_general, "join"), words);
    samverk_destroy(&cli.connection);
    cli.status = 0;
    hear();
    good = join_run(&cli, &arguments);
    return heard();
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static samverk_profile_t loaded(const char *name, samverk_profile_status_t expected)
{
    samverk_profile_t profile;
    assert_int_equal(samverk_profile_load(&profile, name), expected);
    return profile;
}

static void a_new_key_is_bound_and_kept(void **state)
{
    (void)state;
    heard_t said = RUN(line);
    assert_true(good);
    assert_string_equal(said.out, "Joined Provregionen as usr-9 (broker). The profile is called "
                                  "default.\n");
    samverk_profile_t profile = loaded("default", SAMVERK_PROFILE_OK);
    static const unsigned char none[32];
    assert_string_equal(profile.endpoint, host->endpoint);
    assert_string_equal(profile.region, "Provregionen");
    assert_string_equal(profile.user, "usr-9");
    assert_memory_equal(profile.public_key, bound, 32);
    assert_memory_equal(profile.server_key, host->public_key, 32);
    assert_memory_equal(profile.invitation, none, 32);
    /* Once as the guest, once as ourselves. */
    assert_int_equal(atomic_load(&host->hellos), 2);
}

static void a_line_may_be_broken_or_lie_in_a_file(void **state)
{
    (void)state;
    char path[300];
    cli.profile_name = "broken";
    RUN(arena_text_of(cli.arena, line, 30), line + 30);
    assert_true(good);
    cli.profile_name = "file";
    snprintf(path, sizeof path, "@%s/invitation", home);
    const char *text = arena_format(cli.arena, "%s\n", line);
    assert_true(samverk_write_file(path + 1, text, strlen(text), 0600));
    RUN(path);
    assert_true(good);
    assert_int_equal(n_joins, 2);
    cli.output = OUTPUT_JSON;
    cli.profile_name = "json";
    json_t *document = json_loads(RUN(line).out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(document, "profile")), "json");
    assert_string_equal(json_string_value(json_object_get(document, "user")), "usr-9");
    json_decref(document);
}

/* The answer was lost: the same line again must offer the same key, or the newcomer is
   locked out. */
static void a_join_that_was_cut_off_goes_on_with_its_key(void **state)
{
    (void)state;
    atomic_store(&host->silent, true);
    cli.timeout_ms = 300;
    RUN(line);
    assert_false(good);
    samverk_profile_t profile = loaded("default", SAMVERK_PROFILE_OK);
    atomic_store(&host->silent, false);
    cli.timeout_ms = 3000;
    RUN(line);
    assert_true(good);
    assert_memory_equal(bound, profile.public_key, 32);
}

/* An earlier try was done, and its invitation is used up: our key is in. */
static void a_key_that_is_bound_already_is_let_in(void **state)
{
    (void)state;
    atomic_store(&host->silent, true);
    cli.timeout_ms = 300;
    RUN(line);
    atomic_store(&host->silent, false);
    cli.timeout_ms = 3000;
    refusal = ERROR_EXPIRED;
    RUN(line);
    assert_true(good);
    assert_string_equal(loaded("default", SAMVERK_PROFILE_OK).region, "Provregionen");
}

static void a_used_invitation_leaves_nothing(void **state)
{
    (void)state;
    static const error_code_t codes[] = {ERROR_EXPIRED, ERROR_REVOKED, ERROR_NOT_ALLOWED};
    for (size_t i = 0; i < 3; i++) {
        refusal = codes[i];
        heard_t said = RUN(line);
        assert_false(good);
        assert_non_null(strstr(said.err, "Ask for a new one."));
        loaded("default", SAMVERK_PROFILE_MISSING);
    }
    char command[300];
    snprintf(command, sizeof command, "test -z \"$(ls %s/config/samverk)\"", home);
    assert_int_equal(system(command), 0);
}

static void a_profile_is_never_written_over(void **state)
{
    (void)state;
    RUN(line);
    samverk_profile_t before = loaded("default", SAMVERK_PROFILE_OK);
    unsigned char public_key[32];
    error_t error = {0};
    invitation_t invitation;
    assert_true(invitation_read(&invitation, line, cli.arena, &error));
    samverk_key_pair(public_key, invitation.secret_key);
    heard_t said = RUN(invitation_write(&invitation, cli.arena));
    assert_false(good);
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_non_null(strstr(said.err, "--profile NAME"));
    samverk_profile_t after = loaded("default", SAMVERK_PROFILE_OK);
    assert_memory_equal(after.secret_key, before.secret_key, 32);
    assert_int_equal(n_joins, 1);
}

static void what_is_no_invitation_is_wrong_usage(void **state)
{
    (void)state;
    static const char *const wrong[] = {"hello", "samverk:", "samverk:AAAA"};
    for (size_t i = 0; i < 3; i++) {
        heard_t said = RUN(wrong[i]);
        assert_false(good);
        assert_int_equal(cli.status, EXIT_USAGE);
        assert_non_null(strstr(said.err, "samverk:"));
    }
    /* Cut off. */
    RUN(arena_text_of(cli.arena, line, strlen(line) - 5));
    assert_int_equal(cli.status, EXIT_USAGE);
    cli.profile_name = "../escape";
    RUN(line);
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_int_equal(n_joins, 0);
    RUN("@/nowhere/at/all");
    assert_int_equal(cli.status, EXIT_REFUSED);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_key_is_bound_and_kept),
        TEST(a_line_may_be_broken_or_lie_in_a_file),
        TEST(a_join_that_was_cut_off_goes_on_with_its_key),
        TEST(a_key_that_is_bound_already_is_let_in),
        TEST(a_used_invitation_leaves_nothing),
        TEST(a_profile_is_never_written_over),
        TEST(what_is_no_invitation_is_wrong_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

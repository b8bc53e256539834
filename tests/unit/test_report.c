#include "cli_fixture.h"
#include "report.h"

#include <arpa/inet.h>
#include <sys/socket.h>

/* An error of the daemon's, about an inquiry, as people read it; all of it goes to
   standard error. */
static const char *told(error_code_t code, const char *field, const char *expected, value_t detail)
{
    error_t error = {0};
    cli.kind = schema_kind("inquiry");
    cli.status = 0;
    error_set(&error, code, field, expected ? "%s" : NULL, expected);
    error.detail = detail;
    hear();
    bool good = report_error(&cli, &error);
    heard_t said = heard();
    assert_false(good);
    assert_string_equal(said.out, "");
    return said.err;
}

static void every_error_has_its_status_and_sentence(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "sv"};
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        for (unsigned i = 1; i < ERROR_CODES; i++) {
            error_code_t code = (error_code_t)i;
            const char *text = told(code, NULL, NULL, value_absent);
            const char *sentence = arena_format(cli.arena, "samverk: %s\n",
                                                language_in("error", error_sentence(code)));
            assert_memory_equal(text, sentence, strlen(sentence));
            assert_int_equal(cli.status, error_exit_status(code));
            assert_int_not_equal(cli.status, 0);
            assert_int_equal(l == 1, !strstr(text, error_sentence(code)));
        }
    }
}

static void the_field_is_told_as_it_is_written(void **state)
{
    (void)state;
    assert_string_equal(told(ERROR_INVALID, "travel_limit_km", "0 to 2000", value_absent),
                        "samverk: The value is not one that this field takes.\n"
                        "  --travel-limit-km (travel limit, km): 0 to 2000\n");
    speak("sv");
    assert_string_equal(
        told(ERROR_INVALID, "title", "1 to 200 characters on one line", value_absent),
        "samverk: Fältet kan inte ha det värdet.\n"
        "  --title (rubrik): 1 till 200 tecken\n");
    speak("en");
    /* What is no field of the kind: an argument. */
    assert_string_equal(told(ERROR_INVALID, "ops", "1 to 1000 operations", value_absent),
                        "samverk: The value is not one that this field takes.\n"
                        "  ops: 1 to 1000 operations\n");
    assert_string_equal(told(ERROR_UNKNOWN_FIELD, "colour", NULL, value_absent),
                        "samverk: There is no such field.\n  colour\n");
    assert_string_equal(told(ERROR_TOO_BROAD, NULL, "at most 10000 records to sort", value_absent),
                        "samverk: Too many records would have to be looked through; narrow it "
                        "down.\n  at most 10000 records to sort\n");
}

static value_t map_with(const char *key, value_t value)
{
    value_builder_t map = value_builder(cli.arena);
    value_add_pair(&map, key, value);
    return value_build_map(&map);
}

static void moves_that_are_possible(void **state)
{
    (void)state;
    value_builder_t moves = value_builder(cli.arena);
    value_t none = value_build_list(&moves);
    assert_non_null(strstr(told(ERROR_IMPOSSIBLE_MOVE, "verb", NULL, map_with("moves", none)),
                           "\nNothing more can be done with it.\n"));
    value_add(&moves, value_text("start_dialogue"));
    value_add(&moves, value_text("de\033cline"));
    value_t some = map_with("moves", value_build_list(&moves));
    assert_non_null(strstr(told(ERROR_IMPOSSIBLE_MOVE, "verb", NULL, some),
                           "\nPossible now: start-dialogue, de\xef\xbf\xbd"
                           "cline.\n"));
    speak("sv");
    assert_non_null(strstr(told(ERROR_IMPOSSIBLE_MOVE, "verb", NULL, some),
                           "\nMöjligt nu: start-dialogue (inled dialog), "));
}

static void candidates_for_another(void **state)
{
    (void)state;
    value_t view[2];
    value_builder_t one = value_builder(cli.arena), two = value_builder(cli.arena);
    value_add_pair(&one, "id", value_text("org-7"));
    value_add_pair(&one, "name", value_text("Kinda\n\033kommun"));
    view[0] = value_build_map(&one);
    value_add_pair(&two, "id", value_text("org-8"));
    view[1] = value_build_map(&two);
    value_t detail = map_with("candidates", value_list(view, 2));
    assert_string_equal(told(ERROR_DUPLICATE, NULL, NULL, detail),
                        "samverk: There is one like this already.\n"
                        "  org-7  Kinda \xef\xbf\xbdkommun\n  org-8  \n"
                        "If it is another one all the same: --confirm.\n");
    assert_null(strstr(told(ERROR_EXISTS, NULL, NULL, detail), "--confirm"));
}

static value_t names(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    (void)error;
    assert_string_equal(command, "list");
    assert_string_equal(value_get_text(arguments, "kind"), "inquiry");
    value_t view = VIEW(arena, "inq-12", "title", "Grundkurs i CAD");
    value_builder_t result = value_builder(arena);
    value_add_pair(&result, "records", value_list(arena_copy(arena, &view, sizeof view), 1));
    return value_build_map(&result);
}

static void who_refers_to_it(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(names);
    value_t by[] = {value_text("inq-12"), value_text("inq-\033"
                                                     "13")};
    value_builder_t detail = value_builder(cli.arena);
    value_add_pair(&detail, "by", value_list(by, 2));
    value_add_pair(&detail, "others", value_integer(2));
    const char *text = told(ERROR_REFERENCED, NULL, NULL, value_build_map(&detail));
    daemon_end(&daemon);
    assert_string_equal(text, "samverk: Other records refer to this one.\n"
                              "  Grundkurs i CAD (inq-12)\n  inq-\xef\xbf\xbd"
                              "13\n  and 2 that you may not see\n");
}

static void hints(void **state)
{
    (void)state;
    assert_non_null(strstr(told(ERROR_NOT_ALLOWED, "sort", NULL, value_absent), "--municipality"));
    assert_null(strstr(told(ERROR_NOT_ALLOWED, "title", NULL, value_absent), "--municipality"));
    assert_non_null(strstr(told(ERROR_REVOKED, NULL, NULL, value_absent), "new invitation"));
    value_t until = map_with("until", value_integer(1773478800250));
    assert_non_null(
        strstr(told(ERROR_MAINTENANCE, NULL, NULL, until), "\nUntil 2026-03-14 10:00.\n"));
}

/* How what is referred to comes there, for one who may add it. */
static void the_way_on(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(answer_nothing); /* a broker's */
    assert_int_equal(samverk_connect(cli.connection, NULL), SAMVERK_DONE);
    const char *text = told(ERROR_REFERENCE, "employer", "no such", value_absent);
    assert_non_null(strstr(text, "\n  If it is not there yet: samverk organisation add --name "
                                 "TEXT ...\n  Or as text: --caller TEXT\n"));
    /* Codes are official, and users are invited by others. */
    text = told(ERROR_REFERENCE, "municipality", "no such", value_absent);
    assert_null(strstr(text, "add"));
    assert_null(strstr(text, "--county"));
    assert_null(strstr(told(ERROR_REFERENCE, "broker", "no such", value_absent), "add"));
    assert_null(strstr(told(ERROR_INVALID, "employer", "several", value_absent), "add"));
    cli.output = OUTPUT_JSON;
    assert_null(strstr(told(ERROR_REFERENCE, "employer", "no such", value_absent), "add"));
    daemon_end(&daemon);
}

static void as_json(void **state)
{
    (void)state;
    cli.output = OUTPUT_JSON;
    assert_string_equal(told(ERROR_INVALID, "title", "1 to 200 characters", value_absent),
                        "{\"error\":{\"code\":\"invalid\",\"message\":\"The value is not one that "
                        "this field takes.\",\"field\":\"title\",\"expected\":\"1 to 200 "
                        "characters\"}}\n");
    assert_string_equal(told(ERROR_BUSY, NULL, NULL, value_absent),
                        "{\"error\":{\"code\":\"busy\",\"message\":\"Too many requests are open on "
                        "this connection.\",\"field\":null,\"expected\":null}}\n");
    /* A record in the detail is as it is everywhere else. */
    value_t view = VIEW(cli.arena, "inq-12", "created", "2026-03-14T09:00:00Z");
    assert_non_null(strstr(told(ERROR_CONFLICT, NULL, NULL, map_with("record", view)),
                           "\"detail\":{\"record\":{\"id\":\"inq-12\",\"rev\":812,\"fields\":"
                           "{\"created\":\"2026-03-14T09:00:00.000Z\"}}}"));
    hear();
    report_usage(&cli, "no %s", "such thing");
    report_note(&cli, "a remark");
    heard_t said = heard();
    assert_string_equal(said.err, "{\"error\":{\"code\":\"usage\",\"message\":\"no such thing\","
                                  "\"field\":null,\"expected\":null}}\n");
    assert_string_equal(said.out, "");
}

static void our_own(void **state)
{
    (void)state;
    hear();
    assert_false(report_usage(&cli, "%s takes %s.", "--limit", "a number"));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_false(report_failure(&cli, "%s: %s", "/dev/full", "No space"));
    assert_int_equal(cli.status, EXIT_REFUSED);
    report_note(&cli, "%d records", 8);
    heard_t said = heard();
    assert_string_equal(said.err, "samverk: --limit takes a number.\nsamverk: /dev/full: No space\n"
                                  "8 records\n");
}

static void what_others_wrote_steers_nothing(void **state)
{
    (void)state;
    assert_null(strpbrk(told(ERROR_INVALID, "title", "a\033]0;b\a", value_absent), "\033\a"));
    assert_null(strpbrk(told(ERROR_INVALID, "o\033ps", "a\033b", value_absent), "\033"));
    assert_null(strpbrk(told(ERROR_UNKNOWN_FIELD, "o\033ps", NULL, value_absent), "\033"));
    hear();
    report_usage(&cli, "There is no %s.", "\033[2Jkind");
    report_failure(&cli, "%s: no\nsecond line",
                   "\xc2\x9b"
                   "file");
    report_note(&cli, "did you mean %s?", "\xe2\x80\xaetitle");
    heard_t said = heard();
    assert_string_equal(said.err, "samverk: There is no \xef\xbf\xbd[2Jkind.\n"
                                  "samverk: \xef\xbf\xbd"
                                  "file: no\nsecond line\n"
                                  "did you mean \xef\xbf\xbdtitle?\n");
}

static void a_long_word_is_told_whole(void **state)
{
    (void)state;
    char *large = arena_alloc(cli.arena, 16385);
    for (size_t i = 0; i < 16384; i += 2)
        memcpy(large + i, "å", 2);
    for (int output = OUTPUT_TEXT; output <= OUTPUT_JSON; output++) {
        cli.output = (output_t)output;
        hear();
        report_usage(&cli, "There is no x%s.", large);
        heard_t said = heard();
        cli.output = OUTPUT_TEXT;
        assert_non_null(strstr(said.err, large));
    }
}

static void where_it_was_tried(void **state)
{
    (void)state;
    /* A port that is ours, and that nobody listens on. */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(handle, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(handle, (struct sockaddr *)&address, &size), 0);
    samverk_profile_t profile = {.name = "test"};
    snprintf(profile.endpoint, sizeof profile.endpoint, "tcp://127.0.0.1:%u",
             (unsigned)ntohs(address.sin_port));
    samverk_key_pair(profile.server_key, profile.secret_key);
    samverk_key_pair(profile.public_key, profile.secret_key);
    cli.connection = samverk_new(&profile, "test 1");
    cli.timeout_ms = 1000;
    samverk_set_timeout(cli.connection, cli.timeout_ms);
    error_t error = {0};
    assert_int_equal(samverk_connect(cli.connection, &error), SAMVERK_UNREACHED);
    hear();
    assert_false(report_unreached(&cli));
    assert_int_equal(cli.status, EXIT_UNREACHED);
    assert_false(report_unknown(&cli));
    assert_int_equal(cli.status, EXIT_UNKNOWN);
    heard_t said = heard();
    samverk_destroy(&cli.connection);
    close(handle);
    assert_string_equal(said.err,
                        arena_format(cli.arena,
                                     "samverk: The daemon was not reached: %s, tried for 1 s "
                                     "(nobody listens there).\nsamverk: Sent to %s, but no answer "
                                     "came in 1 s: it may be done or not. The same command again "
                                     "is safe, and asks for the outcome.\n",
                                     profile.endpoint, profile.endpoint));
}

static void what_stood_in_the_way(void **state)
{
    (void)state;
    fake_t *daemon = daemon_begin(answer_nothing);
    atomic_store(&daemon->silent, true);
    samverk_set_timeout(cli.connection, 300);
    error_t error = {0};
    assert_int_equal(samverk_connect(cli.connection, &error), SAMVERK_UNREACHED);
    hear();
    report_unreached(&cli);
    heard_t said = heard();
    daemon_end(&daemon);
    assert_non_null(strstr(said.err, "(no answer)"));
    /* Someone else's daemon at that address. */
    daemon = daemon_begin(answer_nothing);
    samverk_destroy(&cli.connection);
    unsigned char other[32], secret[32];
    samverk_key_pair(other, secret);
    memcpy(daemon->public_key, other, sizeof other);
    cli.connection = fake_client(daemon);
    samverk_set_timeout(cli.connection, 1000);
    assert_int_equal(samverk_connect(cli.connection, &error), SAMVERK_UNREACHED);
    hear();
    report_unreached(&cli);
    said = heard();
    daemon_end(&daemon);
    assert_non_null(strstr(said.err, "is not the daemon of this profile"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_error_has_its_status_and_sentence),
        CLI_TEST(the_field_is_told_as_it_is_written),
        CLI_TEST(moves_that_are_possible),
        CLI_TEST(candidates_for_another),
        CLI_TEST(who_refers_to_it),
        CLI_TEST(hints),
        CLI_TEST(the_way_on),
        CLI_TEST(as_json),
        CLI_TEST(our_own),
        CLI_TEST(what_others_wrote_steers_nothing),
        CLI_TEST(a_long_word_is_told_whole),
        CLI_TEST(where_it_was_tried),
        CLI_TEST(what_stood_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

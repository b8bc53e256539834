#include "typed.h"
#include "verbs.h"

/* samverk watch: a daemon that answers what the test has it answer, and pushes when the
   watch begins. */

typedef void pushes_t(fake_t *self, int64_t since);

static pushes_t *pushes;
static int n_watches;
static error_code_t shut_out; /* the answer to a watch that begins again; NONE: a watch */
static value_t filter;        /* of the last watch; in filter_arena */
static arena_t *filter_arena;

/* A transaction of usr-4 at 09:00 that put these views, or took away what is a text. */
static value_t entry_of(arena_t *arena, int64_t revision, const value_t *views, size_t n)
{
    value_builder_t entry = value_builder(arena), operations = value_builder(arena);
    for (size_t i = 0; i < n; i++) {
        value_builder_t operation = value_builder(arena);
        bool gone = views[i].form == VALUE_TEXT;
        value_add_pair(&operation, "op", value_text(gone ? "gone" : "put"));
        value_add_pair(&operation, gone ? "id" : "record", views[i]);
        value_add(&operations, value_build_map(&operation));
    }
    value_add_pair(&entry, "rev", value_integer(revision));
    value_add_pair(&entry, "time", value_integer(1773478800250));
    value_add_pair(&entry, "actor", value_text("usr-4"));
    value_add_pair(&entry, "ops", value_build_list(&operations));
    return value_build_map(&entry);
}

static void push(fake_t *self, int64_t revision, const value_t *views, size_t n)
{
    value_builder_t entries = value_builder(self->arena);
    value_add(&entries, entry_of(self->arena, revision, views, n));
    frame_t frame = {.type = FRAME_PUSH,
                     .watch = 1,
                     .epoch = "epoch-1",
                     .before = (uint64_t)revision - 1,
                     .body = value_build_list(&entries)};
    fake_send(self, &frame);
}

static void push_end(fake_t *self, const char *code)
{
    frame_t frame = {
        .type = FRAME_END, .watch = 1, .epoch = "epoch-1", .revision = 10, .code = code};
    fake_send(self, &frame);
}

static value_t inquiry(arena_t *arena, const char *participants)
{
    return VIEW(arena, "inq-3", "title", "Truckkort", "state", "new", "municipality", "mun-0583",
                "caller", "verkstadschef", "participants", participants);
}

/* 11 is new, 12 an edit of two fields, 13 a move. */
static value_t history_at(arena_t *arena, int64_t revision)
{
    static char letters[100];
    memset(letters, 'x', sizeof letters - 1);
    value_builder_t fields = value_builder(arena), entry = value_builder(arena),
                    entries = value_builder(arena), map = value_builder(arena);
    if (revision == 12) {
        add_change(&fields, arena, "participants", value_integer(3), value_integer(4));
        add_change(&fields, arena, "description", value_absent, value_text(letters));
        add_change(&fields, arena, "organisation", value_text("org-7"), value_absent);
    } else if (revision == 13) {
        add_change(&fields, arena, "state", value_text("new"), value_text("acknowledged"));
    } else {
        add_change(&fields, arena, "participants", value_absent, value_integer(3));
    }
    value_add_pair(&entry, "rev", value_integer(revision));
    value_add_pair(&entry, "change", value_text(revision == 11 ? "put" : "patch"));
    value_add_pair(&entry, "fields", value_build_map(&fields));
    value_add(&entries, value_build_map(&entry));
    value_add_pair(&map, "entries", value_build_list(&entries));
    return value_build_map(&map);
}

static value_t names_of(arena_t *arena, const value_t *arguments)
{
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    const char *kind = value_get_text(arguments, "kind");
    if (strcmp(kind, "user") == 0)
        value_add(&records, VIEW(arena, "usr-4", "name", "broker, Motala"));
    if (strcmp(kind, "municipality") == 0)
        value_add(&records, VIEW(arena, "mun-0583", "name", "Motala"));
    if (strcmp(kind, "organisation") == 0)
        value_add(&records, VIEW(arena, "org-7", "name", "Kinda kommun"));
    value_add_pair(&map, "records", value_build_list(&records));
    return value_build_map(&map);
}

static void serve(fake_t *self, const frame_t *request)
{
    const value_t *arguments = &request->body;
    if (strcmp(request->command, "watch") == 0 && n_watches > 0 && shut_out != ERROR_NONE) {
        fake_refuse(self, request->id, shut_out);
    } else if (strcmp(request->command, "watch") == 0) {
        int64_t since = value_get_integer(arguments, "since", 0);
        value_builder_t map = value_builder(self->arena);
        filter = value_copy(filter_arena, arguments);
        value_add_pair(&map, "watch", value_integer(1));
        value_add_pair(&map, "rev", value_integer(since ? since : 10));
        value_add_pair(&map, "epoch", value_text("epoch-1"));
        fake_reply(self, request->id, value_build_map(&map));
        n_watches++;
        pushes(self, since);
    } else if (strcmp(request->command, "history") == 0) {
        fake_reply(self, request->id,
                   history_at(self->arena, value_get_integer(arguments, "before", 0) - 1));
    } else {
        fake_reply(self, request->id, names_of(self->arena, arguments));
    }
}

static int begin(void **state)
{
    filter_arena = arena_new();
    return cli_begin(state);
}

static int end(void **state)
{
    arena_destroy(&filter_arena);
    return cli_end(state);
}

static heard_t watched(pushes_t *with, const char *const *options, bool *good_p)
{
    arguments_t arguments = typed(verb_find(verb_general, "watch"), options);
    pushes = with;
    n_watches = 0;
    fake_t *daemon = fake_new(serve);
    cli.connection = fake_client(daemon);
    hear();
    *good_p = observe_run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

#define WATCHED(with, good_p, ...) watched(with, (const char *const[]){__VA_ARGS__, NULL}, good_p)

/* -- lines ---------------------------------------------------------------------------------------- */

static void one_of_each(fake_t *self, int64_t since)
{
    (void)since;
    static const char *const participants[] = {"3", "4", "4"};
    for (int i = 0; i < 3; i++) {
        value_t view = inquiry(self->arena, participants[i]);
        push(self, 11 + i, &view, 1);
    }
    value_t gone = value_text("inq-3");
    push(self, 14, &gone, 1);
}

static void a_line_says_who_and_from_what_to_what(void **state)
{
    (void)state;
    bool good;
    speak("sv");
    heard_t said = WATCHED(one_of_each, &good, "inquiry", "--limit", "4");
    assert_true(good);
    assert_string_equal(
        said.out, "10:00:00  inq-3 Truckkort  broker, Motala: status: ny, kommun: Motala (0583), "
                  "arbetsgivare eller "
                  "uppringare i text: verkstadschef, deltagare: 3\n"
                  "10:00:00  inq-3 Truckkort  broker, Motala: deltagare: 3 → 4, beskrivning: – → "
                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…, ansvarig organisation: Kinda kommun "
                  "(org-7) → –\n"
                  "10:00:00  inq-3 Truckkort  broker, Motala: status: ny → bekräftad\n"
                  "10:00:00  inq-3 är borttagen eller visas inte längre för dig\n");
    assert_non_null(strstr(said.err, "10"));
}

static void json_is_one_document_a_line(void **state)
{
    (void)state;
    bool good;
    cli.output = OUTPUT_JSON;
    char *line = arena_text(cli.arena, WATCHED(one_of_each, &good, "--limit", "4").out), *next;
    for (int64_t revision = 11; revision <= 14; revision++, line = next + 1) {
        next = strchr(line, '\n');
        assert_non_null(next);
        *next = 0;
        json_t *document = json_loads(line, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(document, "rev")), revision);
        json_decref(document);
    }
    assert_string_equal(line, "");
}

/* An import: every record of it at once. */
static void many(fake_t *self, int64_t since)
{
    (void)since;
    value_t views[30];
    for (size_t i = 0; i < 30; i++)
        views[i] = inquiry(self->arena, "4");
    push(self, 12, views, 30);
}

static void many_at_once_are_not_asked_about_one_by_one(void **state)
{
    (void)state;
    bool good;
    const char *text = WATCHED(many, &good, "--since", "11", "--limit", "1").out;
    size_t n_lines = 0, n_changes = 0;
    for (const char *c = text; *c; c++)
        n_lines += *c == '\n';
    for (const char *at = text; (at = strstr(at, "participants: 3 → 4")); at++)
        n_changes++;
    assert_int_equal(n_lines, 30);
    assert_int_equal(n_changes, 20);
}

/* -- what is watched ---------------------------------------------------------------------------------- */

static void the_filter_is_what_was_asked(void **state)
{
    (void)state;
    bool good;
    WATCHED(one_of_each, &good, "inquiry", "task", "--municipality", "0583", "--municipality",
            "Motala", "--id", "inq-3", "--mine", "--since", "10", "--limit", "1");
    assert_true(good);
    json_t *asked_for = json_of_value(&filter);
    json_t *expected = json_pack("{s[ss] s[ss] s[s] sb si ss}", "kinds", "inquiry", "task",
                                 "municipalities", "mun-0583", "mun-0583", "ids", "inq-3", "mine",
                                 1, "since", 10, "epoch", "epoch-1");
    assert_true(json_equal(asked_for, expected));
    json_decref(asked_for);
    json_decref(expected);
}

static void what_cannot_be_watched_is_wrong_usage(void **state)
{
    (void)state;
    bool good;
    static const char *const wrong[][2] = {
        {"inquiries", NULL}, {"--limit=0", NULL}, {"--since=yesterday", NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cli.status = 0;
        watched(one_of_each, wrong[i], &good);
        assert_false(good);
        assert_int_equal(cli.status, EXIT_USAGE);
        assert_int_equal(n_watches, 0);
    }
}

/* -- ends ------------------------------------------------------------------------------------------------ */

static void revoking(fake_t *self, int64_t since)
{
    value_t view = inquiry(self->arena, "3");
    if (n_watches == 1)
        push_end(self, "revoked");
    else
        push(self, since + 1, &view, 1);
}

static void who_is_shut_out_is_told_for_how_long(void **state)
{
    (void)state;
    bool good;
    static const error_code_t codes[] = {ERROR_REVOKED, ERROR_SUSPENDED};
    for (size_t i = 0; i < 2; i++) {
        shut_out = codes[i];
        heard_t said = WATCHED(revoking, &good, "inquiry");
        assert_false(good);
        assert_int_equal(cli.status, 5);
        assert_non_null(strstr(said.err, error_sentence(codes[i])));
        assert_int_equal(n_watches, 1);
    }
    /* Let in again meanwhile: nothing is missed. */
    shut_out = ERROR_NONE;
    heard_t said = WATCHED(revoking, &good, "inquiry", "--limit", "1");
    assert_true(good);
    assert_int_equal(n_watches, 2);
    assert_non_null(strstr(said.out, "inq-3"));
}

static void changing_rights(fake_t *self, int64_t since)
{
    if (n_watches == 1) {
        push_end(self, "rights-changed");
        return;
    }
    value_t view = inquiry(self->arena, "3");
    push(self, since ? since + 1 : 11, &view, 1);
}

static void changed_rights_begin_it_anew(void **state)
{
    (void)state;
    bool good;
    heard_t said = WATCHED(changing_rights, &good, "inquiry", "--limit", "1");
    assert_true(good);
    assert_int_equal(n_watches, 2);
    assert_non_null(strstr(said.err, "Your rights have changed"));
    assert_non_null(strstr(said.out, "inq-3"));
}

static void dropping(fake_t *self, int64_t since)
{
    value_t view = inquiry(self->arena, "3");
    if (since) {
        push(self, since + 1, &view, 1);
        return;
    }
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "%s", self->endpoint);
    zmq_poll(NULL, 0, 200); /* let the answer go out */
    zmq_close(self->router);
    zmq_poll(NULL, 0, 1500); /* longer than is passed over in silence */
    fake_bind(self, endpoint);
}

static void a_lost_connection_is_told_and_mended(void **state)
{
    (void)state;
    bool good;
    heard_t said = WATCHED(dropping, &good, "inquiry", "--limit", "1");
    assert_true(good);
    const char *lost = strstr(said.err, "The connection is lost");
    assert_non_null(lost);
    assert_non_null(strstr(lost, "nothing was missed"));
    assert_non_null(strstr(said.out, "inq-3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_says_who_and_from_what_to_what, begin, end),
        cmocka_unit_test_setup_teardown(json_is_one_document_a_line, begin, end),
        cmocka_unit_test_setup_teardown(many_at_once_are_not_asked_about_one_by_one, begin, end),
        cmocka_unit_test_setup_teardown(the_filter_is_what_was_asked, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_watched_is_wrong_usage, begin, end),
        cmocka_unit_test_setup_teardown(who_is_shut_out_is_told_for_how_long, begin, end),
        cmocka_unit_test_setup_teardown(changed_rights_begin_it_anew, begin, end),
        cmocka_unit_test_setup_teardown(a_lost_connection_is_told_and_mended, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

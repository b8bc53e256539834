#include "admin.h"
#include "cli_fixture.h"
#include "temporary_home.h"

/* Export and erasure of a person: what is asked, in which order, and what is said. */

static const char *state; /* of the last erasure; NULL: none was asked for */

static int begin(void **unused)
{
    state = "requested";
    return cli_begin(unused) == 0 ? home_make(unused) : -1;
}

static int end(void **unused)
{
    cli_end(unused);
    return home_remove(unused);
}

static value_t disclosed(const char *part, arena_t *arena)
{
    value_builder_t item = value_builder(arena), fields = value_builder(arena);
    value_builder_t items = value_builder(arena), result = value_builder(arena);
    if (strcmp(part, "texts") == 0) {
        value_add(&fields, value_text("caller"));
        value_add(&fields, value_text("description"));
        value_add_pair(&item, "in", value_build_list(&fields));
        value_add_pair(&item, "record", VIEW(arena, "inq-7", "caller", "Kontakt Ett"));
    } else {
        value_add_pair(&item, "time", value_integer(0));
    }
    value_add(&items, value_build_map(&item));
    value_add_pair(&result, "items", value_build_list(&items));
    value_add_pair(&result, "next", value_absent);
    value_add_pair(&result, "rev", value_integer(812));
    if (strcmp(part, "records") == 0)
        value_add_pair(&result, "others", value_integer(2));
    return value_build_map(&result);
}

/* What the daemon refuses with; ERROR_NONE: nothing. */
static error_code_t refusal;

static value_t privacy(const char *command, const value_t *arguments, arena_t *arena,
                       error_t *error)
{
    if (refusal != ERROR_NONE) {
        error_set(error, refusal, NULL, NULL);
        return value_absent;
    }
    if (strcmp(command, "disclose") == 0)
        return disclosed(value_get_text(arguments, "part"), arena);
    if (strcmp(command, "list") != 0)
        return VIEW(arena, "ers-3", "decision", "GB 1");
    value_builder_t records = value_builder(arena), result = value_builder(arena);
    value_builder_t view = value_builder(arena), fields = value_builder(arena);
    value_add_pair(&fields, "decision", value_text("GB 1"));
    value_add_pair(&fields, "state", value_text(state ? state : ""));
    value_add_pair(&view, "id", value_text("ers-3"));
    value_add_pair(&view, "rev", value_integer(800));
    value_add_pair(&view, "fields", value_build_map(&fields));
    if (state)
        value_add(&records, value_build_map(&view));
    value_add_pair(&result, "records", value_build_list(&records));
    return value_build_map(&result);
}

static const option_t decision = {"decision", "TEXT", ""}, approve = {"approve", NULL, ""},
                      yes = {"yes", NULL, ""}, file = {"output", "FILE", ""};

static bool run(bool (*verb)(cli_t *, const arguments_t *), const given_t *given, size_t n_given,
                heard_t *said)
{
    static const char *words[] = {"per-1"};
    arguments_t arguments = {
        .words = words, .n_words = 1, .given = (given_t *)given, .n_given = n_given};
    fake_t *daemon = daemon_begin(privacy);
    cli.kind = schema_kind("person");
    cli.status = 0;
    hear();
    bool good = verb(&cli, &arguments);
    *said = heard();
    daemon_end(&daemon);
    assert_int_equal(good, cli.status == 0);
    return good;
}

/* -- export ----------------------------------------------------------------------------------- */

static void all_parts_in_one_document(void **unused)
{
    (void)unused;
    heard_t said;
    cli.purpose = "begäran";
    assert_true(run(admin_person_export, NULL, 0, &said));
    assert_string_equal(
        asked(0), "disclose {\"person\":\"per-1\",\"part\":\"states\",\"purpose\":\"begäran\"}");
    assert_non_null(strstr(asked(1), "\"records\""));
    assert_non_null(strstr(asked(2), "\"reads\""));
    assert_non_null(strstr(asked(3), "\"texts\""));
    assert_null(asked(4));
    json_t *document = json_loads(said.out, 0, NULL);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "person")), "per-1");
    assert_int_equal(json_integer_value(json_object_get(document, "rev")), 812);
    assert_int_equal(json_integer_value(json_object_get(document, "outside_your_scope")), 2);
    for (const char *const *part = (const char *[]){"states", "records", "reads", "texts", NULL};
         *part; part++)
        assert_int_equal(json_array_size(json_object_get(document, *part)), 1);
    json_decref(document);
    assert_string_equal(said.err, "2 records outside your scope refer to the person.\n");
}

static void nothing_is_given_out_without_a_purpose(void **unused)
{
    (void)unused;
    heard_t said;
    const char *path = arena_format(cli.arena, "%s/ut.json", home);
    given_t given = {.option = &file, .value = path};
    assert_false(run(admin_person_export, &given, 1, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_null(asked(0));
    assert_int_equal(access(path, F_OK), -1);
}

/* What was given out before is not written over unseen. */
static void a_file_that_is_there_stays(void **unused)
{
    (void)unused;
    heard_t said;
    const char *path = arena_format(cli.arena, "%s/ut.json", home);
    const given_t given[] = {{.option = &file, .value = path}, {.option = &yes}};
    cli.purpose = "begäran";
    assert_true(run(admin_person_export, given, 1, &said));
    const char *first = content_of(path);
    assert_non_null(strstr(first, "\"person\""));
    FILE *mine = fopen(path, "w");
    fputs("mine", mine);
    fclose(mine);
    assert_false(run(admin_person_export, given, 1, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_non_null(strstr(said.err, "ut.json is there already."));
    assert_null(asked(0));
    assert_string_equal(content_of(path), "mine");
    assert_true(run(admin_person_export, given, 2, &said));
    assert_string_equal(content_of(path), first);
}

/* Neither half a document nor a file. */
static void what_is_refused_leaves_nothing(void **unused)
{
    (void)unused;
    heard_t said;
    const char *path = arena_format(cli.arena, "%s/ut.json", home);
    given_t given = {.option = &file, .value = path};
    cli.purpose = "begäran";
    refusal = ERROR_NOT_FOUND;
    assert_false(run(admin_person_export, NULL, 0, &said));
    assert_string_equal(said.out, "");
    assert_false(run(admin_person_export, &given, 1, &said));
    assert_int_equal(access(path, F_OK), -1);
    refusal = ERROR_NONE;
    assert_true(run(admin_person_export, &given, 1, &said));
    assert_non_null(strstr(said.err, path));
}

/* -- erase ------------------------------------------------------------------------------------ */

static void one_asks(void **unused)
{
    (void)unused;
    heard_t said;
    given_t given = {.option = &decision, .value = "GB 1"};
    assert_true(run(admin_person_erase, &given, 1, &said));
    assert_string_equal(asked(0), "erase {\"person\":\"per-1\",\"decision\":\"GB 1\"}");
    assert_non_null(strstr(said.out, "ers-3"));
    assert_non_null(strstr(said.out, "samverk admin person erase per-1 --approve"));
    /* Once is enough, and --confirm no way round it. */
    refusal = ERROR_DUPLICATE;
    assert_false(run(admin_person_erase, &given, 1, &said));
    refusal = ERROR_NONE;
    assert_non_null(strstr(said.err, "asked for already"));
    assert_null(strstr(said.err, "--confirm"));
}

/* What may still name the person is looked for while it is known what to look for. */
static void another_approves(void **unused)
{
    (void)unused;
    heard_t said;
    given_t given[] = {{.option = &approve}, {.option = &yes}};
    assert_true(run(admin_person_erase, given, 2, &said));
    assert_string_equal(asked(0),
                        "list {\"kind\":\"erasure\",\"where\":{\"person\":\"per-1\"},\"limit\":1}");
    assert_string_equal(asked(1), "disclose {\"person\":\"per-1\",\"part\":\"texts\","
                                  "\"purpose\":\"erasure ers-3\"}");
    assert_string_equal(asked(2), "move {\"id\":\"ers-3\",\"verb\":\"approve\",\"if_rev\":800}");
    assert_null(asked(3));
    assert_non_null(strstr(said.out, "per-1 has been erased (ers-3)."));
    assert_non_null(strstr(said.out, "inq-7"));
    assert_non_null(strstr(said.out, "employer or caller, as text, description"));
    assert_non_null(strstr(said.err, "backup"));
}

static void an_approval_is_confirmed(void **unused)
{
    (void)unused;
    heard_t said;
    given_t given = {.option = &approve};
    assert_false(run(admin_person_erase, &given, 1, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_non_null(strstr(said.err, "--yes"));
    assert_null(asked(1));
}

/* The answer was lost: the same command says that it was done, and does nothing more. */
static void an_approval_again(void **unused)
{
    (void)unused;
    heard_t said;
    given_t given = {.option = &approve};
    state = "done";
    assert_true(run(admin_person_erase, &given, 1, &said));
    assert_non_null(strstr(said.out, "per-1 has been erased (ers-3)."));
    assert_null(asked(1));
}

static void nothing_to_approve(void **unused)
{
    (void)unused;
    heard_t said;
    given_t given[] = {{.option = &approve}, {.option = &yes}};
    for (const char *const *was = (const char *[]){"withdrawn", NULL};; was++) {
        state = *was;
        assert_false(run(admin_person_erase, given, 2, &said));
        assert_int_equal(cli.status, EXIT_REFUSED);
        assert_null(asked(1));
        if (!*was)
            break;
    }
}

static void one_or_the_other(void **unused)
{
    (void)unused;
    heard_t said;
    given_t given[] = {{.option = &approve}, {.option = &decision, .value = "GB 1"}};
    assert_false(run(admin_person_erase, given, 2, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_false(run(admin_person_erase, NULL, 0, &said));
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_null(asked(0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(all_parts_in_one_document),
        TEST(nothing_is_given_out_without_a_purpose),
        TEST(a_file_that_is_there_stays),
        TEST(what_is_refused_leaves_nothing),
        TEST(one_asks),
        TEST(another_approves),
        TEST(an_approval_is_confirmed),
        TEST(an_approval_again),
        TEST(nothing_to_approve),
        TEST(one_or_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

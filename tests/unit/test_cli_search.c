#include "typed.h"
#include "verbs.h"

/* search, before a daemon that finds so many records. */

static int n_found;
static bool cut;

static value_t found(const value_t *view, const char *first, const char *second, arena_t *arena)
{
    value_builder_t map = value_builder(arena), hits = value_builder(arena);
    for (uint32_t i = 0; i < view->count; i++)
        value_add_pair(&map, view->items[2 * i].text, view->items[2 * i + 1]);
    value_add(&hits, value_text(first));
    if (second)
        value_add(&hits, value_text(second));
    value_add_pair(&map, "hits", value_build_list(&hits));
    return value_build_map(&map);
}

static value_t searched(const value_t *arguments, arena_t *arena)
{
    value_builder_t map = value_builder(arena), records = value_builder(arena);
    int n = (int)value_get_integer(arguments, "after", 0);
    int end = n + (int)value_get_integer(arguments, "limit", 50);
    for (; n < n_found && n < end; n++) {
        value_t view = n == 1   ? VIEW(arena, "can-3", "inquiry", "inq-7")
                       : n == 2 ? VIEW(arena, "inq-4", "state", "new", "county", "cty-05")
                                : VIEW(arena, "inq-7", "title", "Grundkurs i svets");
        value_add(&records, n == 1 ? found(&view, "background", NULL, arena)
                                   : found(&view, "title", "municipality", arena));
    }
    value_add_pair(&map, "records", value_build_list(&records));
    value_add_pair(&map, "next", n < n_found ? value_integer(n) : value_absent);
    value_add_pair(&map, "cut", value_boolean(cut));
    value_add_pair(&map, "rev", value_integer(812));
    return value_build_map(&map);
}

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t map = value_builder(arena), list = value_builder(arena);
    (void)error;
    if (strcmp(command, "search") == 0)
        return searched(arguments, arena);
    const char *kind = value_get_text(arguments, "kind");
    value_add(&list, strcmp(kind, "county") == 0
                         ? VIEW(arena, "cty-05", "name", "Östergötlands län")
                         : VIEW(arena, "inq-7", "title", "Grundkurs i svets"));
    value_add_pair(&map, "records", value_build_list(&list));
    return value_build_map(&map);
}

static bool good;

static heard_t run(const char *const *words)
{
    const verb_t *verb = verb_find(verb_general, "search");
    fake_t *daemon = daemon_begin(serve);
    arguments_t arguments = typed(verb, words);
    hear();
    good = verb->run(&cli, &arguments);
    heard_t said = heard();
    daemon_end(&daemon);
    return said;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void what_is_looked_for_is_passed_on(void **state)
{
    (void)state;
    n_found = 0;
    RUN("svets", "motala", "--kind", "inquiry", "--kind", "course", "--purpose", "calls");
    assert_true(good);
    assert_string_equal(asked(0), "search {\"text\":\"svets motala\",\"purpose\":\"calls\","
                                  "\"kinds\":[\"inquiry\",\"course\"],\"limit\":50}");
    RUN("svets motala ");
    assert_string_equal(asked(0), "search {\"text\":\"svets motala \",\"limit\":50}");
}

static void what_it_cannot_be_is_wrong_usage(void **state)
{
    (void)state;
    RUN("svets", "--kind", "inquiri");
    assert_false(good);
    assert_int_equal(cli.status, EXIT_USAGE);
    cli.status = 0;
    RUN("svets", "--limit", "0");
    assert_int_equal(cli.status, EXIT_USAGE);
    assert_null(asked(0));
}

static void what_was_found_is_told_by_its_title(void **state)
{
    (void)state;
    n_found = 3;
    heard_t said = RUN("svets");
    assert_string_equal(said.out,
                        "Id     Kind     Title                   Found in\n"
                        "inq-7  inquiry  Grundkurs i svets       title, municipality\n"
                        "can-3  canvas   Grundkurs i svets       background, need and goals\n"
                        "inq-4  inquiry  new, Östergötlands län  title, municipality\n");
    assert_string_equal(said.err, "");
    speak_swedish();
    said = RUN("svets");
    assert_non_null(strstr(said.out, "Funnet i"));
    assert_non_null(strstr(said.out, "rubrik, kommun"));
}

static void nothing_found_is_said(void **state)
{
    (void)state;
    n_found = 0;
    heard_t said = RUN("svets");
    assert_true(good);
    assert_string_equal(said.out, "");
    assert_non_null(strstr(said.err, "Nothing found."));
}

static void pages_are_one(void **state)
{
    (void)state;
    n_found = 450;
    heard_t said = RUN("svets", "--limit", "300");
    assert_string_equal(asked(0), "search {\"text\":\"svets\",\"limit\":200}");
    assert_string_equal(asked(1), "search {\"text\":\"svets\",\"limit\":100,\"after\":200}");
    assert_non_null(strstr(said.err, "The first 300; there are more."));
    assert_null(strstr(said.err, "look through"));
    n_found = 3;
    cut = true;
    said = RUN("svets");
    cut = false;
    assert_null(strstr(said.err, "The first"));
    assert_non_null(strstr(said.err, "too much to look through"));
}

static void spreadsheets_and_programs_get_names(void **state)
{
    (void)state;
    n_found = 2;
    cli.output = OUTPUT_CSV;
    heard_t said = RUN("svets");
    assert_string_equal(said.out, "\xef\xbb\xbf"
                                  "id,kind,title,hits\r\n"
                                  "inq-7,inquiry,Grundkurs i svets,\"title, municipality\"\r\n"
                                  "can-3,canvas,Grundkurs i svets,background\r\n");
    cli.output = OUTPUT_JSON;
    said = RUN("svets");
    json_t *document = json_loads(said.out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "records")), 2);
    assert_true(json_is_false(json_object_get(document, "cut")));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(what_is_looked_for_is_passed_on),
        CLI_TEST(what_it_cannot_be_is_wrong_usage),
        CLI_TEST(what_was_found_is_told_by_its_title),
        CLI_TEST(nothing_found_is_said),
        CLI_TEST(pages_are_one),
        CLI_TEST(spreadsheets_and_programs_get_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "region_fixture.h"

#include <string.h>

/* A list of `count` times the same. */
static value_t many(unsigned count, const char *item)
{
    arena_t *arena = region_arena(region);
    value_builder_t list = value_builder(arena);
    value_t one = say_value(region, item);

    for (unsigned i = 0; i < count; i++)
        value_add(&list, one);
    return value_build_list(&list);
}

static reply_t ask(const char *command, const char *list_name, value_t list)
{
    value_builder_t arguments = value_builder(region_arena(region));

    if (strcmp(command, "import") == 0)
        value_add_pair(&arguments, "kind", value_text("place"));
    value_add_pair(&arguments, list_name, list);
    request_t request = {.command = command, .arguments = value_build_map(&arguments)};
    return region_ask(region, region_client(region, "admin"), &request);
}

/* A thousand writes a request, and not one more. */
static void a_batch_has_a_thousand_writes(void **state)
{
    static const char write[] = "{do=put kind=place fields={name=x municipality=mun-1880}}";
    uint64_t head = region_head(region);

    (void)state;
    reply_t reply = ask("batch", "operations", many(1001, write));
    assert_int_equal(reply.error.code, ERROR_TOO_LARGE);
    assert_int_equal(region_head(region), head);
    reply = ask("batch", "operations", many(1000, write));
    assert_int_equal(reply.error.code, ERROR_NONE);
    assert_int_equal(value_get(&reply.result, "results")->count, 1000);
    assert_int_equal(region_head(region), head + 1);
    value_t counted = say_well(region, "admin", "count", "kind=place");
    assert_int_equal(value_get_integer(&counted, "count", 0), 1000);
}

/* Bad rows are named up to a hundred: the answer still fits a frame. */
static void an_import_names_a_hundred_bad_rows(void **state)
{
    static const char bad[] = "{fields={name=x}}",
                      good[] = "{fields={name=x municipality=mun-1880}}";

    (void)state;
    reply_t reply = ask("import", "rows", many(1001, good));
    assert_int_equal(reply.error.code, ERROR_TOO_LARGE);
    reply = ask("import", "rows", many(300, bad));
    assert_int_equal(reply.error.code, ERROR_NONE);
    assert_int_equal(value_get_integer(&reply.result, "rows", 0), 300);
    assert_int_equal(value_get(&reply.result, "errors")->count, 100);
    reply = ask("import", "rows", many(1000, good));
    assert_int_equal(value_get(&reply.result, "errors")->count, 0);
    assert_int_equal(value_get(&reply.result, "ids")->count, 1000);
    assert_int_equal(region_check(region), 0);
}

/* Which record each write of a batch made, coded kinds and numbered ones mixed. */
static void a_batch_answers_write_by_write(void **state)
{
    value_t told = say_well(region, "admin", "batch",
                            "operations=["
                            "{do=put kind=place fields={name=a municipality=mun-1880}}"
                            "{do=put kind=county id=\"77\" fields={name=k}}"
                            "{do=put kind=place fields={name=b municipality=mun-1880}}"
                            "{do=put kind=municipality id=mun-7700 fields={name=m county=\"$2\"}}"
                            "{do=patch id=\"$1\" fields={name=c}}"
                            "{do=patch id=cty-18 fields={name=l}}"
                            "{do=delete id=\"are-0715\"}]");

    (void)state;
    say_expect(region, &told,
               "{results=[{id=pla-1 fields={name=c}} {id=cty-77} {id=pla-2 fields={name=b}}"
               " {id=mun-7700 fields={county=cty-77}} {id=pla-1} {id=cty-18 fields={name=l}}"
               " ={id=are-0715}]}");
}

/* A patch that changes nothing is answered in a batch as it is alone: by the record; and
   a repetition by the record as it stood then. */
static void a_batch_answers_what_did_not_change(void **state)
{
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    uint64_t revision = 0;

    (void)state;
    say_well(region, "admin", "patch", "id=cty-18 fields={name=l}");
    region_request_id(region, id);
    for (unsigned i = 0; i < 2; i++) {
        request_t request = {
            .command = "batch",
            .arguments = say_value(region, "{operations=[{do=patch id=cty-18 fields={name=l}}"
                                           "{do=put kind=place fields={name=a"
                                           " municipality=mun-1880}}"
                                           "{do=patch id=\"$1\" fields={name=l}}]}"),
            .id = id};
        reply_t reply = region_ask(region, region_client(region, "admin"), &request);
        assert_int_equal(reply.error.code, ERROR_NONE);
        say_expect(region, &reply.result,
                   "{results=[{id=cty-18 fields={name=l}} {id=pla-1} {id=cty-18}]}");
        assert_true(i == 0 || reply.revision == revision);
        revision = reply.revision;
        say_well(region, "admin", "patch", "id=cty-18 fields={name=m}");
    }
    value_t told =
        say_well(region, "admin", "batch", "operations=[{do=patch id=cty-18 fields={name=m}}]");
    say_expect(region, &told, "{results=[{id=cty-18 fields={name=m}}]}");
}

/* Looked at and not done: no revision, no number used up, and the same answer as if. */
static void a_dry_run_changes_nothing(void **state)
{
    uint64_t head = region_head(region);

    (void)state;
    value_t told = say_well(region, "admin", "put",
                            "kind=place fields={name=x municipality=mun-1880} dry_run=true");
    say_expect(region, &told, "{id=pla-1 fields={name=x municipality=mun-1880}}");
    say_well(region, "admin", "patch", "id=cty-18 fields={name=x} dry_run=true");
    say_well(region, "admin", "delete", "id=are-0715 dry_run=true");
    say_badly(region, "admin", ERROR_REFERENCED, "delete", "id=cty-18 dry_run=true");
    assert_int_equal(region_head(region), head);
    told = say_well(region, "admin", "put", "kind=place fields={name=y municipality=mun-1880}");
    say_expect(region, &told, "{id=pla-1 fields={name=y}}");
}

/* The request id of a dry run is free for the real one. */
static void a_dry_run_is_not_remembered(void **state)
{
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    client_t *admin = region_client(region, "admin");

    (void)state;
    region_request_id(region, id);
    request_t request = {
        .command = "put",
        .arguments = say_value(region, "{kind=county id=\"77\" fields={name=x} dry_run=true}"),
        .id = id};
    assert_int_equal(region_ask(region, admin, &request).error.code, ERROR_NONE);
    request.arguments = say_value(region, "{kind=county id=\"77\" fields={name=x}}");
    assert_int_equal(region_ask(region, admin, &request).error.code, ERROR_NONE);
    say_well(region, "admin", "get", "id=cty-77");
}

/* An id must bear the daemon's time: not older than seven days, not an hour ahead. */
static void an_id_has_its_time(void **state)
{
    static const struct {
        int64_t offset_ms;
        error_code_t code;
    } rows[] = {
        {0, ERROR_NONE},
        {-7 * INT64_C(86400000) + 1000, ERROR_NONE},
        {-7 * INT64_C(86400000) - 1000, ERROR_EXPIRED},
        {INT64_C(3600000) - 1000, ERROR_NONE},
        {INT64_C(3600000) + 1000, ERROR_INVALID},
    };
    static const unsigned char random[10] = "12345678";

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char id[WIRE_REQUEST_ID_SIZE];
        request_id_make(id, region_now(region) + (uint64_t)rows[i].offset_ms, random);
        request_t request = {
            .command = "put",
            .arguments = say_value(region, "{kind=place fields={name=x municipality=mun-1880}}"),
            .id = id};
        error_t error = region_ask(region, region_client(region, "admin"), &request).error;
        assert_int_equal(error.code, rows[i].code);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_batch_has_a_thousand_writes),
        TEST(an_import_names_a_hundred_bad_rows),
        TEST(a_batch_answers_write_by_write),
        TEST(a_batch_answers_what_did_not_change),
        TEST(a_dry_run_changes_nothing),
        TEST(a_dry_run_is_not_remembered),
        TEST(an_id_has_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

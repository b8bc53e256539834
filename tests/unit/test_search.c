#include "region_fixture.h"

#include "search.h"

#include "records.h"

#include <string.h>

/* Candidates and judgement, with the file of words and without it. */

static environment_t environment;
static call_t call;
static const kind_t *inquiry;

static int setup(void **state)
{
    open_region(state);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    inquiry = schema_kind("inquiry");
    return 0;
}

/* A search of the broker's; false when it was refused. */
static search_t search;

static bool begin(const char *text, bool with_file)
{
    arena_t *arena = region_arena(region);
    value_t *given = arena_alloc(arena, sizeof *given);
    unsigned char key[32];
    int status;

    environment = *region_environment(region);
    while (derived_follow(environment.derived, &status) == DERIVED_MORE)
        ;
    if (!with_file)
        environment.derived = NULL;
    region_key("orebro", key);
    *given = say_value(region, arena_format(arena, "{text=\"%s\"}", text));
    store_txn_t *txn = store_read(environment.store);
    call = (call_t){.environment = &environment,
                    .arguments = given,
                    .access = access_of_key(txn, key, region_now(region), arena),
                    .txn = txn,
                    .lookup = {.txn = txn},
                    .arena = arena};
    return search_begin(&search, &call, &inquiry, 1);
}

static void end(void)
{
    search_end(&search);
    store_abort(&call.txn);
}

/* The inquiries that may hold the words. */
static const char *candidates(void)
{
    derived_hit_t *hits;
    size_t n_hits;
    const char *all = "";

    search_candidates(&search, inquiry, &hits, &n_hits);
    for (size_t i = 0; i < n_hits; i++)
        all = arena_format(region_arena(region), "%s %s:%u", all, hits[i].id.text, hits[i].titles);
    return all;
}

static bool judge(const char *id_text, field_mask_t mask, search_answer_t *answer)
{
    record_id_t id;
    assert_true(record_id_parse(&id, id_text, NULL));
    return search_judge(&search, records_get(call.txn, &id, call.arena), mask, answer);
}

static field_mask_t bit(const char *field)
{
    return (field_mask_t)1 << kind_field(inquiry, field)->index;
}

static void make(void)
{
    say_well(region, "orebro", "put",
             "kind=inquiry fields={title=\"Kurs i svets\" municipality=mun-1880 notes=rostfritt}");
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=\"Kurs\" municipality=mun-0583 tags=[svets verkstad]}");
}

static void candidates_come_from_the_file_or_are_the_newest(void **state)
{
    (void)state;
    make();
    assert_true(begin("svets ", true));
    assert_string_equal(candidates(), " inq-2:0 inq-1:1");
    assert_false(search.cut);
    end();
    assert_true(begin("cad", true));
    assert_string_equal(candidates(), "");
    end();
    assert_true(begin("cad", false));
    assert_string_equal(candidates(), " inq-2:1 inq-1:1");
    end();
}

static void what_is_masked_holds_no_words(void **state)
{
    (void)state;
    search_answer_t answer;
    make();
    assert_true(begin("kurs svets", true));
    assert_true(judge("inq-1", FIELD_MASK_ALL, &answer));
    assert_int_equal(answer.where, bit("title"));
    assert_int_equal(answer.titles, 2);
    assert_false(judge("inq-1", ~bit("title"), &answer));
    assert_true(judge("inq-2", FIELD_MASK_ALL, &answer));
    assert_int_equal(answer.where, bit("title") | bit("tags"));
    assert_int_equal(answer.titles, 1);
    assert_false(judge("inq-2", ~bit("tags"), &answer));
    end();
}

static void names_are_looked_up_with_the_file_and_without(void **state)
{
    (void)state;
    search_answer_t answer;
    make();
    for (unsigned with_file = 0; with_file < 2; with_file++) {
        assert_true(begin("motala", with_file));
        assert_true(judge("inq-2", FIELD_MASK_ALL, &answer));
        assert_int_equal(answer.where, bit("municipality"));
        assert_int_equal(answer.titles, 0);
        assert_false(judge("inq-2", ~bit("municipality"), &answer));
        assert_false(judge("inq-1", FIELD_MASK_ALL, &answer));
        end();
    }
    /* What the kinds do not refer to is no name here. */
    say_well(region, "admin", "put",
             "kind=course fields={title=\"Handledarskap\" provider=org-1 unit=org-1}");
    assert_true(begin("handledarskap", true));
    assert_int_equal(search.words[0].n_names, 0);
    end();
}

static void a_new_name_counts_at_once(void **state)
{
    (void)state;
    search_answer_t answer;
    make();
    say_well(region, "admin", "patch", "id=mun-0583 fields={name=Vätternstad}");
    assert_true(begin("vätternstad", true));
    assert_string_equal(candidates(), " inq-2:0");
    assert_true(judge("inq-2", FIELD_MASK_ALL, &answer));
    end();
    assert_true(begin("motala", true));
    assert_string_equal(candidates(), "");
    end();
}

static void of_too_many_names_the_newest_count(void **state)
{
    (void)state;
    for (unsigned batch = 0; batch < 4; batch++) {
        value_builder_t rows = value_builder(region_arena(region));
        for (unsigned i = 0; i < 100 - (batch == 3 ? 99 : 0); i++)
            value_add(&rows, say_value(region, "{do=put kind=organisation confirm=true "
                                               "fields={name=\"Firman\" types=[employer] "
                                               "municipality=mun-1880}}"));
        value_builder_t map = value_builder(region_arena(region));
        value_add_pair(&map, "operations", value_build_list(&rows));
        request_t request = {.command = "batch", .arguments = value_build_map(&map)};
        reply_t reply = region_ask(region, region_client(region, "admin"), &request);
        assert_int_equal(reply.error.code, ERROR_NONE);
        assert_true(begin("firman", true));
        assert_int_equal(search.words[0].n_names, batch == 3 ? 300 : 100 * (batch + 1));
        assert_int_equal(search.cut, batch == 3);
        end();
    }
}

static void what_is_no_question_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "  ", "--", "a1 a2 a3 a4 a5 a6 a7 a8 a9"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(begin(texts[i], true));
        assert_int_equal(call.error.code, ERROR_INVALID);
        assert_string_equal(call.error.field, "text");
        end();
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, close_region)
    const struct CMUnitTest tests[] = {
        TEST(candidates_come_from_the_file_or_are_the_newest),
        TEST(what_is_masked_holds_no_words),
        TEST(names_are_looked_up_with_the_file_and_without),
        TEST(a_new_name_counts_at_once),
        TEST(of_too_many_names_the_newest_count),
        TEST(what_is_no_question_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

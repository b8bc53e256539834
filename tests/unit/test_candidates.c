#include "region_fixture.h"

#include "candidates.h"

#include <string.h>

/* Six tasks: about org-1 and org-2 in turn, the last one due first, tsk-5 for the broker. */
static int open_tasks(void **state)
{
    open_region(state);
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    for (unsigned i = 1; i <= 6; i++)
        say_well(region, "admin", "put",
                 "kind=task fields={what=w about=org-%u due=2026-05-%02u%s}", 2 - i % 2, 20 - i,
                 i == 5 ? " who=usr-2" : "");
    return 0;
}

/* A call of the broker's with these arguments, in a read transaction. */
static call_t begin(const char *arguments)
{
    const environment_t *environment = region_environment(region);
    arena_t *arena = region_arena(region);
    value_t *given = arena_alloc(arena, sizeof *given);
    store_txn_t *txn = store_read(environment->store);
    unsigned char key[32];

    region_key("broker", key);
    *given = say_value(region, arguments);
    return (call_t){.environment = environment,
                    .arguments = given,
                    .access = access_of_key(txn, key, region_now(region), arena),
                    .txn = txn,
                    .lookup = {.txn = txn},
                    .arena = arena,
                    .now_ms = region_now(region),
                    .expiry_ms = region_now(region)};
}

/* The numbers of the candidates as they come, and whether that is the query's order. */
static void offers(const char *arguments, bool descending, bool in_order, const char *expected)
{
    call_t call = begin(arguments);
    char found[64] = "";
    query_t query;

    assert_true(query_parse(&query, &call, descending));
    candidates_t *self = candidates_open(&query, &call);
    assert_non_null(self);
    for (const record_t *record; (record = candidates_next(self, &call)) != NULL;)
        strcat(found, strchr(record->id.text, '-') + 1);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: %s", arguments, found);
    assert_int_equal(candidates_in_order(self), in_order);
    candidates_close(&self);
    assert_null(self);
    store_abort(&call.txn);
}

static void all_of_the_kind_by_id(void **state)
{
    (void)state;
    offers("{kind=task}", false, true, "123456");
    offers("{kind=task}", true, true, "654321");
    offers("{kind=task after=tsk-2}", false, true, "3456");
    offers("{kind=task after=tsk-2}", true, true, "1");
    offers("{kind=task where={what=w}}", false, true, "123456"); /* no index */
    offers("{kind=engagement}", false, true, "");
}

/* In the order in which they were named; what is not there is passed over. */
static void those_that_were_named(void **state)
{
    (void)state;
    offers("{kind=task where={id=[tsk-5 tsk-9 tsk-2]}}", false, true, "52");
    offers("{kind=task where={id=[tsk-5 tsk-9 tsk-2]} after=tsk-5}", false, true, "2");
}

/* What an index can tell is not walked past. */
static void an_index_leaves_out_the_others(void **state)
{
    (void)state;
    offers("{kind=task where={about=org-1}}", false, true, "135");
    offers("{kind=task where={about=org-1}}", true, true, "531");
    offers("{kind=task where={about=org-1} after=tsk-3}", false, true, "5");
    offers("{kind=task where={about=[org-1 org-2]}}", false, true, "123456");
    offers("{kind=task where={due={to=2026-05-15}}}", false, true, "56");
    offers("{kind=task where={due={to=2026-05-17}} after=tsk-4}", false, true, "56");
    offers("{kind=task where={due={to=2026-05-17}} after=tsk-5}", true, true, "43");
    offers("{kind=task mine=true}", false, true, "5");
    offers("{kind=task where={who=nil}}", false, true, "123456"); /* absent has no entry */
}

/* An index has the order, or else all come by id, also those before the cursor. */
static void a_sort_is_an_indexs_or_none(void **state)
{
    (void)state;
    offers("{kind=task sort=state}", false, true, "123456");
    offers("{kind=task sort=state after=[open tsk-4]}", false, true, "56");
    offers("{kind=task sort=created}", false, false, "123456");
    offers("{kind=task sort=created after=[1 tsk-4]}", false, false, "123456");
}

static void a_cursor_of_ours_alone(void **state)
{
    static const char *const arguments[] = {"{kind=task after=x}", "{kind=task after=7}",
                                            "{kind=task after=inq-1}",
                                            "{kind=task sort=created after=tsk-1}"};
    query_t query;

    (void)state;
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        call_t call = begin(arguments[i]);
        assert_true(query_parse(&query, &call, false));
        candidates_t *none = candidates_open(&query, &call);
        assert_null(none);
        assert_int_equal(call.error.code, ERROR_INVALID);
        assert_string_equal(call.error.field, "after");
        candidates_close(&none);
        store_abort(&call.txn);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_tasks, close_region)
    const struct CMUnitTest tests[] = {
        TEST(all_of_the_kind_by_id),          TEST(those_that_were_named),
        TEST(an_index_leaves_out_the_others), TEST(a_sort_is_an_indexs_or_none),
        TEST(a_cursor_of_ours_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

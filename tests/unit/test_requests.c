#include "store_fixture.h"

#include "requests.h"

#define DAY_MS UINT64_C(86400000)

static unsigned char hash[32] = "hash of the arguments";

static void make_id(unsigned char id[16], uint64_t time_ms, unsigned char last)
{
    unsigned char random[10] = {0};
    random[9] = last;
    request_id_make(id, time_ms, random);
}

static uint64_t apply_request(const char *actor, const unsigned char id[16], const char *record_id)
{
    store_txn_t *txn = store_write(store);
    operation_t operation = {.after = county(record_id, "Name")};
    batch_t batch = {.time_ms = 1000,
                     .actor = actor,
                     .request_id = id,
                     .operations = &operation,
                     .n_operations = 1};
    memcpy(batch.arguments_hash, hash, sizeof hash);
    uint64_t revision = store_apply(txn, &batch);
    assert_int_equal(store_commit(&txn), 0);
    return revision;
}

static bool found(const char *user, const unsigned char id[16], uint64_t *revision)
{
    unsigned char arguments_hash[32] = {0};
    store_txn_t *txn = store_read(store);
    bool there = requests_find(txn, user, id, revision, arguments_hash);
    if (there)
        assert_memory_equal(arguments_hash, hash, sizeof hash);
    store_abort(&txn);
    return there;
}

static void an_applied_request_is_known_again(void **state)
{
    (void)state;
    unsigned char id[16], other[16];
    uint64_t revision = 0;
    make_id(id, 1000, 1);
    make_id(other, 1000, 2);
    assert_int_equal(apply_request("usr-1", id, "cty-01"), 1);
    reopen();
    assert_true(found("usr-1", id, &revision));
    assert_int_equal(revision, 1);
    assert_false(found("usr-1", other, &revision));
    assert_false(found("usr-11", id, &revision));
    assert_false(found("usr-2", id, &revision));
}

static void a_refused_request_is_not_known(void **state)
{
    (void)state;
    unsigned char id[16];
    uint64_t revision;
    make_id(id, 1000, 1);
    store_txn_t *txn = store_write(store);
    operation_t operation = {.after = county("cty-01", "Name")};
    batch_t batch = {
        .actor = "usr-1", .request_id = id, .operations = &operation, .n_operations = 1};
    assert_int_equal(store_apply(txn, &batch), 1);
    store_abort(&txn);
    assert_false(found("usr-1", id, &revision));
}

static void seven_days_later_it_is_forgotten(void **state)
{
    (void)state;
    unsigned char old[16], older[16], young[16];
    uint64_t now_ms = 100 * DAY_MS, revision;
    make_id(older, now_ms - 9 * DAY_MS, 1);
    make_id(old, now_ms - 7 * DAY_MS - 1, 1);
    make_id(young, now_ms - 7 * DAY_MS, 1);
    apply_request("usr-1", older, "cty-01");
    apply_request("usr-1", old, "cty-02");
    apply_request("usr-1", young, "cty-03");
    apply_request("usr-10", young, "cty-04");
    apply_request("usr-10", old, "cty-05");
    apply_request("usr-2", young, "cty-06");
    apply_request("usr-3", old, "cty-07");

    store_txn_t *txn = store_write(store);
    assert_int_equal(requests_prune(txn, now_ms, 1), 1);
    /* The other of usr-1, its young one, and the old one of usr-10. */
    assert_int_equal(requests_prune(txn, now_ms, 3), 2);
    assert_int_equal(requests_prune(txn, now_ms, 100), 1);
    assert_int_equal(requests_prune(txn, now_ms, 100), 0);
    assert_int_equal(store_commit(&txn), 0);
    assert_false(found("usr-1", older, &revision));
    assert_false(found("usr-1", old, &revision));
    assert_false(found("usr-10", old, &revision));
    assert_false(found("usr-3", old, &revision));
    assert_true(found("usr-1", young, &revision));
    assert_true(found("usr-10", young, &revision));
    assert_true(found("usr-2", young, &revision));
}

static void pruning_comes_round_again(void **state)
{
    (void)state;
    unsigned char id[16];
    uint64_t now_ms = 100 * DAY_MS;
    make_id(id, now_ms - DAY_MS, 1);
    for (unsigned i = 1; i <= 5; i++)
        apply_request(arena_format(arena, "usr-%u", i), id, arena_format(arena, "cty-%u", i));
    store_txn_t *txn = store_write(store);
    assert_int_equal(requests_prune(txn, now_ms, 2), 0);
    unsigned gone = 0;
    for (unsigned i = 0; i < 5; i++)
        gone += requests_prune(txn, now_ms + 7 * DAY_MS, 2);
    assert_int_equal(gone, 5);
    assert_int_equal(store_commit(&txn), 0);
}

static void a_clock_near_zero_forgets_nothing(void **state)
{
    (void)state;
    unsigned char id[16];
    uint64_t revision;
    make_id(id, 0, 1);
    apply_request("usr-1", id, "cty-01");
    store_txn_t *txn = store_write(store);
    assert_int_equal(requests_prune(txn, 1000, 100), 0);
    assert_int_equal(store_commit(&txn), 0);
    assert_true(found("usr-1", id, &revision));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(an_applied_request_is_known_again),
        FIXTURE_TEST(a_refused_request_is_not_known),
        FIXTURE_TEST(seven_days_later_it_is_forgotten),
        FIXTURE_TEST(pruning_comes_round_again),
        FIXTURE_TEST(a_clock_near_zero_forgets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

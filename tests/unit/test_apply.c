#include "store_fixture.h"

#include "history.h"
#include "index.h"
#include "journal.h"
#include "requests.h"
#include "txn.h"

#include <errno.h>

static void revisions_count_one_up(void **state)
{
    (void)state;
    assert_int_equal(put(county("cty-18", "Örebro län")), 1);
    assert_int_equal(put(county("cty-05", "Östergötlands län")), 2);
    store_txn_t *txn = store_write(store);
    operation_t first = {.after = county("cty-03", "Uppsala län")};
    operation_t second = {.after = county("cty-04", "Södermanlands län")};
    assert_int_equal(apply(txn, 2000, &first, 1), 3);
    assert_int_equal(apply(txn, 2000, &second, 1), 4);
    assert_int_equal(store_head(txn), 4);
    assert_int_equal(store_commit(&txn), 0);
    reopen();
    txn = store_read(store);
    assert_int_equal(store_head(txn), 4);
    assert_int_equal(store_last_time(txn), 2000);
    store_abort(&txn);
}

static void time_never_falls(void **state)
{
    (void)state;
    apply_one(5000, "cty-18", county("cty-18", "Örebro län"));
    apply_one(4000, "cty-05", county("cty-05", "Östergötlands län"));
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_last_time(txn), 5000);
    store_abort(&txn);
}

static void a_stale_before_is_refused(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    record_id_t id = id_of_text("cty-18");
    store_txn_t *txn = store_read(store);
    record_t *stale = records_get(txn, &id, arena);
    store_abort(&txn);
    put(county("cty-18", "Örebro"));

    txn = store_write(store);
    operation_t operation = {.before = stale, .after = county("cty-18", "Stale")};
    assert_int_equal(apply(txn, 1000, &operation, 1), 0);
    assert_int_equal(store_failed(txn), EINVAL);
    assert_int_equal(store_commit(&txn), EINVAL);

    txn = store_write(store);
    operation = (operation_t){.after = county("cty-18", "Twice")};
    assert_int_equal(apply(txn, 1000, &operation, 1), 0);
    store_abort(&txn);

    txn = store_write(store);
    operation = (operation_t){.before = county("cty-99", "Nowhere")};
    assert_int_equal(apply(txn, 1000, &operation, 1), 0);
    store_abort(&txn);
}

static void one_batch_may_change_a_record_twice(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    record_t *first = county("cty-18", "First"), *second = county("cty-18", "Second");
    record_t *third = county("cty-18", "Third");
    operation_t operations[] = {
        {.after = first}, {.before = first, .after = second}, {.before = second}, {.after = third}};
    assert_int_equal(apply(txn, 1000, operations, 4), 1);
    assert_int_equal(store_commit(&txn), 0);
    record_id_t id = id_of_text("cty-18");
    txn = store_read(store);
    assert_string_equal(record_get_text(records_get(txn, &id, arena), "name"), "Third");
    assert_int_equal(records_count(txn, id.kind), 1);
    assert_string_equal(record_get_text(store_record_at(txn, &id, 1, arena), "name"), "Third");
    store_abort(&txn);
}

static void rights_revision_follows_users_grants_and_keys(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 0);
    store_abort(&txn);
    put(record_with("usr-1", "name", "broker, Motala", NULL));
    txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 2);
    store_abort(&txn);
    put(record_with("gra-1", "user", "usr-1", "role", "broker", NULL));
    put(county("cty-05", "Östergötlands län"));
    txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 3);
    store_abort(&txn);
    record_t *key = record_with("key-1", "user", "usr-1", NULL);
    record_set(key, "public_key", value_bytes("0123456789abcdef0123456789abcdef", 32));
    assert_int_equal(put(key), 5);
    txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 5);
    store_abort(&txn);
}

static meta_kind_t counts(store_txn_t *txn, const char *kind)
{
    meta_kind_t counts;
    meta_read_kind(store_db(txn), schema_kind(kind), &counts);
    return counts;
}

static void what_there_is_is_counted(void **state)
{
    (void)state;
    put(record_with("inq-3", "title", "CAD", NULL));
    put(record_with("inq-7", "title", "CNC", NULL));
    put(record_with("inq-3", "title", "CAM", NULL));
    store_txn_t *txn = store_read(store);
    assert_int_equal(counts(txn, "inquiry").live, 2);
    store_abort(&txn);
    apply_one(1000, "inq-7", NULL);
    txn = store_read(store);
    assert_int_equal(counts(txn, "inquiry").live, 1);
    assert_int_equal(counts(txn, "inquiry").last_number, 7);
    store_abort(&txn);
}

/* All that one batch changes, and what it says of itself. */
static void a_batch_is_written_everywhere(void **state)
{
    (void)state;
    static const unsigned char id[WIRE_REQUEST_ID_SIZE] = "0123456789abcde";
    record_id_t kept = id_of_text("mun-0583"), gone = id_of_text("mun-0581");
    record_id_t of = id_of_text("cty-05"), from;
    unsigned char hash[META_HASH_SIZE];
    const field_t *field;
    uint64_t revision;
    put(municipality("mun-0581", "Norrköping", "cty-05"));
    store_txn_t *txn = store_write(store);
    memcpy(hash, store_head_of(txn)->hash, sizeof hash);
    const operation_t operations[] = {{.before = records_get(txn, &gone, arena)},
                                      {.after = municipality("mun-0583", "Motala", "cty-05")}};
    const batch_t batch = {.time_ms = 2000,
                           .actor = "usr-1",
                           .as = "usr-2",
                           .request_id = id,
                           .arguments_hash = {7},
                           .operations = operations,
                           .n_operations = 2};
    assert_int_equal(store_apply(txn, &batch), 2);
    assert_int_equal(store_commit(&txn), 0);

    txn = store_read(store);
    assert_false(records_exists(txn, &gone));
    assert_int_equal(records_revision(txn, &kept), 2);
    assert_int_equal(history_at(txn, &gone, 2), 2);
    assert_int_equal(history_at(txn, &kept, 2), 2);
    const journal_entry_t *entry = journal_get(txn, 2, arena);
    assert_string_equal(entry->actor, "usr-1");
    assert_string_equal(entry->as, "usr-2");
    assert_memory_equal(entry->request_id, id, sizeof id);
    assert_int_equal(entry->arguments_hash[0], 7);
    assert_int_equal(entry->n_operations, 2);
    assert_int_equal(entry->operations[0].before, 1);
    assert_null(entry->operations[0].after);
    assert_int_equal(entry->operations[1].before, 0);
    assert_memory_equal(entry->previous_hash, hash, sizeof hash);
    assert_true(requests_find(txn, "usr-1", id, &revision, hash));
    assert_int_equal(revision, 2);
    assert_int_equal(hash[0], 7);
    referrer_scan_t *scan = referrer_scan(txn, &of, arena);
    assert_true(referrer_next(scan, &from, &field));
    assert_string_equal(from.text, kept.text);
    assert_false(referrer_next(scan, &from, &field));
    referrer_scan_end(&scan);
    store_abort(&txn);
}

/* What is refused half way leaves nothing of what came before it. */
static void a_batch_is_whole_or_nothing(void **state)
{
    (void)state;
    const operation_t operations[] = {{.after = county("cty-05", "One")},
                                      {.before = county("cty-18", "Nowhere")}};
    store_txn_t *txn = store_write(store);
    assert_int_equal(apply(txn, 1000, operations, 2), 0);
    assert_int_equal(apply(txn, 1000, operations, 1), 0);
    assert_int_equal(store_commit(&txn), EINVAL);
    txn = store_read(store);
    assert_int_equal(store_head(txn), 0);
    assert_int_equal(records_count(txn, schema_kind("county")), 0);
    store_abort(&txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(revisions_count_one_up),
        FIXTURE_TEST(time_never_falls),
        FIXTURE_TEST(a_stale_before_is_refused),
        FIXTURE_TEST(one_batch_may_change_a_record_twice),
        FIXTURE_TEST(rights_revision_follows_users_grants_and_keys),
        FIXTURE_TEST(what_there_is_is_counted),
        FIXTURE_TEST(a_batch_is_written_everywhere),
        FIXTURE_TEST(a_batch_is_whole_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store_fixture.h"

#include "journal.h"
#include "key.h"
#include "txn.h"

#include <errno.h>

static db_view_t stored(store_txn_t *txn, uint64_t revision)
{
    db_key_t key;
    key_start(&key);
    key_add_u64(&key, revision);
    db_view_t value;
    assert_true(db_get(store_db(txn), DB_JOURNAL, key_view(&key), &value));
    return value;
}

static void an_entry_holds_all_of_its_batch(void **state)
{
    (void)state;
    put(county("cty-05", "Before"));
    put(county("cty-18", "Gone soon"));
    unsigned char request_id[16] = "0123456789abcde";
    record_id_t changed = id_of_text("cty-05"), gone = id_of_text("cty-18");
    store_txn_t *txn = store_write(store);
    record_t *after = county("cty-05", "After");
    operation_t operations[] = {
        {.before = records_get(txn, &changed, arena), .after = after},
        {.after = county("cty-03", "New")},
        {.before = records_get(txn, &gone, arena)},
    };
    batch_t batch = {.time_ms = 5000,
                     .actor = "usr-4",
                     .as = "usr-9",
                     .request_id = request_id,
                     .arguments_hash = "arguments",
                     .operations = operations,
                     .n_operations = 3};
    assert_int_equal(store_apply(txn, &batch), 3);
    assert_int_equal(store_commit(&txn), 0);

    txn = store_read(store);
    const journal_entry_t *entry = journal_get(txn, 3, arena);
    assert_non_null(entry);
    assert_int_equal(entry->revision, 3);
    assert_int_equal(entry->time_ms, 5000);
    assert_string_equal(entry->actor, "usr-4");
    assert_string_equal(entry->as, "usr-9");
    assert_memory_equal(entry->request_id, request_id, 16);
    assert_memory_equal(entry->arguments_hash, batch.arguments_hash, 32);
    assert_int_equal(entry->n_operations, 3);
    assert_string_equal(entry->operations[0].id.text, "cty-05");
    assert_int_equal(entry->operations[0].before, 1);
    assert_string_equal(record_get_text(entry->operations[0].after, "name"), "After");
    assert_int_equal(entry->operations[0].after->revision, 3);
    assert_int_equal(entry->operations[1].before, 0);
    assert_string_equal(record_get_text(entry->operations[1].after, "name"), "New");
    assert_string_equal(entry->operations[2].id.text, "cty-18");
    assert_int_equal(entry->operations[2].before, 2);
    assert_null(entry->operations[2].after);

    entry = journal_get(txn, 1, arena);
    assert_null(entry->as);
    assert_null(entry->request_id);
    assert_null(entry->arguments_hash);
    assert_int_equal(journal_time(txn, 3), 5000);
    store_abort(&txn);
}

static void the_daemon_itself_acts_under_no_name(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    operation_t operation = {.after = county("cty-05", "Name")};
    batch_t batch = {.actor = "", .operations = &operation, .n_operations = 1};
    assert_int_equal(store_apply(txn, &batch), 1);
    assert_string_equal(journal_get(txn, 1, arena)->actor, "");
    store_abort(&txn);
}

static void there_is_nothing_before_the_first_and_after_the_last(void **state)
{
    (void)state;
    put(county("cty-05", "Name"));
    store_txn_t *txn = store_read(store);
    assert_null(journal_get(txn, 0, arena));
    assert_null(journal_get(txn, 2, arena));
    assert_int_equal(journal_time(txn, 2), 0);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
}

static void each_entry_holds_the_hash_of_the_one_before(void **state)
{
    (void)state;
    put(county("cty-05", "One"));
    reopen();
    put(county("cty-05", "Two"));
    put(county("cty-05", "Three"));
    store_txn_t *txn = store_read(store);
    unsigned char hash[JOURNAL_HASH_SIZE] = {0};
    for (uint64_t revision = 1; revision <= 3; revision++) {
        const journal_entry_t *entry = journal_get(txn, revision, arena);
        assert_memory_equal(entry->previous_hash, hash, sizeof hash);
        db_view_t value = stored(txn, revision);
        journal_hash(value.data, value.size, hash);
    }
    assert_memory_equal(store_head_of(txn)->hash, hash, sizeof hash);
    store_abort(&txn);
}

static void a_damaged_entry_fails_the_transaction(void **state)
{
    (void)state;
    put(county("cty-05", "One"));
    store_txn_t *txn = store_write(store);
    db_key_t key;
    key_start(&key);
    key_add_u64(&key, 1);
    db_view_t value = stored(txn, 1);
    void *copy = arena_copy(arena, value.data, value.size);
    db_put(store_db(txn), DB_JOURNAL, key_view(&key),
           (db_view_t){.data = copy, .size = value.size - 1});
    assert_int_equal(store_commit(&txn), 0);
    txn = store_read(store);
    assert_null(journal_get(txn, 1, arena));
    assert_int_equal(store_failed(txn), EBADMSG);
    store_abort(&txn);
    txn = store_read(store);
    record_id_t id = id_of_text("cty-05");
    assert_null(store_record_at(txn, &id, 1, arena));
    assert_int_equal(store_failed(txn), EBADMSG);
    store_abort(&txn);
}

/* One bit of a name: as readable as before, and not what was written. */
static void a_changed_entry_is_shown_to_no_one(void **state)
{
    (void)state;
    put(county("cty-05", "One"));
    put(county("cty-06", "Two"));
    for (uint64_t revision = 1; revision <= 2; revision++) {
        record_id_t id = id_of_text(revision == 1 ? "cty-05" : "cty-06");
        store_txn_t *txn = store_write(store);
        db_key_t key;
        key_start(&key);
        key_add_u64(&key, revision);
        db_view_t value = stored(txn, revision);
        char *copy = arena_copy(arena, value.data, value.size);
        char *name = memmem(copy, value.size, revision == 1 ? "One" : "Two", 3);
        name[1] ^= 1;
        db_put(store_db(txn), DB_JOURNAL, key_view(&key),
               (db_view_t){.data = copy, .size = value.size});
        assert_non_null(journal_decode(revision, copy, value.size, arena));
        assert_null(journal_get(txn, revision, arena));
        assert_int_equal(store_failed(txn), EBADMSG);
        store_abort(&txn);

        txn = store_write(store);
        db_put(store_db(txn), DB_JOURNAL, key_view(&key),
               (db_view_t){.data = copy, .size = value.size});
        assert_null(store_record_at(txn, &id, revision, arena));
        assert_int_equal(store_failed(txn), EBADMSG);
        store_abort(&txn);

        txn = store_write(store);
        db_put(store_db(txn), DB_JOURNAL, key_view(&key),
               (db_view_t){.data = copy, .size = value.size});
        assert_int_equal(journal_time(txn, revision), 0);
        assert_int_equal(store_failed(txn), EBADMSG);
        store_abort(&txn);
    }
}

static void a_state_is_found_among_many(void **state)
{
    (void)state;
    operation_t operations[50];
    for (unsigned i = 0; i < 50; i++)
        operations[i] = (operation_t){
            .after = county(arena_format(arena, "cty-%u", i), arena_format(arena, "Name %u", i))};
    store_txn_t *txn = store_write(store);
    assert_int_equal(apply(txn, 1000, operations, 50), 1);
    record_id_t id = id_of_text("cty-31"), other = id_of_text("cty-99");
    assert_string_equal(record_get_text(journal_state(txn, 1, &id, arena), "name"), "Name 31");
    assert_null(journal_state(txn, 1, &other, arena));
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
}

static void an_instant_has_the_last_revision_at_or_before(void **state)
{
    (void)state;
    apply_one(1000, "cty-18", county("cty-18", "One"));
    apply_one(2000, "cty-05", county("cty-05", "Other"));
    apply_one(3000, "cty-18", county("cty-18", "Three"));
    apply_one(3000, "cty-18", NULL);
    apply_one(5000, "cty-18", county("cty-18", "Five"));
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_revision_at(txn, 999), 0);
    assert_int_equal(store_revision_at(txn, 1000), 1);
    assert_int_equal(store_revision_at(txn, 2999), 2);
    assert_int_equal(store_revision_at(txn, 3000), 4);
    assert_int_equal(store_revision_at(txn, 4999), 4);
    assert_int_equal(store_revision_at(txn, 9999), 5);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
}

static void an_entry_too_large_to_read_is_not_written(void **state)
{
    (void)state;
    char *notes = arena_alloc(arena, 8001);
    memset(notes, 'n', 8000);
    size_t count = wire_limits_stored.bytes / 8000 + 1;
    operation_t *operations = arena_alloc(arena, count * sizeof *operations);
    for (size_t i = 0; i < count; i++)
        operations[i].after =
            record_with(arena_format(arena, "cty-%zu", i), "name", "Name", "notes", notes, NULL);
    store_txn_t *txn = store_write(store);
    assert_int_equal(apply(txn, 1000, operations, count), 0);
    assert_int_equal(store_failed(txn), EMSGSIZE);
    store_abort(&txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(an_entry_holds_all_of_its_batch),
        FIXTURE_TEST(the_daemon_itself_acts_under_no_name),
        FIXTURE_TEST(there_is_nothing_before_the_first_and_after_the_last),
        FIXTURE_TEST(each_entry_holds_the_hash_of_the_one_before),
        FIXTURE_TEST(a_damaged_entry_fails_the_transaction),
        FIXTURE_TEST(a_changed_entry_is_shown_to_no_one),
        FIXTURE_TEST(a_state_is_found_among_many),
        FIXTURE_TEST(an_instant_has_the_last_revision_at_or_before),
        FIXTURE_TEST(an_entry_too_large_to_read_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

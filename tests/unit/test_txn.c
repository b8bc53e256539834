#include "store_fixture.h"

#include "txn.h"

#include <errno.h>

static const kind_t *inquiry(void)
{
    return schema_kind("inquiry");
}

static void a_refused_request_rolls_back_alone(void **state)
{
    (void)state;
    store_txn_t *batch = store_write(store);
    store_txn_t *request = store_nest(batch);
    operation_t operation = {.after = county("cty-18", "Örebro län")};
    assert_int_equal(apply(request, 1000, &operation, 1), 1);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_head(batch), 1);

    request = store_nest(batch);
    operation.after = county("cty-05", "Östergötlands län");
    assert_int_equal(apply(request, 1000, &operation, 1), 2);
    store_abort(&request);
    assert_int_equal(store_head(batch), 1);

    request = store_nest(batch);
    operation.after = county("cty-04", "Södermanlands län");
    assert_int_equal(apply(request, 1000, &operation, 1), 2);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_commit(&batch), 0);

    store_txn_t *txn = store_read(store);
    record_id_t kept = id_of_text("cty-04"), refused = id_of_text("cty-05");
    assert_true(records_exists(txn, &kept));
    assert_false(records_exists(txn, &refused));
    assert_int_equal(records_count(txn, kept.kind), 2);
    store_abort(&txn);
}

static void numbers_are_given_once_and_only_the_used_stay(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    assert_int_equal(store_next_number(txn, inquiry()), 1);
    assert_int_equal(store_next_number(txn, inquiry()), 2);
    store_txn_t *request = store_nest(txn);
    assert_int_equal(store_next_number(request, inquiry()), 3);
    store_abort(&request);
    request = store_nest(txn);
    assert_int_equal(store_next_number(request, inquiry()), 3);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_next_number(txn, inquiry()), 4);
    assert_int_equal(store_commit(&txn), 0);

    put(record_with("inq-7", "title", "CAD", NULL));
    apply_one(1000, "inq-7", NULL);
    reopen();
    txn = store_write(store);
    assert_int_equal(store_next_number(txn, inquiry()), 8);
    store_abort(&txn);
}

static void an_open_read_stays_where_it_is(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_txn_t *old = store_read(store);
    put(county("cty-05", "Östergötlands län"));
    record_id_t id = id_of_text("cty-05");
    assert_int_equal(store_head(old), 1);
    assert_false(records_exists(old, &id));
    store_abort(&old);
}

static void a_full_map_fails_one_request_alone(void **state)
{
    (void)state;
    store_close(&store);
    char why[512];
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)1 << 20}, why,
                       sizeof why);
    char *notes = arena_alloc(arena, 8001);
    memset(notes, 'n', 8000);
    store_txn_t *batch = store_write(store);
    operation_t small = {.after = county("cty-18", "Örebro län")};
    assert_int_equal(apply(batch, 1000, &small, 1), 1);
    store_txn_t *request = store_nest(batch);
    operation_t operations[100];
    for (unsigned i = 0; i < 100; i++)
        operations[i] = (operation_t){.after = record_with(arena_format(arena, "are-%u", i),
                                                           "name_sv", "Svetsning", "name_en",
                                                           "Welding", "notes", notes, NULL)};
    assert_int_equal(apply(request, 1000, operations, 100), 0);
    assert_true(store_is_full(store_failed(request)));
    store_abort(&request);
    assert_int_equal(store_commit(&batch), 0);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    store_abort(&txn);
}

static void the_first_failure_sticks(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    assert_int_equal(store_failed(txn), 0);
    store_fail(txn, EBADMSG);
    store_fail(txn, EMSGSIZE);
    assert_int_equal(store_failed(txn), EBADMSG);
    assert_int_equal(store_commit(&txn), EBADMSG);
    assert_null(txn);
    store_abort(&txn);
}

static void storage_has_words_for_its_own_failures(void **state)
{
    (void)state;
    assert_string_equal(store_reason(EBADMSG), "stored bytes are damaged");
    assert_string_equal(store_reason(EMSGSIZE), "the change is too large for one journal entry");
    assert_string_equal(store_reason(ENOENT), db_reason(ENOENT));
    assert_true(store_is_full(ENOSPC));
    assert_false(store_is_full(EBADMSG));
}

static void a_head_moves_with_the_commit(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    meta_head_t head = {.revision = 4, .time_ms = 5, .rights = 3};
    assert_ptr_equal(store_of(txn), store);
    store_txn_t *request = store_nest(txn);
    store_set_head(request, &head);
    assert_int_equal(store_head(request), 4);
    store_abort(&request);
    assert_int_equal(store_head(txn), 0);
    request = store_nest(txn);
    store_set_head(request, &head);
    store_fail(request, EINVAL);
    assert_int_equal(store_commit(&request), EINVAL);
    assert_int_equal(store_head(txn), 0);
    request = store_nest(txn);
    store_set_head(request, &head);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_head(txn), 4);
    assert_int_equal(store_last_time(txn), 5);
    assert_int_equal(store_rights_revision(txn), 3);
    assert_int_equal(store_commit(&txn), 0);
    txn = store_read(store);
    assert_memory_equal(store_head_of(txn), &head, sizeof head);
    store_abort(&txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_refused_request_rolls_back_alone),
        FIXTURE_TEST(numbers_are_given_once_and_only_the_used_stay),
        FIXTURE_TEST(an_open_read_stays_where_it_is),
        FIXTURE_TEST(a_full_map_fails_one_request_alone),
        FIXTURE_TEST(the_first_failure_sticks),
        FIXTURE_TEST(storage_has_words_for_its_own_failures),
        FIXTURE_TEST(a_head_moves_with_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

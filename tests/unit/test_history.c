#include "store_fixture.h"

#include "history.h"
#include "key.h"
#include "txn.h"

#include <errno.h>

static void the_past_is_kept(void **state)
{
    (void)state;
    apply_one(1000, "cty-18", county("cty-18", "One"));
    apply_one(2000, "cty-05", county("cty-05", "Other"));
    apply_one(3000, "cty-18", county("cty-18", "Three"));
    apply_one(3000, "cty-18", NULL);
    apply_one(5000, "cty-18", county("cty-18", "Five"));
    record_id_t id = id_of_text("cty-18");
    store_txn_t *txn = store_read(store);
    assert_null(store_record_at(txn, &id, 0, arena));
    assert_string_equal(record_get_text(store_record_at(txn, &id, 1, arena), "name"), "One");
    assert_string_equal(record_get_text(store_record_at(txn, &id, 2, arena), "name"), "One");
    assert_int_equal(store_record_at(txn, &id, 2, arena)->revision, 1);
    assert_string_equal(record_get_text(store_record_at(txn, &id, 3, arena), "name"), "Three");
    assert_null(store_record_at(txn, &id, 4, arena));
    assert_string_equal(record_get_text(store_record_at(txn, &id, 99, arena), "name"), "Five");
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
}

static void history_gives_the_last_change_at_or_before(void **state)
{
    (void)state;
    put(record_with("are-01", "name_en", "a", "name_sv", "a", NULL));
    put(record_with("are-001", "name_en", "b", "name_sv", "b", NULL));
    put(record_with("are-01", "name_en", "c", "name_sv", "c", NULL));
    put(record_with("are-0", "name_en", "d", "name_sv", "d", NULL));
    apply_one(1000, "are-01", NULL);
    record_id_t id = id_of_text("are-01"), never = id_of_text("are-02");
    static const uint64_t expected[] = {0, 1, 1, 3, 3, 5, 5};
    store_txn_t *txn = store_read(store);
    for (uint64_t revision = 0; revision < 7; revision++)
        assert_int_equal(history_at(txn, &id, revision), expected[revision]);
    assert_int_equal(history_at(txn, &id, UINT64_MAX), 5);
    assert_int_equal(history_at(txn, &never, 7), 0);
    assert_int_equal(history_first(txn, &id), 1);
    assert_int_equal(history_first(txn, &never), 0);
    id = id_of_text("are-001");
    assert_int_equal(history_first(txn, &id), 2);
    store_abort(&txn);
}

static void put_away(const char *from, uint64_t revision, const char *to, uint64_t later)
{
    record_id_t old = id_of_text(from), new = id_of_text(to);
    db_key_t key;
    store_txn_t *txn = store_write(store);
    key_start(&key);
    key_add_id(&key, &old);
    key_add_u64(&key, revision);
    assert_true(db_delete(store_db(txn), DB_HISTORY, key_view(&key)));
    history_append(txn, &new, later);
    assert_int_equal(store_commit(&txn), 0);
}

static bool is_refused(const char *id_text, uint64_t revision)
{
    record_id_t id = id_of_text(id_text);
    store_txn_t *txn = store_read(store);
    assert_null(store_record_at(txn, &id, revision, arena));
    bool refused = store_failed(txn) == EBADMSG;
    store_abort(&txn);
    return refused;
}

/* One revision as another, or as another record's: the state of an earlier one must not
   be shown for it. */
static void a_changed_history_shows_no_other_state(void **state)
{
    (void)state;
    put(county("cty-05", "One"));
    put(county("cty-05", "Two"));
    put(county("cty-05", "Three"));
    apply_one(1000, "cty-05", NULL);
    put(county("cty-05", "Again"));
    put_away("cty-05", 2, "cty-06", 2);
    assert_true(is_refused("cty-05", 2));
    assert_true(is_refused("cty-06", 2));
    put_away("cty-06", 2, "cty-05", 2);
    put_away("cty-05", 5, "cty-05", 9);
    assert_true(is_refused("cty-05", 5));
    assert_true(is_refused("cty-05", 9));
    put_away("cty-05", 9, "cty-05", 5);
    put_away("cty-05", 1, "cty-06", 1);
    assert_true(is_refused("cty-05", 1));
    put_away("cty-06", 1, "cty-05", 1);
    assert_false(is_refused("cty-05", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_past_is_kept),
        FIXTURE_TEST(history_gives_the_last_change_at_or_before),
        FIXTURE_TEST(a_changed_history_shows_no_other_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

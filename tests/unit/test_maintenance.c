#include "store_fixture.h"

#include "maintenance.h"

static void put_until(const char *id, int64_t until)
{
    record_t *record = record_with(id, "text", "a larger disk", NULL);
    record_set(record, "until", value_integer(until));
    put(record);
}

/* The one in force at this time, or NULL. */
static const char *now(uint64_t now_ms)
{
    store_txn_t *txn = store_read(store);
    const record_t *record = maintenance_now(txn, now_ms, arena);
    store_abort(&txn);
    return record ? record->id.text : NULL;
}

static void it_ends_by_itself_and_the_newest_counts(void **state)
{
    (void)state;
    assert_null(now(1000));
    put_until("mnt-1", 5000);
    assert_string_equal(now(1000), "mnt-1");
    assert_string_equal(now(4999), "mnt-1");
    assert_null(now(5000));
    put_until("mnt-2", 7000);
    assert_string_equal(now(6000), "mnt-2");
    put_until("mnt-2", 2000);
    assert_null(now(3000));
    apply_one(1000, "mnt-2", NULL);
    assert_string_equal(now(3000), "mnt-1");
    apply_one(1000, "mnt-1", NULL);
    assert_null(now(3000));
}

static void the_error_says_why_and_until_when(void **state)
{
    (void)state;
    error_t error = {0};
    put_until("mnt-1", 5000);
    store_txn_t *txn = store_read(store);
    assert_false(maintenance_refuse(maintenance_now(txn, 1000, arena), arena, &error));
    store_abort(&txn);
    assert_int_equal(error.code, ERROR_MAINTENANCE);
    assert_string_equal(error.expected, "a larger disk");
    assert_string_equal(value_get_text(&error.detail, "id"), "mnt-1");
    assert_string_equal(value_get_text(&error.detail, "text"), "a larger disk");
    assert_int_equal(value_get_integer(&error.detail, "until", 0), 5000);
}

/* By the rows: what is administrators' and data protection officers' own goes on. */
static void rows_say_what_goes_on(void **state)
{
    static const char *const open = "user grant key maintenance erasure";
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        assert_int_equal(maintenance_lets(kind->writers), schema_words_have(open, kind->name));
    }
    const kind_t *user = schema_kind("user"), *inquiry = schema_kind("inquiry");
    assert_true(maintenance_lets(kind_move(user, "revoke", "active")->roles));
    assert_false(maintenance_lets(kind_move(inquiry, "acknowledge", "new")->roles));
    assert_false(maintenance_lets(ROLES_NONE));
    assert_false(maintenance_lets(ROLES_COORDINATOR));
    assert_false(maintenance_lets(ROLES_ALL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(it_ends_by_itself_and_the_newest_counts),
        FIXTURE_TEST(the_error_says_why_and_until_when),
        FIXTURE_TEST(rows_say_what_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

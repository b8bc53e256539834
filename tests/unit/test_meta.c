#include "store_fixture.h"

#include "key.h"
#include "meta.h"
#include "txn.h"

#include <errno.h>

/* The status of reading head, counts and names anew. */
static int read_it(db_txn_t *txn, uint64_t *revision, uint64_t *live)
{
    meta_head_t head;
    meta_kind_t counts;
    db_view_t region;
    meta_read_head(txn, &head);
    meta_read_kind(txn, schema_kind("county"), &counts);
    meta_read(txn, "region", &region);
    *revision = head.revision;
    *live = counts.live;
    return db_failed(txn);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    uint64_t revision, live;
    store_txn_t *txn = store_read(store);
    assert_int_equal(read_it(store_db(txn), &revision, &live), 0);
    assert_int_equal(revision, 0);
    assert_int_equal(live, 0);
    store_abort(&txn);
    put(county("cty-05", "One"));
    put(county("cty-18", "Two"));
    reopen();
    txn = store_read(store);
    assert_int_equal(read_it(store_db(txn), &revision, &live), 0);
    assert_int_equal(revision, 2);
    assert_int_equal(live, 2);
    store_abort(&txn);
}

/* Every byte of every value that there is: none is read as another. */
static void a_changed_value_is_noticed(void **state)
{
    (void)state;
    static const char *const names[] = {"region", "head", "kind"};
    put(county("cty-05", "One"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        db_key_t key;
        key_start(&key);
        key_add_text(&key, names[i]);
        if (strcmp(names[i], "kind") == 0)
            key_add_kind(&key, schema_kind("county"));
        size_t size = 1;
        for (size_t at = 0; at < size; at++) {
            db_view_t value;
            uint64_t revision, live;
            store_txn_t *txn = store_write(store);
            assert_true(db_get(store_db(txn), DB_META, key_view(&key), &value));
            size = value.size;
            unsigned char *bytes = arena_copy(arena, value.data, size);
            bytes[at] ^= 0x10;
            db_put(store_db(txn), DB_META, key_view(&key),
                   (db_view_t){.data = bytes, .size = size});
            assert_int_equal(read_it(store_db(txn), &revision, &live), EBADMSG);
            store_abort(&txn);
        }
    }
}

static void nothing_is_not_zero(void **state)
{
    (void)state;
    static const char *const names[] = {"head", "kind"};
    put(county("cty-05", "One"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t revision, live;
        db_key_t key;
        key_start(&key);
        key_add_text(&key, names[i]);
        if (strcmp(names[i], "kind") == 0)
            key_add_kind(&key, schema_kind("county"));
        store_txn_t *txn = store_write(store);
        assert_true(db_delete(store_db(txn), DB_META, key_view(&key)));
        assert_int_equal(read_it(store_db(txn), &revision, &live), EBADMSG);
        store_abort(&txn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_was_written_is_read),
        FIXTURE_TEST(a_changed_value_is_noticed),
        FIXTURE_TEST(nothing_is_not_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

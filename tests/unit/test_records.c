#include "store_fixture.h"

#include "db.h"
#include "key.h"
#include "txn.h"

#include <errno.h>

static record_t *get(store_txn_t *txn, const char *id_text)
{
    record_id_t id = id_of_text(id_text);
    return records_get(txn, &id, arena);
}

/* The stored bytes of a record, changed in place. */
static void damage(const char *id_text, size_t at)
{
    record_id_t id = id_of_text(id_text);
    db_key_t key;
    key_start(&key);
    key_add_id(&key, &id);
    store_txn_t *txn = store_write(store);
    db_view_t value;
    assert_true(db_get(store_db(txn), DB_RECORDS, key_view(&key), &value));
    unsigned char *bytes = arena_copy(arena, value.data, value.size);
    bytes[at < value.size ? at : value.size - 1] ^= 1;
    db_put(store_db(txn), DB_RECORDS, key_view(&key),
           (db_view_t){.data = bytes, .size = value.size});
    assert_int_equal(store_commit(&txn), 0);
}

static void every_type_comes_back(void **state)
{
    (void)state;
    record_t *record = record_with("inq-1", "title", "Grundkurs i CAD", "municipality", "mun-1880",
                                   "period_from", "2026-09-01", NULL);
    record_set(record, "participants", value_integer(8));
    record_set(record, "budget_hint", value_integer(-1));
    record_set(record, "framed", value_boolean(false));
    record_set(record, "areas", texts(2, "are-0715", "are-01"));
    record_set(record, "description", value_text("Två rader\nmed text"));
    assert_int_equal(put(record), 1);
    reopen();
    store_txn_t *txn = store_read(store);
    record_t *back = get(txn, "inq-1");
    assert_non_null(back);
    assert_int_equal(back->revision, 1);
    assert_string_equal(back->id.text, "inq-1");
    for (size_t i = 0; i < record->id.kind->n_fields; i++)
        assert_true(value_equal(&back->fields[i], &record->fields[i]));
    store_abort(&txn);
}

static void what_is_not_there_is_nothing(void **state)
{
    (void)state;
    record_id_t id = id_of_text("inq-1");
    store_txn_t *txn = store_read(store);
    assert_null(records_get(txn, &id, arena));
    assert_false(records_exists(txn, &id));
    assert_int_equal(records_revision(txn, &id), 0);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
}

static void codes_are_told_apart(void **state)
{
    (void)state;
    put(record_with("are-01", "name_en", "short", "name_sv", "kort", NULL));
    put(record_with("are-001", "name_en", "long", "name_sv", "lång", NULL));
    store_txn_t *txn = store_read(store);
    assert_string_equal(record_get_text(get(txn, "are-01"), "name_en"), "short");
    assert_string_equal(record_get_text(get(txn, "are-001"), "name_en"), "long");
    store_abort(&txn);
}

static void a_damaged_byte_is_never_served(void **state)
{
    (void)state;
    /* In revision, format, checksum and body. */
    static const size_t places[] = {0, 7, 9, 10, 17, 18, 30, 1000};
    put(county("cty-05", "Östergötlands län"));
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        damage("cty-05", places[i]);
        store_txn_t *txn = store_read(store);
        record_id_t id = id_of_text("cty-05");
        assert_null(records_get(txn, &id, arena));
        assert_int_equal(store_failed(txn), EBADMSG);
        store_abort(&txn);
        txn = store_read(store);
        assert_int_equal(records_revision(txn, &id), 0);
        assert_int_equal(store_failed(txn), EBADMSG);
        store_abort(&txn);
        txn = store_read(store);
        records_scan_t *scan = records_scan(txn, id.kind, false, NULL, arena);
        assert_null(records_next(scan, arena));
        assert_int_equal(store_failed(txn), EBADMSG);
        records_scan_end(&scan);
        store_abort(&txn);
        damage("cty-05", places[i]);
    }
    store_txn_t *txn = store_read(store);
    assert_non_null(get(txn, "cty-05"));
    store_abort(&txn);
}

static void bytes_under_another_key_do_not_hold(void **state)
{
    (void)state;
    put(county("cty-05", "Östergötlands län"));
    record_id_t from = id_of_text("cty-05"), to = id_of_text("cty-18");
    db_key_t key;
    key_start(&key);
    key_add_id(&key, &from);
    store_txn_t *txn = store_write(store);
    db_view_t value;
    assert_true(db_get(store_db(txn), DB_RECORDS, key_view(&key), &value));
    void *copy = arena_copy(arena, value.data, value.size);
    key_start(&key);
    key_add_id(&key, &to);
    db_put(store_db(txn), DB_RECORDS, key_view(&key),
           (db_view_t){.data = copy, .size = value.size});
    assert_null(records_get(txn, &to, arena));
    assert_int_equal(store_failed(txn), EBADMSG);
    store_abort(&txn);
}

static const char *walk(const char *kind, bool descending, const char *after)
{
    store_txn_t *txn = store_read(store);
    record_id_t id;
    if (after)
        id = id_of_text(after);
    records_scan_t *scan =
        records_scan(txn, schema_kind(kind), descending, after ? &id : NULL, arena);
    const char *seen = "";
    const record_t *record;
    while ((record = records_next(scan, arena)))
        seen = arena_format(arena, "%s %s", seen, record->id.text);
    /* The end stays the end. */
    assert_null(records_next(scan, arena));
    assert_int_equal(store_failed(txn), 0);
    records_scan_end(&scan);
    store_abort(&txn);
    return seen;
}

static void a_kind_is_walked_both_ways(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    put(municipality("mun-1880", "Örebro", "cty-18"));
    put(municipality("mun-0583", "Motala", "cty-05"));
    put(municipality("mun-0513", "Kinda", "cty-05"));
    for (unsigned i = 1; i <= 10; i += 3)
        put(record_with(arena_format(arena, "inq-%u", i), "title", "t", NULL));
    assert_string_equal(walk("municipality", false, NULL), " mun-0513 mun-0583 mun-1880");
    assert_string_equal(walk("municipality", true, NULL), " mun-1880 mun-0583 mun-0513");
    assert_string_equal(walk("municipality", false, "mun-0513"), " mun-0583 mun-1880");
    assert_string_equal(walk("municipality", false, "mun-0514"), " mun-0583 mun-1880");
    assert_string_equal(walk("municipality", true, "mun-1880"), " mun-0583 mun-0513");
    assert_string_equal(walk("municipality", true, "mun-0513"), "");
    assert_string_equal(walk("inquiry", false, NULL), " inq-1 inq-4 inq-7 inq-10");
    assert_string_equal(walk("inquiry", true, NULL), " inq-10 inq-7 inq-4 inq-1");
    assert_string_equal(walk("inquiry", true, "inq-9"), " inq-7 inq-4 inq-1");
    assert_string_equal(walk("inquiry", false, "inq-7"), " inq-10");
    assert_string_equal(walk("task", false, NULL), "");
    assert_string_equal(walk("task", true, NULL), "");
}

static void the_living_are_counted(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    put(county("cty-05", "Östergötlands län"));
    put(county("cty-05", "Östergötland"));
    apply_one(1000, "cty-18", NULL);
    store_txn_t *txn = store_read(store);
    assert_int_equal(records_count(txn, schema_kind("county")), 1);
    assert_int_equal(records_count(txn, schema_kind("inquiry")), 0);
    record_id_t id = id_of_text("cty-05");
    assert_int_equal(records_revision(txn, &id), 3);
    store_abort(&txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(every_type_comes_back),
        FIXTURE_TEST(what_is_not_there_is_nothing),
        FIXTURE_TEST(codes_are_told_apart),
        FIXTURE_TEST(a_damaged_byte_is_never_served),
        FIXTURE_TEST(bytes_under_another_key_do_not_hold),
        FIXTURE_TEST(a_kind_is_walked_both_ways),
        FIXTURE_TEST(the_living_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

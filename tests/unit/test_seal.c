#include "store_fixture.h"

#include "journal.h"
#include "txn.h"

#include <errno.h>

static const field_t *field_of(const char *kind, const char *name)
{
    return kind_field(schema_kind(kind), name);
}

static record_t *read_opened(const char *id_text)
{
    record_id_t id = id_of_text(id_text);
    store_txn_t *txn = store_read(store);
    record_t *record = records_get(txn, &id, arena);
    assert_non_null(record);
    seal_open(txn, record, FIELD_MASK_ALL, arena);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
    return record;
}

static record_t *read_sealed(const char *id_text)
{
    record_id_t id = id_of_text(id_text);
    store_txn_t *txn = store_read(store);
    record_t *record = records_get(txn, &id, arena);
    store_abort(&txn);
    return record;
}

static void what_is_personal_is_known(void **state)
{
    (void)state;
    value_t text = value_text("broker@example.se"), firm = value_text("5560360793"),
            trader = value_text("8105134001"), sealed = value_bytes(arena_alloc(arena, 100), 100),
            key = value_bytes(arena_alloc(arena, 32), 32);
    assert_true(seal_is_personal(field_of("person", "email"), &text));
    assert_false(seal_is_personal(field_of("organisation", "email"), &text));
    assert_false(seal_is_personal(field_of("organisation", "number"), &firm));
    assert_true(seal_is_personal(field_of("organisation", "number"), &trader));
    assert_true(seal_is_personal(field_of("organisation", "number"), &sealed));
    assert_false(seal_is_personal(field_of("key", "public_key"), &key));
    assert_false(seal_is_sealed(field_of("key", "public_key"), &key));
    assert_true(seal_is_sealed(field_of("person", "email"), &sealed));
    assert_false(seal_is_sealed(field_of("person", "email"), &text));
}

static void personal_fields_are_sealed_and_open_again(void **state)
{
    (void)state;
    put(person("per-1", "Anställd vid lärcentrum"));
    record_t *sealed = read_sealed("per-1");
    assert_int_equal(record_get(sealed, "name")->form, VALUE_BYTES);
    assert_int_equal(record_get(sealed, "email")->form, VALUE_BYTES);
    assert_string_equal(record_get_text(sealed, "organisation"), "org-1");
    assert_int_equal(record_get(sealed, "phone")->form, VALUE_ABSENT);
    reopen();
    record_t *opened = read_opened("per-1");
    assert_string_equal(record_get_text(opened, "name"), "Anställd vid lärcentrum");
    assert_string_equal(record_get_text(opened, "email"), "broker@example.se");
}

/* What is written about a person is sealed too, though its class lets others see it. */
static void text_about_a_person_is_sealed(void **state)
{
    (void)state;
    record_t *record = person("per-1", "Namn");
    record_set(record, "notes", value_text("Hör dåligt"));
    put(record);
    put(record_with("org-1", "name", "Firma", "notes", "Hör till kedjan", NULL));
    assert_false(file_holds("record.mdb", "Hör dåligt"));
    assert_true(file_holds("record.mdb", "Hör till kedjan"));
    assert_string_equal(record_get_text(read_opened("per-1"), "notes"), "Hör dåligt");
    const field_t *notes = field_of("person", "notes"), *name = field_of("person", "name");
    field_mask_t mask = seal_mask(record);
    assert_true(mask >> notes->index & 1);
    assert_true(mask >> name->index & 1);
    assert_false(mask >> field_of("person", "organisation")->index & 1);
}

static void only_the_fields_asked_for_are_opened(void **state)
{
    (void)state;
    put(person("per-1", "Namn"));
    record_t *record = read_sealed("per-1");
    store_txn_t *txn = store_read(store);
    seal_open(txn, record, (field_mask_t)1 << field_of("person", "email")->index, arena);
    store_abort(&txn);
    assert_string_equal(record_get_text(record, "email"), "broker@example.se");
    assert_int_equal(record_get(record, "name")->form, VALUE_BYTES);
}

static void nothing_on_disk_has_the_clear_text(void **state)
{
    (void)state;
    put(person("per-1", "Hemligt Namnsson"));
    put(record_with("org-1", "name", "Enskild firma", "number", "8105134001", NULL));
    store_close(&store);
    assert_false(file_holds("record.mdb", "Hemligt"));
    assert_false(file_holds("record.mdb", "broker@example.se"));
    assert_false(file_holds("record.mdb", "8105134001"));
    assert_true(file_holds("record.mdb", "Enskild firma"));
    assert_true(file_holds("person.keys", "per-1"));
    assert_true(file_holds("person.keys", "org-1"));
}

static void sealed_fields_stay_as_they_are(void **state)
{
    (void)state;
    put(person("per-1", "Namn"));
    record_t *changed = read_sealed("per-1");
    value_t old_name = *record_get(changed, "name");
    record_set(changed, "email", value_text("other@example.se"));
    put(changed);
    record_t *after = read_sealed("per-1");
    assert_true(value_equal(record_get(after, "name"), &old_name));
    assert_string_equal(record_get_text(read_opened("per-1"), "email"), "other@example.se");
}

static void equal_texts_seal_unequally(void **state)
{
    (void)state;
    put(person("per-1", "Namn"));
    put(person("per-2", "Namn"));
    record_t *one = read_sealed("per-1"), *two = read_sealed("per-2");
    assert_false(value_equal(record_get(one, "name"), record_get(two, "name")));
    value_t first = *record_get(one, "name");
    put(person("per-1", "Namn"));
    assert_false(value_equal(record_get(read_sealed("per-1"), "name"), &first));
}

static void sealed_bytes_open_in_their_own_place_alone(void **state)
{
    (void)state;
    put(person("per-1", "Namn"));
    record_t *record = read_sealed("per-1");
    record_set(record, "email", *record_get(record, "name"));
    value_t whole = *record_get(record, "name");
    unsigned char *bytes = arena_copy(arena, whole.bytes, whole.size);
    bytes[whole.size - 1] ^= 1;
    record_set(record, "name", value_bytes(bytes, whole.size));
    store_txn_t *txn = store_read(store);
    seal_open(txn, record, FIELD_MASK_ALL, arena);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
    assert_int_equal(record_get(record, "email")->form, VALUE_ABSENT);
    assert_int_equal(record_get(record, "name")->form, VALUE_ABSENT);
}

static void bytes_that_are_no_seal_do_no_harm(void **state)
{
    (void)state;
    put(person("per-1", "Namn"));
    value_t whole = *record_get(read_sealed("per-1"), "name");
    store_txn_t *txn = store_read(store);
    for (size_t size = 0; size < whole.size; size++) {
        record_t *record = record_new(arena, schema_kind("person"));
        record->id = id_of_text("per-1");
        record_set(record, "name",
                   value_bytes(size ? arena_copy(arena, whole.bytes, size) : "", size));
        seal_open(txn, record, FIELD_MASK_ALL, arena);
        assert_int_equal(record_get(record, "name")->form, VALUE_ABSENT);
    }
    store_abort(&txn);
}

static void a_forgotten_key_forgets_the_data_now_and_then(void **state)
{
    (void)state;
    put(person("per-1", "Ett"));
    put(person("per-2", "Två"));
    record_id_t one = id_of_text("per-1");
    unsigned char key[KEYRING_KEY_SIZE];
    assert_true(keyring_find(store->keyring, &one, key));
    assert_true(file_holds_bytes("person.keys", key, sizeof key));
    assert_int_equal(seal_forget(store, &one), 0);
    for (unsigned round = 0; round < 2; round++) {
        record_t *erased = read_opened("per-1");
        assert_int_equal(record_get(erased, "name")->form, VALUE_ABSENT);
        assert_string_equal(record_get_text(erased, "organisation"), "org-1");
        assert_string_equal(record_get_text(read_opened("per-2"), "name"), "Två");
        store_txn_t *txn = store_read(store);
        record_t *past = store_record_at(txn, &one, 1, arena);
        seal_open(txn, past, FIELD_MASK_ALL, arena);
        assert_int_equal(record_get(past, "name")->form, VALUE_ABSENT);
        store_abort(&txn);
        assert_false(file_holds_bytes("person.keys", key, sizeof key));
        reopen();
    }
}

static void a_new_key_does_not_open_the_old(void **state)
{
    (void)state;
    put(person("per-1", "Ett"));
    record_id_t one = id_of_text("per-1");
    assert_int_equal(seal_forget(store, &one), 0);
    record_t *changed = read_sealed("per-1");
    record_set(changed, "email", value_text("new@example.se"));
    put(changed);
    reopen();
    record_t *opened = read_opened("per-1");
    assert_int_equal(record_get(opened, "name")->form, VALUE_ABSENT);
    assert_string_equal(record_get_text(opened, "email"), "new@example.se");
}

static void a_failed_transaction_seals_nothing(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    operation_t stale = {.before = county("cty-05", "Nowhere")};
    assert_int_equal(apply(txn, 1000, &stale, 1), 0);
    assert_null(seal_record(txn, person("per-1", "Namn"), arena));
    store_abort(&txn);
    assert_false(file_holds("person.keys", "per-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_is_personal_is_known),
        FIXTURE_TEST(personal_fields_are_sealed_and_open_again),
        FIXTURE_TEST(text_about_a_person_is_sealed),
        FIXTURE_TEST(only_the_fields_asked_for_are_opened),
        FIXTURE_TEST(nothing_on_disk_has_the_clear_text),
        FIXTURE_TEST(sealed_fields_stay_as_they_are),
        FIXTURE_TEST(equal_texts_seal_unequally),
        FIXTURE_TEST(sealed_bytes_open_in_their_own_place_alone),
        FIXTURE_TEST(bytes_that_are_no_seal_do_no_harm),
        FIXTURE_TEST(a_forgotten_key_forgets_the_data_now_and_then),
        FIXTURE_TEST(a_new_key_does_not_open_the_old),
        FIXTURE_TEST(a_failed_transaction_seals_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store_fixture.h"

#include "collation.h"
#include "index.h"
#include "key.h"
#include "txn.h"

#include <errno.h>

static const index_t *index_of(const char *kind, unsigned n_fields, const char *first,
                               const char *second)
{
    const char *fields[] = {first, second};
    const index_t *index = index_find(schema_kind(kind), fields, n_fields);
    assert_non_null(index);
    return index;
}

/* The ids that a scan gives, in order. */
static const char *walk_from(const char *kind, const index_t *index, const value_t *equal,
                             unsigned n_equal, bool descending, const value_t *after_values,
                             const char *after_id)
{
    store_txn_t *txn = store_read(store);
    index_scan_t *scan =
        index_scan(txn, schema_kind(kind), index, equal, n_equal, descending, arena);
    if (after_id) {
        record_id_t id = id_of_text(after_id);
        index_seek_after(scan, after_values, &id);
    }
    const char *seen = "";
    record_id_t id;
    while (index_next(scan, &id))
        seen = arena_format(arena, "%s %s", seen, id.text);
    assert_false(index_next(scan, &id));
    assert_int_equal(store_failed(txn), 0);
    index_scan_end(&scan);
    store_abort(&txn);
    return seen;
}

static const char *walk(const char *kind, const index_t *index, const value_t *equal,
                        unsigned n_equal, bool descending)
{
    return walk_from(kind, index, equal, n_equal, descending, NULL, NULL);
}

static const char *equal_to(const char *kind, const char *field, const char *text)
{
    value_t value = value_text(text);
    return walk(kind, index_of(kind, 1, field, NULL), &value, 1, false);
}

static size_t entries(void)
{
    store_txn_t *txn = store_read(store);
    size_t count = db_entries(store_db(txn), DB_INDEX);
    store_abort(&txn);
    return count;
}

static record_t *inquiry(const char *id, const char *of_municipality, const char *in_state)
{
    return record_with(id, "title", "t", "municipality", of_municipality, "state", in_state, NULL);
}

static void the_alphabet_is_swedish(void **state)
{
    (void)state;
    static const char *const names[] = {"Arboga",     "arvika", "Örebro", "Åmål",   "Ängelholm",
                                        "Zinkgruvan", "Wäse",   "Visby",  "Älmhult"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        put(municipality(arena_format(arena, "mun-%u", i), names[i], "cty-05"));
    const index_t *index = index_of("municipality", 1, "name", NULL);
    /* Arboga arvika Visby Wäse Zinkgruvan Åmål Älmhult Ängelholm Örebro */
    assert_string_equal(walk("municipality", index, NULL, 0, false),
                        " mun-0 mun-1 mun-7 mun-6 mun-5 mun-3 mun-8 mun-4 mun-2");
    assert_string_equal(walk("municipality", index, NULL, 0, true),
                        " mun-2 mun-4 mun-8 mun-3 mun-5 mun-6 mun-7 mun-1 mun-0");
}

static void numbers_sort_as_numbers(void **state)
{
    (void)state;
    static const int64_t values[] = {10, -5, 9, 0, INT64_MAX};
    for (unsigned i = 0; i < 5; i++) {
        record_t *record = record_with(arena_format(arena, "key-%u", i + 1), "user", "usr-1", NULL);
        record_set(record, "created", value_integer(values[i]));
        put(record);
    }
    const field_t *field = kind_field(schema_kind("key"), "created");
    value_t a = value_integer(-5), b = value_integer(9);
    assert_true(index_compare(field, &a, &b) < 0);
    assert_true(index_compare(field, &value_absent, &a) < 0);
    assert_int_equal(index_compare(field, &b, &b), 0);
}

static void equal_values_are_found_and_newest_comes_first(void **state)
{
    (void)state;
    put(inquiry("inq-1", "mun-1880", "new"));
    put(inquiry("inq-2", "mun-0583", "new"));
    put(inquiry("inq-9", "mun-1880", "closed"));
    put(inquiry("inq-10", "mun-1880", "new"));
    assert_string_equal(equal_to("inquiry", "municipality", "mun-1880"), " inq-1 inq-9 inq-10");
    assert_string_equal(equal_to("inquiry", "municipality", "mun-188"), "");
    assert_string_equal(equal_to("inquiry", "municipality", "mun-18800"), "");
    const index_t *both = index_of("inquiry", 2, "municipality", "state");
    value_t values[] = {value_text("mun-1880"), value_text("new")};
    assert_string_equal(walk("inquiry", both, values, 2, true), " inq-10 inq-1");
    assert_string_equal(walk("inquiry", both, values, 1, false), " inq-9 inq-1 inq-10");
    assert_string_equal(walk("inquiry", both, values, 1, true), " inq-10 inq-1 inq-9");
    assert_string_equal(walk("inquiry", both, NULL, 0, false), " inq-2 inq-9 inq-1 inq-10");
}

static void a_scan_goes_on_after_a_row(void **state)
{
    (void)state;
    put(inquiry("inq-1", "mun-1880", "new"));
    put(inquiry("inq-3", "mun-1880", "closed"));
    put(inquiry("inq-5", "mun-1880", "new"));
    put(inquiry("inq-7", "mun-0583", "new"));
    const index_t *both = index_of("inquiry", 2, "municipality", "state");
    value_t values[] = {value_text("mun-1880"), value_text("new")};
    assert_string_equal(walk_from("inquiry", both, values, 1, false, values, "inq-1"), " inq-5");
    assert_string_equal(walk_from("inquiry", both, values, 1, false, values, "inq-4"), " inq-5");
    assert_string_equal(walk_from("inquiry", both, values, 1, false, values, "inq-5"), "");
    assert_string_equal(walk_from("inquiry", both, values, 1, true, values, "inq-5"),
                        " inq-1 inq-3");
    assert_string_equal(walk_from("inquiry", both, NULL, 0, true, values, "inq-1"), " inq-3 inq-7");
}

static void the_absent_come_first_and_are_not_missed(void **state)
{
    (void)state;
    put(record_with("tsk-1", "what", "w", "about", "org-1", "due", "2026-01-02", NULL));
    put(record_with("tsk-2", "what", "w", "about", "org-1", NULL));
    put(record_with("tsk-3", "what", "w", "about", "org-1", "due", "2025-12-31", NULL));
    const index_t *index = index_of("task", 1, "due", NULL);
    assert_string_equal(walk("task", index, NULL, 0, false), " tsk-2 tsk-3 tsk-1");
    assert_string_equal(walk("task", index, &value_absent, 1, false), " tsk-2");
}

static const char *due_between(const char *from, const char *to, bool descending)
{
    store_txn_t *txn = store_read(store);
    index_scan_t *scan = index_scan(txn, schema_kind("task"), index_of("task", 1, "due", NULL),
                                    NULL, 0, descending, arena);
    value_t first = from ? value_text(from) : value_absent;
    value_t last = to ? value_text(to) : value_absent;
    index_bound(scan, &first, &last);
    const char *seen = "";
    record_id_t id;
    while (index_next(scan, &id))
        seen = arena_format(arena, "%s %s", seen, id.text);
    index_scan_end(&scan);
    store_abort(&txn);
    return seen;
}

static void a_range_has_both_its_ends_and_nobody_without_a_value(void **state)
{
    (void)state;
    static const char *const days[] = {"2026-01-02", "2025-12-31", "2026-01-01", "2026-01-02"};
    for (unsigned i = 0; i < 4; i++)
        put(record_with(arena_format(arena, "tsk-%u", i + 1), "what", "w", "about", "org-1", "due",
                        days[i], NULL));
    put(record_with("tsk-5", "what", "w", "about", "org-1", NULL));
    assert_string_equal(due_between("2026-01-01", "2026-01-02", false), " tsk-3 tsk-1 tsk-4");
    assert_string_equal(due_between("2026-01-01", "2026-01-02", true), " tsk-4 tsk-1 tsk-3");
    assert_string_equal(due_between(NULL, "2026-01-01", false), " tsk-2 tsk-3");
    assert_string_equal(due_between(NULL, "2026-01-01", true), " tsk-3 tsk-2");
    assert_string_equal(due_between("2026-01-02", NULL, false), " tsk-1 tsk-4");
    assert_string_equal(due_between("2026-01-02", NULL, true), " tsk-4 tsk-1");
    assert_string_equal(due_between("2026-01-03", NULL, true), "");
}

static void each_of_many_values_is_an_entry(void **state)
{
    (void)state;
    record_t *record = inquiry("inq-1", "mun-1880", "new");
    record_set(record, "areas", texts(3, "are-01", "are-0715", "are-01"));
    put(record);
    put(inquiry("inq-2", "mun-1880", "new"));
    assert_string_equal(equal_to("inquiry", "areas", "are-01"), " inq-1");
    assert_string_equal(equal_to("inquiry", "areas", "are-0715"), " inq-1");
    const index_t *index = index_of("inquiry", 1, "areas", NULL);
    assert_string_equal(walk("inquiry", index, NULL, 0, false), " inq-1 inq-1");

    record = inquiry("inq-1", "mun-1880", "new");
    record_set(record, "areas", texts(1, "are-01"));
    put(record);
    assert_string_equal(equal_to("inquiry", "areas", "are-01"), " inq-1");
    assert_string_equal(equal_to("inquiry", "areas", "are-0715"), "");
    record_set(record, "areas", value_list(NULL, 0));
    put(record);
    assert_string_equal(walk("inquiry", index, NULL, 0, false), "");
}

/* Half of the fields that refer do not: an entry that says so serves nobody, but in an
   index with others it keeps the record in its place. */
static void what_refers_to_nothing_has_no_entry_of_its_own(void **state)
{
    (void)state;
    put(inquiry("inq-1", "mun-1880", "new"));
    const index_t *broker = index_of("inquiry", 1, "broker", NULL);
    assert_string_equal(walk("inquiry", broker, NULL, 0, false), "");
    put(record_with("inq-1", "title", "t", "state", "new", "broker", "usr-1", NULL));
    assert_string_equal(walk("inquiry", broker, NULL, 0, false), " inq-1");
    value_t values[] = {value_absent, value_text("new")};
    assert_string_equal(
        walk("inquiry", index_of("inquiry", 2, "municipality", "state"), values, 2, false),
        " inq-1");
    assert_true(index_omits_absent(broker));
    assert_false(index_omits_absent(index_of("inquiry", 1, "state", NULL)));
    assert_false(index_omits_absent(index_of("inquiry", 2, "municipality", "state")));
}

/* Nearly all are not late. */
static void what_is_not_marked_has_no_entry(void **state)
{
    (void)state;
    const index_t *marked = index_of("inquiry", 1, "overdue", NULL);
    const index_t *there = index_of("inquiry", 2, "municipality", "overdue");
    record_t *record = inquiry("inq-1", "mun-1880", "new");
    put(record);
    assert_string_equal(walk("inquiry", marked, NULL, 0, false), "");
    assert_string_equal(walk("inquiry", there, NULL, 0, false), "");
    record_set(record, "overdue", value_boolean(true));
    put(record);
    assert_string_equal(walk("inquiry", marked, NULL, 0, false), " inq-1");
    value_t values[] = {value_text("mun-1880"), value_boolean(true)};
    assert_string_equal(walk("inquiry", there, values, 2, false), " inq-1");
    record_set(record, "overdue", value_absent);
    put(record);
    assert_string_equal(walk("inquiry", marked, NULL, 0, false), "");
    assert_true(index_omits_absent(marked) && index_omits_absent(there));
    /* People's yes or no is another thing. */
    assert_false(index_omits_absent(index_of("person", 1, "staff", NULL)));
}

static void old_entries_go_when_a_record_changes(void **state)
{
    (void)state;
    put(inquiry("inq-1", "mun-1880", "new"));
    size_t before = entries();
    put(inquiry("inq-1", "mun-0583", "new"));
    assert_int_equal(entries(), before);
    assert_string_equal(equal_to("inquiry", "municipality", "mun-1880"), "");
    assert_string_equal(equal_to("inquiry", "municipality", "mun-0583"), " inq-1");
    apply_one(1000, "inq-1", NULL);
    assert_int_equal(entries(), 0);
}

static void sealed_values_have_no_entry(void **state)
{
    (void)state;
    put(record_with("org-1", "name", "Firma", "number", "5560360793", NULL));
    put(record_with("org-2", "name", "Enskild", "number", "8105134001", NULL));
    assert_string_equal(equal_to("organisation", "number", "5560360793"), " org-1");
    assert_string_equal(equal_to("organisation", "number", "8105134001"), "");
    const index_t *index = index_of("organisation", 1, "number", NULL);
    assert_string_equal(walk("organisation", index, NULL, 0, false), " org-1");
}

static void long_text_is_cut_and_kept_apart_from_others(void **state)
{
    (void)state;
    char *name = arena_alloc(arena, 4 * 120 + 1);
    for (unsigned i = 0; i < 120; i++)
        memcpy(name + 4 * i, "\xf0\x9f\x9a\x82", 4); /* four bytes a character */
    put(record_with("are-1234567890-1234567890-1234567890-1234567", "name_sv", name, "name_en",
                    name, NULL));
    assert_string_equal(equal_to("area", "name_sv", name),
                        " are-1234567890-1234567890-1234567890-1234567");
    const kind_t *organisation = schema_kind("organisation");
    for (size_t i = 0; i < organisation->n_indexes; i++)
        if (organisation->indexes[i].n_fields > 1)
            assert_non_null(organisation->indexes[i].fields[1]);
    put(record_with("org-1", "name", name, "municipality", "mun-1880", "folded_name", name, NULL));
    value_t values[] = {value_text("mun-1880"), value_text(name)};
    assert_string_equal(walk("organisation",
                             index_of("organisation", 2, "municipality", "folded_name"), values, 2,
                             false),
                        " org-1");
}

static void lists_compare_item_by_item(void **state)
{
    (void)state;
    const field_t *field = kind_field(schema_kind("person"), "expertise");
    value_t a = texts(2, "Alfa", "Åsa"), b = texts(2, "alfa", "Ärla"), c = texts(1, "Alfa");
    assert_true(index_compare(field, &a, &a) == 0);
    assert_true(index_compare(field, &a, &c) > 0);
    assert_true(index_compare(field, &b, &a) != 0);
    const field_t *name = kind_field(schema_kind("county"), "name");
    value_t lower = value_text("Ängelholm"), upper = value_text("Åmål");
    assert_true(index_compare(name, &lower, &upper) > 0);
}

static void who_refers_is_found_in_every_kind(void **state)
{
    (void)state;
    put(county("cty-05", "Östergötlands län"));
    put(municipality("mun-0583", "Motala", "cty-05"));
    put(municipality("mun-1880", "Örebro", "cty-18"));
    put(record_with("org-1", "name", "Firma", "county", "cty-05", NULL));
    put(record_with("tsk-1", "what", "ring", "about", "cty-05", NULL));
    record_id_t id = id_of_text("cty-05"), from;
    const field_t *field;
    store_txn_t *txn = store_read(store);
    referrer_scan_t *scan = referrer_scan(txn, &id, arena);
    const char *seen = "";
    while (referrer_next(scan, &from, &field))
        seen = arena_format(arena, "%s %s.%s", seen, from.text, field->name);
    referrer_scan_end(&scan);
    assert_string_equal(seen, " mun-0583.county org-1.county tsk-1.about");
    record_id_t lonely = id_of_text("org-1");
    scan = referrer_scan(txn, &lonely, arena);
    assert_false(referrer_next(scan, &from, &field));
    referrer_scan_end(&scan);
    store_abort(&txn);
}

static void indexes_are_made_anew_when_the_list_differs(void **state)
{
    (void)state;
    put(inquiry("inq-1", "mun-1880", "new"));
    put(county("cty-05", "Östergötlands län"));
    size_t count = entries();
    store_txn_t *txn = store_write(store);
    db_empty(store_db(txn), DB_INDEX);
    meta_write(store_db(txn), "collation", "????", 4);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(entries(), 0);
    reopen();
    assert_int_equal(entries(), count);
    assert_string_equal(equal_to("inquiry", "municipality", "mun-1880"), " inq-1");

    txn = store_write(store);
    db_empty(store_db(txn), DB_INDEX);
    meta_write(store_db(txn), "indexes", "other", 5);
    assert_int_equal(store_commit(&txn), 0);
    reopen();
    assert_int_equal(entries(), count);
    /* And once made they are left alone. */
    txn = store_write(store);
    db_empty(store_db(txn), DB_INDEX);
    assert_int_equal(store_commit(&txn), 0);
    reopen();
    assert_int_equal(entries(), 0);
}

static void an_index_is_found_by_all_of_its_fields(void **state)
{
    (void)state;
    const char *fields[] = {"municipality", "state", "created"};
    const kind_t *kind = schema_kind("inquiry");
    assert_non_null(index_find(kind, fields, 1));
    assert_non_null(index_find(kind, fields, 2));
    assert_null(index_find(kind, fields, 3));
    assert_ptr_not_equal(index_find(kind, fields, 1), index_find(kind, fields, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_alphabet_is_swedish),
        FIXTURE_TEST(numbers_sort_as_numbers),
        FIXTURE_TEST(equal_values_are_found_and_newest_comes_first),
        FIXTURE_TEST(a_scan_goes_on_after_a_row),
        FIXTURE_TEST(a_range_has_both_its_ends_and_nobody_without_a_value),
        FIXTURE_TEST(what_is_not_marked_has_no_entry),
        FIXTURE_TEST(what_refers_to_nothing_has_no_entry_of_its_own),
        FIXTURE_TEST(the_absent_come_first_and_are_not_missed),
        FIXTURE_TEST(each_of_many_values_is_an_entry),
        FIXTURE_TEST(old_entries_go_when_a_record_changes),
        FIXTURE_TEST(sealed_values_have_no_entry),
        FIXTURE_TEST(long_text_is_cut_and_kept_apart_from_others),
        FIXTURE_TEST(lists_compare_item_by_item),
        FIXTURE_TEST(who_refers_is_found_in_every_kind),
        FIXTURE_TEST(indexes_are_made_anew_when_the_list_differs),
        FIXTURE_TEST(an_index_is_found_by_all_of_its_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store_fixture.h"

#include "key.h"
#include "reads.h"
#include "replay.h"
#include "requests.h"
#include "txn.h"

#include <dirent.h>
#include <time.h>

static const char *findings; /* what the last check printed */

/* Check the stored store and open it again. */
static int check(void)
{
    store_close(&store);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int found = replay_check(directory, out);
    fclose(out);
    findings = arena_text(arena, text);
    free(text);
    if (found != 0)
        print_message("%s", findings);
    store = open_it(false, false);
    return found;
}

static bool says(const char *text)
{
    return strstr(findings, text) != NULL;
}

static void apply_with_request(const char *id_text, const record_t *after, uint64_t id_time_ms)
{
    unsigned char id[16];
    request_id_make(id, id_time_ms, (const unsigned char[10]){1, 2, 3});
    record_id_t record_id = id_of_text(id_text);
    store_txn_t *txn = store_write(store);
    operation_t operation = {.before = records_get(txn, &record_id, arena),
                             .after = after ? seal_record(txn, after, arena) : NULL};
    batch_t batch = {.time_ms = id_time_ms,
                     .actor = "usr-1",
                     .as = "usr-2",
                     .request_id = id,
                     .arguments_hash = "hash",
                     .operations = &operation,
                     .n_operations = 1};
    assert_int_not_equal(store_apply(txn, &batch), 0);
    assert_int_equal(store_commit(&txn), 0);
}

static uint64_t now_ms(void)
{
    return (uint64_t)time(NULL) * 1000u;
}

static int setup(void **state)
{
    int status = fixture_setup(state);
    put(county("cty-05", "Östergötlands län"));
    put(municipality("mun-0583", "Motala", "cty-05"));
    put(record_with("org-1", "name", "Lärcentrum", "municipality", "mun-0583", NULL));
    put(person("per-1", "Namn"));
    record_t *inquiry = record_with("inq-1", "title", "CAD", "municipality", "mun-0583", NULL);
    record_set(inquiry, "created", value_integer(1000));
    put(inquiry);
    put(record_with("inq-2", "title", "Svets", "municipality", "mun-0583", NULL));
    apply_with_request("inq-2", NULL, now_ms());
    apply_with_request("inq-3", record_with("inq-3", "title", "Truck", NULL), now_ms() + 1);
    record_t *first = county("cty-18", "First"), *second = county("cty-18", "Second");
    store_txn_t *txn = store_write(store);
    operation_t twice[] = {{.after = first},
                           {.before = first, .after = second},
                           {.after = county("cty-03", "Gone")},
                           {.before = county("cty-03", "Gone")}};
    assert_int_not_equal(apply(txn, now_ms() + 2, twice, 4), 0);
    reads_append(txn, &(read_t){.time_ms = 1,
                                .user = "usr-1",
                                .command = "get",
                                .purpose = "contact",
                                .subjects = (const char *const[]){"per-1", NULL}});
    assert_int_equal(store_commit(&txn), 0);
    return status;
}

static db_view_t key_of_id(db_key_t *key, const char *id_text)
{
    record_id_t id = id_of_text(id_text);
    key_start(key);
    key_add_id(key, &id);
    return key_view(key);
}

static db_view_t key_of_revision(db_key_t *key, uint64_t revision)
{
    key_start(key);
    key_add_u64(key, revision);
    return key_view(key);
}

/* Change one byte of a value, counted from its end. */
static void flip(db_name_t database, db_view_t key, size_t from_end)
{
    store_txn_t *txn = store_write(store);
    db_view_t value;
    assert_true(db_get(store_db(txn), database, key, &value));
    unsigned char *bytes = arena_copy(arena, value.data, value.size);
    bytes[value.size - 1 - from_end] ^= 1;
    db_put(store_db(txn), database, key, (db_view_t){.data = bytes, .size = value.size});
    assert_int_equal(store_commit(&txn), 0);
}

static void take_away(db_name_t database, db_view_t key)
{
    store_txn_t *txn = store_write(store);
    assert_true(db_delete(store_db(txn), database, key));
    assert_int_equal(store_commit(&txn), 0);
}

static void slip_in(db_name_t database, db_view_t key, db_view_t value)
{
    store_txn_t *txn = store_write(store);
    db_put(store_db(txn), database, key, value);
    assert_int_equal(store_commit(&txn), 0);
}

static void a_sound_store_has_no_findings_and_nothing_is_left(void **state)
{
    (void)state;
    assert_int_equal(check(), 0);
    assert_string_equal(findings, "");
    DIR *listing = opendir(directory);
    struct dirent *entry;
    while ((entry = readdir(listing)))
        assert_null(strstr(entry->d_name, "check"));
    closedir(listing);
}

static void an_empty_store_is_sound(void **state)
{
    (void)state;
    assert_int_equal(check(), 0);
}

static void it_works_beside_a_writer(void **state)
{
    (void)state;
    /* Another process would hold the lock: here only the read transaction lasts. */
    store_close(&store);
    store = open_it(false, true);
    assert_non_null(store);
    store_close(&store);
    assert_int_equal(check(), 0);
}

static void a_directory_without_a_store_is_no_finding(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(replay_check(in_directory("nowhere"), out), -1);
    fclose(out);
    assert_non_null(strstr(text, "no store here"));
    free(text);
}

static void a_damaged_record_is_named(void **state)
{
    (void)state;
    db_key_t key;
    flip(DB_RECORDS, key_of_id(&key, "inq-1"), 3);
    assert_int_equal(check(), 2);
    assert_true(says("records: inq-1: damaged"));
    assert_true(says("records: inq-1: not what the journal gives"));
}

static void a_missing_record_is_named(void **state)
{
    (void)state;
    db_key_t key;
    take_away(DB_RECORDS, key_of_id(&key, "cty-05"));
    assert_int_equal(check(), 2);
    assert_true(says("records: cty-05: missing"));
    assert_true(says("records: mun-0583: county refers to cty-05, which is not there"));
}

static void a_record_too_many_is_named(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    arena_reset(store_scratch(txn));
    records_put(txn, record_with("inq-9", "title", "Slipped in", NULL), 3);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 1);
    assert_true(says("records: inq-9: the journal gives no such entry"));
}

static void a_reference_to_nothing_is_named(void **state)
{
    (void)state;
    /* Refused by the daemon; storage runs no rules. */
    put(record_with("tsk-1", "what", "ring", "about", "inq-99", NULL));
    assert_int_equal(check(), 1);
    assert_true(says("records: tsk-1: about refers to inq-99, which is not there"));
}

/* In every page above the leaves, as LMDB lays it out, turn a bit of the second key. */
static unsigned change_branches(void)
{
    enum { PAGE_SIZE_OF_LMDB = 4096, FLAGS_AT = 10, NODES_AT = 16, BRANCH = 1, KEY_AT = 8 };
    unsigned char page[PAGE_SIZE_OF_LMDB];
    unsigned changed = 0;
    FILE *file = fopen(in_directory("record.mdb"), "r+b");
    assert_non_null(file);
    for (long at = 0; fread(page, sizeof page, 1, file) == 1; at += (long)sizeof page) {
        uint16_t flags, node;
        memcpy(&flags, page + FLAGS_AT, sizeof flags);
        memcpy(&node, page + NODES_AT + sizeof node, sizeof node);
        if (flags != BRANCH)
            continue;
        fseek(file, at + node + KEY_AT, SEEK_SET);
        fputc(page[node + KEY_AT] ^ 0x80, file);
        fseek(file, at + (long)sizeof page, SEEK_SET);
        changed++;
    }
    fclose(file);
    return changed;
}

/* A walk from leaf to leaf would not notice. */
static void what_is_not_found_by_its_key_is_named(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 200; i++)
        put(county(arena_format(arena, "cty-x%u", i), "Name"));
    store_close(&store);
    assert_true(change_branches() > 0);
    assert_true(check() > 0);
    assert_true(says(": not found by its key"));
}

static void a_changed_journal_breaks_the_chain(void **state)
{
    (void)state;
    db_key_t key;
    /* In the name of revision 1: its entry reads well, but the next one's hash and
       the records do not fit it. */
    flip(DB_JOURNAL, key_of_revision(&key, 1), 0);
    assert_true(check() >= 2);
    assert_true(says("journal: revision 2: holds another hash"));
    assert_false(says("journal: revision 3"));
    assert_true(says("records: cty-05: not what the journal gives"));
}

static void a_changed_last_entry_is_seen_by_the_head(void **state)
{
    (void)state;
    put(county("cty-99", "Last"));
    db_key_t key;
    flip(DB_JOURNAL, key_of_revision(&key, 10), 0);
    assert_true(check() >= 1);
    assert_true(says("meta: head: another hash"));
}

static void an_unreadable_entry_is_named(void **state)
{
    (void)state;
    db_key_t key;
    store_txn_t *txn = store_write(store);
    db_view_t value;
    assert_true(db_get(store_db(txn), DB_JOURNAL, key_of_revision(&key, 3), &value));
    void *copy = arena_copy(arena, value.data, value.size);
    db_put(store_db(txn), DB_JOURNAL, key_view(&key),
           (db_view_t){.data = copy, .size = value.size - 1});
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 1);
    assert_true(says("journal: revision 3: cannot be read"));
}

static void a_gap_in_the_journal_is_named(void **state)
{
    (void)state;
    db_key_t key;
    take_away(DB_JOURNAL, key_of_revision(&key, 4));
    assert_int_equal(check(), 1);
    assert_true(says("journal: revision 4 is missing"));
}

static void a_cut_journal_is_seen_by_the_head(void **state)
{
    (void)state;
    db_key_t key;
    take_away(DB_JOURNAL, key_of_revision(&key, 9));
    assert_int_equal(check(), 1);
    assert_true(says("meta: head: revision 9, but the journal ends at 8"));
}

static void history_is_compared(void **state)
{
    (void)state;
    db_key_t key;
    key_of_id(&key, "inq-1");
    key_add_u64(&key, 5);
    take_away(DB_HISTORY, key_view(&key));
    key_of_id(&key, "inq-1");
    key_add_u64(&key, 6);
    slip_in(DB_HISTORY, key_view(&key), (db_view_t){.data = ""});
    assert_int_equal(check(), 2);
    assert_true(says("history: inq-1 at revision 5: missing"));
    assert_true(says("history: inq-1 at revision 6: the journal gives no such entry"));
}

static void index_entries_are_compared_without_their_values(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(txn), DB_INDEX);
    assert_true(db_cursor_last(&cursor));
    db_key_t stray = {.size = cursor.key.size};
    memcpy(stray.bytes, cursor.key.data, cursor.key.size);
    stray.bytes[stray.size - 1]++;
    db_cursor_delete(&cursor);
    db_cursor_end(&cursor);
    db_put(store_db(txn), DB_INDEX, key_view(&stray), (db_view_t){.data = ""});
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 2);
    assert_true(says("index: inquiry by "));
    assert_true(says(": missing, the journal gives it"));
    assert_true(says(": the journal gives no such entry"));
    assert_false(says("mun-0583"));
}

static void put_waiting(void)
{
    put(record_with("inq-5", "title", "CAD", "municipality", "mun-0583", "state", "waiting",
                    "waiting_until", "2026-04-01", NULL));
}

static void what_is_due_is_compared(void **state)
{
    (void)state;
    static const char stray[] = "2026-04-02";
    put_waiting();
    assert_int_equal(check(), 0);
    store_txn_t *txn = store_write(store);
    db_empty(store_db(txn), DB_DUE);
    assert_int_equal(store_commit(&txn), 0);
    slip_in(DB_DUE, (db_view_t){.data = stray, .size = sizeof stray}, (db_view_t){.data = ""});
    assert_int_equal(check(), 2);
    assert_true(says("due: inq-5, waiting_until on 2026-04-01: missing, the journal gives it"));
    assert_true(says("due: a key of 11 bytes that is none: the journal gives no such entry"));
}

static void young_requests_are_compared_and_old_ones_may_go(void **state)
{
    (void)state;
    apply_with_request("inq-4", record_with("inq-4", "title", "t", NULL), 5);
    store_txn_t *txn = store_write(store);
    assert_int_equal(requests_prune(txn, now_ms(), 10), 1);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 0);
    txn = store_write(store);
    db_empty(store_db(txn), DB_REQUESTS);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 2);
    assert_true(says("requests: a request of usr-1: missing"));
}

static void counters_are_compared(void **state)
{
    (void)state;
    meta_kind_t counts = {.last_number = 77, .live = 5};
    store_txn_t *txn = store_write(store);
    meta_write_kind(store_db(txn), schema_kind("inquiry"), &counts);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 2);
    assert_true(says("meta: inquiry: last number 77, the journal gives 3"));
    assert_true(says("meta: inquiry: 5 records, the journal gives 2"));
}

static void a_row_of_reads_that_is_none_is_named(void **state)
{
    (void)state;
    db_key_t key;
    key_start(&key);
    key_add_u64(&key, 1);
    key_add_u64(&key, 9);
    slip_in(DB_READS, key_view(&key), (db_view_t){.data = "\xff", .size = 1});
    assert_int_equal(check(), 1);
}

static void many_findings_are_counted_and_not_all_printed(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    for (uint64_t i = 1; i <= 150; i++) {
        db_key_t key;
        key_of_id(&key, "inq-1");
        key_add_u64(&key, 1000 + i);
        db_put(store_db(txn), DB_HISTORY, key_view(&key), (db_view_t){.data = ""});
    }
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 150);
    assert_true(says("history: and 50 more"));
}

static void an_index_of_another_time_is_no_finding(void **state)
{
    (void)state;
    put_waiting();
    store_txn_t *txn = store_write(store);
    db_empty(store_db(txn), DB_INDEX);
    db_empty(store_db(txn), DB_DUE);
    meta_write(store_db(txn), "collation", "????", 4);
    assert_int_equal(store_commit(&txn), 0);
    assert_int_equal(check(), 0);
    assert_true(says("note: the indexes will be made anew"));
    assert_int_equal(check(), 0);
    assert_string_equal(findings, "");
}

static void a_damaged_person_key_is_named(void **state)
{
    (void)state;
    store_close(&store);
    FILE *file = fopen(in_directory("person.keys"), "r+b");
    fseek(file, 16 + 60, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, 16 + 60, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
    assert_int_equal(check(), 3); /* it, and the two values that it would open */
    assert_true(says("person.keys: 1 damaged"));
}

/* Entries are held against what the records give, not against a replay of the same steps. */
static void an_index_keeps_up_with_changes(void **state)
{
    (void)state;
    record_t *inquiry = record_with("inq-4", "title", "CAD", "municipality", "mun-0583", NULL);
    put(inquiry);
    record_set(inquiry, "state", value_text("new")); /* the second field of an index alone */
    put(inquiry);
    put_waiting();
    put(record_with("inq-5", "title", "CAD", "municipality", "mun-0583", "state", "new", NULL));
    assert_int_equal(check(), 0);
}

/* Lost keys are not forgotten ones. */
static void a_seal_that_does_not_open_is_named(void **state)
{
    (void)state;
    record_id_t id = id_of_text("per-7");
    put(record_with("per-7", "name", "Handläggare", "organisation", "org-1", NULL));
    assert_int_equal(check(), 0);
    store_close(&store);
    char *path = arena_format(arena, "%s/person.keys", directory);
    char *kept = arena_format(arena, "%s/kept.keys", directory);
    assert_int_equal(rename(path, kept), 0);
    FILE *keys = fopen(path, "w");
    assert_int_equal(fwrite("samverk keys 1\n", 1, 16, keys), 16);
    fclose(keys);
    store = open_it(false, false);
    assert_true(check() > 0);
    assert_true(says("per-7: name does not open"));
    store_close(&store);
    assert_int_equal(rename(kept, path), 0);
    store = open_it(false, false);
    assert_int_equal(seal_forget(store, &id), 0);
    assert_int_equal(check(), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_sound_store_has_no_findings_and_nothing_is_left),
        FIXTURE_TEST(an_empty_store_is_sound),
        TEST(it_works_beside_a_writer),
        TEST(a_directory_without_a_store_is_no_finding),
        TEST(a_damaged_record_is_named),
        TEST(a_missing_record_is_named),
        TEST(a_record_too_many_is_named),
        TEST(a_reference_to_nothing_is_named),
        TEST(what_is_not_found_by_its_key_is_named),
        TEST(a_changed_journal_breaks_the_chain),
        TEST(a_changed_last_entry_is_seen_by_the_head),
        TEST(an_unreadable_entry_is_named),
        TEST(a_gap_in_the_journal_is_named),
        TEST(a_cut_journal_is_seen_by_the_head),
        TEST(history_is_compared),
        TEST(index_entries_are_compared_without_their_values),
        TEST(what_is_due_is_compared),
        TEST(young_requests_are_compared_and_old_ones_may_go),
        TEST(counters_are_compared),
        TEST(a_row_of_reads_that_is_none_is_named),
        TEST(many_findings_are_counted_and_not_all_printed),
        TEST(an_index_of_another_time_is_no_finding),
        TEST(a_damaged_person_key_is_named),
        TEST(an_index_keeps_up_with_changes),
        TEST(a_seal_that_does_not_open_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

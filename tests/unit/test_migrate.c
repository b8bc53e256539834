#include "store_fixture.h"

#include "backup_reader.h"
#include "journal.h"
#include "migrate.h"
#include "reads.h"
#include "replay.h"
#include "steps.h"
#include "txn.h"

#define NOW_MS UINT64_C(1795316400000)
#define STAMP "20261122T030000Z"

/* A format that never was, to have one before the first: its entries do not say for whom a
   service acted. This table takes the place of storage's own. */
static bool from_format_0(value_t *body, arena_t *into)
{
    if (body->form != VALUE_LIST || body->count != 4)
        return false;
    value_t *parts = arena_alloc(into, 5 * sizeof *parts);
    parts[0] = body->items[0];
    memcpy(parts + 2, body->items + 1, 3 * sizeof *parts);
    *body = value_list(parts, 5);
    return true;
}

const journal_step_t journal_steps[META_FORMAT] = {from_format_0};

static char why[512];
static char said[4096];

static bool migrate(bool dry_run)
{
    memset(said, 0, sizeof said);
    FILE *out = fmemopen(said, sizeof said - 1, "w");
    bool good = migrate_store(&(migrate_options_t){.directory = directory,
                                                   .dry_run = dry_run,
                                                   .map_size = (size_t)1 << 30,
                                                   .now_ms = NOW_MS},
                              out, why, sizeof why);
    fclose(out);
    if (!good)
        print_message("%s%s\n", said, why);
    assert_int_not_equal(access(in_directory("rebuild.new"), F_OK), 0);
    assert_int_not_equal(access(in_directory("rebuild.dry"), F_OK), 0);
    return good;
}

static void fill(void)
{
    put(record_with("org-1", "name", "Motala kommun, lärcentrum", NULL));
    put(person("per-1", "Ett"));
    put(person("per-1", "Annan"));
    store_txn_t *txn = store_write(store);
    reads_append(txn, &(read_t){.time_ms = 1000,
                                .user = "usr-1",
                                .command = "get",
                                .purpose = "a course",
                                .subjects = (const char *const[]){"per-1", NULL}});
    assert_int_equal(store_commit(&txn), 0);
}

/* A stored entry as format 0 would have it, after the entry with this hash. */
static db_view_t older(db_view_t value, const unsigned char previous[JOURNAL_HASH_SIZE])
{
    enum { BODY_AT = 42 };
    value_t body;
    error_t error = {0};
    void *bytes;
    size_t size;
    assert_true(wire_decode((const char *)value.data + BODY_AT, value.size - BODY_AT,
                            &wire_limits_stored, arena, &body, &error));
    value_t parts[4] = {body.items[0], body.items[2], body.items[3], body.items[4]};
    value_t list = value_list(parts, 4);
    wire_encode(&list, arena, &bytes, &size);
    unsigned char *entry = arena_alloc(arena, BODY_AT + size);
    memcpy(entry, value.data, BODY_AT);
    entry[1] = 0;
    memcpy(entry + 10, previous, JOURNAL_HASH_SIZE);
    memcpy(entry + BODY_AT, bytes, size);
    return (db_view_t){.data = entry, .size = BODY_AT + size};
}

/* Turn the store into one of format 0. */
static void age(void)
{
    unsigned char hash[JOURNAL_HASH_SIZE] = {0}, format = 0;
    store_txn_t *txn = store_write(store);
    meta_head_t head = *store_head_of(txn);
    for (uint64_t revision = 1; revision <= head.revision; revision++) {
        db_key_t key;
        db_view_t value;
        key_start(&key);
        key_add_u64(&key, revision);
        assert_true(db_get(store_db(txn), DB_JOURNAL, key_view(&key), &value));
        value = older(value, hash);
        db_put(store_db(txn), DB_JOURNAL, key_view(&key), value);
        journal_hash(value.data, value.size, hash);
    }
    memcpy(head.hash, hash, sizeof hash);
    store_set_head(txn, &head);
    meta_write(store_db(txn), "format", &format, 1);
    assert_int_equal(store_commit(&txn), 0);
    store_close(&store);
}

static void a_store_of_this_format_stays_as_it_is(void **state)
{
    (void)state;
    fill();
    store_close(&store);
    assert_true(migrate(false));
    assert_non_null(strstr(said, "this version's"));
    assert_null(strstr(said, "backup"));
    assert_int_not_equal(access(in_directory("record.mdb." STAMP), F_OK), 0);
    /* A dry run proves it nevertheless. */
    assert_true(migrate(true));
    assert_non_null(strstr(said, "proved: 3 revisions"));
}

static void an_older_store_is_not_served_and_says_what_helps(void **state)
{
    (void)state;
    fill();
    age();
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)1 << 30}, why,
                       sizeof why);
    assert_null(store);
    assert_non_null(strstr(why, "format 0"));
    assert_non_null(strstr(why, "samverkd migrate"));
}

static void a_dry_run_says_what_would_change_and_changes_nothing(void **state)
{
    (void)state;
    fill();
    age();
    assert_true(migrate(true));
    assert_non_null(strstr(said, "format: 0 to 1: 3 journal entries"));
    assert_non_null(strstr(said, "proved: 3 revisions"));
    assert_null(strstr(said, "backup"));
    store = open_it(false, false);
    assert_null(store);
}

static void an_older_store_is_stepped_up(void **state)
{
    (void)state;
    record_id_t one = id_of_text("per-1");
    fill();
    const char *epoch = arena_text(arena, store_epoch(store));
    age();
    assert_true(migrate(false));
    assert_non_null(strstr(said, "/record.mdb." STAMP));
    store = open_it(false, false);
    assert_non_null(store);
    assert_string_equal(store_epoch(store), epoch);
    assert_int_equal(store_began(store), 0);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 3);
    record_t *record = records_get(txn, &one, arena);
    seal_open(txn, record, FIELD_MASK_ALL, arena);
    assert_string_equal(record_get_text(record, "name"), "Annan");
    store_abort(&txn);
    assert_int_equal(replay_check(directory, stdout), 0);
    /* The backup that was made first holds it as it was, and is one to restore. */
    backup_reader_t *backup =
        backup_reader_open(in_directory("before-migrate." STAMP), why, sizeof why);
    assert_non_null(backup);
    assert_int_equal(backup_reader_about(backup)->format, 0);
    assert_int_equal(backup_reader_about(backup)->head, 3);
    backup_reader_close(&backup);
}

static void what_cannot_be_stepped_up_is_left(void **state)
{
    (void)state;
    fill();
    age();
    /* An entry that is none of format 0 either. */
    int status;
    db_t *db = db_open(in_directory("record.mdb"), (size_t)1 << 30, 0, &status);
    db_txn_t *txn = db_begin(db, NULL, true, &status);
    db_key_t key;
    db_view_t value;
    key_start(&key);
    key_add_u64(&key, 3);
    assert_true(db_get(txn, DB_JOURNAL, key_view(&key), &value));
    unsigned char *bytes = arena_copy(arena, value.data, value.size);
    bytes[42] = 0xc0;
    db_put(txn, DB_JOURNAL, key_view(&key), (db_view_t){.data = bytes, .size = 43});
    assert_int_equal(db_commit(&txn), 0);
    db_close(&db);
    assert_false(migrate(true));
    assert_string_equal(why, "revision 3 cannot be read");
    assert_false(migrate(false));
    assert_int_not_equal(access(in_directory("record.mdb." STAMP), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_store_of_this_format_stays_as_it_is),
        FIXTURE_TEST(an_older_store_is_not_served_and_says_what_helps),
        FIXTURE_TEST(a_dry_run_says_what_would_change_and_changes_nothing),
        FIXTURE_TEST(an_older_store_is_stepped_up),
        FIXTURE_TEST(what_cannot_be_stepped_up_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

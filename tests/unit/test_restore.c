#include "store_fixture.h"

#include "backup.h"
#include "backup_keys.h"
#include "keyring.h"
#include "reads.h"
#include "replay.h"
#include "requests.h"
#include "restore.h"
#include "txn.h"

#define NOW_MS UINT64_C(1795316400000)
#define MAP_SIZE ((size_t)1 << 30)

static char why[512];
static char said[4096];

static void back_up(void)
{
    backup_progress_t progress = {0};
    mkdir(in_directory("backups"), 0700);
    assert_true(backup_write(&(backup_options_t){.store = store,
                                                 .directory = in_directory("backups"),
                                                 .name = "one",
                                                 .progress = &progress},
                             why, sizeof why));
}

static void back_up_keys(void)
{
    const backup_secret_t secret = {"server.secret", "the server's\n", 13};
    assert_true(backup_keys_write(store, in_directory("backups"), &secret, 1, why, sizeof why));
}

/* Into `name` within the directory; "" the store's own place. */
static bool restore_into(const char *name)
{
    memset(said, 0, sizeof said);
    FILE *out = fmemopen(said, sizeof said - 1, "w");
    const char *file = in_directory("backups/one");
    bool good = restore_store(
        &(restore_options_t){
            .directory = in_directory(name), .file = file, .map_size = MAP_SIZE, .now_ms = NOW_MS},
        out, why, sizeof why);
    fclose(out);
    if (!good)
        print_message("%s%s\n", said, why);
    assert_int_not_equal(access(in_directory(arena_format(arena, "%s/rebuild.new", name)), F_OK),
                         0);
    return good;
}

static store_t *open_in(const char *name)
{
    store_t *opened = store_open(
        &(store_options_t){.directory = in_directory(name), .map_size = MAP_SIZE}, why, sizeof why);
    if (!opened)
        print_message("%s\n", why);
    assert_non_null(opened);
    return opened;
}

static const char *name_of(store_t *of, const char *id_text)
{
    record_id_t id = id_of_text(id_text);
    store_txn_t *txn = store_read(of);
    record_t *record = records_get(txn, &id, arena);
    if (record)
        seal_open(txn, record, FIELD_MASK_ALL, arena);
    store_abort(&txn);
    return record ? record_get_text(record, "name") : NULL;
}

static bool count_one(const read_t *read, void *context)
{
    ++*(unsigned *)context;
    return strcmp(read->purpose, "a course") == 0;
}

static const unsigned char *request_id(void)
{
    unsigned char *id = arena_alloc(arena, WIRE_REQUEST_ID_SIZE);
    request_id_make(id, NOW_MS, (const unsigned char *)"random 890");
    return id;
}

static void fill(void)
{
    put(record_with("org-1", "name", "Motala kommun, lärcentrum", NULL));
    put(person("per-1", "Ett"));
    put(person("per-2", "Två"));
    store_txn_t *txn = store_write(store);
    operation_t operation = {.after = county("cty-18", "Örebro län")};
    batch_t batch = {.time_ms = NOW_MS,
                     .actor = "usr-1",
                     .request_id = request_id(),
                     .operations = &operation,
                     .n_operations = 1};
    assert_int_equal(store_apply(txn, &batch), 4);
    reads_append(txn, &(read_t){.time_ms = 1000,
                                .user = "usr-1",
                                .command = "get",
                                .purpose = "a course",
                                .subjects = (const char *const[]){"per-1", NULL}});
    assert_int_equal(store_commit(&txn), 0);
}

static void an_empty_place_gets_all_of_it(void **state)
{
    (void)state;
    unsigned char hash[32];
    uint64_t revision = 0;
    unsigned reads = 0;
    fill();
    back_up();
    back_up_keys();
    assert_true(restore_into("fresh"));
    assert_non_null(strstr(said, "Östra Mellansverige, 4 revisions, 1 rows of reads"));
    assert_non_null(strstr(said, "server.secret is back"));
    assert_int_equal(access(in_directory("fresh/server.secret"), F_OK), 0);
    store_t *restored = open_in("fresh");
    assert_string_equal(store_region(restored), store_region(store));
    assert_string_not_equal(store_epoch(restored), store_epoch(store));
    assert_int_equal(store_began(restored), NOW_MS);
    assert_int_equal(store_began(store), 0);
    assert_string_equal(name_of(restored, "per-1"), "Ett");
    assert_string_equal(name_of(restored, "cty-18"), "Örebro län");
    store_txn_t *txn = store_read(restored);
    assert_int_equal(store_head(txn), 4);
    assert_true(requests_find(txn, "usr-1", request_id(), &revision, hash));
    assert_int_equal(revision, 4);
    reads_each(txn, 0, UINT64_MAX, count_one, &reads);
    assert_int_equal(reads, 1);
    store_abort(&txn);
    store_close(&restored);
    assert_int_equal(replay_check(in_directory("fresh"), stdout), 0);
}

static void the_record_that_was_there_is_kept(void **state)
{
    (void)state;
    fill();
    back_up();
    put(county("cty-19", "Västmanlands län"));
    store_close(&store);
    /* Its keys are there: the backup needs none. */
    assert_true(restore_into(""));
    const char *kept = in_directory("record.mdb.20261122T030000Z");
    assert_non_null(strstr(said, "/record.mdb.20261122T030000Z\n"));
    store = open_it(false, false);
    assert_non_null(store);
    assert_null(name_of(store, "cty-19"));
    assert_string_equal(name_of(store, "per-2"), "Två");
    store_close(&store);
    assert_int_equal(mkdir(in_directory("old"), 0700), 0);
    assert_int_equal(rename(kept, in_directory("old/record.mdb")), 0);
    assert_int_equal(rename(in_directory("person.keys"), in_directory("old/person.keys")), 0);
    store_t *old = open_in("old");
    assert_string_equal(name_of(old, "cty-19"), "Västmanlands län");
    store_close(&old);
}

/* Under the keys of now, and under those of a later backup. */
static void who_was_forgotten_since_stays_forgotten(void **state)
{
    (void)state;
    record_id_t one = id_of_text("per-1");
    fill();
    back_up();
    back_up_keys();
    assert_int_equal(seal_forget(store, &one), 0);
    store_close(&store);
    assert_true(restore_into(""));
    store = open_it(false, false);
    assert_null(name_of(store, "per-1"));
    assert_string_equal(name_of(store, "per-2"), "Två");
    assert_true(keyring_forgotten(store->keyring, &one));
    back_up_keys();
    assert_true(restore_into("fresh"));
    store_t *restored = open_in("fresh");
    assert_null(name_of(restored, "per-1"));
    assert_string_equal(name_of(restored, "per-2"), "Två");
    assert_true(keyring_forgotten(restored->keyring, &one));
    store_close(&restored);
}

static void without_keys_nothing_is_restored(void **state)
{
    (void)state;
    fill();
    back_up();
    assert_false(restore_into("fresh"));
    assert_non_null(strstr(why, "--keys"));
    assert_int_not_equal(access(in_directory("fresh/record.mdb"), F_OK), 0);
}

/* A store that was begun anew has keys of its own for the same numbers: under them people's
   data would be lost without a word. */
static void other_keys_are_noticed(void **state)
{
    (void)state;
    fill();
    back_up();
    back_up_keys();
    store_close(&store);
    store = store_open(&(store_options_t){.directory = in_directory("fresh"),
                                          .map_size = MAP_SIZE,
                                          .region = "Another",
                                          .create = true},
                       why, sizeof why);
    assert_non_null(store);
    put(record_with("org-1", "name", "Kinda kommun, lärcentrum", NULL));
    put(person("per-1", "Någon annan"));
    store_close(&store);
    assert_false(restore_into("fresh"));
    assert_non_null(strstr(why, "does not stand the check"));
    assert_non_null(strstr(said, "per-1"));
    store = open_in("fresh");
    assert_string_equal(name_of(store, "per-1"), "Någon annan");
    /* Moved away they are in nobody's way. */
    store_close(&store);
    assert_int_equal(rename(in_directory("fresh/person.keys"), in_directory("others")), 0);
    assert_true(restore_into("fresh"));
}

static void a_store_that_is_open_is_left_alone(void **state)
{
    (void)state;
    fill();
    back_up();
    assert_false(restore_into(""));
    assert_non_null(strstr(why, "another process"));
}

static void a_backup_that_is_damaged_changes_nothing(void **state)
{
    (void)state;
    fill();
    back_up();
    put(county("cty-19", "Västmanlands län"));
    store_close(&store);
    FILE *file = fopen(in_directory("backups/one"), "r+b");
    fseek(file, 300, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, 300, SEEK_SET);
    fputc(byte ^ 4, file);
    fclose(file);
    assert_false(restore_into(""));
    assert_non_null(strstr(why, "backups/one: it is damaged"));
    store = open_it(false, false);
    assert_string_equal(name_of(store, "cty-19"), "Västmanlands län");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(an_empty_place_gets_all_of_it),
        FIXTURE_TEST(the_record_that_was_there_is_kept),
        FIXTURE_TEST(who_was_forgotten_since_stays_forgotten),
        FIXTURE_TEST(without_keys_nothing_is_restored),
        FIXTURE_TEST(other_keys_are_noticed),
        FIXTURE_TEST(a_store_that_is_open_is_left_alone),
        FIXTURE_TEST(a_backup_that_is_damaged_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

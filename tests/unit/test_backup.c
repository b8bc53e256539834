#include "store_fixture.h"

#include "backup.h"
#include "backup_reader.h"
#include "reads.h"
#include "txn.h"

#include <fcntl.h>

static backup_progress_t progress;
static char why[512];
static unsigned pauses;

static void pause_here(void *context)
{
    ++*(unsigned *)context;
}

static bool back_up_in(const char *where, const char *name)
{
    pauses = 0;
    return backup_write(&(backup_options_t){.store = store,
                                            .directory = where,
                                            .name = name,
                                            .progress = &progress,
                                            .pause = pause_here,
                                            .context = &pauses},
                        why, sizeof why);
}

static bool back_up(const char *name)
{
    progress = (backup_progress_t){0};
    return back_up_in(directory, name);
}

static void note_read(uint64_t time_ms)
{
    store_txn_t *txn = store_write(store);
    reads_append(txn, &(read_t){.time_ms = time_ms,
                                .user = "usr-1",
                                .command = "get",
                                .purpose = "a course",
                                .subjects = (const char *const[]){"per-1", NULL}});
    assert_int_equal(store_commit(&txn), 0);
}

static void fill(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put(person(arena_format(arena, "per-%u", i + 1), "Namn"));
    note_read(1000);
    note_read(1000);
    note_read(2000);
}

static void it_holds_journal_and_reads_and_no_clear_text(void **state)
{
    (void)state;
    fill(3);
    assert_true(back_up("one"));
    assert_int_equal(atomic_load(&progress.head), 3);
    assert_int_equal(atomic_load(&progress.revision), 3);
    backup_reader_t *reader =
        backup_reader_open(arena_text(arena, in_directory("one")), why, sizeof why);
    assert_non_null(reader);
    const backup_about_t *about = backup_reader_about(reader);
    assert_string_equal(about->region, "Östra Mellansverige");
    assert_string_equal(about->epoch, store_epoch(store));
    assert_int_equal(about->head, 3);
    assert_int_equal(about->n_reads, 3);
    assert_int_equal(about->last_time, 1000);
    backup_row_t row;
    store_txn_t *txn = store_read(store);
    for (unsigned revision = 1; revision <= 3; revision++) {
        db_view_t stored;
        db_key_t key;
        key_start(&key);
        key_add_u64(&key, revision);
        assert_true(backup_reader_next(reader, &row));
        assert_int_equal(row.sort, BACKUP_ENTRY);
        assert_int_equal(row.revision, revision);
        assert_true(db_get(store_db(txn), DB_JOURNAL, key_view(&key), &stored));
        assert_int_equal(db_view_compare(stored, row.value), 0);
        assert_null(memmem(row.value.data, row.value.size, "broker@example.se", 17));
    }
    for (unsigned i = 0; i < 3; i++) {
        db_view_t stored;
        assert_true(backup_reader_next(reader, &row));
        assert_int_equal(row.sort, BACKUP_READ);
        assert_true(db_get(store_db(txn), DB_READS, row.key, &stored));
        assert_int_equal(db_view_compare(stored, row.value), 0);
    }
    assert_false(backup_reader_next(reader, &row));
    assert_null(backup_reader_failed(reader));
    store_abort(&txn);
    backup_reader_close(&reader);
    struct stat status;
    assert_int_equal(stat(in_directory("one"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal((uint64_t)status.st_size, atomic_load(&progress.bytes) + BACKUP_HASH_SIZE);
    assert_int_not_equal(access(in_directory("one.new"), F_OK), 0);
}

/* Pieces end where they should: nothing is twice or missing. */
static void a_long_one_is_written_in_pieces(void **state)
{
    (void)state;
    const char *text = arena_alloc(arena, 6001);
    memset((char *)(uintptr_t)text, 'x', 6000);
    for (unsigned i = 0; i < 120; i++)
        put(record_with(arena_format(arena, "cty-%u", i + 10), "name", "Län", "notes", text, NULL));
    fill(1);
    assert_true(back_up("long"));
    assert_true(pauses >= 3);
    backup_reader_t *reader =
        backup_reader_open(arena_text(arena, in_directory("long")), why, sizeof why);
    assert_non_null(reader);
    assert_int_equal(backup_reader_about(reader)->head, 121);
    backup_reader_close(&reader);
}

static void an_empty_store_has_one_too(void **state)
{
    (void)state;
    assert_true(back_up("empty"));
    backup_reader_t *reader =
        backup_reader_open(arena_text(arena, in_directory("empty")), why, sizeof why);
    backup_row_t row;
    assert_non_null(reader);
    assert_int_equal(backup_reader_about(reader)->head, 0);
    assert_false(backup_reader_next(reader, &row));
    backup_reader_close(&reader);
}

/* The directory may hold other files, the store's own above all. */
static void it_replaces_a_backup_and_nothing_else(void **state)
{
    (void)state;
    struct stat before, after;
    fill(1);
    assert_true(back_up("one"));
    assert_true(back_up("one"));
    for (const char *const *name = (const char *[]){"record.mdb", "person.keys", NULL};
         *name != NULL; name++) {
        assert_int_equal(stat(in_directory(*name), &before), 0);
        assert_false(back_up(*name));
        assert_string_equal(why, "a file of that name is there, and is no backup");
        assert_int_equal(stat(in_directory(*name), &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_not_equal(access(in_directory(arena_format(arena, "%s.new", *name)), F_OK), 0);
    }
}

static void what_cannot_be_written_leaves_the_old_one(void **state)
{
    (void)state;
    fill(1);
    assert_true(back_up("one"));
    assert_int_equal(mkdir(in_directory("one.new"), 0700), 0);
    assert_false(back_up("one"));
    assert_non_null(strstr(why, "directory"));
    rmdir(in_directory("one.new"));
    assert_false(back_up_in(in_directory("nowhere"), "x"));
    progress = (backup_progress_t){.stop = true};
    assert_false(back_up_in(directory, "one"));
    assert_int_not_equal(access(in_directory("one.new"), F_OK), 0);
    backup_reader_t *reader =
        backup_reader_open(arena_text(arena, in_directory("one")), why, sizeof why);
    assert_non_null(reader);
    backup_reader_close(&reader);
}

/* A damaged journal makes no backup that looks whole. */
static void a_broken_chain_is_said(void **state)
{
    (void)state;
    fill(4);
    db_key_t key;
    db_view_t stored;
    store_txn_t *txn = store_write(store);
    key_start(&key);
    key_add_u64(&key, 2);
    assert_true(db_get(store_db(txn), DB_JOURNAL, key_view(&key), &stored));
    unsigned char *changed = arena_copy(arena, stored.data, stored.size);
    changed[stored.size - 1] ^= 1;
    db_put(store_db(txn), DB_JOURNAL, key_view(&key),
           (db_view_t){.data = changed, .size = stored.size});
    assert_int_equal(store_commit(&txn), 0);
    assert_false(back_up("broken"));
    assert_string_equal(why, "the journal is damaged at revision 3");
    assert_int_not_equal(access(in_directory("broken"), F_OK), 0);
}

/* The keys file is whole before a backup has its name: none lacks its keys. */
static void no_backup_without_its_keys(void **state)
{
    (void)state;
    const backup_secret_t secret = {"server.secret", "x", 1};
    backup_options_t options = {.store = store,
                                .directory = directory,
                                .name = "one",
                                .secrets = &secret,
                                .n_secrets = 1,
                                .progress = &progress};
    fill(1);
    assert_int_equal(mkdir(in_directory(BACKUP_KEYS_NAME ".new"), 0700), 0);
    assert_false(backup_write(&options, why, sizeof why));
    assert_non_null(strstr(why, BACKUP_KEYS_NAME));
    assert_int_not_equal(access(in_directory("one"), F_OK), 0);
    rmdir(in_directory(BACKUP_KEYS_NAME ".new"));
    assert_true(backup_write(&options, why, sizeof why));
    assert_int_equal(access(in_directory("one"), F_OK), 0);
    assert_int_equal(access(in_directory(BACKUP_KEYS_NAME), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(it_holds_journal_and_reads_and_no_clear_text),
        FIXTURE_TEST(a_long_one_is_written_in_pieces),
        FIXTURE_TEST(an_empty_store_has_one_too),
        FIXTURE_TEST(it_replaces_a_backup_and_nothing_else),
        FIXTURE_TEST(what_cannot_be_written_leaves_the_old_one),
        FIXTURE_TEST(a_broken_chain_is_said),
        FIXTURE_TEST(no_backup_without_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store_fixture.h"

#include "rebuild.h"
#include "txn.h"

#include <fcntl.h>

#define NOW_MS UINT64_C(1795316400000)

static char why[512];

static rebuild_options_t options(bool dry)
{
    return (rebuild_options_t){.directory = directory,
                               .region = "Östra Mellansverige",
                               .now_ms = NOW_MS,
                               .map_size = (size_t)1 << 30,
                               .dry = dry};
}

static rebuild_t *begin(bool dry)
{
    const rebuild_options_t wanted = options(dry);
    return rebuild_new(&wanted, why, sizeof why);
}

/* The store's entries from revision `first` on. */
static bool replay(rebuild_t *made, store_txn_t *txn, uint64_t first)
{
    bool good = true;
    for (uint64_t revision = first; good && revision <= store_head(txn); revision++) {
        db_key_t key;
        db_view_t value;
        key_start(&key);
        key_add_u64(&key, revision);
        assert_true(db_get(store_db(txn), DB_JOURNAL, key_view(&key), &value));
        good = rebuild_entry(made, value, why, sizeof why);
    }
    return good;
}

static void fill(void)
{
    put(county("cty-05", "Östergötlands län"));
    put(county("cty-18", "Örebro län"));
}

static void there_is_one_at_a_time_and_what_is_left_is_cleared(void **state)
{
    (void)state;
    store_close(&store);
    rebuild_t *made = begin(false);
    assert_non_null(made);
    assert_null(begin(false));
    assert_non_null(strstr(why, "another process"));
    /* A dry one goes on beside it, and beside a store that is open. */
    rebuild_t *dry = begin(true);
    assert_non_null(dry);
    assert_null(begin(true));
    rebuild_destroy(&dry);
    rebuild_destroy(&made);
    assert_int_not_equal(access(in_directory("rebuild.new"), F_OK), 0);
    assert_int_not_equal(access(in_directory("rebuild.dry"), F_OK), 0);
    assert_int_equal(mkdir(in_directory("rebuild.new"), 0700), 0);
    FILE *file = fopen(in_directory("rebuild.new/record.mdb"), "w");
    fputs("half of one", file);
    fclose(file);
    made = begin(false);
    assert_non_null(made);
    rebuild_destroy(&made);
}

/* What is left of a copy would outlive that a key is forgotten. */
static void keys_that_were_copied_are_overwritten(void **state)
{
    (void)state;
    char left[16];
    rebuild_t *made = begin(true);
    const char *path = arena_format(arena, "%s/person.keys", rebuild_folder(made));
    int file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_int_equal(write(file, "a key of someone", sizeof left), sizeof left);
    rebuild_destroy(&made);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(pread(file, left, sizeof left, 0), sizeof left);
    for (size_t i = 0; i < sizeof left; i++)
        assert_int_equal(left[i], 0);
    close(file);
}

static void entries_come_in_order_or_not_at_all(void **state)
{
    (void)state;
    fill();
    rebuild_t *made = begin(true);
    store_txn_t *txn = store_read(store);
    assert_false(rebuild_entry(made, (db_view_t){.data = "", .size = 0}, why, sizeof why));
    assert_string_equal(why, "revision 1 does not follow the one before it");
    assert_false(replay(made, txn, 2));
    assert_string_equal(why, "revision 1 does not follow the one before it");
    rebuild_destroy(&made);
    made = begin(true);
    unsigned char none[60] = {0};
    assert_false(
        rebuild_entry(made, (db_view_t){.data = none, .size = sizeof none}, why, sizeof why));
    assert_string_equal(why, "revision 1 cannot be read");
    store_abort(&txn);
    rebuild_destroy(&made);
}

static void it_must_end_where_its_source_does(void **state)
{
    (void)state;
    unsigned char hash[META_HASH_SIZE];
    fill();
    store_txn_t *txn = store_read(store);
    memcpy(hash, store_head_of(txn)->hash, sizeof hash);
    rebuild_t *made = begin(true);
    assert_true(replay(made, txn, 1));
    hash[0] ^= 1;
    assert_false(rebuild_prove(made, hash, stdout, why, sizeof why));
    assert_string_equal(why, "the journal does not end where its head says");
    rebuild_destroy(&made);
    hash[0] ^= 1;
    made = begin(true);
    assert_true(replay(made, txn, 1));
    store_abort(&txn);
    /* Without its keys it does not stand the check. */
    assert_false(rebuild_prove(made, hash, stdout, why, sizeof why));
    rebuild_destroy(&made);
}

static void it_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    char kept[512];
    fill();
    store_close(&store);
    rebuild_t *made = begin(false);
    FILE *keys = fopen(arena_format(arena, "%s/person.keys", rebuild_folder(made)), "w");
    fclose(keys);
    const unsigned char nothing[META_HASH_SIZE] = {0};
    assert_true(rebuild_prove(made, nothing, stdout, why, sizeof why));
    assert_true(rebuild_put_in_place(made, kept, sizeof kept, why, sizeof why));
    assert_string_equal(kept,
                        in_directory(arena_format(arena, "record.mdb.%s", rebuild_stamp(made))));
    assert_int_equal(access(kept, F_OK), 0);
    rebuild_destroy(&made);
    store = open_it(false, false);
    assert_non_null(store);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 0);
    store_abort(&txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(there_is_one_at_a_time_and_what_is_left_is_cleared),
        FIXTURE_TEST(keys_that_were_copied_are_overwritten),
        FIXTURE_TEST(entries_come_in_order_or_not_at_all),
        FIXTURE_TEST(it_must_end_where_its_source_does),
        FIXTURE_TEST(it_takes_the_place_of_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

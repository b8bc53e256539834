#include "store_fixture.h"

#include "history.h"
#include "requests.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const kind_t *inquiry(void)
{
    return schema_kind("inquiry");
}

static void a_new_store_is_empty_and_private(void **state)
{
    (void)state;
    struct stat status;
    assert_string_equal(store_region(store), "Östra Mellansverige");
    assert_int_equal(strlen(store_epoch(store)), 16);
    assert_int_equal(strspn(store_epoch(store), "0123456789abcdef"), 16);
    assert_int_equal(stat(in_directory("record.mdb"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(in_directory("person.keys"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_not_equal(access(in_directory("record.mdb.new"), F_OK), 0);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 0);
    assert_int_equal(store_last_time(txn), 0);
    assert_int_equal(store_revision_at(txn, UINT64_MAX), 0);
    store_abort(&txn);
}

static void a_made_directory_is_private(void **state)
{
    (void)state;
    char why[512], path[300];
    struct stat status;
    snprintf(path, sizeof path, "%s/made", directory);
    store_t *made = store_open(
        &(store_options_t){.directory = path, .map_size = 1 << 24, .region = "R", .create = true},
        why, sizeof why);
    assert_non_null(made);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    store_close(&made);
}

static void the_epoch_and_region_stay(void **state)
{
    (void)state;
    char epoch[17];
    snprintf(epoch, sizeof epoch, "%s", store_epoch(store));
    reopen();
    assert_string_equal(store_epoch(store), epoch);
    assert_string_equal(store_region(store), "Östra Mellansverige");
}

static void what_is_there_is_not_made_again(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_close(&store);
    assert_null(open_it(true, false));
    store = open_it(false, false);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    store_abort(&txn);
}

static void a_crash_while_making_leaves_no_store(void **state)
{
    (void)state;
    store_close(&store);
    /* As if the process had died before the new file got its name. */
    assert_int_equal(rename(in_directory("record.mdb"), in_directory("record.mdb.new")), 0);
    assert_null(open_it(false, false));
    store = open_it(true, false);
    assert_non_null(store);
    assert_int_not_equal(access(in_directory("record.mdb.new"), F_OK), 0);
    store_close(&store);
    /* Or in the middle of a page. */
    assert_int_equal(remove(in_directory("record.mdb")), 0);
    FILE *half = fopen(in_directory("record.mdb.new"), "wb");
    fputs("half a page of no use to anyone", half);
    fclose(half);
    store = open_it(true, false);
    assert_non_null(store);
}

static void two_processes_do_not_write(void **state)
{
    (void)state;
    char why[512];
    store_t *second = store_open(&(store_options_t){.directory = directory, .map_size = 1 << 24},
                                 why, sizeof why);
    assert_null(second);
    assert_non_null(strstr(why, "another process"));
}

static void a_directory_without_a_store_is_said(void **state)
{
    (void)state;
    char why[512];
    assert_null(
        store_open(&(store_options_t){.directory = in_directory("nowhere")}, why, sizeof why));
    assert_non_null(strstr(why, "nowhere"));
}

static void revisions_count_one_up(void **state)
{
    (void)state;
    assert_int_equal(put(county("cty-18", "Örebro län")), 1);
    assert_int_equal(put(county("cty-05", "Östergötlands län")), 2);
    store_txn_t *txn = store_write(store);
    operation_t first = {.after = county("cty-03", "Uppsala län")};
    operation_t second = {.after = county("cty-04", "Södermanlands län")};
    assert_int_equal(apply(txn, 2000, &first, 1), 3);
    assert_int_equal(apply(txn, 2000, &second, 1), 4);
    assert_int_equal(store_head(txn), 4);
    assert_int_equal(store_commit(&txn), 0);
    reopen();
    txn = store_read(store);
    assert_int_equal(store_head(txn), 4);
    assert_int_equal(store_last_time(txn), 2000);
    store_abort(&txn);
}

static void time_never_falls(void **state)
{
    (void)state;
    apply_one(5000, "cty-18", county("cty-18", "Örebro län"));
    apply_one(4000, "cty-05", county("cty-05", "Östergötlands län"));
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_last_time(txn), 5000);
    store_abort(&txn);
}

static void a_refused_request_rolls_back_alone(void **state)
{
    (void)state;
    store_txn_t *batch = store_write(store);
    store_txn_t *request = store_nest(batch);
    operation_t operation = {.after = county("cty-18", "Örebro län")};
    assert_int_equal(apply(request, 1000, &operation, 1), 1);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_head(batch), 1);

    request = store_nest(batch);
    operation.after = county("cty-05", "Östergötlands län");
    assert_int_equal(apply(request, 1000, &operation, 1), 2);
    store_abort(&request);
    assert_int_equal(store_head(batch), 1);

    request = store_nest(batch);
    operation.after = county("cty-04", "Södermanlands län");
    assert_int_equal(apply(request, 1000, &operation, 1), 2);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_commit(&batch), 0);

    store_txn_t *txn = store_read(store);
    record_id_t kept = id_of_text("cty-04"), refused = id_of_text("cty-05");
    assert_true(records_exists(txn, &kept));
    assert_false(records_exists(txn, &refused));
    assert_int_equal(records_count(txn, kept.kind), 2);
    store_abort(&txn);
}

static void a_stale_before_is_refused(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    record_id_t id = id_of_text("cty-18");
    store_txn_t *txn = store_read(store);
    record_t *stale = records_get(txn, &id, arena);
    store_abort(&txn);
    put(county("cty-18", "Örebro"));

    txn = store_write(store);
    operation_t operation = {.before = stale, .after = county("cty-18", "Stale")};
    assert_int_equal(apply(txn, 1000, &operation, 1), 0);
    assert_int_equal(store_failed(txn), EINVAL);
    assert_int_equal(store_commit(&txn), EINVAL);

    txn = store_write(store);
    operation = (operation_t){.after = county("cty-18", "Twice")};
    assert_int_equal(apply(txn, 1000, &operation, 1), 0);
    store_abort(&txn);

    txn = store_write(store);
    operation = (operation_t){.before = county("cty-99", "Nowhere")};
    assert_int_equal(apply(txn, 1000, &operation, 1), 0);
    store_abort(&txn);
}

static void one_batch_may_change_a_record_twice(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    record_t *first = county("cty-18", "First"), *second = county("cty-18", "Second");
    record_t *third = county("cty-18", "Third");
    operation_t operations[] = {
        {.after = first}, {.before = first, .after = second}, {.before = second}, {.after = third}};
    assert_int_equal(apply(txn, 1000, operations, 4), 1);
    assert_int_equal(store_commit(&txn), 0);
    record_id_t id = id_of_text("cty-18");
    txn = store_read(store);
    assert_string_equal(record_get_text(records_get(txn, &id, arena), "name"), "Third");
    assert_int_equal(records_count(txn, id.kind), 1);
    assert_string_equal(record_get_text(store_record_at(txn, &id, 1, arena), "name"), "Third");
    store_abort(&txn);
}

static void numbers_are_given_once_and_only_the_used_stay(void **state)
{
    (void)state;
    store_txn_t *txn = store_write(store);
    assert_int_equal(store_next_number(txn, inquiry()), 1);
    assert_int_equal(store_next_number(txn, inquiry()), 2);
    store_txn_t *request = store_nest(txn);
    assert_int_equal(store_next_number(request, inquiry()), 3);
    store_abort(&request);
    request = store_nest(txn);
    assert_int_equal(store_next_number(request, inquiry()), 3);
    assert_int_equal(store_commit(&request), 0);
    assert_int_equal(store_next_number(txn, inquiry()), 4);
    assert_int_equal(store_commit(&txn), 0);

    put(record_with("inq-7", "title", "CAD", NULL));
    apply_one(1000, "inq-7", NULL);
    reopen();
    txn = store_write(store);
    assert_int_equal(store_next_number(txn, inquiry()), 8);
    store_abort(&txn);
}

static void rights_revision_follows_users_grants_and_keys(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 0);
    store_abort(&txn);
    put(record_with("usr-1", "name", "broker, Motala", NULL));
    put(record_with("gra-1", "user", "usr-1", "role", "broker", NULL));
    put(county("cty-05", "Östergötlands län"));
    txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 3);
    store_abort(&txn);
    record_t *key = record_with("key-1", "user", "usr-1", NULL);
    record_set(key, "public_key", value_bytes("0123456789abcdef0123456789abcdef", 32));
    assert_int_equal(put(key), 5);
    txn = store_read(store);
    assert_int_equal(store_rights_revision(txn), 5);
    store_abort(&txn);
}

static void the_past_is_kept(void **state)
{
    (void)state;
    apply_one(1000, "cty-18", county("cty-18", "One"));
    apply_one(2000, "cty-05", county("cty-05", "Other"));
    apply_one(3000, "cty-18", county("cty-18", "Three"));
    apply_one(3000, "cty-18", NULL);
    apply_one(5000, "cty-18", county("cty-18", "Five"));
    record_id_t id = id_of_text("cty-18");
    store_txn_t *txn = store_read(store);
    assert_null(store_record_at(txn, &id, 0, arena));
    assert_string_equal(record_get_text(store_record_at(txn, &id, 1, arena), "name"), "One");
    assert_string_equal(record_get_text(store_record_at(txn, &id, 2, arena), "name"), "One");
    assert_int_equal(store_record_at(txn, &id, 2, arena)->revision, 1);
    assert_string_equal(record_get_text(store_record_at(txn, &id, 3, arena), "name"), "Three");
    assert_null(store_record_at(txn, &id, 4, arena));
    assert_string_equal(record_get_text(store_record_at(txn, &id, 99, arena), "name"), "Five");

    assert_int_equal(store_revision_at(txn, 999), 0);
    assert_int_equal(store_revision_at(txn, 1000), 1);
    assert_int_equal(store_revision_at(txn, 2999), 2);
    assert_int_equal(store_revision_at(txn, 3000), 4);
    assert_int_equal(store_revision_at(txn, 4999), 4);
    assert_int_equal(store_revision_at(txn, 9999), 5);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
}

static void an_open_read_stays_where_it_is(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_txn_t *old = store_read(store);
    put(county("cty-05", "Östergötlands län"));
    record_id_t id = id_of_text("cty-05");
    assert_int_equal(store_head(old), 1);
    assert_false(records_exists(old, &id));
    store_abort(&old);
}

static void room_shrinks_to_the_reserve_and_to_nothing(void **state)
{
    (void)state;
    assert_int_equal(store_room(store), STORE_ROOM);
    store_close(&store);
    char why[512];
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)60 << 20},
                       why, sizeof why);
    assert_int_equal(store_room(store), STORE_RESERVE);
    store_close(&store);
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)2 << 20}, why,
                       sizeof why);
    assert_int_equal(store_room(store), STORE_FULL);
}

static void a_full_map_fails_one_request_alone(void **state)
{
    (void)state;
    store_close(&store);
    char why[512];
    store = store_open(&(store_options_t){.directory = directory, .map_size = (size_t)1 << 20}, why,
                       sizeof why);
    char *notes = arena_alloc(arena, 8001);
    memset(notes, 'n', 8000);
    store_txn_t *batch = store_write(store);
    operation_t small = {.after = county("cty-18", "Örebro län")};
    assert_int_equal(apply(batch, 1000, &small, 1), 1);
    store_txn_t *request = store_nest(batch);
    operation_t operations[100];
    for (unsigned i = 0; i < 100; i++)
        operations[i] = (operation_t){.after = record_with(arena_format(arena, "are-%u", i),
                                                           "name_sv", "Svetsning", "name_en",
                                                           "Welding", "notes", notes, NULL)};
    assert_int_equal(apply(request, 1000, operations, 100), 0);
    assert_true(store_is_full(store_failed(request)));
    store_abort(&request);
    assert_int_equal(store_commit(&batch), 0);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    store_abort(&txn);
}

static void read_only_stands_beside_a_writer(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    store_close(&store);
    store = open_it(false, true);
    assert_non_null(store);
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    store_abort(&txn);
    assert_null(store_write(store));
}

static void an_unknown_format_is_refused(void **state)
{
    (void)state;
    store_close(&store);
    /* The one place that knows where the byte lies is meta itself. */
    FILE *file = fopen(in_directory("record.mdb"), "r+b");
    assert_non_null(file);
    static char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    unsigned changed = 0;
    for (size_t i = 0; i + 8 < size; i++) {
        if (memcmp(bytes + i, "format\0\1", 8) == 0) {
            fseek(file, (long)i + 7, SEEK_SET);
            fputc(99, file);
            changed++;
        }
    }
    fclose(file);
    assert_true(changed > 0);
    assert_null(open_it(false, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_new_store_is_empty_and_private),
        FIXTURE_TEST(a_made_directory_is_private),
        FIXTURE_TEST(the_epoch_and_region_stay),
        FIXTURE_TEST(what_is_there_is_not_made_again),
        FIXTURE_TEST(a_crash_while_making_leaves_no_store),
        FIXTURE_TEST(two_processes_do_not_write),
        FIXTURE_TEST(a_directory_without_a_store_is_said),
        FIXTURE_TEST(revisions_count_one_up),
        FIXTURE_TEST(time_never_falls),
        FIXTURE_TEST(a_refused_request_rolls_back_alone),
        FIXTURE_TEST(a_stale_before_is_refused),
        FIXTURE_TEST(one_batch_may_change_a_record_twice),
        FIXTURE_TEST(numbers_are_given_once_and_only_the_used_stay),
        FIXTURE_TEST(rights_revision_follows_users_grants_and_keys),
        FIXTURE_TEST(the_past_is_kept),
        FIXTURE_TEST(an_open_read_stays_where_it_is),
        FIXTURE_TEST(room_shrinks_to_the_reserve_and_to_nothing),
        FIXTURE_TEST(a_full_map_fails_one_request_alone),
        FIXTURE_TEST(read_only_stands_beside_a_writer),
        FIXTURE_TEST(an_unknown_format_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

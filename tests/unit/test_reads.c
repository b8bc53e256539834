#include "store_fixture.h"

#include "key.h"
#include "reads.h"
#include "txn.h"

#include <errno.h>

typedef struct {
    const char *seen;
    unsigned most;
} seen_t;

static bool see(const read_t *read, void *context)
{
    seen_t *self = context;
    self->seen =
        arena_format(arena, "%s %llu:%s:%s:%s", self->seen, (unsigned long long)read->time_ms,
                     read->user, read->command, read->purpose);
    for (const char *const *subject = read->subjects; *subject; subject++)
        self->seen = arena_format(arena, "%s,%s", self->seen, *subject);
    return --self->most > 0;
}

static const char *between(uint64_t from_ms, uint64_t to_ms, unsigned most)
{
    seen_t self = {.seen = "", .most = most};
    store_txn_t *txn = store_read(store);
    reads_each(txn, from_ms, to_ms, see, &self);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
    return self.seen;
}

static void append(uint64_t time_ms, const char *user, const char *const *subjects)
{
    store_txn_t *txn = store_write(store);
    reads_append(txn, &(read_t){.time_ms = time_ms,
                                .user = user,
                                .command = "get",
                                .purpose = "contact",
                                .subjects = subjects});
    assert_int_equal(store_commit(&txn), 0);
}

static void rows_come_back_in_order(void **state)
{
    (void)state;
    append(2000, "usr-2", (const char *const[]){"per-1", "per-2", NULL});
    append(1000, "usr-1", (const char *const[]){NULL});
    append(2000, "usr-3", (const char *const[]){"per-3", NULL});
    append(3000, "usr-4", (const char *const[]){"per-4", NULL});
    reopen();
    assert_string_equal(between(0, UINT64_MAX, 100),
                        " 1000:usr-1:get:contact 2000:usr-2:get:contact,per-1,per-2"
                        " 2000:usr-3:get:contact,per-3 3000:usr-4:get:contact,per-4");
    assert_string_equal(between(1001, 2999, 100), " 2000:usr-2:get:contact,per-1,per-2"
                                                  " 2000:usr-3:get:contact,per-3");
    assert_string_equal(between(3000, 3000, 100), " 3000:usr-4:get:contact,per-4");
    assert_string_equal(between(3001, UINT64_MAX, 100), "");
}

static void the_handler_may_stop(void **state)
{
    (void)state;
    append(1000, "usr-1", (const char *const[]){NULL});
    append(1000, "usr-2", (const char *const[]){NULL});
    assert_string_equal(between(0, UINT64_MAX, 1), " 1000:usr-1:get:contact");
}

static void two_in_one_transaction_are_two(void **state)
{
    (void)state;
    const char *const subjects[] = {"per-1", NULL};
    read_t read = {.time_ms = 1000,
                   .user = "usr-1",
                   .command = "list",
                   .purpose = "invite",
                   .subjects = subjects};
    store_txn_t *txn = store_write(store);
    reads_append(txn, &read);
    reads_append(txn, &read);
    assert_int_equal(store_commit(&txn), 0);
    assert_string_equal(between(0, UINT64_MAX, 100),
                        " 1000:usr-1:list:invite,per-1 1000:usr-1:list:invite,per-1");
}

static void they_are_no_revision(void **state)
{
    (void)state;
    append(1000, "usr-1", (const char *const[]){NULL});
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 0);
    store_abort(&txn);
}

/* Each byte of a row: another person's name is as readable as the right one. */
static void a_changed_row_is_shown_to_no_one(void **state)
{
    (void)state;
    append(1000, "usr-1", (const char *const[]){"per-1", NULL});
    db_key_t key;
    key_start(&key);
    key_add_u64(&key, 1000);
    key_add_u64(&key, 1);
    size_t size = 1;
    for (size_t i = 0; i < size; i++) {
        db_view_t value;
        seen_t seen = {.seen = "", .most = 1};
        store_txn_t *txn = store_write(store);
        assert_true(db_get(store_db(txn), DB_READS, key_view(&key), &value));
        size = value.size;
        unsigned char *bytes = arena_copy(arena, value.data, size);
        bytes[i] ^= 1;
        db_put(store_db(txn), DB_READS, key_view(&key), (db_view_t){.data = bytes, .size = size});
        reads_each(txn, 0, UINT64_MAX, see, &seen);
        assert_int_equal(store_failed(txn), EBADMSG);
        assert_string_equal(seen.seen, "");
        store_abort(&txn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(rows_come_back_in_order),
        FIXTURE_TEST(the_handler_may_stop),
        FIXTURE_TEST(two_in_one_transaction_are_two),
        FIXTURE_TEST(a_changed_row_is_shown_to_no_one),
        FIXTURE_TEST(they_are_no_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

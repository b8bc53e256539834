#include "store_fixture.h"

#include "due.h"
#include "txn.h"

#include <errno.h>

static record_t *inquiry(const char *id, const char *in_state, const char *waiting_until)
{
    record_t *record =
        record_with(id, "title", "t", "municipality", "mun-1880", "state", in_state, NULL);
    if (waiting_until)
        record_set(record, "waiting_until", value_text(waiting_until));
    return record;
}

/* All entries, in order. */
static const char *entries(void)
{
    store_txn_t *txn = store_read(store);
    due_entry_t entry = {.day = ""};
    const char *seen = "";
    while (due_next(txn, &entry))
        seen = arena_format(arena, "%s %s:%s:%s", seen, entry.day, entry.id.text, entry.row->on);
    assert_int_equal(store_failed(txn), 0);
    store_abort(&txn);
    return seen;
}

static void what_is_due_lies_by_day_and_id(void **state)
{
    (void)state;
    assert_string_equal(entries(), "");
    put(inquiry("inq-10", "waiting", "2026-04-01"));
    put(inquiry("inq-9", "waiting", "2026-04-01"));
    put(inquiry("inq-3", "waiting", "2026-03-31"));
    put(inquiry("inq-4", "waiting", "2027-01-01"));
    put(inquiry("inq-5", "waiting", NULL));
    assert_string_equal(entries(), " 2026-03-31:inq-3:waiting_until 2026-04-01:inq-9:waiting_until"
                                   " 2026-04-01:inq-10:waiting_until"
                                   " 2027-01-01:inq-4:waiting_until");
}

/* It follows the record: another state, another day, no day, deleted. */
static void entries_follow_the_record(void **state)
{
    (void)state;
    put(inquiry("inq-1", "new", "2026-04-01"));
    assert_string_equal(entries(), "");
    put(inquiry("inq-1", "waiting", "2026-04-01"));
    put(inquiry("inq-1", "waiting", "2026-05-01"));
    assert_string_equal(entries(), " 2026-05-01:inq-1:waiting_until");
    put(inquiry("inq-1", "dialogue", "2026-05-01"));
    assert_string_equal(entries(), "");
    put(inquiry("inq-1", "waiting", "2026-06-01"));
    put(inquiry("inq-1", "waiting", NULL));
    assert_string_equal(entries(), "");
    put(inquiry("inq-1", "waiting", "2026-06-01"));
    apply_one(1000, "inq-1", NULL);
    assert_string_equal(entries(), "");
}

/* A deadline's day must have ended; once it is marked there is nothing more to do. */
static void what_is_late_is_due_once(void **state)
{
    (void)state;
    record_t *task = record_with("tsk-1", "what", "w", "about", "org-1", "due", "2026-12-31",
                                 "state", "open", NULL);
    put(task);
    assert_string_equal(entries(), " 2027-01-01:tsk-1:due");
    record_set(task, "overdue", value_boolean(true));
    put(task);
    assert_string_equal(entries(), "");
    char day[DAY_TEXT_SIZE];
    assert_true(due_day(task, &task->id.kind->dues[0], day));
    assert_string_equal(day, "2027-01-01");
    record_set(task, "state", value_text("done"));
    assert_false(due_day(task, &task->id.kind->dues[0], day));
    /* A day after the last that there is never comes. */
    record_set(task, "state", value_text("open"));
    record_set(task, "due", value_text("2200-12-31"));
    assert_false(due_day(task, &task->id.kind->dues[0], day));
}

static void several_rows_of_one_record(void **state)
{
    (void)state;
    record_t *record = inquiry("inq-1", "new", NULL);
    record_set(record, "acknowledge_by", value_text("2026-03-17"));
    record_set(record, "answer_by", value_text("2026-03-27"));
    put(record);
    assert_string_equal(entries(), " 2026-03-18:inq-1:acknowledge_by");
    record_set(record, "state", value_text("acknowledged"));
    put(record);
    assert_string_equal(entries(), " 2026-03-28:inq-1:answer_by");
}

static void made_anew_it_is_the_same(void **state)
{
    (void)state;
    put(county("cty-18", "Örebro län"));
    put(inquiry("inq-1", "waiting", "2026-04-01"));
    put(inquiry("inq-2", "waiting", "2026-04-02"));
    const char *before = entries();
    store_txn_t *txn = store_write(store);
    db_put(store_db(txn), DB_DUE, (db_view_t){.data = "nonsense", .size = 8},
           (db_view_t){.data = ""});
    due_rebuild(txn);
    assert_int_equal(store_commit(&txn), 0);
    assert_string_equal(entries(), before);
}

/* A key that is none fails the transaction: nothing is passed over in silence. */
static void damage_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } keys[] = {{"nonsense", 8}, {"2026-04-01\0xx", 13}, {"2026-04-01-and-more", 20}};
    for (size_t i = 0; i < 3; i++) {
        store_txn_t *txn = store_write(store);
        due_entry_t entry = {.day = ""};
        db_put(store_db(txn), DB_DUE, (db_view_t){.data = keys[i].bytes, .size = keys[i].size},
               (db_view_t){.data = ""});
        assert_false(due_next(txn, &entry));
        assert_int_equal(store_failed(txn), EBADMSG);
        store_abort(&txn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_is_due_lies_by_day_and_id), FIXTURE_TEST(entries_follow_the_record),
        FIXTURE_TEST(what_is_late_is_due_once),       FIXTURE_TEST(several_rows_of_one_record),
        FIXTURE_TEST(made_anew_it_is_the_same),       FIXTURE_TEST(damage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

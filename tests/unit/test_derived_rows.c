#include "store_fixture.h"

#include "derived_rows.h"

static const unsigned char key[DERIVED_KEY_SIZE] = "one key", other_key[DERIVED_KEY_SIZE] = "two";
static db_t *db;
static db_txn_t *work;
static uint64_t sum;

/* A file of rows of its own, empty, in one transaction. */
static int setup(void **state)
{
    (void)state;
    int status;
    assert_true(schema_start());
    arena = arena_new();
    make_directory();
    db = db_open(in_directory("rows"), (size_t)4 << 20, DB_CREATE | DB_SCRATCH, &status);
    assert_non_null(db);
    work = db_begin(db, NULL, true, &status);
    assert_non_null(work);
    sum = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_abort(&work);
    db_close(&db);
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

/* Its rows become those of a person with this name and address; NULL: of nobody. */
static void replace(const char *id_text, const char *name, const char *email)
{
    record_id_t id = id_of_text(id_text);
    const record_t *state = name ? record_with(id_text, "name", name, "sex", "woman",
                                               email ? "email" : NULL, email, NULL)
                                 : NULL;
    derived_rows_replace(work, key, &id, state, state ? seal_mask(state) : 0, arena, &sum);
    assert_int_equal(db_failed(work), 0);
}

/* The people with this value, in order, as the index tells them. */
static const char *with(const char *field, const char *text)
{
    const kind_t *kind = schema_kind("person");
    value_t value = value_text(text);
    db_key_t prefix;
    db_cursor_t cursor;
    const char *seen = "";
    derived_rows_prefix(&prefix, key, kind, kind_field(kind, field), &value);
    db_cursor_start(&cursor, work, DB_INDEX);
    for (bool there = db_cursor_from(&cursor, key_view(&prefix));
         there && db_view_begins(cursor.key, key_view(&prefix)); there = db_cursor_next(&cursor)) {
        record_id_t id;
        db_view_t rest = {.data = (const unsigned char *)cursor.key.data + prefix.size,
                          .size = cursor.key.size - prefix.size};
        assert_true(key_take_own_id(&rest, kind, &id));
        seen = arena_format(arena, "%s %s", seen, id.text);
    }
    db_cursor_end(&cursor);
    return seen;
}

/* The sum over the rows that there are. */
static uint64_t sum_of_all(void)
{
    uint64_t all = 0;
    db_cursor_t cursor;
    db_cursor_start(&cursor, work, DB_INDEX);
    for (bool there = db_cursor_first(&cursor); there; there = db_cursor_next(&cursor))
        all ^= derived_rows_sum(cursor.key);
    db_cursor_end(&cursor);
    return all;
}

static void what_rows_are_kept_of(void **state)
{
    (void)state;
    const kind_t *organisation = schema_kind("organisation"), *who = schema_kind("person");
    value_t text = value_text("x"), trader = value_text("8105134001"),
            firm = value_text("5560360793");
    assert_true(derived_holds(kind_field(who, "name"), &text));
    assert_true(derived_holds(kind_field(who, "phone"), &text));
    assert_false(derived_holds(kind_field(who, "sex"), &text));
    assert_false(derived_holds(kind_field(who, "email"), &value_absent));
    assert_false(derived_holds(kind_field(who, "expertise"), &text));
    assert_true(derived_holds(kind_field(organisation, "number"), &trader));
    assert_false(derived_holds(kind_field(organisation, "number"), &firm));
}

static void rows_become_those_of_the_state(void **state)
{
    (void)state;
    replace("per-10", "Rektor", "a@example.se");
    replace("per-2", "Rektor", "b@example.se");
    assert_string_equal(with("name", "Rektor"), " per-2 per-10");
    assert_string_equal(with("email", "a@example.se"), " per-10");
    assert_string_equal(with("email", "Rektor"), ""); /* of another field it is another value */
    assert_int_equal(db_entries(work, DB_RECORDS), 2);
    replace("per-10", "Rektor", "b@example.se");
    assert_string_equal(with("name", "Rektor"), " per-2 per-10");
    assert_string_equal(with("email", "a@example.se"), "");
    assert_string_equal(with("email", "b@example.se"), " per-2 per-10");
    replace("per-10", NULL, NULL);
    assert_string_equal(with("name", "Rektor"), " per-2");
    assert_int_equal(db_entries(work, DB_INDEX), 5); /* name, address, r, re, rekt */
    assert_int_equal(db_entries(work, DB_RECORDS), 1);
}

static void the_sum_follows(void **state)
{
    (void)state;
    replace("per-1", "Rektor", "a@example.se");
    assert_int_not_equal(sum, 0);
    uint64_t first = sum;
    replace("per-2", "Rektor", NULL);
    assert_int_equal(sum, sum_of_all());
    replace("per-1", "Rektor", "b@example.se");
    assert_int_equal(sum, sum_of_all());
    replace("per-1", "Rektor", "a@example.se");
    replace("per-2", NULL, NULL);
    assert_int_equal(sum, first);
    replace("per-1", NULL, NULL);
    assert_int_equal(sum, 0);
}

/* Without its key a file says nothing of a value. */
static void another_key_makes_other_rows(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("person");
    value_t value = value_text("Rektor");
    db_key_t one, other;
    derived_rows_prefix(&one, key, kind, kind_field(kind, "name"), &value);
    derived_rows_prefix(&other, other_key, kind, kind_field(kind, "name"), &value);
    assert_int_equal(one.size, other.size);
    assert_memory_not_equal(one.bytes, other.bytes, one.size);
}

/* -- words ------------------------------------------------------------------------------ */

/* The ids of the rows that begin so, each with + where the row says that it is a title. */
static const char *beginning(const db_key_t *prefix, const kind_t *kind)
{
    db_cursor_t cursor;
    const char *seen = "";
    db_cursor_start(&cursor, work, DB_INDEX);
    for (bool there = db_cursor_from(&cursor, key_view(prefix));
         there && db_view_begins(cursor.key, key_view(prefix)); there = db_cursor_next(&cursor)) {
        record_id_t id;
        db_view_t rest = {.data = (const unsigned char *)cursor.key.data + prefix->size,
                          .size = cursor.key.size - prefix->size};
        assert_true(key_take_own_id(&rest, kind, &id));
        assert_true(rest.size <= 1);
        bool title = rest.size > 0 && *(const unsigned char *)rest.data == 1;
        seen = arena_format(arena, "%s %s%s", seen, id.text, title ? "+" : "");
    }
    db_cursor_end(&cursor);
    return seen;
}

static const char *with_text(const char *kind_name, row_sort_t sort, const char *text)
{
    const kind_t *kind = schema_kind(kind_name);
    db_key_t prefix;
    derived_rows_text(&prefix, kind, sort, text);
    return beginning(&prefix, kind);
}

static size_t change(const record_t *state)
{
    size_t changed =
        derived_rows_replace(work, key, &state->id, state, seal_mask(state), arena, &sum);
    assert_int_equal(db_failed(work), 0);
    return changed;
}

static void words_are_kept_of_what_is_searched(void **state)
{
    (void)state;
    change(record_with("inq-3", "title", "Grundkurs i CAD, CAD", "description", "Om cad och svets",
                       "caller", "Verkstaden", "municipality", "mun-0583", NULL));
    change(record_with("inq-10", "title", "Svets", "municipality", "mun-0583", NULL));
    change(record_with("mun-0583", "name", "Motala", "county", "cty-05", NULL));
    assert_string_equal(with_text("inquiry", ROW_WORD, "cad"), " inq-3+");
    assert_string_equal(with_text("inquiry", ROW_WORD, "svets"), " inq-3 inq-10+");
    assert_string_equal(with_text("inquiry", ROW_WORD, "sve"), "");
    assert_string_equal(with_text("inquiry", ROW_WORD, "verkstaden"), ""); /* not searched */
    assert_string_equal(with_text("municipality", ROW_WORD, "motala"), " mun-0583+");
    assert_string_equal(with_text("course", ROW_WORD, "svets"), "");
}

/* Of what is referred to, where it has a public name. */
static void references_are_kept_of_what_has_a_public_name(void **state)
{
    (void)state;
    record_t *inquiry = record_with("inq-3", "title", "x", "municipality", "mun-0583", "employer",
                                    "org-7", "broker", "usr-4", "contact_person", "per-8", NULL);
    value_t area = value_text("are-01");
    record_set(inquiry, "areas", value_list(&area, 1));
    change(inquiry);
    assert_string_equal(with_text("inquiry", ROW_NAMED, "mun-0583"), " inq-3");
    assert_string_equal(with_text("inquiry", ROW_NAMED, "org-7"), " inq-3");
    assert_string_equal(with_text("inquiry", ROW_NAMED, "are-01"), " inq-3");
    assert_string_equal(with_text("inquiry", ROW_NAMED, "usr-4"), "");
    assert_string_equal(with_text("inquiry", ROW_NAMED, "per-8"), "");
}

static void words_come_and_go_with_the_state(void **state)
{
    (void)state;
    record_id_t id = id_of_text("inq-3");
    assert_int_equal(change(record_with("inq-3", "title", "cad svets", NULL)), 2);
    assert_int_equal(change(record_with("inq-3", "title", "svets cad", NULL)), 0);
    /* Out of the title into the rest, and the other way. */
    assert_int_equal(change(record_with("inq-3", "title", "cad", "description", "svets", NULL)), 2);
    assert_string_equal(with_text("inquiry", ROW_WORD, "svets"), " inq-3");
    assert_int_equal(change(record_with("inq-3", "title", "vård", NULL)), 3);
    assert_string_equal(with_text("inquiry", ROW_WORD, "svets"), "");
    derived_rows_replace(work, key, &id, NULL, 0, arena, &sum);
    assert_int_equal(db_entries(work, DB_INDEX), 0);
    assert_int_equal(sum, 0);
}

static const char *with_beginning(const char *text)
{
    const kind_t *kind = schema_kind("person");
    db_key_t prefix;
    token_t word;
    assert_true(words_next(&text, &word));
    derived_rows_beginning(&prefix, key, kind, &word);
    return beginning(&prefix, kind);
}

/* Hashes of how they begin: 1, 2, 4 or 8 letters of it. */
static void of_sealed_words_the_beginnings_are_kept(void **state)
{
    (void)state;
    replace("per-1", "Ängelholmsrektorn", NULL);
    replace("per-2", "Än", NULL);
    assert_string_equal(with_beginning("ä"), " per-1 per-2");
    assert_string_equal(with_beginning("äng"), " per-1 per-2"); /* as its first two */
    assert_string_equal(with_beginning("änge"), " per-1");
    assert_string_equal(with_beginning("ÄNGELHOLMSVIK"), " per-1");
    assert_string_equal(with_beginning("ängelhus"), "");
    assert_string_equal(with_text("person", ROW_WORD, "än"), "");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_rows_are_kept_of),
        TEST(words_are_kept_of_what_is_searched),
        TEST(references_are_kept_of_what_has_a_public_name),
        TEST(words_come_and_go_with_the_state),
        TEST(of_sealed_words_the_beginnings_are_kept),
        TEST(rows_become_those_of_the_state),
        TEST(the_sum_follows),
        TEST(another_key_makes_other_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

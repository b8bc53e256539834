#include "store_fixture.h"

#include "derived.h"
#include "meta.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define MAP ((size_t)256 << 20)

static derived_t *derived;

static void open_derived(void)
{
    int status;
    derived = derived_open(store, MAP, &status);
    assert_non_null(derived);
}

static void follow(void)
{
    int status;
    derived_step_t step;
    do {
        step = derived_follow(derived, &status);
        assert_int_equal(status, 0);
    } while (step == DERIVED_MORE);
    assert_int_equal(step, DERIVED_EVEN);
}

static int setup(void **state)
{
    fixture_setup(state);
    open_derived();
    return 0;
}

static int teardown(void **state)
{
    derived_close(&derived);
    return fixture_teardown(state);
}

#define DERIVED_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

static record_t *someone(unsigned number, const char *email)
{
    return record_with(arena_format(arena, "per-%u", number), "name", "Handläggare", "organisation",
                       "org-1", "notes",
                       "arbetsliv byggnader cirkulation dokumenten ekonomisk fastigheter "
                       "grundkurser hantverkare industriell järnvägar",
                       email ? "email" : NULL, email, NULL);
}

static bool find_in(store_txn_t *txn, const char *email, record_id_t **ids, size_t *count)
{
    const kind_t *kind = schema_kind("person");
    value_t value = value_text(email);
    return derived_find(derived, txn, kind, kind_field(kind, "email"), &value, 1, arena, ids,
                        count);
}

/* The ids with spaces between, or NULL where the file cannot tell. */
static const char *found(const char *email)
{
    record_id_t *ids;
    size_t count;
    store_txn_t *txn = store_read(store);
    const char *text = find_in(txn, email, &ids, &count) ? "" : NULL;
    for (size_t i = 0; text && i < count; i++)
        text = arena_format(arena, "%s%s%s", text, i ? " " : "", ids[i].text);
    store_abort(&txn);
    return text;
}

static void who_has_a_value_is_found(void **state)
{
    (void)state;
    assert_null(found("a@example.se")); /* nothing has been looked at yet */
    put(someone(2, "a@example.se"));
    put(someone(10, "a@example.se"));
    put(someone(3, "b@example.se"));
    follow();
    assert_string_equal(found("a@example.se"), "per-2 per-10");
    assert_string_equal(found("b@example.se"), "per-3");
    assert_string_equal(found("c@example.se"), "");

    /* Of another field the same text is another value. */
    const kind_t *kind = schema_kind("person");
    value_t value = value_text("a@example.se");
    record_id_t *ids;
    size_t count;
    store_txn_t *txn = store_read(store);
    assert_true(
        derived_find(derived, txn, kind, kind_field(kind, "name"), &value, 1, arena, &ids, &count));
    assert_int_equal(count, 0);
    store_abort(&txn);

    put(someone(2, "b@example.se"));
    apply_one(2000, "per-10", NULL);
    follow();
    assert_string_equal(found("a@example.se"), "");
    assert_string_equal(found("b@example.se"), "per-2 per-3");
}

/* A read sees every write: what the file has not come to yet is looked through. */
static void what_is_newer_than_the_file_is_among_the_found(void **state)
{
    (void)state;
    put(someone(1, "a@example.se"));
    follow();
    put(someone(2, "a@example.se"));
    put(someone(1, "b@example.se"));
    put(county("cty-05", "Östergötlands län"));
    assert_string_equal(found("a@example.se"), "per-1 per-2");
    assert_string_equal(found("b@example.se"), "per-1 per-2");
    for (unsigned i = 0; i < 500; i++)
        put(county("cty-05", "Östergötlands län"));
    assert_null(found("a@example.se")); /* too much to look through */
    follow();
    assert_string_equal(found("a@example.se"), "per-2");
}

/* To a transaction from before the file's revision it cannot tell who had a value. */
static void a_file_ahead_of_the_reader_does_not_answer(void **state)
{
    (void)state;
    record_id_t *ids;
    size_t count;
    put(someone(1, "a@example.se"));
    follow();
    store_txn_t *txn = store_read(store);
    put(someone(1, "b@example.se"));
    assert_true(find_in(txn, "a@example.se", &ids, &count));
    assert_int_equal(count, 1);
    follow();
    assert_false(find_in(txn, "a@example.se", &ids, &count));
    store_abort(&txn);
}

/* -- words ------------------------------------------------------------------------------ */

/* What may hold the words, newest first, with how many may be in the title; NULL where the
   file cannot tell. */
static const char *looked_in(store_txn_t *txn, const char *kind, const char *text)
{
    wanted_t wanted[4];
    derived_word_t words[4] = {{.n_names = 0}};
    derived_hit_t *hits;
    size_t n_hits;
    bool cut = false;
    const char *all = "";
    stemmer_t *stemmer = stemmer_new();
    size_t n_words = words_wanted(text, stemmer, wanted, 4);
    for (size_t i = 0; i < n_words; i++)
        words[i].wanted = wanted[i];
    derived_look_t *look = derived_look_begin(derived, txn, arena);
    if (!look)
        all = NULL;
    else
        assert_true(derived_look(look, schema_kind(kind), words, n_words, stemmer, 100, &hits,
                                 &n_hits, &cut));
    for (size_t i = 0; look && i < n_hits; i++)
        all = arena_format(arena, "%s%s%s:%u", all, i ? " " : "", hits[i].id.text, hits[i].titles);
    assert_false(cut);
    derived_look_end(&look);
    stemmer_destroy(&stemmer);
    return all;
}

static const char *looked(const char *kind, const char *text)
{
    store_txn_t *txn = store_read(store);
    const char *all = looked_in(txn, kind, text);
    store_abort(&txn);
    return all;
}

static record_t *inquiry(unsigned number, const char *title, const char *description)
{
    return record_with(arena_format(arena, "inq-%u", number), "title", title,
                       description ? "description" : NULL, description, NULL);
}

static void who_holds_words_is_found(void **state)
{
    (void)state;
    put(inquiry(1, "Kurs i svets", NULL));
    assert_null(looked("inquiry", "svets")); /* nothing has been looked at yet */
    put(inquiry(2, "Svets", "en kurs"));
    put(inquiry(3, "Kurs", NULL));
    follow();
    assert_string_equal(looked("inquiry", "kurser svets"), "inq-2:1 inq-1:2");
    assert_string_equal(looked("inquiry", "svets cad"), "");
    put(inquiry(2, "Cad", NULL));
    apply_one(2000, "inq-1", NULL);
    follow();
    assert_string_equal(looked("inquiry", "svets"), "");
    assert_string_equal(looked("inquiry", "cad"), "inq-2:1");
}

/* What has changed since may hold them all, wherever it did before; and once each. */
static void what_is_newer_than_the_file_may_hold_words(void **state)
{
    (void)state;
    put(inquiry(1, "Kurs", "svets"));
    put(inquiry(2, "Kurs", "svets"));
    follow();
    put(inquiry(2, "Kurs", "annat"));
    put(inquiry(4, "Svets", NULL));
    put(county("cty-05", "Svets"));
    assert_string_equal(looked("inquiry", "svets kurs"), "inq-4:2 inq-2:2 inq-1:1");
    assert_string_equal(looked("county", "svets"), "cty-05:1");
    assert_string_equal(looked("task", "svets"), "");
    for (unsigned i = 0; i < 500; i++)
        put(county("cty-05", "Svets"));
    assert_null(looked("inquiry", "svets")); /* too much to look through */
}

static void a_file_ahead_of_the_reader_tells_no_words(void **state)
{
    (void)state;
    put(inquiry(1, "Svets", NULL));
    follow();
    store_txn_t *txn = store_read(store);
    put(inquiry(1, "Cad", NULL));
    assert_string_equal(looked_in(txn, "inquiry", "svets"), "inq-1:1");
    follow();
    assert_null(looked_in(txn, "inquiry", "svets"));
    store_abort(&txn);
    derived_t *kept = derived;
    derived = NULL;
    assert_null(looked("inquiry", "svets"));
    derived = kept;
}

/* -- the same as a look at everybody ---------------------------------------------------- */

#define PEOPLE 1500u /* with all their words more than one step of building takes */
#define ADDRESSES 40u
#define ROUNDS 400u

static const char *addresses[PEOPLE + 1]; /* as the record has them; NULL: none, or nobody */

static uint64_t draw(uint64_t below)
{
    static uint64_t seed = 20261122;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static const char *any_address(void)
{
    uint64_t number = draw(ADDRESSES);
    return number ? arena_format(arena, "a%u@example.se", (unsigned)number) : NULL;
}

static void change_someone(void)
{
    unsigned number = 1 + (unsigned)draw(PEOPLE);
    const char *id = arena_format(arena, "per-%u", number);
    store_txn_t *txn = store_read(store);
    record_id_t parsed = id_of_text(id);
    bool is_there = records_exists(txn, &parsed);
    store_abort(&txn);
    bool goes = is_there && draw(4) == 0;
    addresses[number] = goes ? NULL : any_address();
    apply_one(1000, id, goes ? NULL : someone(number, addresses[number]));
}

/* `exact`: nobody else is among them. */
static void agree(const char *address, bool exact)
{
    record_id_t *ids;
    size_t count, position = 0, wanted = 0;
    store_txn_t *txn = store_read(store);
    assert_true(find_in(txn, address, &ids, &count));
    for (unsigned number = 1; number <= PEOPLE; number++) {
        if (!addresses[number] || strcmp(addresses[number], address) != 0)
            continue;
        wanted++;
        while (position < count && ids[position].number < number)
            position++;
        assert_true(position < count && ids[position].number == number);
    }
    if (exact)
        assert_int_equal(count, wanted);
    store_abort(&txn);
}

static void put_people(void)
{
    store_txn_t *txn = store_write(store);
    operation_t operations[PEOPLE];
    for (unsigned i = 0; i < PEOPLE; i++) {
        addresses[i + 1] = any_address();
        operations[i] =
            (operation_t){.after = seal_record(txn, someone(i + 1, addresses[i + 1]), arena)};
    }
    assert_true(apply(txn, 1000, operations, PEOPLE) > 0);
    assert_int_equal(store_commit(&txn), 0);
}

static void it_finds_whom_a_look_at_everybody_finds(void **state)
{
    (void)state;
    int status;
    put_people();

    /* They change while the file is being built. */
    assert_int_equal(derived_follow(derived, &status), DERIVED_MORE);
    for (unsigned i = 0; i < 100; i++)
        change_someone();
    assert_null(found("a1@example.se"));
    follow();
    for (unsigned i = 1; i < ADDRESSES; i++)
        agree(arena_format(arena, "a%u@example.se", i), true);

    /* And while it follows, or does not. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        bool follows = draw(8) == 0;
        change_someone();
        if (follows)
            follow();
        agree(arena_format(arena, "a%u@example.se", 1 + (unsigned)draw(ADDRESSES - 1)), follows);
    }
}

/* Who came late to the building is there as when it began: to a reader from then too. */
static void rows_are_of_one_revision(void **state)
{
    (void)state;
    int status;
    put_people();
    assert_int_equal(derived_follow(derived, &status), DERIVED_MORE);
    store_txn_t *txn = store_read(store);
    const char *before = addresses[PEOPLE] ? addresses[PEOPLE] : "a1@example.se";
    put(someone(PEOPLE, "late@example.se"));
    assert_int_equal(derived_follow(derived, &status), DERIVED_MORE);
    record_id_t *ids;
    size_t count;
    assert_true(find_in(txn, before, &ids, &count));
    assert_int_equal(count > 0 && ids[count - 1].number == PEOPLE, addresses[PEOPLE] != NULL);
    assert_true(find_in(txn, "late@example.se", &ids, &count));
    assert_int_equal(count, 0);
    store_abort(&txn);
}

/* -- put down and taken up, or thrown away ------------------------------------------------ */

/* Puts the file down; gives it open. */
static int put_down(void)
{
    derived_close(&derived);
    assert_int_not_equal(access(in_directory("derived.mdb"), F_OK), 0);
    int file = open(in_directory("derived.whole"), O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    return file;
}

static bool is_zeros(int file)
{
    struct stat status;
    unsigned char byte;
    assert_int_equal(fstat(file, &status), 0);
    for (off_t at = 0; at < status.st_size; at++)
        if (pread(file, &byte, 1, at) != 1 || byte != 0)
            return false;
    return true;
}

/* Whether the file that was put down serves again; otherwise it must hold nothing. */
static bool is_kept(int file)
{
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    if (status.st_nlink == 0)
        assert_true(is_zeros(file));
    close(file);
    return status.st_nlink > 0;
}

static void a_file_put_down_even_is_taken_up(void **state)
{
    (void)state;
    put(someone(1, "a@example.se"));
    follow();
    int file = put_down();
    reopen();
    open_derived();
    assert_null(found("a@example.se")); /* its rows are to be checked first */
    follow();
    assert_string_equal(found("a@example.se"), "per-1");
    put(someone(1, "b@example.se"));
    follow();
    assert_string_equal(found("a@example.se"), "");
    assert_true(is_kept(file));
}

static void a_file_in_use_is_nobodys_after_a_crash(void **state)
{
    (void)state;
    put(someone(1, "a@example.se"));
    follow();
    int file = put_down();
    assert_int_equal(rename(in_directory("derived.whole"), in_directory("derived.mdb")), 0);
    open_derived();
    assert_false(is_kept(file));
    follow();
    assert_string_equal(found("a@example.se"), "per-1");
}

static void a_file_that_is_not_even_is_not_put_down(void **state)
{
    (void)state;
    follow();
    put(someone(1, "a@example.se"));
    derived_close(&derived);
    assert_int_not_equal(access(in_directory("derived.whole"), F_OK), 0);
    open_derived();
    follow();
    assert_string_equal(found("a@example.se"), "per-1");
}

static void a_file_of_another_head_is_thrown_away(void **state)
{
    (void)state;
    put(someone(1, "a@example.se"));
    follow();
    int file = put_down();
    put(someone(1, "b@example.se"));
    open_derived();
    assert_false(is_kept(file));
    follow();
    assert_string_equal(found("b@example.se"), "per-1");
}

/* Write into the file that was put down. */
static void change_file(void (*change)(db_txn_t *txn))
{
    int status;
    db_t *db = db_open(in_directory("derived.whole"), MAP, 0, &status);
    assert_non_null(db);
    db_txn_t *txn = db_begin(db, NULL, true, &status);
    change(txn);
    assert_int_equal(db_commit(&txn), 0);
    db_close(&db);
}

static void another_epoch(db_txn_t *txn)
{
    meta_write(txn, "epoch", "0123456789abcdef", 16);
}

static void another_form(db_txn_t *txn)
{
    unsigned char form[META_HASH_SIZE] = {1};
    meta_write(txn, "form", form, sizeof form);
}

static void lose_a_row(db_txn_t *txn)
{
    db_cursor_t cursor;
    db_cursor_start(&cursor, txn, DB_INDEX);
    assert_true(db_cursor_first(&cursor));
    db_cursor_delete(&cursor);
    db_cursor_end(&cursor);
}

static void a_file_of_another_epoch_or_form_is_thrown_away(void **state)
{
    (void)state;
    static void (*const changes[])(db_txn_t *) = {another_epoch, another_form};
    put(someone(1, "a@example.se"));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        follow();
        int file = put_down();
        change_file(changes[i]);
        open_derived();
        assert_false(is_kept(file));
    }
    follow();
    assert_string_equal(found("a@example.se"), "per-1");
}

/* Damage harms nothing but speed. */
static void a_row_that_was_lost_is_missed(void **state)
{
    (void)state;
    int status;
    put(someone(1, "a@example.se"));
    follow();
    int file = put_down();
    change_file(lose_a_row);
    open_derived();
    assert_int_equal(derived_follow(derived, &status), DERIVED_FAILED);
    assert_int_equal(status, EBADMSG);
    assert_false(is_kept(file));
    assert_null(found("a@example.se"));
    follow();
    assert_string_equal(found("a@example.se"), "per-1");
}

static void a_file_that_is_none_is_thrown_away(void **state)
{
    (void)state;
    put(someone(1, "a@example.se"));
    for (off_t size = 0; size <= 3 * 4096; size += 4096) {
        follow();
        int file = put_down();
        assert_int_equal(ftruncate(file, size), 0);
        open_derived();
        assert_false(is_kept(file));
    }
    follow();
    int file = put_down();
    assert_int_equal(pwrite(file, "no database", 11, 16), 11);
    open_derived();
    assert_false(is_kept(file));
    follow();
    assert_string_equal(found("a@example.se"), "per-1");
}

/* -- people's data ---------------------------------------------------------------------- */

static void what_is_forgotten_goes(void **state)
{
    (void)state;
    record_id_t id = id_of_text("per-1");
    put(someone(1, "a@example.se"));
    put(someone(2, "a@example.se"));
    follow();
    int file = open(in_directory("derived.mdb"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(seal_forget(store, &id), 0);
    assert_int_equal(derived_rebuild(derived), 0);
    assert_false(is_kept(file));
    assert_null(found("a@example.se"));
    follow();
    assert_string_equal(found("a@example.se"), "per-2");
    assert_string_equal(looked("person", "handläggare"), "per-2:1");
    assert_int_equal(derived_rebuild(NULL), 0);
}

static void nothing_personal_lies_in_clear_text(void **state)
{
    (void)state;
    struct stat status;
    put(someone(1, "a@example.se"));
    follow();
    assert_int_equal(stat(in_directory("derived.mdb"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_false(file_holds("record.mdb", "a@example.se"));
    assert_false(file_holds("derived.mdb", "a@example.se"));
    assert_false(file_holds("derived.mdb", "Handläggare"));
    assert_false(file_holds("derived.mdb", "handläggare"));
    assert_false(file_holds("derived.mdb", "järnväg")); /* a note on someone */
    assert_string_equal(looked("person", "handlägg järnvägar"), "per-1:2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DERIVED_TEST(who_has_a_value_is_found),
        DERIVED_TEST(what_is_newer_than_the_file_is_among_the_found),
        DERIVED_TEST(a_file_ahead_of_the_reader_does_not_answer),
        DERIVED_TEST(who_holds_words_is_found),
        DERIVED_TEST(what_is_newer_than_the_file_may_hold_words),
        DERIVED_TEST(a_file_ahead_of_the_reader_tells_no_words),
        DERIVED_TEST(it_finds_whom_a_look_at_everybody_finds),
        DERIVED_TEST(rows_are_of_one_revision),
        DERIVED_TEST(a_file_put_down_even_is_taken_up),
        DERIVED_TEST(a_file_in_use_is_nobodys_after_a_crash),
        DERIVED_TEST(a_file_that_is_not_even_is_not_put_down),
        DERIVED_TEST(a_file_of_another_head_is_thrown_away),
        DERIVED_TEST(a_file_of_another_epoch_or_form_is_thrown_away),
        DERIVED_TEST(a_row_that_was_lost_is_missed),
        DERIVED_TEST(a_file_that_is_none_is_thrown_away),
        DERIVED_TEST(what_is_forgotten_goes),
        DERIVED_TEST(nothing_personal_lies_in_clear_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

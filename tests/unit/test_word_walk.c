#include "store_fixture.h"

#include "word_walk.h"

static const unsigned char key[DERIVED_KEY_SIZE] = "a key";
static const kind_t *inquiry;
static db_t *db;
static db_txn_t *work;
static stemmer_t *stemmer;

/* A file of rows of its own, empty, in one transaction. */
static int setup(void **state)
{
    (void)state;
    int status;
    assert_true(schema_start());
    inquiry = schema_kind("inquiry");
    arena = arena_new();
    make_directory();
    db = db_open(in_directory("rows"), (size_t)256 << 20, DB_CREATE | DB_SCRATCH, &status);
    assert_non_null(db);
    work = db_begin(db, NULL, true, &status);
    assert_non_null(work);
    stemmer = stemmer_new();
    assert_non_null(stemmer);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stemmer_destroy(&stemmer);
    db_abort(&work);
    db_close(&db);
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

static void keep(const record_t *state)
{
    uint64_t sum = 0;
    derived_rows_replace(work, key, &state->id, state, seal_mask(state), arena, &sum);
    assert_int_equal(db_failed(work), 0);
}

/* -- asking ------------------------------------------------------------------------------- */

static derived_word_t words[8];
static size_t n_words;
static derived_hit_t *hits;
static size_t n_hits;
static bool cut;

static void ask(const char *text)
{
    wanted_t wanted[8];
    n_words = words_wanted(text, stemmer, wanted, 8);
    memset(words, 0, sizeof words);
    for (size_t i = 0; i < n_words; i++)
        words[i].wanted = wanted[i];
}

static void walk(const kind_t *kind, size_t most)
{
    cut = false;
    assert_true(
        word_walk(work, key, kind, words, n_words, stemmer, most, arena, &hits, &n_hits, &cut));
}

/* The ids, newest first, with how many of the words their titles have. */
static const char *found(const kind_t *kind, const char *text, size_t most)
{
    const char *all = "";
    ask(text);
    walk(kind, most);
    for (size_t i = 0; i < n_hits; i++)
        all = arena_format(arena, "%s%s%s:%u", all, i ? " " : "", hits[i].id.text, hits[i].titles);
    return all;
}

static void all_words_must_be_there(void **state)
{
    (void)state;
    keep(record_with("inq-1", "title", "Svets för lärare", "description", "kurs", NULL));
    keep(record_with("inq-2", "title", "Lärare", NULL));
    keep(record_with("inq-10", "title", "Kurs", "description", "svets, lärare", NULL));
    keep(record_with("tsk-4", "what", "kurs i svets för lärare", "about", "inq-1", NULL));
    assert_string_equal(found(inquiry, "svets", 9), "inq-10:0 inq-1:1");
    assert_string_equal(found(inquiry, "lärare kurser svets", 9), "inq-10:1 inq-1:2");
    assert_string_equal(found(inquiry, "svets cad", 9), "");
    assert_string_equal(found(inquiry, "cad svets", 9), "");
    assert_string_equal(found(schema_kind("task"), "svets", 9), "tsk-4:1");
    assert_string_equal(found(schema_kind("course"), "svets", 9), "");
    assert_false(cut);
}

static void no_more_than_the_newest_are_given(void **state)
{
    (void)state;
    keep(record_with("inq-1", "title", "kurs", NULL));
    keep(record_with("inq-2", "title", "kurser", NULL));
    keep(record_with("inq-3", "title", "kursen", NULL));
    assert_string_equal(found(inquiry, "kurs", 2), "inq-3:1 inq-2:1");
    assert_true(cut);
    assert_string_equal(found(inquiry, "kurs", 3), "inq-3:1 inq-2:1 inq-1:1");
    assert_false(cut);
}

static void a_name_stands_for_what_has_it(void **state)
{
    (void)state;
    record_id_t names[] = {id_of_text("mun-0583"), id_of_text("org-7")};
    keep(record_with("inq-1", "title", "svets", "municipality", "mun-0583", NULL));
    keep(record_with("inq-2", "title", "svets i motala", "municipality", "mun-1880", NULL));
    keep(record_with("inq-3", "title", "cad", "municipality", "mun-0583", NULL));
    keep(record_with("inq-4", "title", "svets", "employer", "org-7", NULL));
    ask("svets motala");
    words[1].names = names;
    words[1].n_names = 2;
    walk(inquiry, 9);
    assert_int_equal(n_hits, 3);
    assert_string_equal(hits[0].id.text, "inq-4");
    assert_int_equal(hits[0].titles, 1); /* a name is not in the title */
    assert_string_equal(hits[1].id.text, "inq-2");
    assert_int_equal(hits[1].titles, 2);
    assert_string_equal(hits[2].id.text, "inq-1");
}

static void codes_are_found_too(void **state)
{
    (void)state;
    keep(record_with("are-01", "name_en", "Nursing", "name_sv", "Vård", NULL));
    keep(record_with("are-0113", "name_en", "Care", "name_sv", "Vård och omsorg", NULL));
    keep(record_with("are-02", "name_en", "Care", "name_sv", "Omsorg om vård", NULL));
    assert_string_equal(found(schema_kind("area"), "vård", 9), "are-02:1 are-0113:1 are-01:1");
    assert_string_equal(found(schema_kind("area"), "vård omsorg", 9), "are-02:2 are-0113:2");
}

/* Of what lies under a seal not all that is found is it; and it may be the title. */
static void sealed_words_are_candidates(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("person");
    keep(record_with("per-1", "name", "Rektor", "organisation", "org-1", NULL));
    keep(record_with("per-2", "name", "Lärare", "notes", "rekryterar", NULL));
    keep(record_with("per-3", "name", "Lärare", NULL));
    assert_string_equal(found(kind, "rek", 9), "per-2:1 per-1:1");
    assert_string_equal(found(kind, "rektor", 9), "per-1:1");
    assert_string_equal(found(kind, "rektorat", 9), "per-1:1"); /* begins alike, as far as told */
}

/* -- the same as a look at every record ----------------------------------------------------- */

#define DOCUMENTS 300u
#define QUESTIONS 600u
#define PLACES 4u

static uint64_t draw(uint64_t below)
{
    static uint64_t seed = 20261122;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static const char *draw_words(unsigned most)
{
    static const char *const pool[] = {
        "kurs",    "kurser",    "kursplan", "kursen",    "svets",  "svetsning", "svetsare", "mot",
        "motor",   "motorer",   "motala",   "vård",      "vården", "vårdare",   "möjlig",   "data",
        "datorer", "möjlighet", "it",       "italiensk", "lärare", "lärling",   "lära",     "för",
        "förare",  "b2b",       "åt",       "ålder",     "äldre",  "idé"};
    const char *text = "";
    for (uint64_t n = draw(most + 1); n > 0; n--)
        text = arena_format(arena, "%s%s ", text, pool[draw(sizeof pool / sizeof *pool)]);
    return text;
}

static unsigned words_in(const char *text)
{
    unsigned in = 0;
    token_t word;
    while (words_next(&text, &word))
        for (size_t i = 0; i < n_words; i++)
            in |= (unsigned)wanted_is(&words[i].wanted, stemmer, &word) << i;
    return in;
}

/* Each word is perhaps the name of some places. */
static void name_some(void)
{
    for (size_t i = 0; i < n_words; i++) {
        record_id_t *names = arena_alloc(arena, PLACES * sizeof *names);
        for (unsigned place = 0; place < PLACES; place++)
            if (draw(6) == 0)
                names[words[i].n_names++] = id_of_text(arena_format(arena, "mun-%u", place));
        words[i].names = names;
    }
}

static unsigned words_named(const char *place)
{
    unsigned named = 0;
    for (size_t i = 0; i < n_words; i++)
        for (size_t j = 0; j < words[i].n_names; j++)
            named |= (unsigned)(strcmp(words[i].names[j].text, place) == 0) << i;
    return named;
}

static void it_finds_what_a_look_at_every_record_finds(void **state)
{
    (void)state;
    static struct {
        const char *title, *description, *municipality;
    } documents[DOCUMENTS + 1];
    size_t found_in_all = 0;
    for (unsigned i = 1; i <= DOCUMENTS; i++) {
        documents[i].title = draw_words(3);
        documents[i].description = draw_words(12);
        documents[i].municipality = arena_format(arena, "mun-%u", (unsigned)draw(PLACES));
        keep(record_with(arena_format(arena, "inq-%u", i), "title", documents[i].title,
                         "description", documents[i].description, "municipality",
                         documents[i].municipality, NULL));
    }
    for (unsigned i = 0; i < QUESTIONS; i++) {
        const char *text = arena_text(arena, draw_words(4));
        size_t size = strlen(text), kept = size - (size ? draw(3) : 0), at = 0;
        ask(arena_text_of(arena, text, kept)); /* perhaps half of the last one */
        if (n_words == 0)
            continue;
        name_some();
        walk(inquiry, DOCUMENTS);
        for (unsigned number = DOCUMENTS; number > 0; number--) {
            unsigned in_title = words_in(documents[number].title);
            if ((in_title | words_in(documents[number].description) |
                 words_named(documents[number].municipality)) != (1u << n_words) - 1)
                continue;
            assert_true(at < n_hits);
            assert_int_equal(hits[at].id.number, number);
            assert_int_equal(hits[at].titles, __builtin_popcount(in_title));
            at++;
        }
        assert_int_equal(at, n_hits);
        found_in_all += n_hits;
    }
    assert_true(found_in_all > QUESTIONS);
}

/* -- patience -------------------------------------------------------------------------------- */

static void put_row(const char *word, uint64_t number)
{
    db_key_t row;
    derived_rows_text(&row, inquiry, ROW_WORD, word);
    key_add_u64(&row, number);
    key_add_u8(&row, 0);
    db_put(work, DB_INDEX, key_view(&row), (db_view_t){.data = ""});
}

static void words_that_never_meet_are_given_up(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 60000; number++)
        put_row("odd", 2 * number + 1);
    for (uint64_t number = 1; number <= 60000; number++)
        put_row("even", 2 * number);
    assert_string_equal(found(inquiry, "odd even", 9), "");
    assert_true(cut);
    put_row("even", 120001);
    assert_string_equal(found(inquiry, "odd even", 9), "inq-120001:0");
}

static void of_too_many_beginnings_some_are_left_out(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 1000; number++)
        put_row(arena_format(arena, "ab%04u", (unsigned)number), number);
    found(inquiry, "ab", 2000);
    assert_int_equal(n_hits, 1000);
    assert_false(cut);
    put_row("ab2000", 2000);
    found(inquiry, "ab", 2000);
    assert_int_equal(n_hits, 1000);
    assert_true(cut);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_words_must_be_there),
        TEST(no_more_than_the_newest_are_given),
        TEST(a_name_stands_for_what_has_it),
        TEST(codes_are_found_too),
        TEST(sealed_words_are_candidates),
        TEST(it_finds_what_a_look_at_every_record_finds),
        TEST(words_that_never_meet_are_given_up),
        TEST(of_too_many_beginnings_some_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

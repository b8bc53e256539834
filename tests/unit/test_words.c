#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static stemmer_t *stemmer;

static int setup(void **state)
{
    (void)state;
    stemmer = stemmer_new();
    return stemmer ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    stemmer_destroy(&stemmer);
    return 0;
}

/* The words of a text with strokes between. */
static const char *read(const char *text)
{
    static char all[400];
    token_t word;
    *all = '\0';
    while (words_next(&text, &word)) {
        assert_int_equal(word.size, strlen(word.text));
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", *all ? "|" : "", word.text);
    }
    return all;
}

static void a_text_is_read_word_by_word(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", ""},
        {" – … ", ""},
        {"Grundkurs i CAD, 8 deltagare.", "grundkurs|i|cad|8|deltagare"},
        {"B2B-försäljning\noch\tIT/AI", "b2b|försäljning|och|it|ai"},
        {"ÅÄÖ åäö", "åäö|åäö"},
        {"Idé, Müller, LINNÉ, ČAPEK", "ide|muller|linne|capek"},
        {"a\xcc\x8a e\xcc\x81", "a|e"}, /* marks that stand alone change nothing */
        {"sam\xc2\xadverkan", "samverkan"},
        {"Øresund Æblegård", "øresund|æblegård"},
        {"\xff\xfe x", "x"}, /* no UTF-8 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(read(rows[i].text), rows[i].words);
}

static void a_long_word_is_cut(void **state)
{
    (void)state;
    char text[200], *end = text;
    const char *at = text;
    token_t word;
    for (unsigned i = 0; i < 70; i++)
        end = stpcpy(end, "ö");
    strcpy(end, " x");
    assert_true(words_next(&at, &word));
    assert_int_equal(word.size, WORD_MAX);
    assert_memory_equal(word.text, text, WORD_MAX);
    assert_true(words_next(&at, &word));
    assert_string_equal(word.text, "x");
    assert_false(words_next(&at, &word));
}

static void letters_are_counted_whole(void **state)
{
    (void)state;
    const token_t word = {5, "åäö"}; /* cut in the last one */
    assert_int_equal(token_letters(&word, 1), 2);
    assert_int_equal(token_letters(&word, 2), 4);
    assert_int_equal(token_letters(&word, 4), 0);
    assert_int_equal(token_letters(&word, 0), 0);
}

/* -- what is looked for ---------------------------------------------------------------- */

static wanted_t wanted[8];

static size_t want(const char *text)
{
    return words_wanted(text, stemmer, wanted, 8);
}

static bool is(const char *text)
{
    token_t word;
    assert_true(words_next(&text, &word));
    return wanted_is(wanted, stemmer, &word);
}

static void a_question_has_words(void **state)
{
    (void)state;
    assert_int_equal(want("Äldreomsorg MOTALA"), 2);
    assert_string_equal(wanted[0].word.text, "äldreomsorg");
    assert_false(wanted[0].begins);
    assert_string_equal(wanted[1].word.text, "motala");
    assert_true(wanted[1].begins);
    assert_int_equal(want(" ,– "), 0);
    assert_int_equal(want("a b c d e f g h j"), 9);
}

static void what_says_nothing_is_left_out(void **state)
{
    (void)state;
    static const char *const empty[] = {"att",  "av",    "de",   "den", "det", "efter", "eller",
                                        "en",   "ett",   "från", "för", "hos", "i",     "inom",
                                        "med",  "mot",   "och",  "om",  "på",  "samt",  "som",
                                        "till", "under", "vid",  "är",  "åt"};
    char text[40];
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        snprintf(text, sizeof text, "%s svets", empty[i]);
        assert_int_equal(want(text), 1);
    }
    assert_int_equal(want("för i"), 2); /* unless there is nothing else */
    assert_string_equal(wanted[0].word.text, "för");
}

static void only_the_last_word_may_be_half(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool begins;
    } rows[] = {{"svets", true},   {"svets ", false}, {"svets,", false}, {"kurs svets", true},
                {"kurs å", false}, {"it", true},      {"kurs i", false}, {"kurs kurs", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = want(rows[i].text);
        assert_int_equal(wanted[count - 1].begins, rows[i].begins);
        if (count > 1)
            assert_false(wanted[0].begins);
    }
}

static void words_with_one_stem_are_one(void **state)
{
    (void)state;
    want("utbildningar ");
    assert_true(is("utbildning"));
    assert_true(is("Utbildningen"));
    assert_true(is("utbildningarnas"));
    assert_false(is("utbildare"));
    assert_false(is("utbildningsplan"));
    want("möte ");
    assert_false(is("mote"));
    want("kurser ");
    assert_true(is("kurs"));
    want("kurs ");
    assert_true(is("kurserna"));
    assert_false(is("kursplan"));
}

/* However much of a word has been written. */
static void each_beginning_finds_the_word(void **state)
{
    (void)state;
    static const char *const words[] = {"möjligheterna",  "motor",       "utbildningarnas",
                                        "undersköterska", "äldreomsorg", "löst",
                                        "idéerna"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        token_t word;
        const char *at = words[i];
        assert_true(words_next(&at, &word));
        for (size_t letters = 2, size; (size = token_letters(&word, letters)) > 0; letters++) {
            char text[WORD_MAX + 1];
            snprintf(text, sizeof text, "%.*s", (int)size, word.text);
            want(text);
            assert_true(is(words[i]));
        }
    }
    want("motorx");
    assert_false(is("motor"));
}

/* Whoever looks for them looks from the stem on. */
static void all_that_are_wanted_begin_with_the_stem(void **state)
{
    (void)state;
    static const char *const words[] = {"möjligheterna", "löst", "fullt", "kursernas", "b2b", "åt"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        want(words[i]);
        assert_true(token_begins(&wanted[0].word, &wanted[0].stem));
    }
    want("kurserna ");
    assert_string_equal(wanted[0].stem.text, "kur");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_read_word_by_word),
        cmocka_unit_test(a_long_word_is_cut),
        cmocka_unit_test(letters_are_counted_whole),
        cmocka_unit_test(a_question_has_words),
        cmocka_unit_test(what_says_nothing_is_left_out),
        cmocka_unit_test(only_the_last_word_may_be_half),
        cmocka_unit_test(words_with_one_stem_are_one),
        cmocka_unit_test(each_beginning_finds_the_word),
        cmocka_unit_test(all_that_are_wanted_begin_with_the_stem),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

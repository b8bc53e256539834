#include "expected.h"
#include "language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int begin(void **state)
{
    (void)state;
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", "sv", 1);
    setenv("SAMVERK_LOCALEDIR", SAMVERK_BINARY_DIR "/po", 1);
    language_start();
    arena = arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void comes_out_in_swedish(void **state)
{
    (void)state;
    assert_string_equal(expected_translated("did you mean title?", arena), "menade du title?");
    assert_string_equal(expected_translated("at most 400 records and 12 groups to count", arena),
                        "högst 400 poster och 12 grupper att räkna");
    assert_string_equal(expected_translated("no item twice", arena), "inget värde två gånger");
}

static void what_is_unknown_stays(void **state)
{
    (void)state;
    assert_string_equal(expected_translated("", arena), "");
    assert_string_equal(expected_translated("something new", arena), "something new");
    assert_string_equal(expected_translated("at most ", arena), "at most ");
    assert_string_equal(expected_translated("did you mean ?", arena), "did you mean ?");
}

/* All sources of the daemon and the protocol, one after the other. */
static char *sources(void)
{
    FILE *stream = popen("cat " SAMVERK_SOURCE_DIR "/daemon/*.c " SAMVERK_SOURCE_DIR
                         "/daemon/rules/*.c " SAMVERK_SOURCE_DIR "/proto/*.c",
                         "r");
    assert_non_null(stream);
    size_t room = 8u << 20;
    char *text = malloc(room);
    assert_non_null(text);
    text[fread(text, 1, room - 1, stream)] = 0;
    pclose(stream);
    /* A text over several lines is one. */
    for (char *join; (join = strstr(text, "\"\n"));) {
        char *next = join + 2 + strspn(join + 2, " ");
        if (*next == '"')
            memmove(join, next + 1, strlen(next + 1) + 1);
        else
            *join = '\001';
    }
    return text;
}

/* The sentence as a printf format has it: %s may be %u, %zu, %04X. */
static bool is_said(const char *text, const char *sentence)
{
    const char *gap = strstr(sentence, "%s");
    size_t literal = gap ? (size_t)(gap - sentence) : strlen(sentence);
    char *first = strndup(sentence, literal);
    bool found = false;
    for (const char *at = text; !found && (at = strstr(at, first)); at++) {
        const char *here = at + literal, *rest = sentence + literal;
        while (*rest && *here && (*rest == '%' ? *here == '%' : *rest == *here)) {
            if (*rest == '%') {
                here += strcspn(here, "sudxX") + 1;
                rest += 2;
            } else {
                here++, rest++;
            }
        }
        found = !*rest;
    }
    free(first);
    return found;
}

static void every_sentence_is_the_daemons(void **state)
{
    (void)state;
    char *text = sources();
    const char *sentence;
    for (size_t i = 0; (sentence = expected_sentence(i)); i++) {
        if (!is_said(text, sentence))
            fail_msg("nobody says: %s", sentence);
        assert_string_not_equal(gettext(sentence), sentence);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_out_in_swedish),
        cmocka_unit_test(what_is_unknown_stays),
        cmocka_unit_test(every_sentence_is_the_daemons),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

#include "cli_fixture.h"
#include "difference.h"

static const char *shown(const char *before, const char *after)
{
    const difference_t *parts;
    size_t n = difference_of(before, after, cli.arena, &parts);
    return difference_text(parts, n, "", cli.arena);
}

/* -- the parts ----------------------------------------------------------------------------- */

static void words_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *shown;
    } rows[] = {
        {"fem dagar i veckan", "två dagar i veckan", "[-fem-] {+två+} dagar i veckan\n"},
        {"i pension till sommaren.", "i pension redan i vår.",
         "i pension [-till sommaren.-]{+redan i vår.+}\n"},
        {"a b c d", "a c d", "a [-b-] c d\n"},
        {"a c d", "a b c d", "a {+b+} c d\n"},
        {"a b c d e", "x b y d z", "[-a-] {+x+} b [-c-] {+y+} d [-e-]{+z+}\n"},
        {"", "ny text", "{+ny text+}\n"},
        {"gammal", "", "[-gammal-]\n"},
        {"å ä ö", "å Ä ö", "å [-ä-] {+Ä+} ö\n"},
        {"a b c d", "b c a d", "[-a-] b c {+a+} d\n"},
        {"b c a d", "a b c d", "{+a+} b c [-a-] d\n"},
        {"a b a b", "b a b a", "[-a-] b a [-b-]{+b a+}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(shown(rows[i].before, rows[i].after), rows[i].shown);
}

/* What is the same or removed is the one text, what is the same or added the other. */
static void adds_up(const char *before, const char *after)
{
    const difference_t *parts;
    size_t n = difference_of(before, after, cli.arena, &parts);
    const char *one = "", *other = "";
    for (size_t i = 0; i < n; i++) {
        assert_true(parts[i].text[0]);
        assert_true(i == 0 || parts[i].sort != parts[i - 1].sort);
        if (parts[i].sort != DIFFERENCE_ADDED)
            one = arena_format(cli.arena, "%s%s", one, parts[i].text);
        if (parts[i].sort != DIFFERENCE_REMOVED)
            other = arena_format(cli.arena, "%s%s", other, parts[i].text);
    }
    assert_string_equal(one, before);
    assert_string_equal(other, after);
}

static void the_parts_make_both_texts(void **state)
{
    (void)state;
    static const char *const words[] = {"ett ", "två ", "tre", "\n", "  fyra", " "};
    srandom(7);
    adds_up("", "");
    for (int round = 0; round < 300; round++) {
        char texts[2][400] = {"", ""};
        for (int t = 0; t < 2; t++)
            for (long n = random() % 40; n > 0; n--)
                strcat(texts[t], words[random() % 6]);
        adds_up(texts[0], texts[1]);
    }
}

static size_t common(const char *a, const char *b)
{
    if (!*a || !*b)
        return 0;
    if (*a == *b)
        return 1 + common(a + 1, b + 1);
    size_t one = common(a + 1, b), other = common(a, b + 1);
    return one > other ? one : other;
}

/* As much stays as can. */
static void no_more_is_told_than_must_be(void **state)
{
    (void)state;
    srandom(11);
    for (int round = 0; round < 200; round++) {
        char letters[2][10] = {"", ""}, texts[2][20] = {"", ""};
        for (int t = 0; t < 2; t++)
            for (int i = 0; i < 9; i++) {
                letters[t][i] = (char)('a' + random() % 3);
                texts[t][2 * i] = letters[t][i];
                texts[t][2 * i + 1] = ' ';
            }
        const difference_t *parts;
        size_t n = difference_of(texts[0], texts[1], cli.arena, &parts), kept = 0;
        for (size_t i = 0; i < n; i++)
            kept += parts[i].sort == DIFFERENCE_SAME ? strlen(parts[i].text) / 2 : 0;
        assert_int_equal(kept, common(letters[0], letters[1]));
    }
}

/* The longest texts that a field takes, with nothing in common, are told as replaced. */
static void long_texts_end(void **state)
{
    (void)state;
    char *a = arena_alloc(cli.arena, 16001), *b = arena_alloc(cli.arena, 16001);
    for (size_t i = 0; i < 16000; i++) {
        a[i] = i % 2 ? ' ' : 'a';
        b[i] = i % 2 ? ' ' : 'b';
    }
    adds_up(a, b);
    b[8000] = 'a';
    adds_up(a, b);
    adds_up(b, arena_format(cli.arena, "%s och mer", b));
}

/* -- as text ----------------------------------------------------------------------------------- */

static void lines_without_a_change_are_left_out(void **state)
{
    (void)state;
    assert_string_equal(shown("ett\ntvå\ntre\nfyra\nfem", "ett\ntvå\nTRE\nfyra\nfem"),
                        "…\n[-tre-]{+TRE+}\n…\n");
    assert_string_equal(shown("ett\ntvå", "ett\ntvå\ntre"), "…\n{+tre+}\n");
    assert_string_equal(shown("ett\ntvå\ntre", "ett\ntre"), "…\n[-två-]\n…\n");
    assert_string_equal(shown("ett två", "ett\ntvå"), "[-ett-] {+ett+}\n…\n");
    assert_string_equal(shown("samma", "samma"), "…\n");
    assert_string_equal(shown("ett \ntvå", "ett två"), "ett \ntvå\n");
    const difference_t parts[] = {{DIFFERENCE_REMOVED, "a\nb"}, {DIFFERENCE_ADDED, "c"}};
    assert_string_equal(difference_text(parts, 2, "  ", cli.arena), "  [-a-]\n  [-b-]{+c+}\n");
}

static void long_stretches_are_cut_at_words(void **state)
{
    (void)state;
    static const char long_text[] = "Operatörerna kan läsa ritningar på papper men har aldrig "
                                    "arbetat i ett program för konstruktion, och ";
    const char *text = shown(arena_format(cli.arena, "%snu %sslut", long_text, long_text),
                             arena_format(cli.arena, "%sdå %sslut", long_text, long_text));
    assert_string_equal(text, "… för konstruktion, och [-nu-] {+då+} Operatörerna kan "
                              "läsa …\n");
    text = shown(arena_format(cli.arena, "a %sb", long_text),
                 arena_format(cli.arena, "x %sy", long_text));
    assert_string_equal(text, "[-a-] {+x+} Operatörerna kan läsa … för konstruktion, och "
                              "[-b-]{+y+}\n");
}

static void colours_stand_for_marks(void **state)
{
    (void)state;
    hear_on_terminal(80, true);
    const char *text = shown("a b c", "a d c");
    heard();
    assert_string_equal(text, "a \033[31mb\033[0m \033[32md\033[0m c\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(words_are_told_apart),
        CLI_TEST(the_parts_make_both_texts),
        CLI_TEST(no_more_is_told_than_must_be),
        CLI_TEST(long_texts_end),
        CLI_TEST(lines_without_a_change_are_left_out),
        CLI_TEST(long_stretches_are_cut_at_words),
        CLI_TEST(colours_stand_for_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

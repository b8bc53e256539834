#include "cli_fixture.h"

#include <sys/wait.h>

/* -- which language ---------------------------------------------------------------------------- */

/* In a process of its own, since it is asked for once in a program's life. */
static bool speaks(const char *const environment[4], const char *locales, const char *code,
                   bool forms, const char *yes)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"};
    pid_t child = fork();
    if (child == 0) {
        for (size_t i = 0; i < 4; i++) {
            if (environment[i])
                setenv(variables[i], environment[i], 1);
            else
                unsetenv(variables[i]);
        }
        setenv("LOCPATH", locales, 1);
        language_start();
        _exit(strcmp(language_code(), code) == 0 && language_has_forms() == forms &&
                      language_is_swedish() == (strcmp(code, "sv") == 0) &&
                      strcmp(gettext("yes"), yes) == 0
                  ? 0
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void the_users_locale_decides(void **state)
{
    (void)state;
    static const char here[] = SAMVERK_BINARY_DIR "/tests/locale";
    static const struct {
        const char *environment[4]; /* LC_ALL, LC_MESSAGES, LANG, LANGUAGE */
        const char *locales, *code;
        bool forms;
        const char *yes;
    } rows[] = {
        {{NULL, NULL, NULL, NULL}, here, "en", false, "yes"},
        {{"C", NULL, NULL, NULL}, here, "en", false, "yes"},
        {{"POSIX", NULL, NULL, NULL}, here, "en", false, "yes"},
        {{"C.UTF-8", NULL, NULL, NULL}, here, "en", false, "yes"},
        {{NULL, NULL, "sv_SE.UTF-8", NULL}, here, "sv", true, "ja"},
        {{"sv_SE.UTF-8", NULL, NULL, NULL}, here, "sv", true, "ja"},
        {{"C.UTF-8", NULL, "sv_SE.UTF-8", NULL}, here, "en", false, "yes"},
        /* English, with dates as they are in Sweden. */
        {{NULL, "C.UTF-8", "sv_SE.UTF-8", NULL}, here, "en", true, "yes"},
        {{"C.UTF-8", NULL, NULL, "sv"}, here, "sv", false, "ja"},
        {{"C.UTF-8", NULL, NULL, "sv:en"}, here, "sv", false, "ja"},
        {{"C.UTF-8", NULL, NULL, "en:sv"}, here, "en", false, "yes"},
        {{"C.UTF-8", NULL, NULL, "en_GB:sv"}, here, "en", false, "yes"},
        {{"C.UTF-8", NULL, NULL, "fi:sv:en"}, here, "sv", false, "ja"},
        {{"C.UTF-8", NULL, NULL, "svx"}, here, "en", false, "yes"},
        {{"sv_SE.UTF-8", NULL, NULL, "en"}, here, "en", true, "yes"},
        /* gettext passes LANGUAGE over there. */
        {{"C", NULL, NULL, "sv"}, here, "en", false, "yes"},
        /* A locale that is not installed still says which language. */
        {{NULL, NULL, "sv_SE.UTF-8", NULL}, "/nowhere", "sv", false, "ja"},
        {{"sv_FI.UTF-8", NULL, NULL, ""}, here, "sv", false, "ja"},
        {{"fi_FI.UTF-8", NULL, NULL, NULL}, here, "en", false, "yes"},
        {{"x", NULL, NULL, NULL}, here, "en", false, "yes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!speaks(rows[i].environment, rows[i].locales, rows[i].code, rows[i].forms, rows[i].yes))
            fail_msg("row %zu is not %s", i, rows[i].code);
}

/* -- what the tables have ---------------------------------------------------------------------- */

/* A word may be the same in both languages: what counts is that it is in the catalogue. */
static bool has_swedish(const char *context, const char *text)
{
    const char *key = arena_format(cli.arena, "%s\004%s", context, text);
    return strcmp(gettext(key), key) != 0;
}

static void every_label_is_swedish(void **state)
{
    (void)state;
    speak("sv");
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        assert_true(has_swedish("kind", kind->label));
        assert_true(has_swedish("kinds", kind->plural));
        assert_string_equal(label_of_kind(kind), language_in("kind", kind->label));
        assert_string_equal(label_of_kinds(kind), language_in("kinds", kind->plural));
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            const char *own = arena_format(cli.arena, "%s|field", kind->name);
            bool in_kind = has_swedish(own, field->label);
            if (field->attributes & FIELD_INTERNAL)
                continue; /* shown to no one */
            if (!in_kind && !has_swedish("field", field->label))
                fail_msg("no Swedish for %s of %s", field->name, kind->name);
            assert_string_equal(label_of_field(kind, field),
                                language_in(in_kind ? own : "field", field->label));
        }
        for (size_t i = 0; i < kind->n_states; i++) {
            const char *context = arena_format(cli.arena, "%s|state", kind->name);
            assert_true(has_swedish(context, kind->states[i].label));
            assert_string_equal(label_of_state(kind, &kind->states[i]),
                                language_in(context, kind->states[i].label));
        }
        for (size_t i = 0; i < kind->n_moves; i++) {
            const char *context = arena_format(cli.arena, "%s|verb", kind->name);
            assert_true(has_swedish(context, kind->moves[i].label));
            assert_string_equal(label_of_move(kind, &kind->moves[i]),
                                language_in(context, kind->moves[i].label));
        }
    }
    for (unsigned i = 0; i < ROLES; i++) {
        assert_true(has_swedish("role", role_label((role_t)i)));
        assert_string_not_equal(label_of_role((role_t)i), role_label((role_t)i));
    }
    for (unsigned i = 1; i < ERROR_CODES; i++)
        assert_true(has_swedish("error", error_sentence((error_code_t)i)));
}

static void every_word_is_swedish(void **state)
{
    (void)state;
    speak("sv");
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            for (size_t w = 0; field->vocabulary && w < field->vocabulary->n_words; w++) {
                const word_t *word = &field->vocabulary->words[w];
                const state_t *own = kind_state(kind, word->name);
                const char *context = arena_format(cli.arena, "word|%s", field->vocabulary->name);
                const char *label = label_of_word(kind, field, word->name);
                if (strncmp(field->name, "state", 5) == 0 && own)
                    assert_string_equal(label, label_of_state(kind, own));
                else if (strcmp(field->detail, "role") == 0)
                    assert_string_equal(label, label_of_role(role_of(word->name)));
                else if (!has_swedish(context, word->label))
                    fail_msg("no Swedish for %s, a word of %s", word->name, field->name);
                else
                    assert_string_equal(label, language_in(context, word->label));
            }
        }
    }
}

/* "cancelled" is inställd or avbokat: the kind decides. */
static void a_word_is_its_kinds(void **state)
{
    (void)state;
    const kind_t *user = schema_kind("user"), *key = schema_kind("key");
    const field_t *of_user = kind_field(user, "state"), *of_key = kind_field(key, "state");
    assert_string_equal(label_of_word(user, of_user, "revoked"), "revoked");
    speak("sv");
    assert_string_equal(label_of_word(user, of_user, "revoked"), "behörighet återkallad");
    assert_string_equal(label_of_word(key, of_key, "revoked"), "återkallad");
    assert_string_equal(label_of_word(key, of_key, "dissolved"), "dissolved");
}

static void several_roles(void **state)
{
    (void)state;
    assert_string_equal(label_of_roles(0, cli.arena), "");
    assert_string_equal(label_of_roles(ROLE_BIT(ROLE_broker), cli.arena), "broker");
    speak("sv");
    assert_string_equal(label_of_roles(ROLE_BIT(ROLE_viewer) | ROLE_BIT(ROLE_broker), cli.arena),
                        "läsare, kompetensmäklare");
}

static void what_has_no_translation_stays(void **state)
{
    (void)state;
    speak("sv");
    assert_string_equal(language_in("kind", "spaceship"), "spaceship");
    assert_string_equal(language_in("kind", ""), ""); /* not the catalogue's header */
    char *large = arena_alloc(cli.arena, 16385);
    memset(large, 'x', 16384);
    assert_ptr_equal(language_in("kind", large), large);
}

/* -- what a field takes ------------------------------------------------------------------------ */

static void every_field_says_what_it_takes(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            speak("en");
            const char *english = label_of_expected(field, cli.arena);
            speak("sv");
            const char *swedish = label_of_expected(field, cli.arena);
            assert_true(english[0] && swedish[0]);
            if (strcmp(english, swedish) == 0)
                fail_msg("%s of %s takes \"%s\" in both languages", field->name, kind->name,
                         english);
            assert_int_equal(!strstr(english, "; may be given several times"),
                             !(field->attributes & FIELD_MANY));
            for (size_t w = 0; field->vocabulary && w < field->vocabulary->n_words; w++) {
                const word_t *word = &field->vocabulary->words[w];
                assert_non_null(strstr(english, word->name));
                assert_non_null(strstr(swedish, word->name));
                assert_non_null(strstr(swedish, label_of_word(kind, field, word->name)));
            }
        }
    }
}

static const char *takes(const char *kind, const char *field)
{
    return label_of_expected(kind_field(schema_kind(kind), field), cli.arena);
}

static void ranges_words_and_references(void **state)
{
    (void)state;
    assert_string_equal(takes("inquiry", "title"), "1 to 200 characters");
    assert_string_equal(takes("inquiry", "participants"), "a number from 1 to 100000");
    assert_string_equal(takes("inquiry", "urgency"), "one of normal, urgent");
    assert_string_equal(takes("inquiry", "areas"),
                        "competence area (id, code or name); may be given several times");
    assert_string_equal(takes("task", "about"), "the id of a record");
    speak("sv");
    assert_string_equal(takes("inquiry", "title"), "1 till 200 tecken");
    assert_string_equal(takes("inquiry", "urgency"), "något av normal, urgent (brådskande)");
}

static void the_first_letter_large(void **state)
{
    (void)state;
    assert_string_equal(language_capital("åtgärd", cli.arena), "Åtgärd");
    assert_string_equal(language_capital("Id", cli.arena), "Id");
    assert_string_equal(language_capital("6 poster", cli.arena), "6 poster");
    assert_string_equal(language_capital("", cli.arena), "");
    assert_string_equal(language_capital("\xff", cli.arena), "\xff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_users_locale_decides),
        CLI_TEST(every_label_is_swedish),
        CLI_TEST(every_word_is_swedish),
        CLI_TEST(a_word_is_its_kinds),
        CLI_TEST(several_roles),
        CLI_TEST(what_has_no_translation_stays),
        CLI_TEST(every_field_says_what_it_takes),
        CLI_TEST(ranges_words_and_references),
        CLI_TEST(the_first_letter_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

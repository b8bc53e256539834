#include "cli_fixture.h"
#include "move.h"
#include "verb.h"
#include "verbs.h"

#include <ctype.h>

/* The tables from which dispatch, help, completion and man pages are made, row by row. */

static const verb_t *const tables[] = {verb_of_kinds, verb_general, &verb_of_moves};

/* The i-th row of all tables, NULL after the last. */
static const verb_t *row_at(size_t i)
{
    for (size_t t = 0; t < 2; t++)
        for (const verb_t *verb = tables[t]; verb->name; verb++)
            if (i-- == 0)
                return verb;
    for (const kind_verb_t *row = verb_of_one; row->kind; row++)
        if (i-- == 0)
            return &row->verb;
    return i == 0 ? &verb_of_moves : NULL;
}

static void is_swedish(const char *text)
{
    if (strcmp(gettext(text), text) == 0)
        fail_msg("no Swedish for: %s", text);
}

static void every_row_can_be_run_and_read(void **state)
{
    (void)state;
    const verb_t *verb;
    speak("sv");
    for (size_t i = 0; (verb = row_at(i)); i++) {
        /* admin has rows of its own (admin.h), and they what is run. */
        assert_int_equal(!verb->run, strcmp(verb->name, "admin") == 0);
        is_swedish(verb->summary);
        assert_true(verb->words_least <= verb->words_most);
        assert_int_equal(verb->takes_kind,
                         strncmp(verb->usage, "KIND ", 5) == 0 || strcmp(verb->usage, "KIND") == 0);
        for (const char *c = verb->name; *c && verb != &verb_of_moves; c++)
            assert_true(islower((unsigned char)*c) || *c == '-');
        for (const option_t *option = verb->options; option->name; option++)
            is_swedish(option->label);
    }
}

static void what_is_needed_is_said(void **state)
{
    (void)state;
    const verb_t *verb;
    for (size_t i = 0; (verb = row_at(i)); i++) {
        /* A usage of "ID" needs a word, one of "[ID]" does not. The move itself counts. */
        const char *usage = verb->usage + (verb->takes_kind ? strcspn(verb->usage, " ") : 0);
        usage += strspn(usage, " ");
        bool needs = isupper((unsigned char)usage[0]) || strstr(usage, "bash") == usage;
        unsigned least = verb->words_least - (verb == &verb_of_moves);
        if (verb->run)
            assert_int_equal(needs, least > 0);
    }
}

static void names_are_one_commands_alone(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        const verb_t *verb;
        for (size_t i = 0; (verb = verb_of_kind_at(kind, i)); i++) {
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(verb_of_kind_at(kind, j)->name, verb->name);
            assert_null(verb_find(verb_general, verb->name));
            if (move_written(kind, verb->name))
                fail_msg("%s is also a move of %s", verb->name, kind->name);
        }
        for (verb = verb_general; verb->name; verb++)
            if (move_written(kind, verb->name))
                fail_msg("%s is also a move of %s", verb->name, kind->name);
        assert_null(verb_find(verb_general, kind->name));
    }
    for (const verb_t *verb = verb_general; verb->name; verb++)
        assert_ptr_equal(verb_find(verb_general, verb->name), verb);
}

/* A row of one kind's own stands in for that of all kinds, with all that it takes. */
static void a_kinds_own_way_goes_first(void **state)
{
    (void)state;
    for (const kind_verb_t *row = verb_of_one; row->kind; row++) {
        const kind_t *kind = schema_kind(row->kind);
        const verb_t *general = verb_find(verb_of_kinds, row->verb.name);
        assert_non_null(kind);
        assert_ptr_equal(verb_of_kind(kind, row->verb.name), &row->verb);
        assert_ptr_equal(verb_of_kind(schema_kind("county"), row->verb.name), general);
        for (const option_t *option = general ? general->options : NULL; option && option->name;
             option++) {
            const option_t *same = row->verb.options;
            while (same->name && strcmp(same->name, option->name) != 0)
                same++;
            if (!same->name)
                fail_msg("%s %s has no --%s", row->kind, row->verb.name, option->name);
        }
        size_t n = 0;
        const verb_t *verb;
        for (size_t i = 0; (verb = verb_of_kind_at(kind, i)); i++)
            n += verb == &row->verb;
        assert_int_equal(n, 1);
    }
}

/* An option that hides a field would be taken for it. */
static void options_hide_nothing(void **state)
{
    (void)state;
    const verb_t *verb;
    for (size_t i = 0; (verb = row_at(i)); i++)
        for (const option_t *option = verb->options; option->name; option++) {
            for (const option_t *other = verb->options; other < option; other++)
                assert_string_not_equal(other->name, option->name);
            for (const option_t *other = arguments_global; other->name; other++)
                assert_string_not_equal(other->name, option->name);
            for (size_t k = 0; k < schema_n_kinds(); k++) {
                const kind_t *kind = schema_kind_at(k);
                for (size_t f = 0; f < kind->n_fields; f++)
                    if (arguments_field_ok(&kind->fields[f], verb->fields) &&
                        strcmp(arguments_option_name(kind->fields[f].name, cli.arena),
                               option->name) == 0)
                        fail_msg("--%s of %s hides a field of %s", option->name, verb->name,
                                 kind->name);
            }
        }
}

static void every_kind_has_its_verbs(void **state)
{
    (void)state;
    static const char *const names[] = {"list", "show", "add", "edit", "delete", "history"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_non_null(verb_find(verb_of_kinds, names[i]));
        assert_null(verb_find(verb_general, names[i]));
    }
    assert_ptr_equal(verb_find(verb_general, "watch")->run, observe_run);
    assert_null(verb_find(verb_of_kinds, "watc"));
    assert_null(verb_find(verb_of_kinds, "watch"));
    assert_null(verb_find(verb_of_kinds, ""));
}

static void what_no_one_writes_cannot_be_changed(void **state)
{
    (void)state;
    kind_t kind = *schema_kind("inquiry");
    const verb_t *verb;
    for (size_t i = 0; (verb = row_at(i)); i++)
        assert_true(verb_fits(verb, &kind));
    kind.writers = ROLES_NONE;
    for (size_t i = 0; (verb = row_at(i)); i++) {
        static const char *const changing[] = {"add", "edit", "delete", "import"};
        bool changes = false;
        for (size_t c = 0; c < 4; c++)
            changes = changes || strcmp(verb->name, changing[c]) == 0;
        assert_int_equal(verb_fits(verb, &kind), !changes);
    }
}

static void usage_in_the_readers_language(void **state)
{
    (void)state;
    const verb_t nothing = {.usage = ""};
    assert_string_equal(verb_usage(&verb_of_moves), "ID [--FIELD VALUE]...");
    speak("sv");
    assert_string_equal(verb_usage(verb_find(verb_general, "import")), "SLAG FIL");
    /* gettext has its own header under "". */
    assert_string_equal(verb_usage(&nothing), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_row_can_be_run_and_read),        CLI_TEST(what_is_needed_is_said),
        CLI_TEST(names_are_one_commands_alone),         CLI_TEST(options_hide_nothing),
        CLI_TEST(a_kinds_own_way_goes_first),           CLI_TEST(every_kind_has_its_verbs),
        CLI_TEST(what_no_one_writes_cannot_be_changed), CLI_TEST(usage_in_the_readers_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

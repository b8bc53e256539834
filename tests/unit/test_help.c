#include "admin.h"
#include "change.h"
#include "cli_fixture.h"
#include "help.h"
#include "move.h"
#include "table.h"
#include "verbs.h"

static const char *const languages[] = {"en", "sv"};

/* What help says, and each line of it fit for 80 places. */
static const char *help_of(const kind_t *kind, const char *verb)
{
    cli.status = 0;
    hear();
    bool good = help_print(&cli, kind, verb);
    heard_t said = heard();
    assert_int_equal(good, cli.status == 0);
    char *rest = arena_text(cli.arena, said.out), *line;
    while ((line = strsep(&rest, "\n")))
        if (table_width_of(line) > 80 && strncmp(line, "  ", 2) == 0)
            fail_msg("too wide: %s", line);
    return good ? said.out : said.err;
}

/* The same with every run of space as one, so that it does not matter where lines break. */
static const char *flat(const char *text)
{
    char *copy = arena_text(cli.arena, text), *to = copy;
    for (const char *from = text; *from; from++) {
        bool space = *from == ' ' || *from == '\n';
        if (!space || (to > copy && to[-1] != ' '))
            *to++ = space ? ' ' : *from;
    }
    *to = 0;
    return copy;
}

static void says(const char *text, const char *word, const char *meaning)
{
    const char *row = flat(arena_format(cli.arena, " %s %s ", word, meaning));
    if (!strstr(text, row))
        fail_msg("\"%s\" is not in: %s", row, text);
}

/* -- the whole program ------------------------------------------------------------------------- */

static void the_program_has_all_of_it(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        const char *text = flat(help_of(NULL, NULL));
        for (size_t k = 0; k < schema_n_kinds(); k++)
            says(text, schema_kind_at(k)->name, label_of_kinds(schema_kind_at(k)));
        for (const verb_t *verb = verb_of_kinds; verb->name; verb++)
            says(text, verb->name,
                 arena_format(cli.arena, "%s %s", verb_usage(verb), _(verb->summary)));
        for (const verb_t *verb = verb_general; verb->name; verb++)
            says(text, verb->name,
                 arena_format(cli.arena, "%s %s", verb_usage(verb), _(verb->summary)));
        says(
            text, _("MOVE"),
            arena_format(cli.arena, "%s %s", verb_usage(&verb_of_moves), _(verb_of_moves.summary)));
        for (const option_t *option = arguments_global; option->name; option++)
            says(text, arena_format(cli.arena, "--%s", option->name),
                 arena_format(cli.arena, "%s %s", option->value ? _(option->value) : "",
                              _(option->label)));
    }
}

/* -- a kind ------------------------------------------------------------------------------------ */

static void every_kind_has_its_verbs_moves_and_fields(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++)
        for (size_t k = 0; k < schema_n_kinds(); k++) {
            speak(languages[l]);
            const kind_t *kind = schema_kind_at(k);
            const char *text = flat(help_of(kind, NULL));
            const verb_t *verb;
            for (size_t i = 0; (verb = verb_of_kind_at(kind, i)); i++)
                says(text, verb->name,
                     arena_format(cli.arena, "%s %s",
                                  verb->run == change_add && !kind->coded ? _("[--FIELD VALUE]...")
                                                                          : verb_usage(verb),
                                  _(verb->summary)));
            for (size_t i = 0; i < kind->n_moves; i++) {
                const move_t *move = &kind->moves[i];
                const state_t *from = kind_state(kind, move->from),
                              *to = kind_state(kind, move->to);
                const char *name = move_name(&cli, kind, move->verb);
                const char *row = strstr(text, arena_format(cli.arena, " %s ", name));
                assert_non_null(row);
                assert_non_null(
                    strstr(row, from ? label_of_state(kind, from) : _("any open state")));
                assert_non_null(
                    strstr(row, arena_format(cli.arena, "→ %s",
                                             to ? label_of_state(kind, to) : _("where it was"))));
            }
            for (size_t i = 0; i < kind->n_fields; i++) {
                const field_t *field = &kind->fields[i];
                const char *option = arena_format(cli.arena, " --%s ",
                                                  arguments_option_name(field->name, cli.arena));
                assert_int_equal(!strstr(text, option), (field->attributes & FIELD_INTERNAL) != 0);
                if (!(field->attributes & FIELD_INTERNAL))
                    assert_non_null(
                        strstr(strstr(text, option), flat(label_of_expected(field, cli.arena))));
            }
        }
}

static void moves_by_where_they_lead(void **state)
{
    (void)state;
    const char *text = flat(help_of(schema_kind("inquiry"), NULL));
    says(text, "start-dialogue", "acknowledged, mapped, offered, agreed → dialogue");
    says(text, "resume", "waiting → where it was");
    says(text, "withdraw", "any open state → withdrawn");
    speak("sv");
    text = flat(help_of(schema_kind("inquiry"), NULL));
    says(text, "start-dialogue (inled dialog)",
         "bekräftad, behov inventerat, offert lämnad, överenskommen → i dialog");
}

static void what_no_one_writes_has_no_verbs_for_it(void **state)
{
    (void)state;
    kind_t kind = *schema_kind("county");
    kind.writers = ROLES_NONE;
    const char *text = flat(help_of(&kind, NULL));
    says(text, "list", "[--FIELD VALUE]... the records there are, newest first");
    assert_null(strstr(text, " delete ID "));
    assert_null(strstr(text, " add "));
}

/* -- a verb ------------------------------------------------------------------------------------ */

static void verb_is_told(const kind_t *kind, const verb_t *verb)
{
    const char *text = flat(help_of(kind, verb->name));
    const char *name = kind ? arena_format(cli.arena, "%s %s", kind->name, verb->name) : verb->name;
    const char *usage = kind && !kind->coded && verb->run == change_add ? _("[--FIELD VALUE]...")
                                                                        : verb_usage(verb);
    const char *line = arena_format(cli.arena, _("Usage: samverk %s%s%s %s"), "", "", name, usage);
    const char *first = flat(
        arena_format(cli.arena, "%s\n%s.\n", line, language_capital(_(verb->summary), cli.arena)));
    assert_memory_equal(text, first, strlen(first));
    for (const option_t *option = verb->options; option->name; option++)
        says(text, arena_format(cli.arena, "--%s", option->name),
             arena_format(cli.arena, "%s %s", option->value ? _(option->value) : "",
                          _(option->label)));
    for (size_t i = 0; kind && i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const char *option =
            arena_format(cli.arena, " --%s ", arguments_option_name(field->name, cli.arena));
        const char *row = strstr(text, option);
        bool same = false; /* an option that is called as the field is */
        for (const option_t *own = verb->options; own->name; own++)
            same = same || strcmp(own->name, arguments_option_name(field->name, cli.arena)) == 0;
        if (!row != !(same || arguments_field_ok(field, verb->fields)))
            fail_msg("--%s of %s %s", field->name, kind->name, verb->name);
        if (!row || same || strcmp(verb->name, "add") != 0)
            continue;
        /* To the next option, or to the end. */
        const char *next = strstr(row + strlen(option), " --");
        const char *whole = next ? arena_text_of(cli.arena, row, (size_t)(next - row)) : row;
        assert_int_equal(!strstr(whole, _(" (needed)")), !(field->attributes & FIELD_REQUIRED));
    }
}

static void every_verb_is_told(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        for (size_t k = 0; k < schema_n_kinds(); k++) {
            const verb_t *verb;
            for (size_t i = 0; (verb = verb_of_kind_at(schema_kind_at(k), i)); i++)
                verb_is_told(schema_kind_at(k), verb);
        }
        for (const verb_t *verb = verb_general; verb->name; verb++)
            verb_is_told(NULL, verb);
    }
}

static void every_move_says_what_it_needs(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_moves; i++) {
            const move_t *move = &kind->moves[i];
            const char *written = arguments_option_name(move->verb, cli.arena);
            const char *text = flat(help_of(kind, written)), *rest = move->required;
            char word[64];
            const char *usage = arena_format(
                cli.arena, "Usage: samverk %s %s ID [--FIELD VALUE]... ", kind->name, written);
            assert_memory_equal(text, usage, strlen(usage));
            const char *needs = strstr(text, " It needs ");
            const char *end = needs ? strstr(needs, " Options ") : NULL;
            while (schema_words_next(&rest, word, sizeof word)) {
                const char *option =
                    arena_format(cli.arena, "--%s", arguments_option_name(word, cli.arena));
                assert_non_null(needs);
                const char *found = strstr(needs, option);
                assert_true(found && found < end);
            }
        }
    }
    assert_non_null(strstr(flat(help_of(schema_kind("inquiry"), "close")),
                           " It needs --outcome, unless the record has it. "));
    /* Every record has a municipality: a new one is meant. */
    assert_non_null(strstr(flat(help_of(schema_kind("inquiry"), "forward")),
                           " It needs --municipality. Options "));
}

/* What it needs, and not all that the kind has. */
static void a_move_lists_what_it_takes(void **state)
{
    (void)state;
    const char *text = flat(help_of(schema_kind("inquiry"), "pause"));
    assert_non_null(strstr(text, " Fields --waiting-until waiting until: a date, YYYY-MM-DD "));
    assert_null(strstr(text, "--title"));
    assert_non_null(strstr(text, " Other fields can be changed with it: samverk inquiry edit "
                                 "--help lists them. "));
    text = flat(help_of(schema_kind("inquiry"), "map"));
    assert_true(strstr(text, " --areas ") && strstr(text, " --participants "));
    text = flat(help_of(schema_kind("inquiry"), "evaluate"));
    assert_null(strstr(text, " Fields "));
}

static void needs_that_begin_alike(void **state)
{
    (void)state;
    kind_t kind = *schema_kind("inquiry");
    move_t moves[] = {{"send", "new", "closed", ROLES_BROKER, "state_sent contact_person", "send"},
                      {"send", "agreed", "closed", ROLES_BROKER, "state contact_person", "send"}};
    kind.moves = moves;
    kind.n_moves = 2;
    assert_non_null(strstr(flat(help_of(&kind, "send")),
                           " It needs --state-sent, --contact-person, --state, unless "));
}

static void what_there_is_not(void **state)
{
    (void)state;
    assert_string_equal(help_of(schema_kind("county"), "acknowledge"),
                        "samverk: There is no acknowledge. samverk --help says what there is.\n");
    assert_int_equal(cli.status, EXIT_USAGE);
    help_of(NULL, "acknowledge");
    assert_int_equal(cli.status, EXIT_USAGE);
}

/* -- as a command ------------------------------------------------------------------------------ */

static const char *asked_for(const char *first, const char *second)
{
    const char *words[] = {first, second};
    arguments_t arguments = {.words = words, .n_words = second ? 2 : first ? 1 : 0};
    hear();
    help_run(&cli, &arguments);
    return heard().out;
}

static void by_its_words(void **state)
{
    (void)state;
    const kind_t *inquiry = schema_kind("inquiry");
    assert_string_equal(asked_for(NULL, NULL), help_of(NULL, NULL));
    assert_string_equal(asked_for("inquiry", NULL), help_of(inquiry, NULL));
    assert_string_equal(asked_for("inquiry", "close"), help_of(inquiry, "close"));
    assert_string_equal(asked_for("inquiry", "export"), help_of(inquiry, "export"));
    assert_string_equal(asked_for("watch", NULL), help_of(NULL, "watch"));
}

static void every_row_of_admin(void **state)
{
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        const char *all = flat(asked_for("admin", NULL));
        for (const verb_t *verb = verb_of_admin; verb->name; verb++) {
            says(all, verb->name,
                 arena_format(cli.arena, "%s %s", verb_usage(verb), _(verb->summary)));
            const char *noun = admin_noun(verb, cli.arena);
            const char *some = flat(asked_for("admin", noun));
            if (admin_rest(verb)[0])
                says(some, verb->name, verb_usage(verb));
            for (const verb_t *other = verb_of_admin; other->name; other++)
                if (strcmp(admin_noun(other, cli.arena), noun) != 0)
                    assert_null(strstr(
                        some, arena_format(cli.arena, " %s %s", other->name, verb_usage(other))));
        }
    }
}

static void no_such_row_of_admin(void **state)
{
    (void)state;
    assert_string_equal(asked_for("admin", "nothing"), "");
    assert_int_equal(cli.status, EXIT_USAGE);
    cli.status = 0;
    assert_string_not_equal(asked_for("admin", admin_noun(verb_of_admin, cli.arena)), "");
    assert_int_equal(cli.status, 0);
}

static void on_a_narrow_terminal(void **state)
{
    (void)state;
    speak("sv");
    hear_on_terminal(60, true);
    help_print(&cli, schema_kind("inquiry"), NULL);
    const char *text = heard().out;
    assert_non_null(strstr(text, "\n\033[1mFält\033[0m\n"));
    char *rest = arena_text(cli.arena, text), *line;
    size_t widest = 0;
    while ((line = strsep(&rest, "\n")))
        if (strncmp(line, "  ", 2) == 0 && table_width_of(line) > widest)
            widest = table_width_of(line);
    assert_in_range(widest, 50, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_program_has_all_of_it),  CLI_TEST(every_kind_has_its_verbs_moves_and_fields),
        CLI_TEST(moves_by_where_they_lead),   CLI_TEST(what_no_one_writes_has_no_verbs_for_it),
        CLI_TEST(every_verb_is_told),         CLI_TEST(every_move_says_what_it_needs),
        CLI_TEST(a_move_lists_what_it_takes), CLI_TEST(needs_that_begin_alike),
        CLI_TEST(what_there_is_not),          CLI_TEST(by_its_words),
        CLI_TEST(every_row_of_admin),         CLI_TEST(no_such_row_of_admin),
        CLI_TEST(on_a_narrow_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

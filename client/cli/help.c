#include "help.h"
#include "admin.h"
#include "change.h"
#include "guidance.h"
#include "language.h"
#include "move.h"
#include "report.h"
#include "resolve.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

/* So wide is help that no terminal shows. */
#define HELP_WIDTH 80u

static void heading(const char *text)
{
    printf("\n%s%s%s\n", tone_begin(TONE_HEADING), text, tone_end(TONE_HEADING));
}

/* Rows of a word and what it means, indented. */
static void add_row(cli_t *cli, table_t *table, const char *word, const char *meaning)
{
    const char **cells = arena_alloc(cli->arena, 2 * sizeof *cells);
    cells[0] = arena_format(cli->arena, "  %s", word);
    cells[1] = meaning;
    table_add(table, cells);
}

static void print_rows(const table_t *table)
{
    table_print_wrapped(table, stdout, terminal_out() ? terminal_width() : HELP_WIDTH);
}

static void add_options(cli_t *cli, table_t *table, const option_t *options)
{
    for (; options->name; options++)
        add_row(cli, table,
                options->value
                    ? arena_format(cli->arena, "--%s %s", options->name, _(options->value))
                    : arena_format(cli->arena, "--%s", options->name),
                _(options->label));
}

/* "municipality (id, code or name)", and not that a municipality is a municipality. */
static const char *meaning_of(cli_t *cli, const kind_t *kind, const field_t *field, bool needed)
{
    const char *label = label_of_field(kind, field);
    const char *expected = label_of_expected(field, cli->arena);
    size_t size = strlen(label);
    bool said = strncmp(expected, label, size) == 0 && strchr(" ;", expected[size]);
    return said ? arena_format(cli->arena, "%s%s", expected, needed ? _(" (needed)") : "")
                : arena_format(cli->arena, "%s%s: %s", label, needed ? _(" (needed)") : "",
                               expected);
}

static void add_fields(cli_t *cli, table_t *table, const kind_t *kind, fields_t which,
                       bool new_record)
{
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!arguments_field_ok(field, which))
            continue;
        bool needed = new_record && field->attributes & FIELD_REQUIRED;
        add_row(cli, table,
                arena_format(cli->arena, "--%s", arguments_option_name(field->name, cli->arena)),
                meaning_of(cli, kind, field, needed));
    }
}

static bool help_program(cli_t *cli)
{
    puts(_("Usage: samverk [--profile NAME] KIND VERB [ID] [--FIELD VALUE]..."));
    heading(_("Kinds"));
    table_t *table = table_new(cli->arena, 2);
    for (size_t i = 0; i < schema_n_kinds(); i++)
        add_row(cli, table, schema_kind_at(i)->name, label_of_kinds(schema_kind_at(i)));
    print_rows(table);
    heading(_("Verbs of every kind"));
    table = table_new(cli->arena, 2);
    for (const verb_t *verb = verb_of_kinds; verb->name; verb++)
        add_row(cli, table, arena_format(cli->arena, "%s %s", verb->name, verb_usage(verb)),
                _(verb->summary));
    add_row(cli, table, arena_format(cli->arena, "%s %s", _("MOVE"), verb_usage(&verb_of_moves)),
            _(verb_of_moves.summary));
    print_rows(table);
    heading(_("Other commands"));
    table = table_new(cli->arena, 2);
    for (const verb_t *verb = verb_general; verb->name; verb++)
        add_row(cli, table, arena_format(cli->arena, "%s %s", verb->name, verb_usage(verb)),
                _(verb->summary));
    print_rows(table);
    heading(_("Options of every command"));
    table = table_new(cli->arena, 2);
    add_options(cli, table, arguments_global);
    print_rows(table);
    putchar('\n');
    puts(_("samverk KIND --help and samverk KIND VERB --help say more."));
    return true;
}

/* True for the first row of a verb: several rows, one for each state it starts from. */
static bool first_of_verb(const kind_t *kind, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(kind->moves[i].verb, kind->moves[j].verb) == 0)
            return false;
    return true;
}

/* Whether an earlier row of the verb goes to the same state. */
static bool goes_there_too(const kind_t *kind, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(kind->moves[i].verb, kind->moves[j].verb) == 0 &&
            strcmp(kind->moves[i].to, kind->moves[j].to) == 0)
            return true;
    return false;
}

/* "new, acknowledged → closed; waiting → where it was" */
static const char *froms_of(cli_t *cli, const kind_t *kind, const char *verb)
{
    const char *text = "";
    for (size_t i = 0; i < kind->n_moves; i++) {
        if (strcmp(kind->moves[i].verb, verb) != 0 || goes_there_too(kind, i))
            continue;
        const char *froms = "";
        for (size_t j = i; j < kind->n_moves; j++) {
            const move_t *move = &kind->moves[j];
            if (strcmp(move->verb, verb) != 0 || strcmp(move->to, kind->moves[i].to) != 0)
                continue;
            const state_t *from = kind_state(kind, move->from);
            froms = arena_format(cli->arena, "%s%s%s", froms, froms[0] ? ", " : "",
                                 from ? label_of_state(kind, from) : _("any open state"));
        }
        const state_t *to = kind_state(kind, kind->moves[i].to);
        text = arena_format(cli->arena, "%s%s%s → %s", text, text[0] ? "; " : "", froms,
                            to ? label_of_state(kind, to) : _("where it was"));
    }
    return text;
}

/* The daemon gives most kinds their numbers: only some take a code. */
static const char *usage_of(const kind_t *kind, const verb_t *verb)
{
    return kind && !kind->coded && verb->run == change_add ? _("[--FIELD VALUE]...")
                                                           : verb_usage(verb);
}

static void print_guidance(cli_t *cli, const kind_t *kind)
{
    bool begun = false;
    size_t width = terminal_out() ? terminal_width() : HELP_WIDTH;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const char *guide = guidance_of(kind, &kind->fields[i]);
        if (!guide)
            continue;
        if (!begun)
            heading(_("What to ask"));
        begun = true;
        printf("  %s\n", language_capital(label_of_field(kind, &kind->fields[i]), cli->arena));
        fputs(guidance_lines(guide, "    ", width, cli->arena), stdout);
    }
}

static bool help_kind(cli_t *cli, const kind_t *kind)
{
    printf(_("Usage: samverk %s VERB [ID] [--FIELD VALUE]..."), kind->name);
    putchar('\n');
    heading(_("Verbs"));
    table_t *table = table_new(cli->arena, 2);
    const verb_t *verb;
    for (size_t i = 0; (verb = verb_of_kind_at(kind, i)); i++)
        add_row(cli, table, arena_format(cli->arena, "%s %s", verb->name, usage_of(kind, verb)),
                _(verb->summary));
    print_rows(table);
    if (kind->n_moves) {
        heading(_("Moves"));
        table = table_new(cli->arena, 2);
        for (size_t i = 0; i < kind->n_moves; i++)
            if (first_of_verb(kind, i))
                add_row(cli, table, move_name(cli, kind, kind->moves[i].verb),
                        froms_of(cli, kind, kind->moves[i].verb));
        print_rows(table);
    }
    heading(_("Fields"));
    table = table_new(cli->arena, 2);
    add_fields(cli, table, kind, FIELDS_READABLE, false);
    print_rows(table);
    print_guidance(cli, kind);
    return true;
}

/* The fields that a move needs: those of all its rows. `always`: those that every record
   has, so that a move that names them means a new value. */
static const char *needs_of(cli_t *cli, const kind_t *kind, const char *verb, bool always)
{
    const char *text = "", *told = "";
    for (size_t i = 0; i < kind->n_moves; i++) {
        const char *rest = kind->moves[i].required;
        char word[64];
        if (strcmp(kind->moves[i].verb, verb) != 0)
            continue;
        while (schema_words_next(&rest, word, sizeof word)) {
            const char *option = arguments_option_name(word, cli->arena);
            const field_t *field = kind_field(kind, word);
            if (!field || ((field->attributes & FIELD_REQUIRED) != 0) != always)
                continue;
            if (schema_words_have(told, word))
                continue;
            told = arena_format(cli->arena, "%s %s", told, word);
            text = arena_format(cli->arena, "%s%s--%s", text, text[0] ? ", " : "", option);
        }
    }
    return text;
}

/* The fields of a move: those that it needs, of which some may be filled in already. */
static void print_taken(cli_t *cli, const kind_t *kind, const char *verb)
{
    table_t *table = table_new(cli->arena, 2);
    const char *needs = "";
    for (size_t i = 0; i < kind->n_moves; i++)
        if (strcmp(kind->moves[i].verb, verb) == 0)
            needs = arena_format(cli->arena, "%s %s", needs, kind->moves[i].required);
    bool any = false;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!schema_words_have(needs, field->name))
            continue;
        add_row(cli, table,
                arena_format(cli->arena, "--%s", arguments_option_name(field->name, cli->arena)),
                meaning_of(cli, kind, field, false));
        any = true;
    }
    if (any) {
        heading(_("Fields"));
        print_rows(table);
    }
    putchar('\n');
    printf(_("Other fields can be changed with it: samverk %s edit --help lists them."),
           kind->name);
    putchar('\n');
}

static void print_verb(cli_t *cli, const kind_t *kind, const verb_t *verb, const char *name)
{
    const char *before = admin_has(verb) ? "admin" : kind && !verb->takes_kind ? kind->name : "";
    printf(_("Usage: samverk %s%s%s %s"), before, before[0] ? " " : "", name, usage_of(kind, verb));
    putchar('\n');
    printf("%s.\n", language_capital(_(verb->summary), cli->arena));
    const move_t *move = kind && verb == &verb_of_moves ? move_written(kind, name) : NULL;
    if (move) {
        printf("%s: %s\n", move_name(cli, kind, move->verb), froms_of(cli, kind, move->verb));
        const char *needs = needs_of(cli, kind, move->verb, false);
        const char *always = needs_of(cli, kind, move->verb, true);
        if (always[0]) {
            printf(_("It needs %s."), always);
            putchar('\n');
        }
        if (needs[0]) {
            printf(_("It needs %s, unless the record has it."), needs);
            putchar('\n');
        }
    }
    if (verb->options->name) {
        heading(_("Options"));
        table_t *table = table_new(cli->arena, 2);
        add_options(cli, table, verb->options);
        print_rows(table);
    }
    if (move) {
        print_taken(cli, kind, move->verb);
    } else if (kind && verb->fields != FIELDS_NONE) {
        heading(_("Fields"));
        table_t *table = table_new(cli->arena, 2);
        add_fields(cli, table, kind, verb->fields, strcmp(verb->name, "add") == 0);
        print_rows(table);
        if (verb->fields == FIELDS_READABLE)
            printf("\n%s\n%s\n", _("A field given several times takes any of its values."),
                   _("A number, an amount or a day can be a range: 5..10, 5.. or ..10."));
    }
}

bool help_print_admin(cli_t *cli, const char *name)
{
    const verb_t *whole = name ? verb_find(verb_of_admin, name) : NULL;
    if (whole && whole->run) {
        print_verb(cli, NULL, whole, name);
        return true;
    }
    table_t *table = table_new(cli->arena, 2);
    bool any = false;
    for (const verb_t *verb = verb_of_admin; verb->name; verb++) {
        if (name && strcmp(admin_noun(verb, cli->arena), name) != 0)
            continue;
        add_row(cli, table, arena_format(cli->arena, "%s %s", verb->name, verb_usage(verb)),
                _(verb->summary));
        any = true;
    }
    if (!any)
        return report_usage(cli, _("There is no %s. samverk --help says what there is."), name);
    puts(_("Usage: samverk admin VERB ..."));
    heading(_("Verbs"));
    print_rows(table);
    return true;
}

bool help_print(cli_t *cli, const kind_t *kind, const char *name)
{
    if (!kind && !name)
        return help_program(cli);
    if (kind && !name)
        return help_kind(cli, kind);
    const verb_t *verb = kind ? verb_of_kind(kind, name) : NULL;
    if (!verb)
        verb = verb_find(verb_general, name);
    if (!verb && kind && move_written(kind, name))
        verb = &verb_of_moves;
    if (!verb)
        return report_usage(cli, _("There is no %s. samverk --help says what there is."), name);
    print_verb(cli, kind, verb, name);
    return true;
}

bool help_run(cli_t *cli, const arguments_t *arguments)
{
    const char *first = arguments->n_words > 0 ? arguments->words[0] : NULL;
    const char *second = arguments->n_words > 1 ? arguments->words[1] : NULL;
    terminal_page();
    if (!first)
        return help_print(cli, NULL, NULL);
    if (strcmp(first, "admin") == 0)
        return help_print_admin(cli, second);
    const kind_t *kind = resolve_kind_written(first);
    return kind ? help_print(cli, kind, second) : help_print(cli, NULL, first);
}

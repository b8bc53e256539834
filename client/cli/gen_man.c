#include "admin.h"
#include "arguments.h"
#include "language.h"
#include "verb.h"

#include <stdio.h>
#include <string.h>

/* The man pages samverk(1) and samverk-kinds(7), in the language of the environment,
   from the same tables as the help: gen-man samverk | samverk-kinds. Not installed. */

/* roff: a backslash, and a dot or quote first on a line, have a meaning there; a
   plain dash would be a hyphen. */
static void roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        if (*text == '\n' && (text[1] == '.' || text[1] == '\''))
            fputs("\\&", stdout);
    }
}

static void section(const char *title)
{
    fputs(".SH \"", stdout);
    roff(title);
    puts("\"");
}

static void paragraph(const char *text)
{
    puts(".PP");
    roff(text);
    putchar('\n');
}

/* What is typed, and what it means. */
static void item(const char *typed, const char *meaning)
{
    fputs(".TP\n.B \"", stdout);
    for (const char *c = typed; *c; c++) {
        char one[2] = {*c, 0};
        if (*c == '"')
            fputs("\\(dq", stdout);
        else
            roff(one);
    }
    puts("\"");
    roff(meaning);
    putchar('\n');
}

static void verb_item(arena_t *arena, const char *before, const verb_t *verb)
{
    item(arena_format(arena, "samverk %s%s%s%s", before, verb->name, verb->usage[0] ? " " : "",
                      verb_usage(verb)),
         language_capital(_(verb->summary), arena));
    if (!verb->options->name)
        return;
    puts(".RS");
    for (const option_t *option = verb->options; option->name; option++)
        item(option->value ? arena_format(arena, "--%s %s", option->name, _(option->value))
                           : arena_format(arena, "--%s", option->name),
             _(option->label));
    puts(".RE");
}

static void title(const char *name, int number, const char *summary)
{
    printf(".TH %s %d \"\" \"samverk " SAMVERK_RELEASE "\" Samverk\n", name, number);
    section(_("NAME"));
    roff(name);
    fputs(" \\- ", stdout);
    roff(summary);
    putchar('\n');
}

static void statuses(void)
{
    static const struct {
        const char *status;
        const char *meaning;
    } rows[] = {
        {"0", N_("done")},
        {"1", N_("refused; the message says why")},
        {"2", N_("wrong usage")},
        {"3", N_("the daemon was not reached")},
        {"4", N_("someone has changed the record meanwhile; the difference is shown")},
        {"5", N_("not allowed")},
        {"6", N_("not found")},
        {"7", N_("outcome unknown: it was sent and not answered; the same command again is safe")},
    };
    section(_("EXIT STATUS"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        item(rows[i].status, _(rows[i].meaning));
}

static void files(void)
{
    section(_("FILES"));
    item(_("$XDG_CONFIG_HOME/samverk/NAME.profile"),
         _("where a daemon is, its public key, and who you are there"));
    item(_("$XDG_CONFIG_HOME/samverk/NAME.secret"),
         _("your secret key; it must be readable by you alone"));
    item("$XDG_STATE_HOME/samverk/", _("requests and imports that have not been answered yet"));
    section(_("ENVIRONMENT"));
    item("SAMVERK_PROFILE", _("the profile to use when --profile is not given"));
    item("SAMVERK_PAGER, PAGER", _("what long output goes through on a terminal (less -FIRX)"));
    item("VISUAL, EDITOR", _("what a form is filled in with"));
    item("NO_COLOR", _("no colours"));
    item("SAMVERK_LIBEXECDIR",
         _("where samverk-paper(1) and samverk-mail(1) are, when not beside samverk or where they "
           "were installed"));
}

static void page_samverk(arena_t *arena)
{
    title("samverk", 1, _("the shared record of a region, from the command line"));
    section(_("SYNOPSIS"));
    puts(".B samverk");
    roff(_("[--profile NAME] KIND VERB [ID] [--FIELD VALUE]..."));
    puts("\n.br\n.B samverk");
    roff(_("COMMAND ..."));
    putchar('\n');
    section(_("DESCRIPTION"));
    paragraph(_("Learning centres, providers and employers of a region share one record: "
                "inquiries, organisations, people, activities. samverk reads and changes it for "
                "those who have an invitation, and shows each of them what they may see."));
    paragraph(_("A record is named by its id (inq-12), its official code (0583) or its name, where "
                "only one is called so. Text comes from a file with @FILE and from standard input "
                "with -; @@ begins a text with one @. An option's name may be cut short where that "
                "is clear. samverk-kinds(7) lists kinds and fields."));
    paragraph(_("Where records are chosen, by list, count and export, a field given several times "
                "takes any of its values. A number, an amount, a day or a point in time can be a "
                "range: 5..10, 5.. or ..10. A day given for a point in time is the whole day."));
    section(_("VERBS OF EVERY KIND"));
    for (const verb_t *verb = verb_of_kinds; verb->name; verb++)
        verb_item(arena, _("KIND "), verb);
    verb_item(arena, _("KIND "), &verb_of_moves);
    section(_("VERBS OF ONE KIND"));
    for (const kind_verb_t *row = verb_of_one; row->kind; row++)
        verb_item(arena, arena_format(arena, "%s ", row->kind), &row->verb);
    section(_("OTHER COMMANDS"));
    for (const verb_t *verb = verb_general; verb->name; verb++)
        verb_item(arena, "", verb);
    section(_("COMMANDS OF ADMINISTRATORS"));
    for (const verb_t *verb = verb_of_admin; verb->name; verb++)
        verb_item(arena, "admin ", verb);
    section(_("OPTIONS OF EVERY COMMAND"));
    for (const option_t *option = arguments_global; option->name; option++)
        item(option->value ? arena_format(arena, "--%s %s", option->name, _(option->value))
                           : arena_format(arena, "--%s", option->name),
             _(option->label));
    section(_("IMPORTING"));
    paragraph(_("The first row of the file names the columns: by field, by what the field is "
                "called in English or Swedish, or id or code for kinds with official codes. The "
                "whole file is checked first, and every fault is told by line and column; nothing "
                "is imported as long as there is one. An import that was interrupted goes on where "
                "it stopped when the same command is given again."));
    paragraph(_("The file for --map is itself CSV, with the columns column, field, from and to. A "
                "row with column and field says which field a column is, and - leaves the column "
                "out. A row with from and to as well says what a value means. A row with field and "
                "to alone gives every record that value."));
    paragraph(_("Organisations take the column municipalities, codes with spaces between: each "
                "becomes a membership."));
    statuses();
    files();
    section(_("SEE ALSO"));
    puts(".BR samverk\\-kinds (7),\n.BR samverkd (8)");
}

static void page_kinds(arena_t *arena)
{
    title("samverk-kinds", 7, _("what the shared record holds"));
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        section(arena_format(arena, "%s (%s)", kind->name, label_of_kinds(kind)));
        puts(".PP");
        roff(arena_format(arena, kind->coded ? _("Ids: %s-CODE.") : _("Ids: %s-NUMBER."),
                          kind->prefix));
        putchar('\n');
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            if (!arguments_field_ok(field, FIELDS_READABLE))
                continue;
            bool set = field->attributes & FIELD_DAEMON;
            bool needed = field->attributes & FIELD_REQUIRED;
            item(arena_format(arena, "--%s", arguments_option_name(field->name, arena)),
                 arena_format(arena, "%s%s: %s", label_of_field(kind, field),
                              set      ? _(" (set by the daemon)")
                              : needed ? _(" (needed)")
                                       : "",
                              label_of_expected(field, arena)));
        }
        for (size_t i = 0; i < kind->n_moves; i++) {
            bool seen = false;
            for (size_t j = 0; j < i; j++)
                seen = seen || strcmp(kind->moves[i].verb, kind->moves[j].verb) == 0;
            if (!seen)
                item(arguments_option_name(kind->moves[i].verb, arena),
                     arena_format(arena, _("a move: %s"), label_of_move(kind, &kind->moves[i])));
        }
    }
}

int main(int argc, char **argv)
{
    language_start();
    if (argc != 2 || !schema_start())
        return 1;
    arena_t *arena = arena_new();
    if (strcmp(argv[1], "samverk") == 0)
        page_samverk(arena);
    else
        page_kinds(arena);
    arena_destroy(&arena);
    return 0;
}

#include "admin.h"
#include "arguments.h"
#include "cli.h"
#include "completion.h"
#include "help.h"
#include "language.h"
#include "move.h"
#include "names.h"
#include "report.h"
#include "resolve.h"
#include "terminal.h"
#include "verb.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 256u

/* A verb by what it is called: "bekräfta". */
static const char *verb_called(cli_t *cli, const char *word)
{
    const char *folded = resolve_fold(word, true, cli->arena);
    for (size_t i = 0; cli->kind && i < cli->kind->n_moves; i++) {
        const move_t *move = &cli->kind->moves[i];
        if (strcmp(resolve_fold(label_of_move(cli->kind, move), true, cli->arena), folded) == 0)
            return arguments_option_name(move->verb, cli->arena);
    }
    return NULL;
}

/* What was probably meant, told as wrong usage. */
static bool unknown(cli_t *cli, const char *word, const char *const *names, size_t n)
{
    const char *near = schema_nearest(word, names, n);
    for (size_t i = 0; !near && i < n; i++)
        if (strncmp(names[i], word, strlen(word)) == 0)
            near = names[i];
    if (near)
        return report_usage(cli, _("There is no %s. Did you mean %s?"), word, near);
    return report_usage(cli, _("There is no %s. samverk --help says what there is."), word);
}

static bool unknown_command(cli_t *cli, const char *word)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    if (verb_find(verb_of_kinds, word))
        return report_usage(cli, _("The kind comes first: samverk KIND %s"), word);
    const kind_t *kind = resolve_kind_called(cli, word);
    if (kind)
        return report_usage(cli, _("There is no %s. Did you mean %s?"), word, kind->name);
    for (size_t i = 0; i < schema_n_kinds() && n < NAMES_MAX; i++)
        names[n++] = schema_kind_at(i)->name;
    for (const verb_t *verb = verb_general; verb->name && n < NAMES_MAX; verb++)
        names[n++] = verb->name;
    return unknown(cli, word, names, n);
}

static bool unknown_verb(cli_t *cli, const char *word)
{
    const char *names[NAMES_MAX], *called = verb_called(cli, word);
    size_t n = 0;
    if (called)
        return report_usage(cli, _("There is no %s. Did you mean %s?"), word, called);
    const verb_t *verb;
    for (size_t i = 0; n < NAMES_MAX && (verb = verb_of_kind_at(cli->kind, i)); i++)
        names[n++] = verb->name;
    for (size_t i = 0; i < cli->kind->n_moves && n < NAMES_MAX; i++)
        names[n++] = arguments_option_name(cli->kind->moves[i].verb, cli->arena);
    return unknown(cli, word, names, n);
}

static bool settings_take(cli_t *cli, const arguments_t *arguments)
{
    cli->profile_name = arguments_value(arguments, "profile");
    if (arguments_has(arguments, "json"))
        cli->output = OUTPUT_JSON;
    else if (arguments_has(arguments, "csv"))
        cli->output = OUTPUT_CSV;
    const char *timeout = arguments_value(arguments, "timeout");
    if (timeout) {
        char *end;
        double seconds = strtod(timeout, &end);
        if (*end || !(seconds > 0 && seconds <= 86400))
            return report_usage(cli, "%s", _("--timeout takes seconds, a number above 0."));
        cli->timeout_ms = (unsigned)(seconds * 1000);
    }
    return true;
}

/* A field that there is, but that no one writes: the state has commands of its own. */
static bool not_written(cli_t *cli, const char *option)
{
    const kind_t *kind = cli->kind;
    for (size_t i = 0; kind && i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const char *name = arguments_option_name(field->name, cli->arena);
        if (strcmp(name, option + strspn(option, "-")) != 0 || !(field->attributes & FIELD_DAEMON))
            continue;
        if (strcmp(name, "state") != 0 || kind->n_moves == 0) {
            report_usage(cli, _("%s: the daemon alone sets this field."), option);
            return true;
        }
        const char *list = "";
        for (size_t m = 0; m < kind->n_moves; m++)
            list = m > 0 && strcmp(kind->moves[m].verb, kind->moves[m - 1].verb) == 0
                       ? list
                       : arena_format(cli->arena, "%s%s%s", list, list[0] ? ", " : "",
                                      move_name(cli, kind, kind->moves[m].verb));
        report_usage(cli, _("The state is changed by a command, not by %s: %s."), option, list);
        return true;
    }
    return false;
}

/* An error of the command line itself. */
static bool bad_option(cli_t *cli, const error_t *error)
{
    switch (error->code) {
    case ERROR_UNKNOWN_FIELD:
        if (not_written(cli, error->field))
            return false;
        return report_usage(cli, _("There is no option %s here%s%s"), error->field,
                            error->expected[0] ? "; " : ".", error->expected);
    case ERROR_REQUIRED:
        return report_usage(cli, _("%s needs %s."), error->field, error->expected);
    default:
        return report_usage(cli, _("%s takes %s."), error->field, error->expected);
    }
}

static bool run(cli_t *cli, const verb_t *verb, arguments_t *arguments, const char *const *rest,
                size_t n_rest)
{
    error_t error = {0};
    if (!arguments_read(arguments, rest, n_rest, verb->options, cli->kind, verb->fields, cli->arena,
                        &error))
        return bad_option(cli, &error);
    for (size_t i = 0; arguments->n_words > verb->words_most && i < arguments->n_given; i++)
        if (arguments->given[i].passed)
            return report_usage(
                cli, _("%s takes %s."),
                arena_format(cli->arena, "--%s",
                             arguments_option_name(arguments->given[i].field->name, cli->arena)),
                _("yes or no"));
    if (arguments->n_words < verb->words_least || arguments->n_words > verb->words_most) {
        const char *kind = admin_has(verb)                  ? "admin"
                           : cli->kind && !verb->takes_kind ? cli->kind->name
                                                            : "";
        const char *name = verb == &verb_of_moves && n_rest ? rest[0] : verb->name;
        return report_usage(cli, _("Usage: samverk %s%s%s %s"), kind, kind[0] ? " " : "", name,
                            verb_usage(verb));
    }
    cli->purpose = arguments_value(arguments, "purpose");
    return verb->run(cli, arguments);
}

/* samverk KIND VERB ...: a verb of every kind, a move, or a general verb turned round. */
static bool run_kind(cli_t *cli, arguments_t *arguments, const char *const *rest, size_t n_rest)
{
    if (n_rest == 0)
        return help_print(cli, cli->kind, NULL);
    const verb_t *verb = verb_of_kind(cli->kind, rest[0]);
    if (!verb) {
        verb = verb_find(verb_general, rest[0]);
        if (verb && !verb->takes_kind)
            verb = NULL;
    }
    bool move = !verb && move_written(cli->kind, rest[0]);
    if (move)
        verb = &verb_of_moves;
    if (!verb || !verb_fits(verb, cli->kind))
        return unknown_verb(cli, rest[0]);
    if (arguments_has(arguments, "help"))
        return help_print(cli, cli->kind, rest[0]);
    /* A move keeps its own verb as the first word. */
    return run(cli, verb, arguments, move ? rest : rest + 1, move ? n_rest : n_rest - 1);
}

/* samverk admin ...: a row of its own, or the verb of a kind under another roof. */
static bool run_admin(cli_t *cli, arguments_t *arguments, const char *const *rest, size_t n_rest)
{
    size_t n_taken;
    const verb_t *verb = admin_find(rest, n_rest, &n_taken);
    bool begun = n_rest == 0 || arguments_has(arguments, "help");
    for (const verb_t *row = verb_of_admin; row->name; row++)
        begun = begun || (n_rest == 1 && strcmp(admin_noun(row, cli->arena), rest[0]) == 0);
    if (!verb && begun)
        return help_print_admin(cli, n_rest ? rest[0] : NULL);
    if (!verb) {
        const char *names[NAMES_MAX], *word = rest[0];
        size_t n = 0;
        for (verb = verb_of_admin; verb->name && n < NAMES_MAX; verb++)
            names[n++] = verb->name;
        if (n_rest > 1 && strncmp(rest[1], "--", 2) != 0)
            word = arena_format(cli->arena, "%s %s", rest[0], rest[1]);
        return unknown(cli, word, names, n);
    }
    cli->kind = n_taken > 1 ? resolve_kind_written(rest[0]) : NULL;
    if (!verb->run)
        return run_kind(cli, arguments, rest + 1, n_rest - 1);
    if (arguments_has(arguments, "help"))
        return help_print_admin(cli, verb->name);
    return run(cli, verb, arguments, rest + n_taken, n_rest - n_taken);
}

static bool run_general(cli_t *cli, const verb_t *verb, arguments_t *arguments,
                        const char *const *rest, size_t n_rest)
{
    if (arguments_has(arguments, "help"))
        return help_print(cli, NULL, verb->name);
    if (!verb->takes_kind)
        return run(cli, verb, arguments, rest, n_rest);
    if (n_rest == 0 || strncmp(rest[0], "--", 2) == 0)
        return report_usage(cli, _("Usage: samverk %s %s"), verb->name, verb_usage(verb));
    cli->kind = resolve_kind_written(rest[0]);
    if (!cli->kind && strcmp(verb->name, "import") == 0 && access(rest[0], F_OK) == 0)
        return report_usage(cli, _("Which kind? samverk import KIND %s"), rest[0]);
    if (!cli->kind)
        return unknown_command(cli, rest[0]);
    return run(cli, verb, arguments, rest + 1, n_rest - 1);
}

static bool dispatch(cli_t *cli, int argc, const char *const *argv)
{
    arguments_t arguments = {0};
    error_t error = {0};
    const char **rest;
    size_t n_rest;
    if (!arguments_take_global(&arguments, argc - 1, argv + 1, &rest, &n_rest, cli->arena, &error))
        return bad_option(cli, &error);
    if (!settings_take(cli, &arguments))
        return false;
    terminal_start(!arguments_has(&arguments, "no-color") && cli->output == OUTPUT_TEXT,
                   !arguments_has(&arguments, "no-pager") && cli->output == OUTPUT_TEXT);
    if (arguments_has(&arguments, "version")) {
        puts("samverk " SAMVERK_RELEASE);
        return true;
    }
    if (n_rest == 0)
        return help_print(cli, NULL, NULL);
    if (strncmp(rest[0], "--", 2) == 0)
        return report_usage(cli, _("There is no option %s. samverk --help says what there is."),
                            rest[0]);
    if (strcmp(rest[0], "admin") == 0)
        return run_admin(cli, &arguments, rest + 1, n_rest - 1);
    const verb_t *verb = verb_find(verb_general, rest[0]);
    if (verb)
        return run_general(cli, verb, &arguments, rest + 1, n_rest - 1);
    cli->kind = resolve_kind_written(rest[0]);
    if (!cli->kind)
        return unknown_command(cli, rest[0]);
    return run_kind(cli, &arguments, rest + 1, n_rest - 1);
}

int main(int argc, char **argv)
{
    /* A reader that has seen enough, head or a pager, is no accident. */
    signal(SIGPIPE, SIG_IGN);
    /* CZMQ is not to catch interrupts: they end the program, as they should. */
    setenv("ZSYS_SIGHANDLER", "false", 0);
    language_start();
    if (!schema_start() || sodium_init() < 0)
        return EXIT_REFUSED;
    cli_t cli = {.arena = arena_new(), .timeout_ms = SAMVERK_TIMEOUT_MS};
    const char *const *words = (const char *const *)argv;
    /* Before all else: what is being completed is not meant yet. */
    if (argc > 1 && strcmp(argv[1], "complete") == 0)
        completion_answer(words + 2, (size_t)argc - 2, cli.arena, stdout);
    else
        dispatch(&cli, argc, words);
    terminal_page_end();
    /* An output that could not be written whole is not success, a closed pipe aside. */
    if (fflush(stdout) != 0 && errno != EPIPE && cli.status == 0)
        report_failure(&cli, "%s: %s", _("standard output"), strerror(errno));
    names_destroy(&cli);
    samverk_destroy(&cli.connection);
    explicit_bzero(&cli.profile, sizeof cli.profile);
    arena_destroy(&cli.arena);
    return cli.status;
}

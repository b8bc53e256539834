#include "report.h"
#include "arguments.h"
#include "clean.h"
#include "expected.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "move.h"
#include "names.h"
#include "send.h"
#include "terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A text may hold what someone else wrote: a daemon's name, a spreadsheet's heading. */
static void say(const cli_t *cli, const char *text)
{
    bool colours = isatty(STDERR_FILENO) && tone_begin(TONE_BAD)[0];
    fflush(stdout);
    fprintf(stderr, "%ssamverk:%s %s\n", colours ? tone_begin(TONE_BAD) : "",
            colours ? tone_end(TONE_BAD) : "", clean_text(text, true, cli->arena));
}

static void error_as_json(const char *code, const char *message, const char *field,
                          const char *expected, const value_t *detail)
{
    json_t *error = json_object();
    json_object_set_new(error, "code", json_string(code));
    json_object_set_new(error, "message", json_string(message));
    json_object_set_new(error, "field", field && field[0] ? json_string(field) : json_null());
    json_object_set_new(error, "expected",
                        expected && expected[0] ? json_string(expected) : json_null());
    if (detail && detail->form != VALUE_ABSENT)
        json_object_set_new(error, "detail", json_of_result(detail));
    json_t *document = json_object();
    json_object_set_new(document, "error", error);
    fflush(stdout);
    json_write(document, stderr, true);
    fputc('\n', stderr);
}

/* -- what travels beside an error -------------------------------------------------------- */

static void tell_moves(cli_t *cli, const value_t *moves)
{
    const char *line = NULL;
    for (uint32_t i = 0; moves->form == VALUE_LIST && i < moves->count; i++) {
        if (moves->items[i].form != VALUE_TEXT)
            continue;
        const char *move =
            move_name(cli, cli->kind, clean_text(moves->items[i].text, false, cli->arena));
        line = line ? arena_format(cli->arena, "%s, %s", line, move) : move;
    }
    if (line)
        fprintf(stderr, _("Possible now: %s."), line);
    else
        fputs(_("Nothing more can be done with it."), stderr);
    fputc('\n', stderr);
}

static void tell_candidates(cli_t *cli, const value_t *candidates)
{
    for (uint32_t i = 0; candidates->form == VALUE_LIST && i < candidates->count; i++) {
        const char *id = value_get_text(&candidates->items[i], "id");
        const char *name = value_get_text(&candidates->items[i], "name");
        fprintf(stderr, "  %s  %s\n", id ? clean_text(id, false, cli->arena) : "",
                name ? clean_text(name, false, cli->arena) : "");
    }
}

static void tell_referenced(cli_t *cli, const value_t *detail)
{
    const value_t *by = value_get(detail, "by");
    names_want_value(cli, by);
    names_fetch(cli);
    for (uint32_t i = 0; by->form == VALUE_LIST && i < by->count; i++)
        if (by->items[i].form == VALUE_TEXT)
            fprintf(stderr, "  %s\n", names_with_id(cli, by->items[i].text));
    long long others = value_get_integer(detail, "others", 0);
    if (others > 0) {
        fprintf(stderr,
                ngettext("  and %lld that you may not see", "  and %lld that you may not see",
                         (unsigned long)others),
                others);
        fputc('\n', stderr);
    }
}

static void tell_detail(cli_t *cli, const error_t *error)
{
    switch (error->code) {
    case ERROR_IMPOSSIBLE_MOVE:
        tell_moves(cli, value_get(&error->detail, "moves"));
        break;
    case ERROR_DUPLICATE:
    case ERROR_EXISTS:
        tell_candidates(cli, value_get(&error->detail, "candidates"));
        if (error->code == ERROR_DUPLICATE)
            fprintf(stderr, "%s\n", _("If it is another one all the same: --confirm."));
        break;
    case ERROR_REFERENCED:
        tell_referenced(cli, &error->detail);
        break;
    case ERROR_NOT_ALLOWED:
        if (strcmp(error->field, "sort") == 0)
            fprintf(stderr, "%s\n",
                    _("Narrow the list down to your own scope: --municipality MUNICIPALITY"));
        break;
    case ERROR_MAINTENANCE:
        fprintf(stderr, _("Until %s.\n"),
                format_instant(value_get_integer(&error->detail, "until", 0), cli->arena));
        break;
    case ERROR_REVOKED:
        fprintf(stderr, "%s\n", _("You need a new invitation: ask the administrator."));
        break;
    default:
        break;
    }
}

static const field_t *field_of(const cli_t *cli, const error_t *error)
{
    return cli->kind && error->field[0] ? kind_field(cli->kind, error->field) : NULL;
}

static const char *expected_of(const cli_t *cli, const error_t *error)
{
    const char *text = clean_text(error->expected, false, cli->arena);
    return expected_of_field(field_of(cli, error), error->code, text, cli->arena);
}

/* What is referred to may not be there yet: how it comes there, for one who may add it, and
   the field that takes it as text. */
static void tell_way_on(cli_t *cli, const field_t *field)
{
    const field_t *next = field + 1, *name;
    const kind_t *target = field->target;
    if (target && !target->coded && target->writers & send_roles(cli) &&
        names_fields(target, &name, 1))
        fprintf(stderr, _("  If it is not there yet: samverk %s add --%s TEXT ...\n"), target->name,
                arguments_option_name(name->name, cli->arena));
    if (next < cli->kind->fields + cli->kind->n_fields && next->attributes & FIELD_STANDS_IN &&
        !(next->attributes & FIELD_DAEMON))
        fprintf(stderr, _("  Or as text: --%s TEXT\n"),
                arguments_option_name(next->name, cli->arena));
}

bool report_error(cli_t *cli, const error_t *error)
{
    cli->status = error_exit_status(error->code);
    if (cli->status == 0)
        cli->status = EXIT_REFUSED;
    if (cli->output == OUTPUT_JSON) {
        error_as_json(error_name(error->code), label_of_error(error->code), error->field,
                      error->expected, &error->detail);
        return false;
    }
    say(cli, label_of_error(error->code));
    const field_t *field = field_of(cli, error);
    const char *expected = expected_of(cli, error);
    if (field)
        fprintf(stderr, "  --%s (%s)%s%s\n", arguments_option_name(field->name, cli->arena),
                label_of_field(cli->kind, field), expected[0] ? ": " : "", expected);
    else if (error->field[0] && expected[0])
        fprintf(stderr, "  %s: %s\n", clean_text(error->field, false, cli->arena), expected);
    else if (error->code == ERROR_UNKNOWN_FIELD)
        fprintf(stderr, "  %s\n", clean_text(error->field, false, cli->arena));
    else if (expected[0])
        fprintf(stderr, "  %s\n", expected);
    if (field && error->code == ERROR_REFERENCE)
        tell_way_on(cli, field);
    tell_detail(cli, error);
    return false;
}

/* In the run's arena. */
__attribute__((format(printf, 2, 0))) static const char *formatted(const cli_t *cli,
                                                                   const char *format, va_list rest)
{
    va_list again;
    va_copy(again, rest);
    size_t room = (size_t)vsnprintf(NULL, 0, format, again) + 1;
    va_end(again);
    char *text = arena_alloc(cli->arena, room);
    vsnprintf(text, room, format, rest);
    return text;
}

static bool report_plain(cli_t *cli, int status, const char *code, const char *text)
{
    cli->status = status;
    if (cli->output == OUTPUT_JSON)
        error_as_json(code, text, NULL, NULL, NULL);
    else
        say(cli, text);
    return false;
}

bool report_usage(cli_t *cli, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    const char *text = formatted(cli, format, rest);
    va_end(rest);
    return report_plain(cli, EXIT_USAGE, "usage", text);
}

bool report_failure(cli_t *cli, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    const char *text = formatted(cli, format, rest);
    va_end(rest);
    return report_plain(cli, EXIT_REFUSED, "failed", text);
}

static const char *trouble_text(samverk_trouble_t trouble)
{
    switch (trouble) {
    case SAMVERK_TROUBLE_CLOSED:
        return _("nobody listens there");
    case SAMVERK_TROUBLE_HANDSHAKE:
        return _("someone listens there, but is not the daemon of this profile");
    case SAMVERK_TROUBLE_KEY:
        return _("the daemon does not know this key");
    case SAMVERK_TROUBLE_SILENT:
        return _("no answer");
    case SAMVERK_TROUBLE_LOST:
        return _("the connection broke");
    case SAMVERK_TROUBLE_NONE:
        break;
    }
    return _("no answer");
}

bool report_unreached(cli_t *cli)
{
    const char *text =
        arena_format(cli->arena, _("The daemon was not reached: %s, tried for %u s (%s)."),
                     samverk_endpoint(cli->connection), (cli->timeout_ms + 999) / 1000,
                     trouble_text(samverk_trouble(cli->connection)));
    return report_plain(cli, EXIT_UNREACHED, "unreached", text);
}

bool report_unknown(cli_t *cli)
{
    const char *text =
        arena_format(cli->arena,
                     _("Sent to %s, but no answer came in %u s: it may be done or not. The same "
                       "command again is safe, and asks for the outcome."),
                     samverk_endpoint(cli->connection), (cli->timeout_ms + 999) / 1000);
    return report_plain(cli, EXIT_UNKNOWN, "unknown", text);
}

void report_note(const cli_t *cli, const char *format, ...)
{
    if (cli->output == OUTPUT_JSON)
        return;
    va_list rest;
    va_start(rest, format);
    const char *text = formatted(cli, format, rest);
    va_end(rest);
    terminal_page_end(); /* below what it is about, not before */
    fflush(stdout);
    fprintf(stderr, "%s\n", clean_text(text, true, cli->arena));
}

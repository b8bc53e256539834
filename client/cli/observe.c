#include "change.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "record.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* samverk watch: every change as it happens. */

/* So soon is it told that the connection is lost, or back. */
#define WAIT_MS 1000u
/* More records in one event are an import, or a time that is caught up with: what
   changed in each is then not asked. */
#define ASKED_MAX 20u
/* A changed text is recognised by its beginning. */
#define VALUE_WIDTH 40u

/* -- what is watched ---------------------------------------------------------------------- */

static bool add_kinds(cli_t *cli, const arguments_t *arguments, value_builder_t *filter)
{
    value_builder_t kinds = value_builder(cli->arena);
    for (size_t i = 0; i < arguments->n_words; i++) {
        if (!resolve_kind(cli, arguments->words[i]))
            return false;
        value_add(&kinds, value_text(arguments->words[i]));
    }
    if (kinds.count)
        value_add_pair(filter, "kinds", value_build_list(&kinds));
    return true;
}

/* All values of an option, each the id of a record, under `name`. */
static bool add_ids(cli_t *cli, const arguments_t *arguments, const char *option,
                    const kind_t *target, const char *name, value_builder_t *filter)
{
    value_builder_t ids = value_builder(cli->arena);
    for (size_t i = 0; i < arguments->n_given; i++) {
        const given_t *given = &arguments->given[i];
        const char *id;
        error_t error = {0};
        if (!given->option || strcmp(given->option->name, option) != 0)
            continue;
        if (!resolve(cli, target, given->value, arena_format(cli->arena, "--%s", option), &id,
                     &error))
            return error.code == ERROR_NONE ? false : report_error(cli, &error);
        value_add(&ids, value_text(id));
    }
    if (ids.count)
        value_add_pair(filter, name, value_build_list(&ids));
    return true;
}

static bool filter_of(cli_t *cli, const arguments_t *arguments, value_t *filter)
{
    value_builder_t builder = value_builder(cli->arena);
    if (!add_kinds(cli, arguments, &builder) ||
        !add_ids(cli, arguments, "municipality", schema_kind("municipality"), "municipalities",
                 &builder) ||
        !add_ids(cli, arguments, "id", NULL, "ids", &builder))
        return false;
    if (arguments_has(arguments, "mine"))
        value_add_pair(&builder, "mine", value_boolean(true));
    *filter = value_build_map(&builder);
    return true;
}

/* -- what is told --------------------------------------------------------------------------- */

static const char *clock_of(int64_t milliseconds, arena_t *arena)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm parts;
    char text[16] = "";
    if (localtime_r(&seconds, &parts))
        strftime(text, sizeof text, "%H:%M:%S", &parts);
    return arena_text(arena, text);
}

/* The listed fields after the name: "state: new, municipality: Motala (0583)". */
static const char *summary_of(cli_t *cli, const kind_t *kind, const value_t *view)
{
    const field_t *named[4];
    size_t n_named = names_fields(kind, named, 4);
    const char *text = "";
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = format_shown(kind, &kind->fields[i], value_get(view, "fields"));
        const value_t *value = value_get(value_get(view, "fields"), field->name);
        bool skip = !(kind->fields[i].attributes & FIELD_LISTED) || value->form == VALUE_ABSENT;
        for (size_t f = 0; f < n_named; f++)
            skip = skip || named[f] == field;
        if (skip || (value->form == VALUE_BOOLEAN && !value->boolean))
            continue;
        text =
            arena_format(cli->arena, "%s%s%s: %s", text, text[0] ? ", " : "",
                         label_of_field(kind, field), format_value(cli, kind, field, value, false));
    }
    return text;
}

static const char *value_of(cli_t *cli, const kind_t *kind, const field_t *field,
                            const value_t *value)
{
    const char *text = format_value(cli, kind, field, value, false);
    return text[0] ? table_cut(text, VALUE_WIDTH, cli->arena) : "–";
}

/* "participants: 3 → 4, state: new → acknowledged"; "" when that cannot be told. */
static const char *changes_of(cli_t *cli, const kind_t *kind, const value_t *changes)
{
    const char *text = "";
    for (uint32_t i = 0; changes->form == VALUE_MAP && i < changes->count; i++) {
        const field_t *field = kind_field(kind, changes->items[2 * i].text);
        const value_t *change = &changes->items[2 * i + 1];
        if (field)
            text = arena_format(cli->arena, "%s%s%s: %s → %s", text, text[0] ? ", " : "",
                                label_of_field(kind, field),
                                value_of(cli, kind, field, value_get(change, "from")),
                                value_of(cli, kind, field, value_get(change, "to")));
    }
    return text;
}

static void print_operation(cli_t *cli, const char *clock, const char *actor,
                            const value_t *operation, const value_t *change)
{
    const value_t *view = value_get(operation, "record");
    const char *id = value_get_text(view->form == VALUE_MAP ? view : operation, "id");
    record_id_t parsed;
    if (!id || !record_id_parse(&parsed, id, NULL))
        return;
    if (view->form != VALUE_MAP) {
        printf("%s  ", clock);
        printf(_("%s is deleted, or no longer shown to you"), id);
        putchar('\n');
        return;
    }
    printf("%s  %s%s%s  ", clock, tone_begin(TONE_HEADING), format_title(cli, view),
           tone_end(TONE_HEADING));
    if (actor)
        printf("%s: ", names_short(cli, actor));
    const char *what = value_get_text(change, "change"), *text = "";
    if (what && strcmp(what, "put") != 0)
        text = changes_of(cli, parsed.kind, value_get(change, "fields"));
    puts(text[0] ? text : summary_of(cli, parsed.kind, view));
}

/* `*n_asked_p` counts the records of an event that the daemon has been asked about. */
static void print_entry(cli_t *cli, const value_t *entry, unsigned *n_asked_p)
{
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(entry), true);
        return;
    }
    const value_t *operations = value_get(entry, "ops");
    const char *clock = clock_of(value_get_integer(entry, "time", 0), cli->arena);
    const char *actor = value_get_text(entry, "actor");
    if (operations->form != VALUE_LIST)
        return;
    if (actor)
        names_want_id(cli, actor);
    value_t *changes = arena_alloc(cli->arena, (operations->count + 1) * sizeof *changes);
    for (uint32_t i = 0; i < operations->count; i++) {
        const value_t *view = value_get(&operations->items[i], "record");
        const char *id = value_get_text(view, "id");
        changes[i] = value_absent;
        if (id && *n_asked_p < ASKED_MAX) {
            changes[i] = change_entry(cli, id, value_get_integer(entry, "rev", 0));
            ++*n_asked_p;
        }
        names_want(cli, view);
        change_want(cli, value_get(&changes[i], "fields"));
    }
    names_fetch(cli);
    for (uint32_t i = 0; i < operations->count; i++)
        print_operation(cli, clock, actor, &operations->items[i], &changes[i]);
}

/* -- the loop ---------------------------------------------------------------------------------- */

/* A watch that has ended: begin another one where that can be, or tell why not. */
static bool start_again(cli_t *cli, const value_t *filter, const samverk_event_t *event)
{
    error_t error = {0};
    samverk_watch_t *watch = event->watch;
    samverk_place_t place = event->place;
    samverk_watch_destroy(&watch);
    bool rights = strcmp(event->code, error_name(ERROR_RIGHTS_CHANGED)) == 0;
    bool compacted = strcmp(event->code, error_name(ERROR_COMPACTED)) == 0;
    /* Asked again, the daemon says whether we are shut out for good or for now. */
    bool revoked = strcmp(event->code, error_name(ERROR_REVOKED)) == 0;
    if (!rights && !compacted && !revoked) {
        error_set(&error, error_code(event->code) ? error_code(event->code) : ERROR_INTERNAL, NULL,
                  NULL);
        return report_error(cli, &error);
    }
    if (!revoked)
        report_note(cli, "%s",
                    rights ? _("Your rights have changed; what follows is by the new ones.")
                           : _("The changes of the time between are not to be had; what follows is "
                               "from now on."));
    samverk_outcome_t outcome =
        samverk_watch_new(cli->connection, filter, compacted ? NULL : &place, &watch, &error);
    /* No watch goes on across a change of our own rights: begin anew. */
    if (outcome == SAMVERK_REFUSED && error.code == ERROR_RIGHTS_CHANGED) {
        error = (error_t){0};
        outcome = samverk_watch_new(cli->connection, filter, NULL, &watch, &error);
    }
    if (outcome == SAMVERK_DONE)
        return true;
    return outcome == SAMVERK_REFUSED ? report_error(cli, &error) : report_unreached(cli);
}

/* Say once that the connection is lost, and once that it is back. */
static void tell_connection(cli_t *cli, bool *was_connected)
{
    bool connected = samverk_connected(cli->connection);
    int64_t now = (int64_t)time(NULL) * 1000;
    if (connected == *was_connected)
        return;
    *was_connected = connected;
    report_note(cli, "%s  %s", clock_of(now, cli->arena),
                connected ? _("Connected again; nothing was missed.")
                          : _("The connection is lost; trying again."));
}

static bool observe(cli_t *cli, const value_t *filter, long limit)
{
    bool connected = true;
    long told = 0;
    /* What one event needs lives as long as the event: a watch can last for weeks. */
    arena_t *whole = cli->arena, *arena = arena_new();
    bool good = true;
    while (good && (limit == 0 || told < limit) && !ferror(stdout)) {
        samverk_event_t event;
        arena_reset(arena);
        samverk_next(cli->connection, WAIT_MS, arena, &event);
        tell_connection(cli, &connected);
        if (event.type == SAMVERK_END) {
            good = start_again(cli, filter, &event);
            continue;
        }
        if (event.type != SAMVERK_CHANGES)
            continue;
        cli->arena = arena;
        unsigned n_asked = 0;
        for (uint32_t i = 0; i < event.entries.count && (limit == 0 || told < limit); i++, told++)
            print_entry(cli, &event.entries.items[i], &n_asked);
        names_destroy(cli); /* names change, and this has no end */
        cli->arena = whole;
        fflush(stdout);
    }
    arena_destroy(&arena);
    return good;
}

bool observe_run(cli_t *cli, const arguments_t *arguments)
{
    value_t filter;
    samverk_watch_t *watch;
    samverk_place_t place = {0};
    error_t error = {0};
    const char *since = arguments_value(arguments, "since");
    const char *limit = arguments_value(arguments, "limit");
    char *end;
    if (limit && (strtol(limit, &end, 10) <= 0 || *end))
        return report_usage(cli, _("--%s takes a number from 1."), "limit");
    if (!send_connect(cli) || !filter_of(cli, arguments, &filter))
        return false;
    if (since) {
        place.revision = strtoull(since, &end, 10);
        if (*end || !since[0])
            return report_usage(cli, "%s", _("--since takes a revision."));
        const char *epoch = value_get_text(samverk_welcome(cli->connection), "epoch");
        snprintf(place.epoch, sizeof place.epoch, "%s", epoch ? epoch : "");
    }
    samverk_outcome_t outcome =
        samverk_watch_new(cli->connection, &filter, since ? &place : NULL, &watch, &error);
    if (outcome == SAMVERK_REFUSED)
        return report_error(cli, &error);
    if (outcome != SAMVERK_DONE)
        return report_unreached(cli);
    report_note(cli, _("Watching from revision %llu. Ctrl-C ends it."),
                (unsigned long long)samverk_watch_place(watch)->revision);
    return observe(cli, &filter, limit ? strtol(limit, NULL, 10) : 0);
}

#include "arguments.h"
#include "change.h"
#include "clean.h"
#include "collect.h"
#include "difference.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "terminal.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

/* samverk KIND diff ID: what lies between two versions of a record. */

#define INDENT "  "

typedef struct {
    const char *id;
    value_t before, after; /* views */
} versions_t;

static int64_t revision_of(const value_t *view)
{
    return value_get_integer(view, "rev", 0);
}

/* -- two versions ------------------------------------------------------------------------------ */

static bool get_at(cli_t *cli, const char *id, const char *option, const char *at, value_t *view)
{
    value_builder_t map = value_builder(cli->arena);
    error_t error;
    bool refused;
    value_add_pair(&map, "id", value_text(id));
    if (at && !collect_at(cli, option, at, &map))
        return false;
    if (cli->purpose)
        value_add_pair(&map, "purpose", value_text(cli->purpose));
    value_t request = value_build_map(&map);
    if (!send_try(cli, "get", &request, view, &error, &refused))
        return false;
    if (refused && at && error.code == ERROR_NOT_FOUND && cli->output != OUTPUT_JSON) {
        report_failure(cli, _("There was no %s at %s."), id, at);
        cli->status = error_exit_status(ERROR_NOT_FOUND);
        return false;
    }
    return !refused || report_error(cli, &error);
}

/* The version that was there before the last change up to `revision`. */
static bool get_before(cli_t *cli, const char *id, int64_t revision, value_t *view)
{
    value_builder_t map = value_builder(cli->arena);
    value_t result;
    value_add_pair(&map, "id", value_text(id));
    value_add_pair(&map, "before", value_integer(revision));
    value_add_pair(&map, "limit", value_integer(1));
    value_t request = value_build_map(&map);
    if (!send_read(cli, "history", &request, &result))
        return false;
    const value_t *entries = value_get(&result, "entries");
    if (entries->form != VALUE_LIST || entries->count == 0)
        return report_failure(cli, _("There is only one version of %s."), id);
    return get_at(cli, id, "from",
                  arena_format(cli->arena, "%lld",
                               (long long)value_get_integer(&entries->items[0], "rev", 0)),
                  view);
}

static bool get_versions(cli_t *cli, const arguments_t *arguments, versions_t *self)
{
    const char *from = arguments_value(arguments, "from"), *to = arguments_value(arguments, "to");
    if (!resolve_record(cli, arguments->words[0], &self->id) ||
        !get_at(cli, self->id, "to", to, &self->after))
        return false;
    return from ? get_at(cli, self->id, "from", from, &self->before)
                : get_before(cli, self->id, revision_of(&self->after), &self->before);
}

/* -- what is told --------------------------------------------------------------------------------- */

static void print_version(cli_t *cli, const char *word, const char *id, const value_t *view)
{
    value_t entry = change_entry(cli, id, revision_of(view));
    const char *actor = value_get_text(&entry, "actor"), *when = "", *who = "";
    if (actor) {
        names_want_id(cli, actor);
        names_fetch(cli);
        when = format_instant(value_get_integer(&entry, "time", 0), cli->arena);
        who = names_with_id(cli, actor);
    }
    printf("%s%s: ", tone_begin(TONE_FAINT), word);
    printf(_("revision %lld"), (long long)revision_of(view));
    printf("%s%s%s%s%s\n", actor ? ", " : "", when, actor ? ", " : "", who, tone_end(TONE_FAINT));
}

static void print_parts(const char *label, const difference_t *parts, size_t n, bool lines,
                        arena_t *arena)
{
    if (lines)
        printf("%s:\n%s", label, difference_text(parts, n, INDENT, arena));
    else
        printf("%s: %s", label, difference_text(parts, n, "", arena));
}

static bool list_has(const value_t *list, const value_t *item)
{
    for (uint32_t i = 0; list->form == VALUE_LIST && i < list->count; i++)
        if (value_equal(&list->items[i], item))
            return true;
    return false;
}

/* What is gone from a list, then what has come to it. */
static void print_list(cli_t *cli, const field_t *field, const value_t *before,
                       const value_t *after)
{
    const value_t *sides[] = {before, after};
    size_t n = 0;
    uint32_t most = (before->form == VALUE_LIST ? before->count : 0) +
                    (after->form == VALUE_LIST ? after->count : 0);
    difference_t *parts = arena_alloc(cli->arena, (most + 1) * 2 * sizeof *parts);
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; sides[side]->form == VALUE_LIST && i < sides[side]->count; i++) {
            const value_t *item = &sides[side]->items[i];
            if (list_has(sides[1 - side], item))
                continue;
            if (n > 0)
                parts[n++] = (difference_t){DIFFERENCE_SAME, " "};
            parts[n++] = (difference_t){side ? DIFFERENCE_ADDED : DIFFERENCE_REMOVED,
                                        format_value(cli, cli->kind, field, item, false)};
        }
    const char *label = label_of_field(cli->kind, field);
    if (n > 0)
        print_parts(label, parts, n, false, cli->arena);
    else
        printf("%s: %s\n", label, format_value(cli, cli->kind, field, after, false));
}

static void print_field(cli_t *cli, const field_t *field, const value_t *before,
                        const value_t *after)
{
    const char *label = label_of_field(cli->kind, field);
    if (field->attributes & FIELD_MANY) {
        print_list(cli, field, before, after);
        return;
    }
    const char *was = format_value(cli, cli->kind, field, before, true);
    const char *is = format_value(cli, cli->kind, field, after, true);
    bool text = field->type == TYPE_LONG_TEXT || field->type == TYPE_TEXT;
    if (!text || (field->type == TYPE_TEXT && !(was[0] && is[0]))) {
        printf("%s: %s → %s\n", label, was[0] ? was : "–", is[0] ? is : "–");
        return;
    }
    const difference_t *parts;
    size_t n = difference_of(was, is, cli->arena, &parts);
    print_parts(label, parts, n, field->type == TYPE_LONG_TEXT, cli->arena);
}

static bool is_told(const field_t *field, const value_t *before, const value_t *after)
{
    return !(field->attributes & FIELD_INTERNAL) && !value_equal(before, after);
}

static void print_text(cli_t *cli, const versions_t *self)
{
    const value_t *was = value_get(&self->before, "fields"),
                  *is = value_get(&self->after, "fields");
    size_t told = 0;
    names_want(cli, &self->before);
    names_want(cli, &self->after);
    names_fetch(cli);
    terminal_page();
    printf("%s%s%s\n", tone_begin(TONE_HEADING), format_title(cli, &self->after),
           tone_end(TONE_HEADING));
    print_version(cli, _("before"), self->id, &self->before);
    print_version(cli, _("after"), self->id, &self->after);
    for (size_t i = 0; i < cli->kind->n_fields; i++) {
        const field_t *field = &cli->kind->fields[i];
        const value_t *before = value_get(was, field->name), *after = value_get(is, field->name);
        if (!is_told(field, before, after))
            continue;
        print_field(cli, field, before, after);
        told++;
    }
    if (told == 0)
        puts(_("There is no difference."));
}

static void print_json(cli_t *cli, const versions_t *self)
{
    json_t *fields = json_object();
    for (size_t i = 0; i < cli->kind->n_fields; i++) {
        const field_t *field = &cli->kind->fields[i];
        const value_t *before = value_get(value_get(&self->before, "fields"), field->name);
        const value_t *after = value_get(value_get(&self->after, "fields"), field->name);
        if (is_told(field, before, after))
            json_object_set_new(fields, field->name,
                                json_pack("{soso}", "from", json_of_field(field, before), "to",
                                          json_of_field(field, after)));
    }
    json_print(json_pack("{sssIsIso}", "id", self->id, "from",
                         (json_int_t)revision_of(&self->before), "to",
                         (json_int_t)revision_of(&self->after), "fields", fields),
               false);
}

bool diff_run(cli_t *cli, const arguments_t *arguments)
{
    versions_t self;
    if (!get_versions(cli, arguments, &self))
        return false;
    if (cli->output == OUTPUT_JSON)
        print_json(cli, &self);
    else
        print_text(cli, &self);
    return true;
}

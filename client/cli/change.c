#include "change.h"
#include "collect.h"
#include "form.h"
#include "format.h"
#include "guidance.h"
#include "json.h"
#include "language.h"
#include "mail.h"
#include "move.h"
#include "names.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Longer than this nobody waits for the lines below a write that is done. */
#define DECORATION_TIMEOUT_MS 3000u

/* -- saying what was done ------------------------------------------------------------------- */

static void tell_field(cli_t *cli, const kind_t *kind, const field_t *field, const value_t *from,
                       const value_t *to)
{
    const char *label = label_of_field(kind, field);
    const char *before = format_value(cli, kind, field, from, false);
    const char *after = format_value(cli, kind, field, to, false);
    if (from->form == VALUE_ABSENT)
        printf("  %s: %s\n", label, after);
    else
        printf("  %s: %s → %s\n", label, before, after[0] ? after : "–");
}

void change_want(cli_t *cli, const value_t *changes)
{
    for (uint32_t i = 0; changes->form == VALUE_MAP && i < changes->count; i++) {
        names_want_value(cli, value_get(&changes->items[2 * i + 1], "from"));
        names_want_value(cli, value_get(&changes->items[2 * i + 1], "to"));
    }
}

static bool is_default(cli_t *cli, const field_t *field, const value_t *value)
{
    value_t otherwise;
    error_t error = {0};
    return field->otherwise[0] &&
           field_parse(field, field->otherwise, &otherwise, cli->arena, &error) &&
           value_equal(&otherwise, value);
}

static void want_given(cli_t *cli, const value_t *given)
{
    for (uint32_t i = 0; given->form == VALUE_MAP && i < given->count; i++)
        names_want_value(cli, &given->items[2 * i + 1]);
}

/* What the user gave: on a dry run against what there is, which is in `present`. */
static void tell_given(cli_t *cli, const kind_t *kind, const value_t *given, const value_t *present)
{
    want_given(cli, given);
    names_fetch(cli);
    for (uint32_t i = 0; i < given->count; i++) {
        const field_t *field = kind_field(kind, given->items[2 * i].text);
        const value_t *from = value_get(value_get(present, "fields"), field->name);
        if (!value_equal(from, &given->items[2 * i + 1]))
            tell_field(cli, kind, field, from, &given->items[2 * i + 1]);
    }
}

/* History leaves personal data out; what the user has typed just now is no secret. */
static void tell_personal(cli_t *cli, const kind_t *kind, const value_t *given)
{
    for (uint32_t i = 0; i < given->count; i++) {
        const field_t *field = kind_field(kind, given->items[2 * i].text);
        if (field && field->class == CLASS_PERSONAL)
            tell_field(cli, kind, field, &value_absent, &given->items[2 * i + 1]);
    }
}

value_t change_entry(cli_t *cli, const char *id, int64_t revision)
{
    value_builder_t arguments = value_builder(cli->arena);
    value_add_pair(&arguments, "id", value_text(id));
    value_add_pair(&arguments, "before", value_integer(revision + 1));
    value_add_pair(&arguments, "limit", value_integer(1));
    value_t map = value_build_map(&arguments), result;
    if (samverk_request(cli->connection, "history", &map, cli->arena, &result, NULL) !=
        SAMVERK_DONE)
        return value_absent;
    const value_t *entries = value_get(&result, "entries");
    bool found = entries->form == VALUE_LIST && entries->count > 0 &&
                 value_get_integer(&entries->items[0], "rev", 0) == revision;
    return found ? entries->items[0] : value_absent;
}

/* A courtesy after a write that is done: whatever becomes of it, the write stays done. */
static void tell_changes(cli_t *cli, const kind_t *kind, const value_t *view)
{
    value_t entry =
        change_entry(cli, value_get_text(view, "id"), value_get_integer(view, "rev", 0));
    const value_t *changes = value_get(&entry, "fields");
    if (changes->form != VALUE_MAP)
        return;
    change_want(cli, changes);
    names_fetch(cli);
    for (uint32_t i = 0; i < changes->count; i++) {
        const field_t *field = kind_field(kind, changes->items[2 * i].text);
        const value_t *change = &changes->items[2 * i + 1];
        const value_t *from = value_get(change, "from"), *to = value_get(change, "to");
        /* The state is in the sentence; who and when is in `history`; a new record's
           defaults are no news. */
        if (field && !(field->attributes & FIELD_DAEMON) &&
            !(from->form == VALUE_ABSENT && is_default(cli, field, to)))
            tell_field(cli, kind, field, from, to);
    }
}

static const char *state_label(const kind_t *kind, const value_t *view)
{
    const char *name = value_get_text(value_get(view, "fields"), "state");
    const state_t *state = name ? kind_state(kind, name) : NULL;
    return state ? label_of_state(kind, state) : NULL;
}

/* A write that was asked for: what it is about, and what the user gave for it. */
typedef struct {
    const char *id; /* NULL for a record that is new */
    value_t given;  /* map of field to value */
    bool dry_run;
} wanted_t;

static void tell_dry_run(cli_t *cli, const kind_t *kind, const wanted_t *wanted)
{
    value_t present = value_absent;
    if (wanted->id) {
        value_builder_t arguments = value_builder(cli->arena);
        value_add_pair(&arguments, "id", value_text(wanted->id));
        value_t map = value_build_map(&arguments);
        if (samverk_request(cli->connection, "get", &map, cli->arena, &present, NULL) !=
            SAMVERK_DONE)
            present = value_absent;
    }
    tell_given(cli, kind, &wanted->given, &present);
    puts(_("Nothing was changed: this was a dry run."));
}

/* `sentence` says what was done, to which record. The status is not touched: the daemon
   has acknowledged the write. */
static bool tell_done(cli_t *cli, const kind_t *kind, const value_t *view, const char *sentence,
                      const wanted_t *wanted)
{
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(view), false);
        return true;
    }
    printf("%s%s%s\n", tone_begin(TONE_GOOD), sentence, tone_end(TONE_GOOD));
    fflush(stdout);
    if (cli->timeout_ms > DECORATION_TIMEOUT_MS)
        samverk_set_timeout(cli->connection, DECORATION_TIMEOUT_MS);
    if (wanted->dry_run) {
        tell_dry_run(cli, kind, wanted);
        return true;
    }
    tell_changes(cli, kind, view);
    tell_personal(cli, kind, &wanted->given);
    const char *left = guidance_left(cli, kind, view);
    if (left)
        puts(left);
    const char *next = move_next(cli, kind, view);
    if (next)
        puts(next);
    return true;
}

/* -- what all of them take -------------------------------------------------------------------- */

static bool add_flags(cli_t *cli, const arguments_t *arguments, value_builder_t *map, bool *dry_run)
{
    *dry_run = arguments_has(arguments, "dry-run");
    if (*dry_run)
        value_add_pair(map, "dry_run", value_boolean(true));
    const char *revision = arguments_value(arguments, "if-rev");
    if (revision) {
        char *end;
        long long number = strtoll(revision, &end, 10);
        if (*end || number <= 0)
            return report_usage(cli, "%s", _("--if-rev takes a revision, a number from 1."));
        value_add_pair(map, "if_rev", value_integer(number));
    }
    return true;
}

/* What lies between the revision that the change was meant for and now. */
static bool tell_conflict(cli_t *cli, const value_t *request, const error_t *error)
{
    const kind_t *kind = cli->kind;
    const value_t *newer = value_get(&error->detail, "record");
    report_error(cli, error);
    if (cli->output == OUTPUT_JSON || newer->form != VALUE_MAP)
        return false;
    value_builder_t builder = value_builder(cli->arena);
    value_add_pair(&builder, "id", *value_get(request, "id"));
    value_add_pair(&builder, "at", *value_get(request, "if_rev"));
    value_t map = value_build_map(&builder), older;
    error_t ignored;
    bool refused;
    int status = cli->status;
    if (!send_try(cli, "get", &map, &older, &ignored, &refused) || refused)
        older = value_absent;
    cli->status = status;
    names_want(cli, &older);
    names_want(cli, newer);
    want_given(cli, value_get(request, "fields"));
    names_fetch(cli);
    for (size_t i = 0; older.form == VALUE_MAP && i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *was = value_get(value_get(&older, "fields"), field->name);
        const value_t *is = value_get(value_get(newer, "fields"), field->name);
        if (!value_equal(was, is) && !(field->attributes & FIELD_INTERNAL))
            fprintf(stderr, "  %s: %s → %s\n", label_of_field(kind, field),
                    was->form == VALUE_ABSENT ? "–" : format_value(cli, kind, field, was, false),
                    is->form == VALUE_ABSENT ? "–" : format_value(cli, kind, field, is, false));
    }
    const value_t *ours = value_get(request, "fields");
    for (uint32_t i = 0; ours->form == VALUE_MAP && i < ours->count; i++) {
        const field_t *field = kind_field(kind, ours->items[2 * i].text);
        const value_t *is = value_get(value_get(newer, "fields"), field->name);
        const value_t *yours = &ours->items[2 * i + 1];
        if (value_equal(is, yours))
            continue;
        const char *there = format_value(cli, kind, field, is, false);
        const char *here = format_value(cli, kind, field, yours, false);
        fprintf(stderr, _("  %s is now \"%s\", and you gave \"%s\"\n"), label_of_field(kind, field),
                there[0] ? there : "–", here[0] ? here : "–");
    }
    long long revision = (long long)value_get_integer(newer, "rev", 0);
    fprintf(stderr,
            _("It is now at revision %lld. See it: samverk %s show %s. Change it all the same: "
              "--if-rev %lld"),
            revision, kind->name, value_get_text(request, "id"), revision);
    fputc('\n', stderr);
    return false;
}

/* The record that a refused write was about, to say what stood in its way. */
static bool get_refused(cli_t *cli, const value_t *request, value_t *view)
{
    value_builder_t builder = value_builder(cli->arena);
    value_add_pair(&builder, "id", *value_get(request, "id"));
    value_t map = value_build_map(&builder);
    return cli->output != OUTPUT_JSON && value_get(request, "id")->form == VALUE_TEXT &&
           samverk_request(cli->connection, "get", &map, cli->arena, view, NULL) == SAMVERK_DONE;
}

static void tell_state(cli_t *cli, const value_t *request)
{
    value_t view;
    if (!get_refused(cli, request, &view))
        return;
    const char *state = state_label(cli->kind, &view);
    if (state)
        /* Translators: a record, and the state in which it cannot be done. */
        report_note(cli, _("%s is: %s"), format_title(cli, &view), state);
}

/* Where the record belongs, when that is not with us. */
static void tell_owner(cli_t *cli, const value_t *request)
{
    const field_t *field = kind_field(cli->kind, "municipality");
    value_t view;
    if (!field || !get_refused(cli, request, &view))
        return;
    const value_t *place = value_get(value_get(&view, "fields"), "municipality");
    if (place->form != VALUE_TEXT)
        return;
    names_want_value(cli, place);
    names_fetch(cli);
    report_note(cli, _("It belongs to %s, and is changed there by those who may."),
                format_value(cli, cli->kind, field, place, false));
}

/* Send, with the difference when it is a conflict. */
static bool write_record(cli_t *cli, const char *command, const value_t *map, value_t *view)
{
    error_t error;
    bool refused;
    if (!send_write_try(cli, command, map, view, &error, &refused))
        return false;
    if (!refused)
        return true;
    if (error.code == ERROR_CONFLICT)
        return tell_conflict(cli, map, &error);
    /* A move that asks for a field of its own: it is not wrong, it is not there. */
    if (error.code == ERROR_INVALID && strcmp(command, "move") == 0 && error.field[0] &&
        value_get(value_get(map, "fields"), error.field)->form == VALUE_ABSENT)
        error.code = ERROR_REQUIRED;
    report_error(cli, &error);
    if (error.code == ERROR_NOT_ALLOWED)
        tell_owner(cli, map);
    if (error.code == ERROR_IMPOSSIBLE_MOVE)
        tell_state(cli, map);
    return false;
}

/* -- the verbs ---------------------------------------------------------------------------------- */

/* The first field that could not be empty and is. */
static bool required_ok(cli_t *cli, const kind_t *kind, const value_t *fields)
{
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!(field->attributes & FIELD_REQUIRED) || field->attributes & FIELD_DAEMON ||
            field->otherwise[0] || value_get(fields, field->name)->form != VALUE_ABSENT)
            continue;
        error_t error = {0};
        error_set(&error, ERROR_REQUIRED, field->name, NULL);
        return report_error(cli, &error);
    }
    return true;
}

bool change_add(cli_t *cli, const arguments_t *arguments)
{
    return change_add_after(cli, arguments, NULL, NULL);
}

/* Nothing was given, or only what the new record hangs on: the rest is for the form. */
static bool only_hangs(const kind_t *kind, const value_t *fields)
{
    return fields->count == 0 ||
           (fields->count == 1 && strcmp(fields->items[0].text, kind->follows) == 0);
}

bool change_add_after(cli_t *cli, const arguments_t *arguments, change_before_t before,
                      value_t *added)
{
    const kind_t *kind = cli->kind;
    value_t fields, view;
    if (!send_connect(cli) || !collect_fields(cli, kind, arguments, &fields) ||
        !mail_add(cli, kind, arguments, &fields))
        return false;
    if (only_hangs(kind, &fields) && terminal_in() && cli->output == OUTPUT_TEXT) {
        value_builder_t given = value_builder(cli->arena);
        value_add_pair(&given, "fields", fields);
        value_t present = value_build_map(&given);
        if (!form_edit(cli, kind, &present, &fields))
            return false;
    }
    if (kind->coded && arguments->n_words == 0)
        return report_usage(cli, _("Which code? samverk %s add CODE ..."), kind->name);
    if (!kind->coded && arguments->n_words > 0)
        return report_usage(cli, _("The daemon gives %s its number; leave \"%s\" out."),
                            label_of_kind(kind), arguments->words[0]);
    if (!required_ok(cli, kind, &fields))
        return false;
    value_builder_t map = value_builder(cli->arena);
    bool dry_run;
    value_add_pair(&map, "kind", value_text(kind->name));
    if (kind->coded)
        value_add_pair(&map, "id", value_text(arguments->words[0]));
    value_add_pair(&map, "fields", fields);
    if (arguments_has(arguments, "confirm"))
        value_add_pair(&map, "confirm", value_boolean(true));
    if (!add_flags(cli, arguments, &map, &dry_run))
        return false;
    value_t request = value_build_map(&map);
    if (before)
        before(cli, NULL, &fields);
    if (!mail_agreed(cli, kind, arguments, &fields) || !send_write(cli, "put", &request, &view))
        return false;
    const char *sentence =
        dry_run ? arena_format(cli->arena, _("This could be added: %s"), format_title(cli, &view))
                : arena_format(cli->arena, _("Added: %s"), format_title(cli, &view));
    if (added)
        *added = dry_run ? value_absent : view;
    return tell_done(cli, kind, &view, sentence, &(wanted_t){NULL, fields, dry_run});
}

/* The revision that last changed a record; 0 when it cannot be told. */
static int64_t revision_of(cli_t *cli, const char *id)
{
    value_builder_t arguments = value_builder(cli->arena);
    value_add_pair(&arguments, "id", value_text(id));
    value_t map = value_build_map(&arguments), view;
    if (samverk_request(cli->connection, "get", &map, cli->arena, &view, NULL) != SAMVERK_DONE)
        return 0;
    return value_get_integer(&view, "rev", 0);
}

bool change_edit(cli_t *cli, const arguments_t *arguments)
{
    return change_edit_after(cli, arguments, NULL);
}

bool change_edit_after(cli_t *cli, const arguments_t *arguments, change_before_t before)
{
    const kind_t *kind = cli->kind;
    const char *id;
    value_t fields, view;
    if (!resolve_record(cli, arguments->words[0], &id) ||
        !collect_fields(cli, kind, arguments, &fields))
        return false;
    value_builder_t map = value_builder(cli->arena);
    bool dry_run;
    value_add_pair(&map, "id", value_text(id));
    if (fields.count == 0) {
        if (!terminal_in() || cli->output != OUTPUT_TEXT)
            return report_usage(cli, _("What changes? samverk %s edit %s --FIELD VALUE"),
                                kind->name, arguments->words[0]);
        value_t get = value_build_map(&map), present;
        if (!send_read(cli, "get", &get, &present) || !form_edit(cli, kind, &present, &fields))
            return false;
        if (fields.count == 0) {
            puts(_("Nothing was changed."));
            return true;
        }
        if (!arguments_has(arguments, "if-rev"))
            value_add_pair(&map, "if_rev", value_integer(value_get_integer(&present, "rev", 0)));
    }
    value_add_pair(&map, "fields", fields);
    if (!add_flags(cli, arguments, &map, &dry_run))
        return false;
    value_t request = value_build_map(&map);
    if (before)
        before(cli, id, &fields);
    int64_t was = dry_run || cli->output == OUTPUT_JSON ? 0 : revision_of(cli, id);
    if (!write_record(cli, "patch", &request, &view))
        return false;
    if (was && value_get_integer(&view, "rev", 0) == was) {
        puts(_("Nothing was changed: it is so already."));
        return true;
    }
    const char *sentence =
        dry_run
            ? arena_format(cli->arena, _("This could be changed: %s"), format_title(cli, &view))
            : arena_format(cli->arena, _("Changed: %s (revision %lld)"), format_title(cli, &view),
                           (long long)value_get_integer(&view, "rev", 0));
    return tell_done(cli, kind, &view, sentence, &(wanted_t){id, fields, dry_run});
}

bool change_move(cli_t *cli, const arguments_t *arguments)
{
    const kind_t *kind = cli->kind;
    const move_t *move = move_written(kind, arguments->words[0]);
    const char *id;
    value_t fields, view;
    if (!resolve_record(cli, arguments->words[1], &id) ||
        !collect_fields(cli, kind, arguments, &fields))
        return false;
    value_builder_t map = value_builder(cli->arena);
    bool dry_run;
    value_add_pair(&map, "id", value_text(id));
    value_add_pair(&map, "verb", value_text(move->verb));
    if (fields.count)
        value_add_pair(&map, "fields", fields);
    if (!add_flags(cli, arguments, &map, &dry_run))
        return false;
    value_t request = value_build_map(&map);
    if (!write_record(cli, "move", &request, &view))
        return false;
    const char *state = state_label(kind, &view), *title = format_title(cli, &view);
    const char *sentence = dry_run ? arena_format(cli->arena, _("This could be done: %s"), title)
                           /* Translators: a record, and the state that it has come to. */
                           : state ? arena_format(cli->arena, _("%s is now: %s"), title, state)
                                   : arena_format(cli->arena, _("Done: %s"), title);
    return tell_done(cli, kind, &view, sentence, &(wanted_t){id, fields, dry_run});
}

bool change_delete(cli_t *cli, const arguments_t *arguments)
{
    const kind_t *kind = cli->kind;
    const char *id;
    value_t view, result;
    if (!resolve_record(cli, arguments->words[0], &id))
        return false;
    value_builder_t map = value_builder(cli->arena);
    bool dry_run;
    value_add_pair(&map, "id", value_text(id));
    if (!arguments_has(arguments, "yes") && !arguments_has(arguments, "dry-run")) {
        if (!terminal_in() || cli->output != OUTPUT_TEXT)
            return report_usage(cli, "%s", _("Deleting needs --yes when nobody can be asked."));
        value_t get = value_build_map(&map);
        if (!send_read(cli, "get", &get, &view))
            return false;
        if (!terminal_confirm(
                arena_format(cli->arena, _("Delete %s? [y/N]"), format_title(cli, &view)))) {
            puts(_("Nothing was changed."));
            return true;
        }
    }
    if (!add_flags(cli, arguments, &map, &dry_run))
        return false;
    value_t request = value_build_map(&map);
    if (!write_record(cli, "delete", &request, &result))
        return false;
    if (cli->output == OUTPUT_JSON)
        json_print(json_of_result(&result), false);
    else
        printf(dry_run ? _("%s %s could be deleted.\n") : _("Deleted: %s %s\n"),
               label_of_kind(kind), id);
    return true;
}

#include "clean.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "move.h"
#include "names.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

/* -- status --------------------------------------------------------------------------------- */

static void add_line(cli_t *cli, table_t *table, const char *label, const char *text)
{
    const char **cells = arena_alloc(cli->arena, 2 * sizeof *cells);
    cells[0] = label;
    cells[1] = text;
    table_add(table, cells);
}

static void add_counts(cli_t *cli, table_t *table, const value_t *records)
{
    for (size_t i = 0; records->form == VALUE_MAP && i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        const value_t *count = value_get(records, kind->name);
        if (count->form == VALUE_INTEGER && count->integer > 0)
            add_line(cli, table, label_of_kinds(kind), format_integer(count->integer, cli->arena));
    }
}

static json_t *status_as_json(cli_t *cli, const value_t *result, const char *user)
{
    json_t *document = json_of_result(result);
    json_object_set_new(document, "endpoint", json_string(cli->profile.endpoint));
    json_object_set_new(document, "profile", json_string(cli->profile.name));
    json_object_set_new(document, "user", user ? json_string(user) : json_null());
    json_object_set_new(document, "roles",
                        json_of_value(value_get(samverk_welcome(cli->connection), "roles")));
    return document;
}

/* A row for each name, and for each kind that is counted; lists with commas. */
static void print_pairs(cli_t *cli, json_t *map)
{
    const char *name;
    json_t *value, *item;
    size_t i;
    json_object_foreach(map, name, value)
    {
        const char *text = json_string_value(value);
        if (json_is_object(value)) {
            print_pairs(cli, value);
            continue;
        }
        if (json_is_integer(value))
            text = arena_format(cli->arena, "%lld", (long long)json_integer_value(value));
        json_array_foreach(value, i, item) text = arena_format(
            cli->arena, "%s%s%s", i ? text : "", i ? ", " : "", json_string_value(item));
        sheet_cell(stdout, name, true, false);
        sheet_cell(stdout, text ? text : "", false, json_is_integer(value));
        sheet_end(stdout);
    }
}

bool status_run(cli_t *cli, const arguments_t *arguments)
{
    (void)arguments;
    value_t result, map = {.form = VALUE_MAP};
    if (!send_read(cli, "status", &map, &result))
        return false;
    const value_t *welcome = samverk_welcome(cli->connection);
    const char *user = value_get_text(welcome, "user");
    if (cli->output == OUTPUT_JSON) {
        json_print(status_as_json(cli, &result, user), false);
        return true;
    }
    if (cli->output == OUTPUT_CSV) {
        json_t *document = status_as_json(cli, &result, user);
        sheet_begin(stdout);
        print_pairs(cli, document);
        json_decref(document);
        return true;
    }
    const char *region = value_get_text(&result, "region");
    const char *version = value_get_text(&result, "version");
    int64_t schema = value_get_integer(welcome, "schema", SCHEMA_VERSION);
    if (user)
        names_want_id(cli, user);
    names_fetch(cli);
    table_t *table = table_new(cli->arena, 2);
    add_line(cli, table, _("region"), region ? clean_text(region, false, cli->arena) : "");
    add_line(cli, table, _("address"), cli->profile.endpoint);
    add_line(cli, table, _("profile"), cli->profile.name);
    add_line(cli, table, _("you are"), user ? names_with_id(cli, user) : "–");
    add_line(cli, table, _("roles"), label_of_roles(send_roles(cli), cli->arena));
    add_line(cli, table, _("revision"),
             format_integer(value_get_integer(&result, "rev", 0), cli->arena));
    add_line(cli, table, _("the daemon's version"),
             version ? clean_text(version, false, cli->arena) : "");
    add_line(cli, table, _("the daemon's time"),
             format_instant(value_get_integer(&result, "time", 0), cli->arena));
    const value_t *maintenance = value_get(&result, "maintenance");
    const char *why = value_get_text(maintenance, "text");
    if (why)
        add_line(
            cli, table, _("maintenance until"),
            arena_format(cli->arena, "%s, %s",
                         format_instant(value_get_integer(maintenance, "until", 0), cli->arena),
                         clean_text(why, false, cli->arena)));
    add_counts(cli, table, value_get(&result, "records"));
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
    if (schema > SCHEMA_VERSION)
        report_note(cli, "%s",
                    _("The daemon has fields that this program does not know: upgrade it."));
    return true;
}

/* -- schema ---------------------------------------------------------------------------------- */

static json_t *field_as_json(const field_t *field)
{
    json_t *words = json_array();
    for (size_t i = 0; field->vocabulary && i < field->vocabulary->n_words; i++)
        json_array_append_new(words, json_string(field->vocabulary->words[i].name));
    json_t *map = json_pack(
        "{ssssssssssss sb sb sb sb}", "name", field->name, "type", type_name(field->type), "detail",
        field->detail, "class", class_name(field->class), "default", field->otherwise, "label",
        field->label, "many", (field->attributes & FIELD_MANY) != 0, "required",
        (field->attributes & FIELD_REQUIRED) != 0, "unique",
        (field->attributes & FIELD_UNIQUE) != 0, "daemon", (field->attributes & FIELD_DAEMON) != 0);
    if (field->vocabulary)
        json_object_set_new(map, "words", words);
    else
        json_decref(words);
    return map;
}

static json_t *kind_as_json(const kind_t *kind)
{
    json_t *fields = json_array(), *moves = json_array();
    for (size_t i = 0; i < kind->n_fields; i++)
        if (arguments_field_ok(&kind->fields[i], FIELDS_READABLE))
            json_array_append_new(fields, field_as_json(&kind->fields[i]));
    for (size_t i = 0; i < kind->n_moves; i++)
        json_array_append_new(moves, json_pack("{ssssssss}", "verb", kind->moves[i].verb, "from",
                                               kind->moves[i].from, "to", kind->moves[i].to,
                                               "required", kind->moves[i].required));
    return json_pack("{sssssbsssoso}", "name", kind->name, "prefix", kind->prefix, "coded",
                     kind->coded, "label", kind->label, "fields", fields, "moves", moves);
}

static const char *marks_of(cli_t *cli, const field_t *field)
{
    const char *text = "";
    static const struct {
        unsigned attribute;
        const char *mark;
    } marks[] = {
        {FIELD_REQUIRED, N_("needed")},
        {FIELD_UNIQUE, N_("unique")},
        {FIELD_DAEMON, N_("set by the daemon")},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (field->attributes & marks[i].attribute)
            text = arena_format(cli->arena, "%s%s%s", text, text[0] ? ", " : "", _(marks[i].mark));
    return text;
}

static void print_fields(cli_t *cli, const kind_t *kind)
{
    table_t *table = table_new(cli->arena, 5);
    table_heading(table, 0, _("Field"), false);
    table_heading(table, 1, _("Called"), false);
    table_heading(table, 2, _("Takes"), false);
    table_heading(table, 3, _("Class"), false);
    table_heading(table, 4, "", false);
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!arguments_field_ok(field, FIELDS_READABLE))
            continue;
        const char **cells = arena_alloc(cli->arena, 5 * sizeof *cells);
        cells[0] = field->name;
        cells[1] = label_of_field(kind, field);
        cells[2] = label_of_expected(field, cli->arena);
        cells[3] = language_in("class", class_name(field->class));
        cells[4] = marks_of(cli, field);
        table_add(table, cells);
    }
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

static const char *state_called(const kind_t *kind, const char *name, const char *otherwise)
{
    const state_t *state = kind_state(kind, name);
    return state ? label_of_state(kind, state) : otherwise;
}

/* "areas participants", as they are called. */
static const char *needs_called(cli_t *cli, const kind_t *kind, const move_t *move)
{
    const char *rest = move->required, *text = "";
    char word[64];
    while (schema_words_next(&rest, word, sizeof word)) {
        const field_t *field = kind_field(kind, word);
        text = arena_format(cli->arena, "%s%s%s", text, text[0] ? ", " : "",
                            field ? label_of_field(kind, field) : word);
    }
    return text;
}

static void print_moves(cli_t *cli, const kind_t *kind)
{
    table_t *table = table_new(cli->arena, 4);
    table_heading(table, 0, _("Move"), false);
    table_heading(table, 1, _("From"), false);
    table_heading(table, 2, _("To"), false);
    table_heading(table, 3, _("Needs"), false);
    for (size_t i = 0; i < kind->n_moves; i++) {
        const move_t *move = &kind->moves[i];
        const char **cells = arena_alloc(cli->arena, 4 * sizeof *cells);
        cells[0] = move_name(cli, kind, move->verb);
        cells[1] = state_called(kind, move->from, _("any open state"));
        cells[2] = state_called(kind, move->to, _("where it was"));
        cells[3] = needs_called(cli, kind, move);
        table_add(table, cells);
    }
    putchar('\n');
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

static void print_kinds(cli_t *cli)
{
    table_t *table = table_new(cli->arena, 3);
    table_heading(table, 0, _("Kind"), false);
    table_heading(table, 1, _("Called"), false);
    table_heading(table, 2, _("Id"), false);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        const char **cells = arena_alloc(cli->arena, 3 * sizeof *cells);
        cells[0] = kind->name;
        cells[1] = label_of_kinds(kind);
        cells[2] = arena_format(cli->arena, kind->coded ? "%s-CODE" : "%s-1", kind->prefix);
        table_add(table, cells);
    }
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

/* Of this program's own tables: no daemon is asked. */
bool schema_run(cli_t *cli, const arguments_t *arguments)
{
    const kind_t *kind = NULL;
    if (arguments->n_words) {
        kind = resolve_kind(cli, arguments->words[0]);
        if (!kind)
            return false;
    }
    if (cli->output == OUTPUT_JSON) {
        json_t *kinds = json_array();
        for (size_t i = 0; i < schema_n_kinds(); i++)
            if (!kind || kind == schema_kind_at(i))
                json_array_append_new(kinds, kind_as_json(schema_kind_at(i)));
        json_print(json_pack("{siso}", "version", SCHEMA_VERSION, "kinds", kinds), false);
        return true;
    }
    terminal_page();
    if (!kind) {
        print_kinds(cli);
        return true;
    }
    print_fields(cli, kind);
    if (kind->n_moves)
        print_moves(cli, kind);
    return true;
}

#include "admin.h"
#include "clean.h"
#include "json.h"
#include "language.h"
#include "pages.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "table.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

/* -- export: all that is held on a person ------------------------------------------------ */

typedef struct {
    output_file_t *output;
    const char *person;
    const char *purpose;
    const char *heading; /* of the part, until it is written */
    size_t items;
    int64_t others, revision;
} dossier_t;

/* An id that the daemon says, fit to print. */
static const char *id_of(cli_t *cli, const value_t *view)
{
    const char *id = value_get_text(view, "id");
    return id ? clean_text(id, false, cli->arena) : "";
}

static value_t request_part(const dossier_t *self, const char *part, arena_t *arena)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "person", value_text(self->person));
    value_add_pair(&map, "part", value_text(part));
    value_add_pair(&map, "purpose", value_text(self->purpose));
    return value_build_map(&map);
}

static bool write_items(cli_t *cli, const value_t *page, void *context)
{
    (void)cli;
    dossier_t *self = context;
    const value_t *items = value_get(page, "items");
    if (self->heading)
        fputs(self->heading, self->output->file);
    self->heading = NULL;
    for (uint32_t i = 0; items->form == VALUE_LIST && i < items->count; i++) {
        fputs(self->items++ ? ",\n" : "\n", self->output->file);
        json_write(json_of_result(&items->items[i]), self->output->file, true);
    }
    self->others += value_get_integer(page, "others", 0);
    self->revision = value_get_integer(page, "rev", self->revision);
    return pages_written(self->output);
}

static bool write_dossier(cli_t *cli, output_file_t *output, void *context)
{
    static const char *const parts[] = {"states", "records", "reads", "texts"};
    dossier_t *self = context;
    FILE *file = output->file;
    self->output = output;
    const char *before = arena_format(cli->arena, "{\"person\": \"%s\"", self->person);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        value_t request = request_part(self, parts[i], cli->arena);
        /* Not before the daemon has answered: what is refused leaves no half document. */
        self->heading = arena_format(cli->arena, "%s,\n\"%s\": [", i ? "" : before, parts[i]);
        self->items = 0;
        if (!pages_each(cli, "disclose", &request, write_items, self))
            return false;
        fputs("\n]", file);
    }
    fprintf(file, ",\n\"outside_your_scope\": %lld,\n\"rev\": %lld}\n", (long long)self->others,
            (long long)self->revision);
    return true;
}

bool admin_person_export(cli_t *cli, const arguments_t *arguments)
{
    const char *path = arguments_value(arguments, "output");
    dossier_t dossier = {.purpose = cli->purpose};
    output_file_t output;
    if (!dossier.purpose)
        return report_usage(cli, "%s", _("Say what the data is read for: --purpose TEXT"));
    if ((path && !pages_may_write(cli, path, arguments_has(arguments, "yes"))) ||
        !resolve_record(cli, arguments->words[0], &dossier.person) ||
        !pages_to_file(cli, path, 0600, &output, write_dossier, &dossier))
        return false;
    if (dossier.others)
        report_note(cli,
                    ngettext("%lld record outside your scope refers to the person.",
                             "%lld records outside your scope refer to the person.",
                             (unsigned long)dossier.others),
                    (long long)dossier.others);
    if (path)
        report_note(cli,
                    _("What is held on %s is in %s, as of revision %lld. Look its texts through "
                      "before you hand it out: they may name others."),
                    dossier.person, path, (long long)dossier.revision);
    return true;
}

/* -- erase: one asks, another approves ---------------------------------------------------- */

static bool ask_for_erasure(cli_t *cli, const char *person, const char *decision)
{
    value_builder_t map = value_builder(cli->arena);
    value_t result;
    value_add_pair(&map, "person", value_text(person));
    value_add_pair(&map, "decision", value_text(decision));
    value_t request = value_build_map(&map);
    error_t error;
    bool refused;
    if (!send_write_try(cli, "erase", &request, &result, &error, &refused))
        return false;
    if (refused && error.code == ERROR_DUPLICATE && cli->output != OUTPUT_JSON)
        return report_failure(cli,
                              _("The erasure of %s has been asked for already. Another privacy "
                                "officer approves it with: samverk admin person erase %s "
                                "--approve"),
                              person, person);
    if (refused)
        return report_error(cli, &error);
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(&result), false);
        return true;
    }
    printf(_("Asked for: %s. Another privacy officer approves it with: samverk admin person erase "
             "%s --approve\n"),
           id_of(cli, &result), person);
    return true;
}

/* The last erasure that was asked for; absent when none was. */
static bool find_erasure(cli_t *cli, const char *person, value_t *view)
{
    value_builder_t where = value_builder(cli->arena), map = value_builder(cli->arena);
    value_t result;
    value_add_pair(&where, "person", value_text(person));
    value_add_pair(&map, "kind", value_text("erasure"));
    value_add_pair(&map, "where", value_build_map(&where));
    value_add_pair(&map, "limit", value_integer(1));
    value_t request = value_build_map(&map);
    if (!send_read(cli, "list", &request, &result))
        return false;
    const value_t *records = value_get(&result, "records");
    *view = records->form == VALUE_LIST && records->count ? records->items[0] : value_absent;
    return true;
}

static bool is_state(const value_t *view, const char *state)
{
    const char *text = value_get_text(value_get(view, "fields"), "state");
    return text && strcmp(text, state) == 0;
}

/* Once the person is erased nobody knows any more what to look for. */
static bool gather_texts(cli_t *cli, const char *person, const value_t *erasure, value_t *texts)
{
    dossier_t about = {.person = person,
                       .purpose =
                           arena_format(cli->arena, "erasure %s", value_get_text(erasure, "id"))};
    value_t request = request_part(&about, "texts", cli->arena);
    return pages_items(cli, "disclose", &request, texts);
}

static void print_texts(cli_t *cli, const value_t *texts)
{
    if (!texts->count)
        return;
    table_t *table = table_new(cli->arena, 2);
    table_heading(table, 0, _("Record"), false);
    table_heading(table, 1, _("Fields"), false);
    for (uint32_t i = 0; i < texts->count; i++) {
        const char **cells = arena_alloc(cli->arena, 2 * sizeof *cells);
        const char *id = id_of(cli, value_get(&texts->items[i], "record"));
        const value_t *fields = value_get(&texts->items[i], "in");
        record_id_t record;
        bool known = record_id_parse(&record, id, NULL);
        cells[0] = id;
        cells[1] = "";
        for (uint32_t j = 0; known && fields->form == VALUE_LIST && j < fields->count; j++) {
            const field_t *field = fields->items[j].form == VALUE_TEXT
                                       ? kind_field(record.kind, fields->items[j].text)
                                       : NULL;
            if (field)
                cells[1] = arena_format(cli->arena, "%s%s%s", cells[1], cells[1][0] ? ", " : "",
                                        label_of_field(record.kind, field));
        }
        table_add(table, cells);
    }
    puts(_("These may still name the person. Look them through:"));
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
}

static bool confirm_erasure(cli_t *cli, const arguments_t *arguments, const char *person,
                            const value_t *erasure, bool *go_on)
{
    const char *decision = value_get_text(value_get(erasure, "fields"), "decision");
    *go_on = true;
    if (arguments_has(arguments, "yes"))
        return true;
    if (!terminal_in() || cli->output != OUTPUT_TEXT)
        return report_usage(cli, "%s", _("Erasing needs --yes when nobody can be asked."));
    *go_on = terminal_confirm(arena_format(
        cli->arena, _("Erase all that is held on %s, under the decision %s, for good? [y/N]"),
        person, decision ? clean_text(decision, false, cli->arena) : ""));
    if (!*go_on)
        puts(_("Nothing was changed."));
    return true;
}

static bool move_erasure(cli_t *cli, const value_t *erasure, value_t *result)
{
    value_builder_t map = value_builder(cli->arena);
    value_add_pair(&map, "id", *value_get(erasure, "id"));
    value_add_pair(&map, "verb", value_text("approve"));
    value_add_pair(&map, "if_rev", *value_get(erasure, "rev"));
    value_t request = value_build_map(&map);
    return send_write(cli, "move", &request, result);
}

static bool approve_erasure(cli_t *cli, const arguments_t *arguments, const char *person)
{
    value_t erasure, texts = value_list(NULL, 0), result;
    bool go_on;
    if (!find_erasure(cli, person, &erasure))
        return false;
    bool done = is_state(&erasure, "done"); /* an answer that was lost */
    if (!done && !is_state(&erasure, "requested"))
        return report_failure(cli, _("No erasure of %s has been asked for."), person);
    if (!done) {
        if (!confirm_erasure(cli, arguments, person, &erasure, &go_on))
            return false;
        if (!go_on)
            return true;
        if (!gather_texts(cli, person, &erasure, &texts) || !move_erasure(cli, &erasure, &result))
            return false;
        erasure = result;
    }
    if (cli->output == OUTPUT_JSON) {
        value_builder_t map = value_builder(cli->arena);
        value_add_pair(&map, "erasure", erasure);
        value_add_pair(&map, "texts", texts);
        value_t document = value_build_map(&map);
        json_print(json_of_result(&document), false);
        return true;
    }
    printf(_("%s has been erased (%s).\n"), person, id_of(cli, &erasure));
    print_texts(cli, &texts);
    report_note(cli, "%s",
                _("Have a backup made: until then the keys beside the last one still "
                  "open what was held."));
    return true;
}

bool admin_person_erase(cli_t *cli, const arguments_t *arguments)
{
    const char *decision = arguments_value(arguments, "decision");
    bool approve = arguments_has(arguments, "approve");
    const char *person;
    if (approve == (decision != NULL))
        return report_usage(cli, "%s",
                            _("Ask with --decision TEXT, or approve what another has asked for "
                              "with --approve."));
    if (!resolve_record(cli, arguments->words[0], &person))
        return false;
    return approve ? approve_erasure(cli, arguments, person)
                   : ask_for_erasure(cli, person, decision);
}

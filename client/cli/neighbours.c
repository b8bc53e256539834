#include "neighbours.h"
#include "change.h"
#include "collect.h"
#include "format.h"
#include "language.h"
#include "names.h"
#include "print.h"
#include "resolve.h"
#include "terminal.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

#define DAYS_BACK 90
#define SHOWN_MAX 20

/* A courtesy beside what is asked for: absent where it is not to be had. */
static value_t ask(cli_t *cli, const char *command, const value_builder_t *arguments)
{
    value_t map = value_build_map(arguments), result;
    return samverk_request(cli->connection, command, &map, cli->arena, &result, NULL) ==
                   SAMVERK_DONE
               ? result
               : value_absent;
}

/* Room is for who and why: the organisation is the same in all, a broker says the unit, and
   how it was is told where the purpose is not. */
static bool is_told(const char *name, const value_t *fields)
{
    return strcmp(name, "organisation") != 0 &&
           (strcmp(name, "unit") != 0 || value_get(fields, "broker")->form == VALUE_ABSENT) &&
           (strcmp(name, "how") != 0 || value_get(fields, "aim")->form == VALUE_ABSENT);
}

/* The contacts since that day, the last one first, by their index. */
static value_t contacts_with(cli_t *cli, const char *organisation, const char *since,
                             const char *but)
{
    arena_t *arena = cli->arena;
    value_builder_t where = value_builder(arena), range = value_builder(arena);
    value_builder_t states = value_builder(arena), arguments = value_builder(arena);
    value_builder_t views = value_builder(arena);
    value_add_pair(&range, "from", value_text(since));
    value_add(&states, value_text("planned"));
    value_add(&states, value_text("done"));
    value_add_pair(&where, "organisation", value_text(organisation));
    value_add_pair(&where, "day", value_build_map(&range));
    value_add_pair(&where, "state", value_build_list(&states));
    value_add_pair(&arguments, "kind", value_text("contact"));
    value_add_pair(&arguments, "where", value_build_map(&where));
    value_add_pair(&arguments, "sort", value_text("-day"));
    value_add_pair(&arguments, "limit", value_integer(SHOWN_MAX));
    value_t result = ask(cli, "list", &arguments);
    const value_t *records = value_get(&result, "records");
    for (uint32_t i = 0; records->form == VALUE_LIST && i < records->count; i++) {
        const char *id = value_get_text(&records->items[i], "id");
        const value_t *fields = value_get(&records->items[i], "fields");
        value_builder_t view = value_builder(arena), rest = value_builder(arena);
        if (!id || (but && strcmp(id, but) == 0))
            continue;
        for (uint32_t f = 0; f < fields->count; f++)
            if (is_told(fields->items[2 * f].text, fields))
                value_add_pair(&rest, fields->items[2 * f].text, fields->items[2 * f + 1]);
        value_add_pair(&view, "id", value_text(id));
        value_add_pair(&view, "fields", value_build_map(&rest));
        value_add(&views, value_build_map(&view));
    }
    return value_build_list(&views);
}

/* Nothing where nobody has been. */
static void tell(cli_t *cli, FILE *file, const char *organisation, const char *but)
{
    const char *since = collect_near(cli, -DAYS_BACK);
    value_t contacts = contacts_with(cli, organisation, since, but);
    if (contacts.count == 0)
        return;
    names_want_id(cli, organisation);
    names_fetch(cli);
    fflush(stdout);
    fprintf(file, "%s%s%s\n", file == stdout ? tone_begin(TONE_HEADING) : "",
            /* Translators: an organisation, and a day. */
            arena_format(cli->arena, _("Contacts with %s since %s, and those planned:"),
                         names_with_id(cli, organisation), format_date(since, cli->arena)),
            file == stdout ? tone_end(TONE_HEADING) : "");
    print_table(cli, file, schema_kind("contact"), &contacts);
}

/* Before a contact is booked: with whom, or on which day, is new. */
static void tell_before(cli_t *cli, const char *id, const value_t *fields)
{
    const char *organisation = value_get_text(fields, "organisation");
    if (cli->output != OUTPUT_TEXT)
        return;
    if (!organisation && id && value_get_text(fields, "day")) {
        value_builder_t arguments = value_builder(cli->arena);
        value_add_pair(&arguments, "id", value_text(id));
        value_t view = ask(cli, "get", &arguments);
        organisation = value_get_text(value_get(&view, "fields"), "organisation");
    }
    if (organisation)
        tell(cli, stderr, organisation, id);
}

bool neighbours_add(cli_t *cli, const arguments_t *arguments)
{
    return change_add_after(cli, arguments, tell_before, NULL);
}

bool neighbours_edit(cli_t *cli, const arguments_t *arguments)
{
    return change_edit_after(cli, arguments, tell_before);
}

bool neighbours_show(cli_t *cli, const arguments_t *arguments)
{
    arguments_t found = *arguments;
    const char *id;
    if (!resolve_record(cli, arguments->words[0], &id))
        return false;
    found.words = &id;
    if (!show_run(cli, &found))
        return false;
    if (cli->output == OUTPUT_TEXT && !arguments_has(arguments, "at"))
        tell(cli, stdout, id, NULL);
    return true;
}

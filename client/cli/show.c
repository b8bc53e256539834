#include "collect.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "print.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "terminal.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

bool show_run(cli_t *cli, const arguments_t *arguments)
{
    const char *id, *at = arguments_value(arguments, "at");
    value_builder_t map = value_builder(cli->arena);
    value_t view;
    if (!resolve_record(cli, arguments->words[0], &id))
        return false;
    value_add_pair(&map, "id", value_text(id));
    if (at && !collect_at(cli, "at", at, &map))
        return false;
    if (cli->purpose)
        value_add_pair(&map, "purpose", value_text(cli->purpose));
    value_t request = value_build_map(&map);
    if (!send_read(cli, "get", &request, &view))
        return false;
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_view(&view), false);
    } else if (cli->output == OUTPUT_CSV) {
        value_t views = value_list(&view, 1);
        print_csv_heading(stdout, cli->kind);
        print_csv(stdout, cli->kind, &views);
    } else {
        terminal_page();
        print_record(cli, cli->kind, &view);
    }
    return true;
}

/* -- history ----------------------------------------------------------------------------------- */

/* Whether a change can have been this move; `from` and `to` are NULL where the state
   stayed. One that leads to a state that a field held has emptied that field; one that
   names a field which every record has, a municipality, has changed it. */
static bool move_fits(const kind_t *kind, const move_t *move, const value_t *fields,
                      const char *from, const char *to)
{
    const char *rest = move->required;
    char word[64];
    if (from && kind_state(kind, move->from) && strcmp(move->from, from) != 0)
        return false;
    while (schema_words_next(&rest, word, sizeof word))
        if (kind_field(kind, word)->attributes & FIELD_REQUIRED &&
            value_get(fields, word)->form == VALUE_ABSENT)
            return false;
    const field_t *holder = move_field(kind, move);
    if (!holder)
        return to && strcmp(move->to, to) == 0;
    const value_t *held = value_get(fields, holder->name);
    const char *state = value_get_text(held, "from");
    return state && value_get(held, "to")->form == VALUE_ABSENT && (!to || strcmp(state, to) == 0);
}

/* The move that a change was; NULL when it was none, or two could have done it. */
static const move_t *move_of(const kind_t *kind, const value_t *fields)
{
    const value_t *states = value_get(fields, "state");
    const char *from = value_get_text(states, "from"), *to = value_get_text(states, "to");
    const move_t *found = NULL;
    bool stayed = states->form == VALUE_ABSENT;
    for (size_t i = 0; (stayed || (from && to)) && i < kind->n_moves; i++) {
        const move_t *move = &kind->moves[i];
        if (!move_fits(kind, move, fields, from, to))
            continue;
        if (found && strcmp(found->verb, move->verb) != 0)
            return NULL;
        found = move;
    }
    return found;
}

static const char *change_label(const char *change)
{
    if (strcmp(change, "put") == 0)
        return _("added");
    if (strcmp(change, "delete") == 0)
        return _("deleted");
    return _("changed");
}

static void want_entry(cli_t *cli, const value_t *entry)
{
    const char *actor = value_get_text(entry, "actor");
    const value_t *fields = value_get(entry, "fields");
    if (actor)
        names_want_id(cli, actor);
    for (uint32_t i = 0; fields->form == VALUE_MAP && i < fields->count; i++) {
        const value_t *change = &fields->items[2 * i + 1];
        for (uint32_t side = 0; change->form == VALUE_MAP && side < change->count; side++)
            names_want_value(cli, &change->items[2 * side + 1]);
    }
}

static void print_entry(cli_t *cli, const value_t *entry)
{
    const char *actor = value_get_text(entry, "actor"), *as = value_get_text(entry, "as");
    const char *change = value_get_text(entry, "change");
    printf("%s%s  %s", tone_begin(TONE_HEADING),
           format_instant(value_get_integer(entry, "time", 0), cli->arena),
           actor ? names_with_id(cli, actor) : "–");
    if (as)
        printf(_(" for %s"), names_with_id(cli, as));
    const value_t *fields = value_get(entry, "fields");
    const move_t *move = fields->form == VALUE_MAP ? move_of(cli->kind, fields) : NULL;
    const char *done = change ? change_label(change) : "";
    if (move)
        done = arena_format(cli->arena, "%s: %s", done, label_of_move(cli->kind, move));
    printf("%s  %s, ", tone_end(TONE_HEADING), done);
    printf(_("revision %lld"), (long long)value_get_integer(entry, "rev", 0));
    putchar('\n');
    for (uint32_t i = 0; fields->form == VALUE_MAP && i < fields->count; i++) {
        const field_t *field = kind_field(cli->kind, fields->items[2 * i].text);
        const value_t *from = value_get(&fields->items[2 * i + 1], "from");
        const value_t *to = value_get(&fields->items[2 * i + 1], "to");
        if (!field || (from->form == VALUE_ABSENT && format_says_nothing(field, to, fields)))
            continue;
        const char *label = label_of_field(cli->kind, field);
        const char *before = format_value(cli, cli->kind, field, from, false);
        const char *after = format_value(cli, cli->kind, field, to, false);
        if (from->form == VALUE_ABSENT)
            printf("  %s: %s\n", label, after);
        else
            printf("  %s: %s → %s\n", label, before, after[0] ? after : "–");
    }
}

bool history_run(cli_t *cli, const arguments_t *arguments)
{
    static const char *const numbers[] = {"limit", "before"};
    const char *id;
    value_builder_t map = value_builder(cli->arena);
    value_t result;
    if (!resolve_record(cli, arguments->words[0], &id))
        return false;
    value_add_pair(&map, "id", value_text(id));
    for (size_t i = 0; i < 2; i++) {
        const char *text = arguments_value(arguments, numbers[i]);
        char *end;
        long long number = text ? strtoll(text, &end, 10) : 0;
        if (text && (*end || number <= 0))
            return report_usage(cli, _("--%s takes a number from 1."), numbers[i]);
        if (text)
            value_add_pair(&map, numbers[i], value_integer(number));
    }
    value_t request = value_build_map(&map);
    if (!send_read(cli, "history", &request, &result))
        return false;
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(&result), false);
        return true;
    }
    const value_t *entries = value_get(&result, "entries");
    for (uint32_t i = 0; entries->form == VALUE_LIST && i < entries->count; i++)
        want_entry(cli, &entries->items[i]);
    names_fetch(cli);
    terminal_page();
    for (uint32_t i = 0; entries->form == VALUE_LIST && i < entries->count; i++)
        print_entry(cli, &entries->items[i]);
    int64_t next = value_get_integer(&result, "next", 0);
    if (next)
        report_note(cli, _("Older changes: --before %lld"), (long long)next);
    return true;
}

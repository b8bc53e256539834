#include "change.h"
#include "clean.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS_USUALLY 10
#define PAGES_MOST 20 /* of suggestions, that are asked for to find as many */

static const value_t *list_in(const value_t *map, const char *key)
{
    static const value_t none = {.form = VALUE_LIST};
    const value_t *list = value_get(map, key);
    return list->form == VALUE_LIST ? list : &none;
}

/* -- words ------------------------------------------------------------------------------------- */

/* "a, b and c". */
static const char *joined(cli_t *cli, const char *const *texts, size_t n)
{
    const char *text = n > 0 ? texts[0] : "";
    for (size_t i = 1; i + 1 < n; i++)
        text = arena_format(cli->arena, "%s, %s", text, texts[i]);
    return n > 1 ? arena_format(cli->arena, _("%s and %s"), text, texts[n - 1]) : text;
}

/* Numbers up to twelve are written out where a sentence begins. */
static const char *number_word(cli_t *cli, size_t n)
{
    static const char *const words[] = {N_("Two"), N_("Three"),  N_("Four"),  N_("Five"),
                                        N_("Six"), N_("Seven"),  N_("Eight"), N_("Nine"),
                                        N_("Ten"), N_("Eleven"), N_("Twelve")};
    return n >= 2 && n - 2 < sizeof words / sizeof *words ? _(words[n - 2])
                                                          : format_integer((int64_t)n, cli->arena);
}

/* Where it lies, as far as that is told: the municipality, or the county. */
static const char *place_of(cli_t *cli, const value_t *view)
{
    const value_t *fields = value_get(view, "fields");
    const char *id = value_get_text(fields, "municipality");
    if (!id)
        id = value_get_text(fields, "county");
    return id ? names_short(cli, id) : _("an unknown place");
}

/* The places of views, each once, in their order. */
static const char *places_of(cli_t *cli, const value_t *const *views, size_t n)
{
    const char **places = arena_alloc(cli->arena, (n + 1) * sizeof *places);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const char *place = place_of(cli, views[i]);
        bool there = false;
        for (size_t j = 0; j < count; j++)
            there = there || strcmp(places[j], place) == 0;
        if (!there)
            places[count++] = place;
    }
    return joined(cli, places, count);
}

static const char *participants_in(cli_t *cli, int64_t participants)
{
    return arena_format(cli->arena,
                        ngettext("%s participant", "%s participants", (unsigned long)participants),
                        format_integer(participants, cli->arena));
}

/* "Together 17 participants." and whether that is enough. */
static const char *together_text(cli_t *cli, const value_t *together, size_t n_all)
{
    size_t n = list_in(together, "inquiries")->count;
    int64_t unsaid = value_get_integer(together, "unsaid", 0);
    const char *participants = participants_in(cli, value_get_integer(together, "participants", 0));
    const char *text =
        n == n_all ? arena_format(cli->arena, _("Together %s."), participants)
        : n == 2
            ? arena_format(cli->arena, _("One of them goes together with it: %s."), participants)
            /* Translators: two or more inquiries; then how many participants */
            : arena_format(cli->arena, _("%s of them go together with it: %s."),
                           number_word(cli, n - 1), participants);
    if (n < 2)
        text = _("None of them goes together with it.");
    if (unsaid > 0 && n > 1)
        text = arena_format(
            cli->arena, "%s %s", text,
            arena_format(cli->arena,
                         ngettext("%lld has not said how many.", "%lld have not said how many.",
                                  (unsigned long)unsaid),
                         (long long)unsaid));
    return text;
}

/* "Three similar inquiries are in Kinda, Åtvidaberg and Flen. Together 17 participants." */
static const char *sentence_of(cli_t *cli, const value_t *result)
{
    const value_t *matches = list_in(result, "matches");
    const value_t **views = arena_alloc(cli->arena, (matches->count + 1) * sizeof *views);
    for (uint32_t i = 0; i < matches->count; i++) {
        views[i] = value_get(&matches->items[i], "record");
        names_want(cli, views[i]);
    }
    names_fetch(cli);
    const char *places = places_of(cli, views, matches->count);
    const char *found = matches->count == 1
                            ? arena_format(cli->arena, _("One similar inquiry is in %s."), places)
                            : arena_format(cli->arena, _("%s similar inquiries are in %s."),
                                           number_word(cli, matches->count), places);
    return arena_format(cli->arena, "%s %s", found,
                        together_text(cli, value_get(result, "together"), matches->count + 1));
}

/* -- why --------------------------------------------------------------------------------------- */

static const char *days_text(cli_t *cli, const char *from, const char *to)
{
    if (!from || !to)
        return arena_format(cli->arena, from ? _("from %s") : _("until %s"),
                            format_date(from ? from : to, cli->arena));
    return arena_format(cli->arena, "%s–%s", format_date(from, cli->arena),
                        format_date(to, cli->arena));
}

/* A word of a field of inquiries, the id of a record, or a text. */
static const char *item_text(cli_t *cli, const field_t *field, const value_t *item)
{
    if (item->form != VALUE_TEXT)
        return "";
    if (field->type == TYPE_REFERENCE)
        return names_short(cli, item->text);
    return clean_text(field->type == TYPE_WORD
                          ? label_of_word(schema_kind("inquiry"), field, item->text)
                          : item->text,
                      false, cli->arena);
}

static const char *items_text(cli_t *cli, const field_t *field, const value_t *value)
{
    if (value->form != VALUE_LIST)
        return item_text(cli, field, value);
    const char **texts = arena_alloc(cli->arena, (value->count + 1) * sizeof *texts);
    for (uint32_t i = 0; i < value->count; i++)
        texts[i] = item_text(cli, field, &value->items[i]);
    return joined(cli, texts, value->count);
}

static const char *reason_text(cli_t *cli, const value_t *reason)
{
    static const char *const fields[][2] = {{"same_area", "areas"},
                                            {"related_area", "areas"},
                                            {"same_form", "form"},
                                            {"same_level", "level"},
                                            {"same_language", "language"},
                                            {"same_words", "title"},
                                            {"same_time_of_day", "time_of_day"}};
    const char *word = value_get_text(reason, "reason");
    const value_t *detail = value_get(reason, "detail");
    const char *label = label_of_reason(word ? word : "");
    const kind_t *kind = schema_kind("inquiry");
    if (detail->form == VALUE_INTEGER)
        return arena_format(cli->arena, "%s %s", format_integer(detail->integer, cli->arena),
                            label);
    if (word && strcmp(word, "same_period") == 0 && detail->form == VALUE_LIST &&
        detail->count == 2)
        return arena_format(
            cli->arena, "%s: %s", label,
            days_text(cli, detail->items[0].form == VALUE_TEXT ? detail->items[0].text : NULL,
                      detail->items[1].form == VALUE_TEXT ? detail->items[1].text : NULL));
    for (size_t i = 0; word && i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i][0], word) == 0)
            return arena_format(cli->arena, "%s: %s", label,
                                items_text(cli, kind_field(kind, fields[i][1]), detail));
    return label;
}

/* Text that goes on over several lines; `indented`: a little to the right. */
static void print_text(cli_t *cli, const char *text, bool indented)
{
    const char *const cells[] = {"", text};
    table_t *table = table_new(cli->arena, indented ? 2 : 1);
    table_add(table, indented ? cells : &cells[1]);
    table_print_wrapped(table, stdout, terminal_out() ? terminal_width() : 80);
}

static const char *title_of(cli_t *cli, const value_t *view)
{
    const char *title = format_title(cli, view);
    bool discreet = value_get_boolean(value_get(view, "fields"), "discreet", false);
    return names_of_view(cli, view) || !discreet
               ? title
               : arena_format(cli->arena, "%s (%s)", title, _("discreet"));
}

static void print_inquiry(cli_t *cli, const value_t *view, const char *more)
{
    int64_t participants = value_get_integer(value_get(view, "fields"), "participants", 0);
    printf("%s%s%s, %s", tone_begin(TONE_HEADING), title_of(cli, view), tone_end(TONE_HEADING),
           place_of(cli, view));
    if (participants > 0)
        printf(", %s", participants_in(cli, participants));
    puts(more);
}

static void print_match(cli_t *cli, const value_t *match)
{
    const value_t *reasons = list_in(match, "reasons");
    const char *pool = value_get_text(match, "pool");
    const char *text = "";
    /* Translators: points of a hundred */
    const char *score = arena_format(cli->arena, _(" (%lld of 100)"),
                                     (long long)value_get_integer(match, "score", 0));
    print_inquiry(cli, value_get(match, "record"), score);
    for (uint32_t i = 0; i < reasons->count; i++)
        text = arena_format(cli->arena, "%s%s%s", text, i > 0 ? "; " : "",
                            reason_text(cli, &reasons->items[i]));
    if (pool)
        text = arena_format(cli->arena, _("%s; in a pool already: %s"), text,
                            clean_text(pool, false, cli->arena));
    print_text(cli, text, true);
}

/* What all of a group take, and whether it is enough. */
static void print_together(cli_t *cli, const value_t *together)
{
    static const char *const fields[] = {"form", "level", "language", "time_of_day"};
    const kind_t *kind = schema_kind("inquiry");
    const char *from = value_get_text(together, "period_from");
    const char *to = value_get_text(together, "period_to");
    const value_t *known = list_in(together, "prior_knowledge");
    const char *text = from || to ? days_text(cli, from, to) : "";
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const value_t *value = value_get(together, fields[i]);
        if (value->form != VALUE_ABSENT)
            text = arena_format(cli->arena, "%s%s%s", text, text[0] ? "; " : "",
                                items_text(cli, kind_field(kind, fields[i]), value));
    }
    if (known->count > 0)
        text = arena_format(cli->arena, "%s%s%s: %s", text, text[0] ? "; " : "",
                            label_of_field(kind, kind_field(kind, "prior_knowledge")),
                            items_text(cli, kind_field(kind, "prior_knowledge"), known));
    if (text[0])
        print_text(cli, arena_format(cli->arena, _("All of them take: %s"), text), false);
    const char *minimum = format_integer(value_get_integer(together, "minimum", 0), cli->arena);
    print_text(cli,
               arena_format(cli->arena,
                            value_get_boolean(together, "enough", false)
                                ? _("Enough for a pool, which begins with %s.")
                                : _("Too few for a pool, which begins with %s."),
                            minimum),
               false);
}

/* -- samverk inquiry matches -------------------------------------------------------------------- */

static bool add_limit(cli_t *cli, const arguments_t *arguments, int64_t *limit)
{
    const char *text = arguments_value(arguments, "limit");
    char *end;
    if (!text)
        return true;
    *limit = strtoll(text, &end, 10);
    if (*end || *limit < 1)
        return report_usage(cli, _("--%s takes a number from 1."), "limit");
    return true;
}

static void print_csv_matches(cli_t *cli, const value_t *matches)
{
    static const char *const heading[] = {"id",           "score",  "reasons",      "title",
                                          "municipality", "county", "participants", "pool"};
    sheet_begin(stdout);
    for (size_t i = 0; i < sizeof heading / sizeof *heading; i++)
        sheet_cell(stdout, heading[i], i == 0, false);
    sheet_end(stdout);
    for (uint32_t m = 0; m < matches->count; m++) {
        const value_t *match = &matches->items[m], *view = value_get(match, "record");
        const value_t *reasons = list_in(match, "reasons");
        const char *id = value_get_text(view, "id"), *pool = value_get_text(match, "pool");
        const char *text = "";
        for (uint32_t i = 0; i < reasons->count; i++)
            text = arena_format(cli->arena, "%s%s%s", text, i > 0 ? "; " : "",
                                reason_text(cli, &reasons->items[i]));
        sheet_cell(stdout, id ? clean_text(id, false, cli->arena) : "", true, false);
        sheet_cell(
            stdout,
            arena_format(cli->arena, "%lld", (long long)value_get_integer(match, "score", 0)),
            false, true);
        sheet_cell(stdout, text, false, false);
        for (size_t i = 3; i < 7; i++) {
            const field_t *field = kind_field(schema_kind("inquiry"), heading[i]);
            const value_t *value = value_get(value_get(view, "fields"), heading[i]);
            sheet_cell(stdout,
                       value->form == VALUE_ABSENT
                           ? ""
                           : clean_text(field_print(field, value, cli->arena), false, cli->arena),
                       false, field->type == TYPE_INTEGER);
        }
        sheet_cell(stdout, pool ? clean_text(pool, false, cli->arena) : "", false, false);
        sheet_end(stdout);
    }
}

static void want_details(cli_t *cli, const value_t *matches)
{
    for (uint32_t m = 0; m < matches->count; m++) {
        const value_t *reasons = list_in(&matches->items[m], "reasons");
        for (uint32_t i = 0; i < reasons->count; i++)
            names_want_value(cli, value_get(&reasons->items[i], "detail"));
    }
}

static void tell_none(cli_t *cli, const char *id)
{
    value_builder_t map = value_builder(cli->arena);
    value_t view;
    value_add_pair(&map, "id", value_text(id));
    value_t request = value_build_map(&map);
    if (!send_read(cli, "get", &request, &view))
        return;
    if (list_in(value_get(&view, "fields"), "areas")->count == 0)
        printf(_("Nothing to compare by: give it a competence area.\n"
                 "samverk inquiry edit %s --areas CODE\n"),
               id);
    else
        puts(_("No similar inquiry that is still open."));
}

bool matches_run(cli_t *cli, const arguments_t *arguments)
{
    value_builder_t map = value_builder(cli->arena);
    int64_t limit = 0;
    const char *id;
    value_t result;
    if (!resolve_record(cli, arguments->words[0], &id) || !add_limit(cli, arguments, &limit))
        return false;
    value_add_pair(&map, "id", value_text(id));
    if (limit > 0)
        value_add_pair(&map, "limit", value_integer(limit));
    if (!resolve_option(cli, arguments, "course", &map))
        return false;
    value_t request = value_build_map(&map);
    if (!send_read(cli, "matches", &request, &result))
        return false;
    const value_t *matches = list_in(&result, "matches");
    want_details(cli, matches);
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(&result), false);
        return true;
    }
    if (cli->output == OUTPUT_CSV) {
        names_fetch(cli);
        print_csv_matches(cli, matches);
        return true;
    }
    if (matches->count == 0) {
        tell_none(cli, id);
        return true;
    }
    const char *sentence = sentence_of(cli, &result);
    terminal_page();
    print_text(cli, sentence, false);
    for (uint32_t i = 0; i < matches->count; i++)
        print_match(cli, &matches->items[i]);
    const value_t *together = value_get(&result, "together");
    if (list_in(together, "inquiries")->count > 1) {
        putchar('\n');
        print_together(cli, together);
    }
    if (value_get_boolean(&result, "cut", false))
        report_note(cli, _("Only the newest %lld in these areas were looked at."),
                    (long long)value_get_integer(&result, "looked_at", 0));
    return true;
}

/* -- after samverk inquiry add ------------------------------------------------------------------- */

bool matches_add(cli_t *cli, const arguments_t *arguments)
{
    value_builder_t map = value_builder(cli->arena);
    value_t view, result;
    if (!change_add_after(cli, arguments, NULL, &view))
        return false;
    const char *id = value_get_text(&view, "id");
    if (!id || cli->output != OUTPUT_TEXT)
        return true;
    /* A courtesy: whatever becomes of it, the inquiry stays added. */
    value_add_pair(&map, "id", value_text(id));
    value_t request = value_build_map(&map);
    if (samverk_request(cli->connection, "matches", &request, cli->arena, &result, NULL) !=
            SAMVERK_DONE ||
        list_in(&result, "matches")->count == 0)
        return true;
    print_text(cli, sentence_of(cli, &result), false);
    printf(_("Why: samverk inquiry matches %s\n"), id);
    return true;
}

/* -- samverk pool suggest ------------------------------------------------------------------------ */

/* Pages until there are as many groups, as one result: {groups, next, rev}. */
static bool suggest_pages(cli_t *cli, const value_builder_t *asked, int64_t limit, value_t *result)
{
    value_builder_t groups = value_builder(cli->arena), whole = value_builder(cli->arena);
    value_t page = value_absent, after = value_absent;
    for (unsigned i = 0; i < PAGES_MOST && (int64_t)groups.count < limit; i++) {
        value_builder_t map = value_builder(cli->arena);
        for (uint32_t j = 0; j < asked->count; j++)
            value_add(&map, asked->items[j]);
        int64_t left = limit - (int64_t)groups.count;
        value_add_pair(&map, "limit", value_integer(left < GROUPS_USUALLY ? left : GROUPS_USUALLY));
        if (after.form != VALUE_ABSENT)
            value_add_pair(&map, "after", after);
        value_t request = value_build_map(&map);
        if (!send_read(cli, "suggest", &request, &page))
            return false;
        const value_t *found = list_in(&page, "groups");
        for (uint32_t j = 0; j < found->count; j++)
            value_add(&groups, found->items[j]);
        after = *value_get(&page, "next");
        if (after.form == VALUE_ABSENT)
            break;
    }
    value_add_pair(&whole, "groups", value_build_list(&groups));
    value_add_pair(&whole, "next", after);
    value_add_pair(&whole, "rev", *value_get(&page, "rev"));
    *result = value_build_map(&whole);
    return true;
}

static void print_group(cli_t *cli, const value_t *group)
{
    const value_t *records = list_in(group, "records");
    const value_t *together = value_get(group, "together");
    const value_t **views = arena_alloc(cli->arena, (records->count + 1) * sizeof *views);
    for (uint32_t i = 0; i < records->count; i++)
        views[i] = &records->items[i];
    const char *found =
        arena_format(cli->arena, _("%s inquiries in %s could be one pool."),
                     number_word(cli, records->count), places_of(cli, views, records->count));
    print_text(
        cli, arena_format(cli->arena, "%s %s", found, together_text(cli, together, records->count)),
        false);
    for (uint32_t i = 0; i < records->count; i++)
        print_inquiry(cli, views[i], "");
    print_together(cli, together);
}

bool suggest_run(cli_t *cli, const arguments_t *arguments)
{
    value_builder_t map = value_builder(cli->arena);
    int64_t limit = GROUPS_USUALLY;
    value_t result;
    if (!send_connect(cli) || !add_limit(cli, arguments, &limit) ||
        !resolve_option(cli, arguments, "municipality", &map) ||
        !resolve_option(cli, arguments, "course", &map) ||
        !suggest_pages(cli, &map, limit, &result))
        return false;
    if (cli->output == OUTPUT_JSON) {
        json_print(json_of_result(&result), false);
        return true;
    }
    const value_t *groups = list_in(&result, "groups");
    if (groups->count == 0) {
        puts(_("No open inquiries are enough for a pool together."));
        return true;
    }
    for (uint32_t i = 0; i < groups->count; i++) {
        const value_t *records = list_in(&groups->items[i], "records");
        for (uint32_t j = 0; j < records->count; j++)
            names_want(cli, &records->items[j]);
    }
    names_fetch(cli);
    terminal_page();
    for (uint32_t i = 0; i < groups->count; i++) {
        if (i > 0)
            putchar('\n');
        print_group(cli, &groups->items[i]);
    }
    if (value_get(&result, "next")->form != VALUE_ABSENT)
        report_note(cli, "%s", _("There may be more: --limit NUMBER"));
    return true;
}

#include "collect.h"
#include "dates.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "record.h"
#include "report.h"
#include "send.h"
#include "sheet.h"
#include "table.h"
#include "terminal.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* samverk today: what must be done, most urgent first. Two rounds of questions, each one
   for an index: what hangs on one's own inquiries and pools can be asked for when they
   are known. */

/* So many rows of a section are printed; the rest is counted. */
#define ROWS_SHOWN 10u
/* A next step that nobody has taken for so long is no longer one. */
#define STEP_DAYS 90
/* So many municipalities are asked for one by one; more, all at once. */
#define PLACES_MAX 12u
#define QUESTIONS_MAX (2 * PLACES_MAX + 12u)
#define PAGE 200

/* -- the sections ------------------------------------------------------------------------------ */

typedef enum {
    LATE,
    NEW,
    CONTACTS,
    STEPS,
    OPT_INS,
    OFFERS,
    TASKS,
    OPEN,
    POOLS,
    SECTIONS
} section_t;

/* What the rows say of their records: of `what` the first field that is filled in. */
static const struct {
    const char *name; /* in JSON and CSV */
    const char *title;
    const char *what[2];
    const char *who;
    const char *day; /* NULL: that which is due in its state */
    bool states;     /* how far it has come is told too */
} sections[SECTIONS] = {
    [LATE] = {"late", N_("Late inquiries"), {"title", "areas"}, "municipality", NULL, true},
    [NEW] = {"new", N_("New inquiries"), {"title", "areas"}, "municipality", NULL, false},
    [CONTACTS] = {"contacts", N_("Planned contacts"), {"aim", "how"}, "organisation", "day", false},
    [STEPS] = {"steps", N_("Next steps"), {"next_step", "aim"}, "organisation", "next_day", false},
    [OPT_INS] = {"opt_ins", N_("Opt-ins to answer"), {"pool", "pool"}, "inquiry", NULL, false},
    [OFFERS] = {"offers", N_("Offers"), {"title", "title"}, "provider", NULL, true},
    [TASKS] = {"tasks", N_("Tasks"), {"what", "what"}, "about", NULL, false},
    [OPEN] = {"open", N_("My open inquiries"), {"title", "areas"}, "municipality", NULL, true},
    [POOLS] = {"pools", N_("My pools"), {"title", "areas"}, "municipality", NULL, true},
};

typedef struct {
    value_t view;
    const kind_t *kind;
    const char *day; /* "" for none */
} row_t;

typedef struct {
    row_t *rows;
    size_t n, room;
    bool cut;            /* there are more than came */
    const char *command; /* that shows them all */
} rows_t;

typedef struct {
    cli_t *cli;
    value_t user;
    const char *day; /* today */
    rows_t sections[SECTIONS];
    question_t questions[QUESTIONS_MAX]; /* of one round */
    section_t answers[QUESTIONS_MAX];    /* the section that each is for */
    size_t n_questions;
} today_t;

static const char *text_of(const value_t *view, const char *field)
{
    const char *text = value_get_text(value_get(view, "fields"), field);
    return text ? text : "";
}

/* The day that a record waits for. */
static const char *day_of(section_t section, const kind_t *kind, const value_t *view)
{
    if (sections[section].day)
        return text_of(view, sections[section].day);
    for (size_t i = 0; i < kind->n_dues; i++)
        if (schema_words_have(kind->dues[i].states, text_of(view, "state")))
            return text_of(view, kind->dues[i].on);
    return "";
}

static bool is_told(const today_t *self, const char *id)
{
    for (size_t s = 0; s < SECTIONS; s++)
        for (size_t i = 0; i < self->sections[s].n; i++)
            if (strcmp(value_get_text(&self->sections[s].rows[i].view, "id"), id) == 0)
                return true;
    return false;
}

/* A record is told once, where it is most urgent. */
static void add_row(today_t *self, section_t section, const value_t *view)
{
    rows_t *rows = &self->sections[section];
    const char *text = value_get_text(view, "id");
    record_id_t id;
    if (!text || !record_id_parse(&id, text, NULL) || is_told(self, text))
        return;
    if (rows->n == rows->room) {
        rows->room = rows->room ? 2 * rows->room : 16;
        row_t *larger = arena_alloc(self->cli->arena, rows->room * sizeof *larger);
        if (rows->n)
            memcpy(larger, rows->rows, rows->n * sizeof *larger);
        rows->rows = larger;
    }
    rows->rows[rows->n++] = (row_t){*view, id.kind, day_of(section, id.kind, view)};
}

/* By day, those without one last; else the newest last, as whoever waits longest is first. */
static int by_day(const void *a, const void *b)
{
    const row_t *first = a, *second = b;
    record_id_t one, other;
    if (!first->day[0] != !second->day[0])
        return first->day[0] ? -1 : 1;
    int order = strcmp(first->day, second->day);
    if (order != 0 || !record_id_parse(&one, value_get_text(&first->view, "id"), NULL) ||
        !record_id_parse(&other, value_get_text(&second->view, "id"), NULL))
        return order;
    return record_id_compare(&one, &other);
}

/* -- asking ------------------------------------------------------------------------------------ */

static void ask(today_t *self, section_t section, const char *kind, const value_builder_t *where,
                const char *command)
{
    value_builder_t arguments = value_builder(self->cli->arena);
    value_add_pair(&arguments, "kind", value_text(kind));
    value_add_pair(&arguments, "where", value_build_map(where));
    value_add_pair(&arguments, "limit", value_integer(PAGE));
    self->questions[self->n_questions] =
        (question_t){.command = "list", .arguments = value_build_map(&arguments)};
    self->answers[self->n_questions++] = section;
    if (command)
        self->sections[section].command = command;
}

/* The answers of a round, into their sections; urgent ones first, whatever was asked first. */
static bool take(today_t *self)
{
    if (!send_reads(self->cli, self->questions, self->n_questions))
        return false;
    for (size_t section = 0; section < SECTIONS; section++)
        for (size_t i = 0; i < self->n_questions; i++) {
            const question_t *question = &self->questions[i];
            const value_t *records = value_get(&question->result, "records");
            if (self->answers[i] != section)
                continue;
            if (question->refused)
                return report_error(self->cli, &question->error);
            for (uint32_t r = 0; records->form == VALUE_LIST && r < records->count; r++) {
                const value_t *view = &records->items[r];
                bool late = section == OPEN &&
                            value_get_boolean(value_get(view, "fields"), "overdue", false);
                add_row(self, late ? LATE : (section_t)section, view);
            }
            self->sections[section].cut =
                self->sections[section].cut ||
                value_get(&question->result, "next")->form != VALUE_ABSENT;
        }
    self->n_questions = 0;
    return true;
}

/* New and late inquiries that lie in one place; by an index each. */
static void ask_place(today_t *self, const char *field, value_t place, const char *options)
{
    arena_t *arena = self->cli->arena;
    value_builder_t late = value_builder(arena), new = value_builder(arena);
    if (field) {
        value_add_pair(&late, field, place);
        value_add_pair(&new, field, place);
    }
    value_add_pair(&late, "overdue", value_boolean(true));
    value_add_pair(&new, "state", value_text("new"));
    ask(self, LATE, "inquiry", &late,
        arena_format(arena, "samverk inquiry list --overdue%s", options));
    ask(self, NEW, "inquiry", &new,
        arena_format(arena, "samverk inquiry list --state new%s", options));
}

static void add_new(value_builder_t *list, const value_t *ids)
{
    for (uint32_t i = 0; ids->form == VALUE_LIST && i < ids->count; i++) {
        bool there = false;
        for (uint32_t j = 0; j < list->count; j++)
            there = there || value_equal(&list->items[j], &ids->items[i]);
        if (!there)
            value_add(list, ids->items[i]);
    }
}

/* Where the user's inquiries come in: what the grants of those who broker say. */
static bool ask_places(today_t *self)
{
    arena_t *arena = self->cli->arena;
    value_builder_t where = value_builder(arena), arguments = value_builder(arena);
    value_builder_t places = value_builder(arena), organisations = value_builder(arena);
    value_t result;
    bool everywhere = false;
    value_add_pair(&where, "user", self->user);
    value_add_pair(&arguments, "kind", value_text("grant"));
    value_add_pair(&arguments, "where", value_build_map(&where));
    value_t map = value_build_map(&arguments);
    if (!send_read(self->cli, "list", &map, &result))
        return false;
    const value_t *grants = value_get(&result, "records");
    for (uint32_t i = 0; grants->form == VALUE_LIST && i < grants->count; i++) {
        const value_t *fields = value_get(&grants->items[i], "fields");
        const char *until = text_of(&grants->items[i], "until");
        role_t role = role_of(text_of(&grants->items[i], "role"));
        if (role == ROLES || !(ROLE_BIT(role) & ROLES_BROKER) ||
            (until[0] && strcmp(until, self->day) < 0))
            continue;
        everywhere = everywhere || value_get_boolean(fields, "whole", false);
        add_new(&places, value_get(fields, "municipalities"));
        add_new(&organisations, value_get(fields, "organisations"));
    }
    const char *options = "";
    for (uint32_t i = 0; !everywhere && i < places.count; i++)
        options = arena_format(arena, "%s --municipality %s", options, places.items[i].text);
    if (everywhere)
        ask_place(self, NULL, value_absent, "");
    else if (places.count > PLACES_MAX)
        ask_place(self, "municipality", value_build_list(&places), options);
    for (uint32_t i = 0; !everywhere && places.count <= PLACES_MAX && i < places.count; i++)
        ask_place(self, "municipality", places.items[i], options);
    if (!everywhere && organisations.count)
        ask_place(self, "organisation", value_build_list(&organisations), options);
    return true;
}

/* {field: user}, to be narrowed further. */
static value_builder_t mine(today_t *self, const char *field)
{
    value_builder_t where = value_builder(self->cli->arena);
    value_add_pair(&where, field, self->user);
    return where;
}

/* All of a kind's states that are not its end. */
static value_t open_states(cli_t *cli, const char *kind_name)
{
    const kind_t *kind = schema_kind(kind_name);
    value_builder_t states = value_builder(cli->arena);
    for (size_t i = 0; i < kind->n_states; i++)
        if (kind->states[i].open)
            value_add(&states, value_text(kind->states[i].name));
    return value_build_list(&states);
}

static value_t up_to(today_t *self, int from, const char *to)
{
    value_builder_t range = value_builder(self->cli->arena);
    if (from)
        value_add_pair(&range, "from", value_text(collect_near(self->cli, from)));
    value_add_pair(&range, "to", value_text(to));
    return value_build_map(&range);
}

static void ask_mine(today_t *self)
{
    arena_t *arena = self->cli->arena;
    const char *user = self->user.text;
    value_builder_t planned = mine(self, "broker"), steps = mine(self, "broker");
    value_add_pair(&planned, "state", value_text("planned"));
    value_add_pair(&planned, "day", up_to(self, 0, self->day));
    ask(self, CONTACTS, "contact", &planned,
        arena_format(arena, "samverk contact list --state planned --broker %s --day ..%s", user,
                     self->day));
    value_add_pair(&steps, "state", value_text("done"));
    value_add_pair(&steps, "next_day", up_to(self, -STEP_DAYS, self->day));
    ask(self, STEPS, "contact", &steps,
        arena_format(arena, "samverk contact list --state done --broker %s --next-day ..%s", user,
                     self->day));
    value_builder_t asked = mine(self, "broker");
    value_add_pair(&asked, "state", value_text("asked"));
    ask(self, OPT_INS, "opt_in", &asked,
        arena_format(arena, "samverk opt_in list --state asked --broker %s", user));
    value_builder_t tasks = mine(self, "who");
    value_add_pair(&tasks, "state", value_text("open"));
    ask(self, TASKS, "task", &tasks,
        arena_format(arena, "samverk task list --state open --who %s", user));
    static const char *const holders[] = {"broker", "holder"};
    for (size_t i = 0; i < 2; i++) {
        value_builder_t open = mine(self, holders[i]);
        value_add_pair(&open, "state", open_states(self->cli, "inquiry"));
        ask(self, OPEN, "inquiry", &open,
            arena_format(arena, "samverk inquiry list --broker %s", user));
    }
    value_builder_t pools = mine(self, "coordinator");
    value_add_pair(&pools, "state", open_states(self->cli, "pool"));
    ask(self, POOLS, "pool", &pools,
        arena_format(arena, "samverk pool list --coordinator %s", user));
}

/* Offers hang on inquiries and pools, whoever wrote them. */
static void ask_offers(today_t *self)
{
    static const section_t own[] = {LATE, NEW, OPEN, POOLS};
    value_builder_t ids[2] = {value_builder(self->cli->arena), value_builder(self->cli->arena)};
    for (size_t s = 0; s < sizeof own / sizeof *own; s++)
        for (size_t i = 0; i < self->sections[own[s]].n; i++) {
            const value_t *view = &self->sections[own[s]].rows[i].view;
            value_builder_t *list = &ids[own[s] == POOLS];
            bool others = own[s] != POOLS && strcmp(text_of(view, "broker"), self->user.text) != 0;
            if (!others && list->count < PAGE)
                value_add(list, *value_get(view, "id"));
        }
    for (size_t i = 0; i < 2; i++) {
        value_builder_t where = value_builder(self->cli->arena);
        if (ids[i].count == 0)
            continue;
        value_add_pair(&where, i ? "pool" : "inquiry", value_build_list(&ids[i]));
        value_add_pair(&where, "state", open_states(self->cli, "offer"));
        ask(self, OFFERS, "offer", &where, "samverk offer list --state requested,received,sent");
    }
}

/* -- what is told ------------------------------------------------------------------------------ */

/* "today", "3 days ago", or the day. */
static const char *near_text(const today_t *self, const char *text)
{
    int64_t day, now;
    arena_t *arena = self->cli->arena;
    if (!day_parse(text, &day) || !day_parse(self->day, &now))
        return "";
    long long ago = (long long)(now - day);
    if (ago == 0)
        return _("today");
    if (ago == -1)
        return _("tomorrow");
    if (ago == 1)
        return _("yesterday");
    return ago < 0 ? format_date(text, arena)
                   : arena_format(
                         arena, ngettext("%lld day ago", "%lld days ago", (unsigned long)ago), ago);
}

static const char *cell(const today_t *self, const row_t *row, const char *name)
{
    const field_t *field = kind_field(row->kind, name);
    const value_t *fields = value_get(&row->view, "fields");
    field = format_shown(row->kind, field, fields);
    return format_cell(self->cli, row->kind, field, value_get(fields, field->name));
}

static const char *what_of(const today_t *self, section_t section, const row_t *row)
{
    const char *text = cell(self, row, sections[section].what[0]);
    return text[0] ? text : cell(self, row, sections[section].what[1]);
}

static void print_section(const today_t *self, section_t section, size_t ids, size_t nears)
{
    cli_t *cli = self->cli;
    const rows_t *rows = &self->sections[section];
    size_t shown = rows->n < ROWS_SHOWN ? rows->n : ROWS_SHOWN;
    table_t *table = table_new(cli->arena, 5);
    /* In line with the other sections. */
    table_least(table, 0, ids + 2);
    table_least(table, 1, nears);
    for (size_t i = 0; i < shown; i++) {
        const row_t *row = &rows->rows[i];
        const char **cells = arena_alloc(cli->arena, 5 * sizeof *cells);
        cells[0] = arena_format(cli->arena, "  %s", value_get_text(&row->view, "id"));
        cells[1] = near_text(self, row->day);
        cells[2] = what_of(self, section, row);
        cells[3] = cell(self, row, sections[section].who);
        cells[4] = sections[section].states ? cell(self, row, "state") : "";
        table_add(table, cells);
    }
    printf("%s%s%s (%s%s)\n", tone_begin(section == LATE ? TONE_BAD : TONE_HEADING),
           _(sections[section].title), tone_end(section == LATE ? TONE_BAD : TONE_HEADING),
           format_integer((int64_t)rows->n, cli->arena), rows->cut ? "+" : "");
    table_print(table, stdout, terminal_out() ? terminal_width() : 0);
    if (rows->cut || rows->n > shown)
        printf("  … %s\n", rows->command);
}

static void print_text(const today_t *self)
{
    size_t told = 0, ids = 0, nears = 0;
    for (size_t s = 0; s < SECTIONS; s++)
        for (size_t i = 0; i < self->sections[s].n && i < ROWS_SHOWN; i++) {
            const row_t *row = &self->sections[s].rows[i];
            size_t id = table_width_of(value_get_text(&row->view, "id"));
            size_t near = table_width_of(near_text(self, row->day));
            names_want(self->cli, &row->view);
            ids = id > ids ? id : ids;
            nears = near > nears ? near : nears;
        }
    names_fetch(self->cli);
    terminal_page();
    for (size_t s = 0; s < SECTIONS; s++) {
        if (self->sections[s].n == 0)
            continue;
        if (told++)
            putchar('\n');
        print_section(self, (section_t)s, ids, nears);
    }
    if (told == 0)
        puts(_("Nothing waits for you today."));
    else if (self->sections[STEPS].n)
        report_note(self->cli, "%s",
                    _("A next step that is taken is cleared: samverk contact edit ID --clear "
                      "next-day"));
}

static void print_sheet(const today_t *self)
{
    static const char *const headings[] = {"section", "id", "day", "what", "who", "state"};
    sheet_begin(stdout);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        sheet_cell(stdout, headings[i], i == 0, false);
    sheet_end(stdout);
    for (size_t s = 0; s < SECTIONS; s++)
        for (size_t i = 0; i < self->sections[s].n; i++) {
            const row_t *row = &self->sections[s].rows[i];
            sheet_cell(stdout, sections[s].name, true, false);
            sheet_cell(stdout, value_get_text(&row->view, "id"), false, false);
            sheet_cell(stdout, row->day, false, false);
            sheet_cell(stdout, what_of(self, (section_t)s, row), false, false);
            sheet_cell(stdout, cell(self, row, sections[s].who), false, false);
            sheet_cell(stdout, kind_field(row->kind, "state") ? cell(self, row, "state") : "",
                       false, false);
            sheet_end(stdout);
        }
}

static void print_json(const today_t *self)
{
    json_t *list = json_array();
    for (size_t s = 0; s < SECTIONS; s++) {
        json_t *records = json_array();
        for (size_t i = 0; i < self->sections[s].n; i++)
            json_array_append_new(records, json_of_view(&self->sections[s].rows[i].view));
        json_array_append_new(list, json_pack("{sssosb}", "section", sections[s].name, "records",
                                              records, "more", self->sections[s].cut));
    }
    json_print(json_pack("{ssso}", "day", self->day, "sections", list), false);
}

bool today_run(cli_t *cli, const arguments_t *arguments)
{
    (void)arguments;
    today_t self = {.cli = cli};
    if (!send_connect(cli))
        return false;
    self.user = *value_get(samverk_welcome(cli->connection), "user");
    self.day = collect_near(cli, 0);
    if (!ask_places(&self))
        return false;
    ask_mine(&self);
    if (!take(&self))
        return false;
    ask_offers(&self);
    if (!take(&self))
        return false;
    for (size_t s = 0; s < SECTIONS; s++)
        if (self.sections[s].n)
            qsort(self.sections[s].rows, self.sections[s].n, sizeof(row_t), by_day);
    if (cli->output == OUTPUT_JSON)
        print_json(&self);
    else if (cli->output == OUTPUT_CSV)
        print_sheet(&self);
    else
        print_text(&self);
    return true;
}

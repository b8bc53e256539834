#include "one_pager.h"
#include "format.h"
#include "language.h"
#include "names.h"
#include "record.h"
#include "send.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EMPLOYERS_MAX 200

typedef enum {
    OF_OFFER,
    OF_CANVAS,
    OF_COURSE,
    OF_INQUIRY,
    OF_POOL,
    OF_PROVIDER,
    OF_UNIT,
    SOURCES
} source_t;

/* What has been gathered: a view of each, or absent. */
typedef struct {
    cli_t *cli;
    value_t views[SOURCES];
    const char *broker;
    const char **employers; /* those that let their name be known */
    size_t n_employers;
    int64_t n_others;
    bool canvas;
} gathered_t;

/* -- gathering -------------------------------------------------------------------------------------- */

static const value_t *field_value(const gathered_t *self, source_t source, const char *name)
{
    return value_get(value_get(&self->views[source], "fields"), name);
}

static const char *reference(const gathered_t *self, source_t source, const char *name)
{
    return value_get_text(value_get(&self->views[source], "fields"), name);
}

/* What was asked for, or absent when it cannot be seen; false when nobody answers. */
static bool ask(cli_t *cli, const char *command, const value_t *arguments, value_t *result)
{
    error_t error;
    bool refused;
    if (!send_try(cli, command, arguments, result, &error, &refused))
        return false;
    if (refused)
        *result = value_absent;
    return true;
}

static bool get(gathered_t *self, source_t source, const char *id)
{
    value_builder_t arguments = value_builder(self->cli->arena);
    self->views[source] = value_absent;
    if (!id)
        return true;
    value_add_pair(&arguments, "id", value_text(id));
    value_t map = value_build_map(&arguments);
    return ask(self->cli, "get", &map, &self->views[source]);
}

static value_t request_where(cli_t *cli, const char *kind, const value_t *where)
{
    value_builder_t arguments = value_builder(cli->arena);
    value_add_pair(&arguments, "kind", value_text(kind));
    value_add_pair(&arguments, "where", *where);
    return value_build_map(&arguments);
}

static bool get_canvas(gathered_t *self, const char *inquiry)
{
    cli_t *cli = self->cli;
    value_builder_t where = value_builder(cli->arena);
    value_t result;
    self->views[OF_CANVAS] = value_absent;
    if (!inquiry)
        return true;
    value_add_pair(&where, "inquiry", value_text(inquiry));
    value_t map = value_build_map(&where), request = request_where(cli, "canvas", &map);
    if (!ask(cli, "list", &request, &result))
        return false;
    const value_t *records = value_get(&result, "records");
    if (records->form == VALUE_LIST && records->count)
        self->views[OF_CANVAS] = records->items[0];
    return true;
}

/* Who takes part in a pool: by name those alone who said that provider and co-employers may
   know, the others by number. */
static bool get_employers(gathered_t *self, const char *pool)
{
    cli_t *cli = self->cli;
    static const char *const taking_part[] = {"anonymous", "named", "open"};
    value_builder_t states = value_builder(cli->arena), open = value_builder(cli->arena),
                    all = value_builder(cli->arena), list = value_builder(cli->arena);
    value_t result, counted;
    if (!pool)
        return true;
    for (size_t i = 0; i < sizeof taking_part / sizeof *taking_part; i++)
        value_add(&states, value_text(taking_part[i]));
    value_add_pair(&all, "pool", value_text(pool));
    value_add_pair(&all, "state", value_build_list(&states));
    value_add_pair(&open, "pool", value_text(pool));
    value_add_pair(&open, "state", value_text("open"));
    value_add_pair(&list, "kind", value_text("opt_in"));
    value_add_pair(&list, "where", value_build_map(&open));
    value_add_pair(&list, "limit", value_integer(EMPLOYERS_MAX));
    value_t where = value_build_map(&all), how_many = request_where(cli, "opt_in", &where),
            which = value_build_map(&list);
    if (!ask(cli, "count", &how_many, &counted) || !ask(cli, "list", &which, &result))
        return false;
    const value_t *records = value_get(&result, "records");
    size_t n = records->form == VALUE_LIST ? records->count : 0;
    self->employers = arena_alloc(cli->arena, (n + 1) * sizeof *self->employers);
    for (size_t i = 0; i < n; i++) {
        const char *id = value_get_text(value_get(&records->items[i], "fields"), "employer");
        if (id)
            self->employers[self->n_employers++] = id;
    }
    self->n_others = value_get_integer(&counted, "count", 0) - (int64_t)self->n_employers;
    return true;
}

static bool gather(gathered_t *self, const char *id)
{
    cli_t *cli = self->cli;
    value_builder_t arguments = value_builder(cli->arena);
    value_add_pair(&arguments, "id", value_text(id));
    value_t map = value_build_map(&arguments);
    if (!send_read(cli, "get", &map, &self->views[OF_OFFER]))
        return false;
    const char *inquiry = reference(self, OF_OFFER, "inquiry");
    const char *pool = reference(self, OF_OFFER, "pool"), *unit = reference(self, OF_OFFER, "unit");
    if (!get(self, OF_INQUIRY, inquiry) || !get_canvas(self, inquiry) ||
        !get(self, OF_POOL, pool) || !get_employers(self, pool) ||
        !get(self, OF_COURSE, reference(self, OF_OFFER, "course")) ||
        !get(self, OF_PROVIDER, reference(self, OF_OFFER, "provider")) ||
        !get(self, OF_UNIT, unit ? unit : reference(self, OF_INQUIRY, "organisation")))
        return false;
    self->broker = reference(self, OF_INQUIRY, "broker");
    if (!self->broker)
        self->broker = reference(self, OF_POOL, "coordinator");
    if (self->broker)
        names_want_id(cli, self->broker);
    for (source_t source = 0; source < SOURCES; source++)
        names_want(cli, &self->views[source]);
    for (size_t i = 0; i < self->n_employers; i++)
        names_want_id(cli, self->employers[i]);
    names_fetch(cli);
    return true;
}

/* -- words ------------------------------------------------------------------------------------------ */

static const kind_t *kind_of(const gathered_t *self, source_t source)
{
    record_id_t id;
    const char *text = value_get_text(&self->views[source], "id");
    return text && record_id_parse(&id, text, NULL) ? id.kind : NULL;
}

/* An amount or a number of hours without decimals that are naught: "148 000,00", "32.0". */
static const char *without_naught(const char *text, arena_t *arena)
{
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '0')
        size--;
    return size > 0 && strchr(".,", text[size - 1]) ? arena_text_of(arena, text, size - 1) : text;
}

/* What a field says; "" when it says nothing, or cannot be seen. References are by name. */
static const char *text_of(const gathered_t *self, source_t source, const char *name)
{
    const kind_t *kind = kind_of(self, source);
    const field_t *field = kind ? kind_field(kind, name) : NULL;
    if (!field)
        return "";
    const value_t *value = field_value(self, source, name);
    if (field->type == TYPE_REFERENCE)
        return format_cell(self->cli, kind, field, value);
    const char *text = format_value(self->cli, kind, field, value, true);
    return field->type == TYPE_MONEY || field->type == TYPE_TENTHS
               ? without_naught(text, self->cli->arena)
               : text;
}

static const char *label_of(const gathered_t *self, source_t source, const char *name)
{
    const kind_t *kind = kind_of(self, source);
    return language_capital(label_of_field(kind, kind_field(kind, name)), self->cli->arena);
}

/* The first of these that says something; `source` is where. */
static const char *first_text(const gathered_t *self, const source_t *sources, size_t n,
                              const char *name, source_t *source)
{
    const char *text = "";
    for (size_t i = 0; i < n && !text[0]; i++) {
        *source = sources[i];
        text = text_of(self, *source, name);
    }
    return text;
}

static void add_pair(json_t *list, const char *key, const char *name, const char *value,
                     const char *text)
{
    if (text[0])
        json_array_append_new(list, json_pack("{s:s, s:s}", key, name, value, text));
}

/* -- what it says ----------------------------------------------------------------------------------- */

/* The texts in their order. Of the alternatives the first that is there: the offer's own, or
   what the dialogue and the course have to go by until then. */
static const struct {
    struct {
        source_t source;
        const char *field;
    } from[3];
    bool checklist;
} texts[] = {
    {{{OF_OFFER, "goals"}, {OF_CANVAS, "background"}}, false},
    {{{OF_OFFER, "content"}, {OF_COURSE, "description"}}, false},
    {{{OF_OFFER, "arrangement"}, {OF_CANVAS, "extent"}}, false},
    {{{OF_INQUIRY, "target_group"}, {OF_COURSE, "target_group"}, {OF_CANVAS, "participants"}},
     false},
    {{{OF_INQUIRY, "prior_knowledge"}}, false},
    {{{OF_OFFER, "general_requirements"}}, true},
    {{{OF_OFFER, "specific_requirements"}, {OF_POOL, "requirements"}}, true},
};

static const char *employers_text(gathered_t *self)
{
    arena_t *arena = self->cli->arena;
    const char *text = "";
    for (size_t i = 0; i < self->n_employers; i++)
        text = arena_format(arena, "%s%s%s", text, i ? ", " : "",
                            names_short(self->cli, self->employers[i]));
    if (self->n_others <= 0)
        return text;
    unsigned long n = (unsigned long)self->n_others;
    if (!text[0])
        return arena_format(arena, ngettext("%lu employer", "%lu employers", n), n);
    /* Translators: after the names of those that are named. */
    return arena_format(
        arena, ngettext("%s and another %lu employer", "%s and another %lu employers", n), text, n);
}

static json_t *sections(gathered_t *self)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t f = 0; f < 3 && texts[i].from[f].field; f++) {
            source_t source = texts[i].from[f].source;
            const char *field = texts[i].from[f].field, *text = text_of(self, source, field);
            if (!text[strspn(text, " \t\n")])
                continue;
            self->canvas = self->canvas || source == OF_CANVAS;
            json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "heading",
                                                  label_of(self, source, field), "text", text,
                                                  "checklist", texts[i].checklist));
            break;
        }
    add_pair(list, "heading", _("Employers"), "text", employers_text(self));
    return list;
}

/* "148 000 SEK per grupp, exklusive moms" */
static const char *price_text(const gathered_t *self)
{
    static const source_t sources[] = {OF_OFFER, OF_COURSE};
    arena_t *arena = self->cli->arena;
    source_t source;
    const char *price = first_text(self, sources, 2, "price", &source);
    const char *model = text_of(self, source, "price_model"), *vat = text_of(self, OF_OFFER, "vat");
    const value_t *word = field_value(self, source, "price_model");
    if (word->form == VALUE_TEXT && strcmp(word->text, "free") == 0)
        return model;
    if (!price[0])
        return _("not stated yet");
    return arena_format(arena, "%s %s%s%s%s%s", price, text_of(self, source, "currency"),
                        model[0] ? " " : "", model, vat[0] ? ", " : "", vat);
}

/* From one field to another: "12–18", "at least 12", "at most 18". */
static const char *range_text(const gathered_t *self, const source_t *sources, size_t n,
                              const char *from_name, const char *to_name, const char *from_form,
                              const char *to_form, const char *dash)
{
    arena_t *arena = self->cli->arena;
    for (size_t i = 0; i < n; i++) {
        const char *from = text_of(self, sources[i], from_name);
        const char *to = text_of(self, sources[i], to_name);
        if (from[0] && to[0])
            return strcmp(from, to) == 0 ? from : arena_format(arena, "%s%s%s", from, dash, to);
        if (from[0] || to[0])
            return arena_format(arena, "%s %s", from[0] ? from_form : to_form, from[0] ? from : to);
    }
    return "";
}

static json_t *facts(gathered_t *self)
{
    static const source_t counted[] = {OF_OFFER, OF_COURSE, OF_POOL};
    static const source_t timed[] = {OF_OFFER, OF_POOL, OF_INQUIRY};
    static const struct {
        source_t source;
        const char *field;
    } rows[] = {
        {OF_OFFER, "valid_until"}, {OF_OFFER, "development_cost"}, {OF_OFFER, "supplementary"},
        {OF_OFFER, "procurement"}, {OF_COURSE, "modality"},        {OF_COURSE, "form"},
        {OF_COURSE, "meetings"},   {OF_COURSE, "hours"},           {OF_COURSE, "pace"},
        {OF_COURSE, "level"},      {OF_COURSE, "credits"},         {OF_COURSE, "examination"},
        {OF_COURSE, "language"},   {OF_COURSE, "own_data"},
    };
    json_t *list = json_array();
    add_pair(list, "label", _("Price"), "value", price_text(self));
    add_pair(list, "label", _("Participants"), "value",
             range_text(self, counted, 3, "minimum", "maximum", _("at least"), _("at most"), "–"));
    add_pair(list, "label", _("Period"), "value",
             range_text(self, timed, 3, "period_from", "period_to", _("from"), _("until"), " – "));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (kind_of(self, rows[i].source))
            add_pair(list, "label", label_of(self, rows[i].source, rows[i].field), "value",
                     text_of(self, rows[i].source, rows[i].field));
    return list;
}

static void add_party(const gathered_t *self, json_t *list, source_t source, const char *field,
                      const char *broker)
{
    static const char *const ways[] = {"web", "email", "phone"};
    const char *text = text_of(self, source, "name");
    if (!text[0])
        return;
    if (broker)
        text = arena_format(self->cli->arena, "%s\n%s", text, names_short(self->cli, broker));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *way = text_of(self, source, ways[i]);
        text = arena_format(self->cli->arena, "%s%s%s", text, way[0] ? "\n" : "", way);
    }
    add_pair(list, "heading", label_of(self, OF_OFFER, field), "text", text);
}

/* Whom it is for. A discreet inquiry's employer is not on papers that lie about. */
static const char *lead(const gathered_t *self)
{
    const char *employer = text_of(self, OF_INQUIRY, "employer");
    const char *pool = text_of(self, OF_POOL, "title");
    if (value_get_boolean(value_get(&self->views[OF_INQUIRY], "fields"), "discreet", false))
        return "";
    if (employer[0])
        return arena_format(self->cli->arena, _("For %s"), employer);
    return strcmp(pool, text_of(self, OF_OFFER, "title")) == 0 ? "" : pool;
}

static const char *footer(const gathered_t *self)
{
    const value_t *view = &self->views[OF_OFFER];
    char today[16];
    time_t now = time(NULL);
    struct tm parts;
    localtime_r(&now, &parts);
    strftime(today, sizeof today, "%Y-%m-%d", &parts);
    /* Translators: of an offer, at the foot of its page: id, version, state, revision, day. */
    return arena_format(self->cli->arena, _("%s · version %s · %s · revision %lld · %s"),
                        value_get_text(view, "id"), text_of(self, OF_OFFER, "edition"),
                        text_of(self, OF_OFFER, "state"),
                        (long long)value_get_integer(view, "rev", 0), today);
}

static json_t *compose(gathered_t *self, const char *language)
{
    json_t *parties = json_array();
    add_party(self, parties, OF_PROVIDER, "provider", NULL);
    add_party(self, parties, OF_UNIT, "unit", self->broker);
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "language", language, "kind",
                  _("Course description"), "title", text_of(self, OF_OFFER, "title"), "sections",
                  sections(self), "facts", facts(self), "parties", parties, "footer", footer(self));
    if (lead(self)[0])
        json_object_set_new(document, "lead", json_string(lead(self)));
    const char *web = text_of(self, OF_COURSE, "web");
    if (web[0])
        json_object_set_new(document, "link",
                            json_pack("{s:s, s:s}", "url", web, "text", _("More on the course")));
    return document;
}

/* A variable of the environment as it was. */
static void put_back(const char *variable, const char *value)
{
    if (value)
        setenv(variable, value, 1);
    else
        unsetenv(variable);
}

bool one_pager_make(one_pager_t *self, cli_t *cli, const char *id, const char *language)
{
    static const char *const variables[] = {"LC_ALL", "LANGUAGE"};
    static const size_t n = sizeof variables / sizeof *variables;
    const char *were[sizeof variables / sizeof *variables];
    gathered_t gathered = {.cli = cli};
    if (!gather(&gathered, id))
        return false;
    /* Paper looks the same whoever makes it: with the language's own forms of numbers, and
       days as in ISO 8601. */
    for (size_t i = 0; i < n; i++)
        were[i] = getenv(variables[i]) ? arena_text(cli->arena, getenv(variables[i])) : NULL;
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", language, 1);
    language_start();
    self->id = id;
    self->edition = value_get_integer(value_get(&gathered.views[OF_OFFER], "fields"), "edition", 1);
    self->document = compose(&gathered, language);
    self->canvas = gathered.canvas;
    for (size_t i = 0; i < n; i++)
        put_back(variables[i], were[i]);
    language_start();
    return true;
}

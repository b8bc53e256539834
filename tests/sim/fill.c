#include "fill.h"

#include "dates.h"
#include "post.h"
#include "rows.h"
#include "schema.h"
#include "sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const plan_t *plan;
    const plan_size_t *size;
    const fill_options_t *options;
    post_t *post;
    arena_t *arena;
    int64_t today;                           /* since 1970 */
    uint32_t *centres, *providers, *brokers; /* numbers of records, by place */
    uint32_t *employers, *inquiries, *contacts;
} fill_t;

static void tell(const fill_t *self, const char *what, unsigned count)
{
    if (self->options->tells)
        fprintf(stderr, "samverk-sim: %u %s\n", count, what);
}

static uint32_t *numbers(fill_t *self, unsigned count)
{
    return arena_alloc(self->arena, (count + 1) * sizeof(uint32_t));
}

static const char *id_of(fill_t *self, const char *prefix, uint32_t number)
{
    return arena_format(post_arena(self->post), "%s-%u", prefix, number);
}

/* -- what data/ has ------------------------------------------------------------------------ */

static bool is_wanted(const fill_t *self, const kind_t *kind, const char *code)
{
    bool county = strcmp(kind->name, "county") == 0;

    if (strcmp(kind->name, "area") == 0)
        return true;
    for (unsigned i = 0; i < self->size->municipalities; i++) {
        const plan_place_t *place = plan_place(self->plan, i);
        if (strcmp(county ? place->county : place->code, code) == 0)
            return true;
    }
    return false;
}

/* A row of the sheet: `code`, and fields of the kind. */
static value_t row_of_sheet(fill_t *self, const kind_t *kind, const sheet_t *sheet,
                            const sheet_row_t *cells)
{
    arena_t *arena = post_arena(self->post);
    value_builder_t fields = value_builder(arena), row = value_builder(arena);
    error_t error = {0};

    for (size_t i = 1; i < cells->n && i < sheet->heading.n; i++) {
        const field_t *field = kind_field(kind, sheet->heading.cells[i]);
        value_t value;
        if (field != NULL && field_parse(field, cells->cells[i], &value, arena, &error))
            value_add_pair(&fields, field->name, value);
    }
    value_add_pair(&row, "id", value_text(cells->cells[0]));
    value_add_pair(&row, "fields", value_build_map(&fields));
    return value_build_map(&row);
}

static bool give_sheet(fill_t *self, const char *kind_name, const char *file)
{
    const kind_t *kind = schema_kind(kind_name);
    const char *path = arena_format(self->arena, "%s/%s", self->options->data, file);
    sheet_t sheet;

    if (sheet_read(&sheet, path, self->arena) != SHEET_OK) {
        fprintf(stderr, "samverk-sim: %s cannot be read\n", path);
        return false;
    }
    for (size_t i = 0; i < sheet.n_rows; i++)
        if (sheet.rows[i].n > 1 && is_wanted(self, kind, sheet.rows[i].cells[0]))
            post_row(self->post, kind_name, row_of_sheet(self, kind, &sheet, &sheet.rows[i]), NULL);
    return post_wait(self->post);
}

static bool give_places(fill_t *self)
{
    return give_sheet(self, "county", "counties.csv") &&
           give_sheet(self, "municipality", "municipalities.csv") &&
           give_sheet(self, "area", "competence-areas.csv") &&
           give_sheet(self, "area", "everyday-areas.csv");
}

/* -- organisations and their people -------------------------------------------------------- */

static bool give_organisations(fill_t *self)
{
    unsigned places = self->size->municipalities;
    post_t *post = self->post;

    for (unsigned i = 0; i < places; i++)
        post_row(post, "organisation", row_centre(plan_place(self->plan, i), post_arena(post)),
                 &self->centres[i]);
    for (unsigned i = 0; i < places; i++)
        post_row(post, "organisation", row_provider(plan_place(self->plan, i), post_arena(post)),
                 &self->providers[i]);
    for (unsigned i = 0; i < self->size->employers; i++)
        post_row(post, "organisation", row_employer(self->plan, i, post_arena(post)),
                 &self->employers[i]);
    if (!post_wait(post))
        return false;
    for (unsigned i = 0; i < places; i++)
        post_row(post, "membership",
                 row_membership(plan_place(self->plan, i), id_of(self, "org", self->centres[i]),
                                post_arena(post)),
                 NULL);
    tell(self, "organisations", 2 * places + self->size->employers);
    return post_wait(post);
}

/* Each municipality's broker is invited, by a key that nobody has. */
static bool give_brokers(fill_t *self)
{
    for (unsigned i = 0; i < self->size->municipalities; i++) {
        const plan_place_t *place = plan_place(self->plan, i);
        arena_t *arena = post_arena(self->post);
        value_builder_t arguments = value_builder(arena), scope = value_builder(arena);
        unsigned char public_key[SAMVERK_KEY_SIZE], secret_key[SAMVERK_KEY_SIZE];
        value_t result;
        samverk_key_pair(public_key, secret_key);
        value_add(&scope, value_text(arena_format(arena, "mun-%s", place->code)));
        value_add_pair(&arguments, "name",
                       value_text(arena_format(arena, "Kompetensmäklare, %s", place->name)));
        value_add_pair(&arguments, "role", value_text("broker"));
        value_add_pair(&arguments, "public_key", value_bytes(public_key, sizeof public_key));
        value_add_pair(&arguments, "municipalities", value_build_list(&scope));
        if (!post_ask(self->post, "invite", value_build_map(&arguments), &result))
            return false;
        const char *user = value_get_text(&result, "user");
        self->brokers[i] = user != NULL ? (uint32_t)strtoul(user + strlen("usr-"), NULL, 10) : 0;
    }
    tell(self, "brokers", self->size->municipalities);
    return true;
}

/* Each provider teaches what its turn is. */
static bool give_courses(fill_t *self)
{
    unsigned places = self->size->municipalities;

    for (unsigned i = 0; i < words_n_subjects; i++)
        post_row(self->post, "course",
                 row_course(&words_subjects[i], id_of(self, "org", self->providers[i % places]),
                            id_of(self, "org", self->centres[i % places]), post_arena(self->post)),
                 NULL);
    tell(self, "courses", words_n_subjects);
    return post_wait(self->post);
}

/* -- inquiries and contacts ---------------------------------------------------------------- */

static void file_inquiry(fill_t *self, unsigned number, int64_t day)
{
    plan_inquiry_t inquiry = plan_inquiry(self->plan, number);
    const char *employer = inquiry.employer != PLAN_NOBODY
                               ? id_of(self, "org", self->employers[inquiry.employer])
                               : NULL;

    post_row(self->post, "inquiry",
             row_inquiry(self->plan, number, employer, day, post_arena(self->post)),
             &self->inquiries[number]);
}

static bool file_all(fill_t *self)
{
    for (unsigned i = 0; i < self->size->inquiries; i++)
        file_inquiry(self, i, self->today);
    tell(self, "inquiries", self->size->inquiries);
    return post_wait(self->post);
}

/* What happens on a day, in this order. */
typedef enum { FILED, BOOKED, STEPPED, MET } deed_t;

typedef struct {
    uint32_t day; /* of the plan; 0 where all happens today */
    uint8_t deed, step;
    uint32_t number;
} event_t;

typedef struct {
    event_t *events;
    size_t count, room;
} events_t;

static void add_event(events_t *self, unsigned day, deed_t deed, unsigned number, unsigned step)
{
    if (self->count == self->room) {
        self->room = self->room != 0 ? 2 * self->room : 1024;
        self->events = realloc(self->events, self->room * sizeof *self->events);
        if (self->events == NULL)
            abort();
    }
    self->events[self->count++] = (event_t){day, (uint8_t)deed, (uint8_t)step, number};
}

static int compare_events(const void *a, const void *b)
{
    const event_t *left = a, *right = b;

    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    if (left->deed != right->deed)
        return left->deed - right->deed;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return left->step - right->step;
}

static void gather(const fill_t *self, events_t *events)
{
    bool lives = self->options->clock != NULL;
    unsigned last = self->size->days - 1;
    plan_step_t steps[PLAN_STEPS_MAX];

    for (unsigned i = 0; i < self->size->inquiries; i++) {
        add_event(events, lives ? plan_inquiry(self->plan, i).day : 0, FILED, i, 0);
        unsigned count = plan_steps(self->plan, i, steps);
        for (unsigned j = 0; j < count; j++)
            add_event(events, lives ? steps[j].day : 0, STEPPED, i, j);
    }
    for (unsigned i = 0; i < plan_contacts(self->plan); i++) {
        plan_contact_t contact = plan_contact(self->plan, i);
        add_event(events, lives ? contact.day : 0, BOOKED, i, 0);
        if (lives && contact.when <= last)
            add_event(events, contact.when, MET, i, 0);
    }
    qsort(events->events, events->count, sizeof *events->events, compare_events);
}

/* What has been is on record as done, at once, where all happens today. */
static void book(fill_t *self, unsigned number)
{
    plan_contact_t contact = plan_contact(self->plan, number);
    unsigned place = plan_employer(self->plan, contact.employer).place;
    int64_t day = self->today + contact.when - (self->size->days - 1);
    arena_t *arena = post_arena(self->post);

    post_row(self->post, "contact",
             row_contact(self->plan, number, id_of(self, "org", self->employers[contact.employer]),
                         id_of(self, "org", self->centres[place]),
                         id_of(self, "usr", self->brokers[place]), day, arena),
             &self->contacts[number]);
}

static void step(fill_t *self, const event_t *event)
{
    plan_step_t steps[PLAN_STEPS_MAX];
    unsigned place = plan_inquiry(self->plan, event->number).place;

    plan_steps(self->plan, event->number, steps);
    post_operation(self->post,
                   row_step(self->plan, event->number, &steps[event->step],
                            id_of(self, "inq", self->inquiries[event->number]),
                            id_of(self, "usr", self->brokers[place]), post_arena(self->post)));
}

static void meet(fill_t *self, unsigned number)
{
    bool cancelled = plan_contact(self->plan, number).cancelled;
    value_builder_t none = value_builder(post_arena(self->post));

    post_operation(self->post, row_move(id_of(self, "con", self->contacts[number]),
                                        cancelled ? "cancel" : "complete", value_build_map(&none),
                                        post_arena(self->post)));
}

static void happen(fill_t *self, const event_t *event)
{
    int64_t day = self->today;

    if (self->options->clock != NULL)
        day += (int64_t)event->day - (self->size->days - 1);
    switch ((deed_t)event->deed) {
    case FILED:
        file_inquiry(self, event->number, day);
        break;
    case BOOKED:
        book(self, event->number);
        break;
    case STEPPED:
        step(self, event);
        break;
    case MET:
        meet(self, event->number);
        break;
    }
}

/* So many days ago, as libfaketime reads it. */
static bool set_clock(fill_t *self, unsigned ago)
{
    FILE *file = fopen(self->options->clock, "we");

    if (file == NULL || fprintf(file, "-%ud\n", ago) < 0 || fclose(file) != 0) {
        fprintf(stderr, "samverk-sim: %s: %s\n", self->options->clock, strerror(errno));
        return false;
    }
    post_reconnect(self->post);
    return true;
}

static bool live(fill_t *self)
{
    events_t events = {0};
    bool good = true;

    gather(self, &events);
    for (size_t i = 0; good && i < events.count; i++) {
        const event_t *event = &events.events[i], *before = i > 0 ? event - 1 : NULL;
        if (before == NULL || before->deed != event->deed || before->day != event->day)
            good = post_wait(self->post);
        if (good && self->options->clock != NULL && (before == NULL || before->day != event->day))
            good = set_clock(self, self->size->days - 1 - event->day);
        if (good)
            happen(self, event);
    }
    tell(self, "inquiries, contacts and what became of them", (unsigned)events.count);
    free(events.events);
    return post_wait(self->post) && good;
}

/* -- pools --------------------------------------------------------------------------------- */

#define POOL_SIZE 3u
#define POOLS_PER_MILLE 10u /* of the inquiries */
/* Acknowledged, in dialogue, mapped: before, it has no broker, later a course of its own. */
#define EARLY_STEPS 3u

/* Inquiries after the same subject that have no requirement against one another. */
typedef struct {
    unsigned numbers[POOL_SIZE];
    unsigned count;
} company_t;

static bool is_free(const fill_t *self, unsigned number)
{
    plan_step_t steps[PLAN_STEPS_MAX];
    unsigned count = plan_steps(self->plan, number, steps);

    for (unsigned i = 0; i < count; i++)
        if (steps[i].outcome != NULL || strcmp(steps[i].verb, "withdraw") == 0 ||
            strcmp(steps[i].verb, "decline") == 0)
            return false;
    return count > 0 && count <= EARLY_STEPS;
}

static bool agree(const char *a, const char *b)
{
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

/* Neither is over when the other begins, by the days that they are wanted on. */
static bool overlap(const fill_t *self, const plan_inquiry_t *a, const plan_inquiry_t *b)
{
    bool lives = self->options->clock != NULL;
    unsigned from_a = a->begins + (lives ? a->day : 0), from_b = b->begins + (lives ? b->day : 0);

    return a->begins == 0 || b->begins == 0 ||
           (from_a <= from_b + b->lasts && from_b <= from_a + a->lasts);
}

/* True when the company is complete. */
static bool join(const fill_t *self, company_t *company, unsigned number)
{
    plan_inquiry_t inquiry = plan_inquiry(self->plan, number);

    if (!is_free(self, number))
        return false;
    for (unsigned i = 0; i < company->count; i++) {
        plan_inquiry_t other = plan_inquiry(self->plan, company->numbers[i]);
        if (!agree(inquiry.form, other.form) || !agree(inquiry.level, other.level) ||
            !agree(inquiry.time_of_day, other.time_of_day) || !overlap(self, &inquiry, &other))
            return false;
    }
    company->numbers[company->count++] = number;
    return company->count == POOL_SIZE;
}

/* All are asked, and all but the last have said yes. */
static bool make_pool(fill_t *self, const company_t *company)
{
    plan_inquiry_t first = plan_inquiry(self->plan, company->numbers[0]);
    arena_t *arena = post_arena(self->post);

    post_operation(self->post, row_pool(self->plan, company->numbers[0],
                                        id_of(self, "usr", self->brokers[first.place]), arena));
    for (unsigned i = 0; i < POOL_SIZE; i++)
        post_operation(self->post,
                       row_opt_in(id_of(self, "inq", self->inquiries[company->numbers[i]]),
                                  self->today + 10, arena));
    for (unsigned i = 0; i + 1 < POOL_SIZE; i++)
        post_operation(self->post, row_accept(i + 2, self->today, arena));
    return post_wait(self->post);
}

static bool make_pools(fill_t *self)
{
    company_t *companies = arena_alloc(self->arena, words_n_subjects * sizeof *companies);
    unsigned made = 0, most = self->size->inquiries * POOLS_PER_MILLE / 1000 + 1;

    for (unsigned i = self->size->inquiries; i > 0 && made < most; i--) {
        size_t subject = (size_t)(plan_inquiry(self->plan, i - 1).subject - words_subjects);
        if (!join(self, &companies[subject], i - 1))
            continue;
        if (!make_pool(self, &companies[subject]))
            return false;
        companies[subject].count = 0;
        made++;
    }
    tell(self, "pools", made);
    return true;
}

/* -- all of it ----------------------------------------------------------------------------- */

bool fill(const plan_t *plan, const samverk_profile_t *profile, const fill_options_t *options)
{
    fill_t self = {.plan = plan, .size = plan_size(plan), .options = options};

    if (!day_parse(options->today, &self.today))
        return false;
    self.arena = arena_new();
    self.centres = numbers(&self, self.size->municipalities);
    self.providers = numbers(&self, self.size->municipalities);
    self.brokers = numbers(&self, self.size->municipalities);
    self.employers = numbers(&self, self.size->employers);
    self.inquiries = numbers(&self, self.size->inquiries);
    self.contacts = numbers(&self, plan_contacts(plan));
    self.post = post_new(profile);
    bool good = (options->clock == NULL || set_clock(&self, self.size->days - 1)) &&
                give_places(&self) && give_organisations(&self) && give_brokers(&self) &&
                give_courses(&self) &&
                (options->filed ? file_all(&self) : live(&self) && make_pools(&self));
    post_destroy(&self.post);
    arena_destroy(&self.arena);
    return good;
}

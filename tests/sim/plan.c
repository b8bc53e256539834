#include "plan.h"

#include "draw.h"
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

#define SIZES 4u
#define BRANCHES 26u

/* Per mille of the employers, and how often one of them asks beside the smallest. */
static const struct {
    const char *word;
    unsigned per_mille;
    unsigned asks;
} sizes[SIZES] = {{"1-9", 800, 1}, {"10-49", 160, 3}, {"50-249", 33, 10}, {"250+", 7, 30}};

struct plan {
    plan_size_t size;
    arena_t *arena;
    plan_place_t *places;
    uint64_t *place_sums;    /* how large they are, added up */
    uint64_t *employer_sums; /* how much they ask, added up */
    unsigned *subjects[BRANCHES], n_subjects[BRANCHES];
    unsigned *groups[BRANCHES], n_groups[BRANCHES];
};

/* -- places ------------------------------------------------------------------------------ */

/* Near enough: at Swedish latitudes a degree of longitude is half as long. */
static double distance(const plan_place_t *a, const plan_place_t *b)
{
    double north = a->latitude - b->latitude, east = (a->longitude - b->longitude) / 2;

    return north * north + east * east;
}

static int compare_distance(const void *a, const void *b, void *centre)
{
    double left = distance(a, centre), right = distance(b, centre);

    return (left > right) - (left < right);
}

static int compare_code(const void *a, const void *b)
{
    return strcmp(((const plan_place_t *)a)->code, ((const plan_place_t *)b)->code);
}

static unsigned read_places(plan_t *self, const char *data)
{
    sheet_t sheet;
    unsigned count = 0;

    if (sheet_read(&sheet, arena_format(self->arena, "%s/municipalities.csv", data), self->arena) !=
        SHEET_OK)
        return 0;
    self->places = arena_alloc(self->arena, sheet.n_rows * sizeof *self->places);
    for (size_t i = 0; i < sheet.n_rows; i++) {
        const char **cells = sheet.rows[i].cells;
        plan_place_t *place = &self->places[count];
        if (sheet.rows[i].n < 5 || strlen(cells[0]) != 4 || strlen(cells[2]) != 2)
            continue;
        strcpy(place->code, cells[0]);
        strcpy(place->county, cells[2]);
        place->name = cells[1];
        place->latitude = strtod(cells[3], NULL);
        place->longitude = strtod(cells[4], NULL);
        count++;
    }
    return count;
}

/* Those nearest to one that is drawn: a region hangs together. */
static bool choose_places(plan_t *self, const char *data)
{
    unsigned count = read_places(self, data);
    draw_t draw = draw_of(self->size.seed, "centre", 0);

    if (count < self->size.municipalities)
        return false;
    plan_place_t centre = self->places[draw_below(&draw, count)];
    qsort_r(self->places, count, sizeof *self->places, compare_distance, &centre);
    qsort(self->places, self->size.municipalities, sizeof *self->places, compare_code);
    self->place_sums =
        arena_alloc(self->arena, self->size.municipalities * sizeof *self->place_sums);
    uint64_t sum = 0;
    for (unsigned i = 0; i < self->size.municipalities; i++) {
        draw_t lot = draw_of(self->size.seed, "size of place", i);
        sum += 16000 / draw_between(&lot, 1, 16); /* a few large, many small */
        self->place_sums[i] = sum;
    }
    return true;
}

/* -- life ---------------------------------------------------------------------------------- */

static void sort_words(plan_t *self)
{
    for (unsigned i = 0; i < BRANCHES; i++) {
        self->subjects[i] = arena_alloc(self->arena, words_n_subjects * sizeof(unsigned));
        self->groups[i] = arena_alloc(self->arena, words_n_groups * sizeof(unsigned));
    }
    for (unsigned i = 0; i < words_n_subjects; i++) {
        unsigned branch = (unsigned)(words_subjects[i].branch - 'A');
        self->subjects[branch][self->n_subjects[branch]++] = i;
    }
    for (unsigned i = 0; i < words_n_groups; i++) {
        unsigned branch = (unsigned)(words_groups[i].branch - 'A');
        self->groups[branch][self->n_groups[branch]++] = i;
    }
}

static unsigned size_of(draw_t *draw)
{
    unsigned lot = draw_below(draw, 1000), size = 0;

    while (size + 1 < SIZES && lot >= sizes[size].per_mille) {
        lot -= sizes[size].per_mille;
        size++;
    }
    return size;
}

static plan_employer_t employ(const plan_t *self, unsigned number, unsigned *size)
{
    draw_t draw = draw_of(self->size.seed, "employer", number);
    plan_employer_t employer = {
        .place = draw_weighted(&draw, self->place_sums, self->size.municipalities),
        .trade = &words_trades[draw_below(&draw, words_n_trades)]};

    *size = size_of(&draw);
    employer.size = sizes[*size].word;
    return employer;
}

plan_employer_t plan_employer(const plan_t *self, unsigned number)
{
    unsigned size;

    return employ(self, number, &size);
}

plan_t *plan_new(const plan_size_t *size, const char *data)
{
    arena_t *arena = arena_new();
    plan_t *self = arena_alloc(arena, sizeof *self);
    uint64_t sum = 0;

    self->arena = arena;
    self->size = *size;
    if (!choose_places(self, data)) {
        plan_destroy(&self);
        return NULL;
    }
    sort_words(self);
    self->employer_sums = arena_alloc(arena, size->employers * sizeof *self->employer_sums);
    for (unsigned i = 0; i < size->employers; i++) {
        unsigned class;
        employ(self, i, &class);
        sum += sizes[class].asks;
        self->employer_sums[i] = sum;
    }
    return self;
}

void plan_destroy(plan_t **self_p)
{
    if (*self_p != NULL) {
        arena_t *arena = (*self_p)->arena;
        arena_destroy(&arena);
    }
    *self_p = NULL;
}

const plan_size_t *plan_size(const plan_t *self)
{
    return &self->size;
}

const plan_place_t *plan_place(const plan_t *self, unsigned number)
{
    return &self->places[number];
}

/* -- inquiries ----------------------------------------------------------------------------- */

static const char *one_of(draw_t *draw, unsigned per_mille, const char *const *words,
                          unsigned count)
{
    bool said = draw_chance(draw, per_mille);
    unsigned which = draw_below(draw, count);

    return said ? words[which] : NULL;
}

#define ONE_OF(draw, per_mille, ...)                                                               \
    one_of(draw, per_mille, (const char *const[]){__VA_ARGS__},                                    \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Seven of ten times what the trade needs, else what everybody does. */
static void draw_subject(const plan_t *self, draw_t *draw, const trade_t *trade,
                         plan_inquiry_t *inquiry)
{
    const char *asks = trade->asks;
    char letter = asks[draw_below(draw, (unsigned)strlen(asks))];
    unsigned branch = (unsigned)((draw_chance(draw, 700) ? letter : 'A') - 'A');
    unsigned people = (unsigned)((draw_chance(draw, 800) ? letter : 'A') - 'A');

    inquiry->subject =
        &words_subjects[self->subjects[branch][draw_below(draw, self->n_subjects[branch])]];
    inquiry->group = &words_groups[self->groups[people][draw_below(draw, self->n_groups[people])]];
}

plan_inquiry_t plan_inquiry(const plan_t *self, unsigned number)
{
    draw_t draw = draw_of(self->size.seed, "inquiry", number);
    plan_inquiry_t inquiry = {
        .day = (unsigned)((uint64_t)number * self->size.days / self->size.inquiries)};
    bool known = draw_chance(&draw, 950) && self->size.employers > 0;

    if (known) {
        inquiry.employer = draw_weighted(&draw, self->employer_sums, self->size.employers);
        plan_employer_t employer = plan_employer(self, inquiry.employer);
        inquiry.place = employer.place;
        draw_subject(self, &draw, employer.trade, &inquiry);
    } else {
        inquiry.employer = PLAN_NOBODY;
        inquiry.place = draw_weighted(&draw, self->place_sums, self->size.municipalities);
        draw_subject(self, &draw, &words_trades[draw_below(&draw, words_n_trades)], &inquiry);
    }
    inquiry.title = &words_titles[draw_below(&draw, words_n_titles)];
    inquiry.need = &words_needs[draw_below(&draw, words_n_needs)];
    inquiry.wish = words_wishes[draw_below(&draw, words_n_wishes)];
    inquiry.participants =
        draw_chance(&draw, 750) ? draw_between(&draw, 1, 6) : draw_between(&draw, 7, 25);
    inquiry.form = ONE_OF(&draw, 900, "on_site", "on_site", "on_site", "on_site", "workplace",
                          "workplace", "distance", "hybrid");
    inquiry.level = ONE_OF(&draw, 300, "introductory", "upper_secondary", "vocational",
                           "university", "in_service");
    inquiry.time_of_day = ONE_OF(&draw, 300, "day", "day", "evening", "weekend");
    inquiry.channel = ONE_OF(&draw, 1000, "phone", "phone", "mail", "visit", "web");
    inquiry.origin = ONE_OF(&draw, 1000, "direct", "direct", "direct", "interview", "seminar",
                            "conference", "qr_code", "web_form", "research_cooperation");
    inquiry.route = ONE_OF(&draw, 1000, "commissioned", "commissioned", "yrkesvux", "yh",
                           "open_course", "esf", "in_house", "validation");
    if (draw_chance(&draw, 800)) {
        inquiry.begins = draw_between(&draw, 14, 270);
        inquiry.lasts = draw_between(&draw, 14, 120);
    }
    if (draw_chance(&draw, 150))
        inquiry.travel_km = 10 * draw_between(&draw, 1, 15);
    if (draw_chance(&draw, 200))
        inquiry.budget_kronor = 5000 * draw_between(&draw, 1, 60);
    inquiry.framed = draw_chance(&draw, 300);
    inquiry.discreet = draw_chance(&draw, 60);
    inquiry.urgent = draw_chance(&draw, 100);
    return inquiry;
}

/* -- what becomes of them ------------------------------------------------------------------ */

/* From filed to closed, and how many days each step takes. */
static const struct {
    const char *verb;
    unsigned least, most;
} path[] = {{"acknowledge", 0, 3}, {"start_dialogue", 1, 8}, {"map", 3, 21},      {"offer", 5, 25},
            {"agree", 5, 30},      {"deliver", 10, 60},      {"evaluate", 5, 60}, {"close", 3, 20}};
#define PATH (sizeof path / sizeof *path)

/* Where it ends otherwise: `after` so many steps. */
static const char *draw_end(draw_t *draw, unsigned *after, const char **outcome)
{
    unsigned lot = draw_below(draw, 1000);

    *after = draw_between(draw, 1, 4);
    *outcome = NULL;
    if (lot < 60)
        return "withdraw";
    if (lot < 120)
        return "decline";
    *outcome = ONE_OF(draw, 1000, "advice", "other_route", "none");
    if (lot < 220)
        return "close";
    *after = PATH - 1;
    *outcome = ONE_OF(draw, 1000, "course", "course", "course", "course", "course", "course",
                      "course", "other_route", "none");
    return "close";
}

unsigned plan_steps(const plan_t *self, unsigned number, plan_step_t steps[PLAN_STEPS_MAX])
{
    draw_t draw = draw_of(self->size.seed, "life", number);
    unsigned last = self->size.days - 1, count = 0, after;
    unsigned day = (unsigned)((uint64_t)number * self->size.days / self->size.inquiries);
    bool by_age = self->size.open == PLAN_BY_AGE;
    bool ended = !by_age && number + self->size.open < self->size.inquiries;
    const char *outcome, *end = draw_end(&draw, &after, &outcome);

    for (unsigned i = 0; i <= after; i++) {
        bool ends = i == after;
        day += draw_between(&draw, path[i].least, path[i].most);
        if (day > last && ended)
            day = last;
        if (day > last || (ends && !ended && !by_age))
            break;
        steps[count++] = (plan_step_t){
            .day = day, .verb = ends ? end : path[i].verb, .outcome = ends ? outcome : NULL};
    }
    return count;
}

/* -- contacts ------------------------------------------------------------------------------ */

unsigned plan_contacts(const plan_t *self)
{
    return self->size.employers / 2;
}

plan_contact_t plan_contact(const plan_t *self, unsigned number)
{
    draw_t draw = draw_of(self->size.seed, "contact", number);
    plan_contact_t contact = {
        .day = (unsigned)((uint64_t)number * self->size.days / plan_contacts(self))};

    contact.when = contact.day + draw_between(&draw, 1, 21);
    contact.employer = draw_weighted(&draw, self->employer_sums, self->size.employers);
    contact.how = ONE_OF(&draw, 1000, "phone", "visit", "visit", "meeting", "video", "event");
    contact.aim = words_aims[draw_below(&draw, words_n_aims)];
    contact.cancelled = draw_chance(&draw, 100);
    return contact;
}

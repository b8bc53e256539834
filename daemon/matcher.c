#include "matcher.h"

#include "id_set.h"
#include "index.h"

#include <stdlib.h>
#include <string.h>

/* What each reason counts at most: of a hundred, the area the most. */
#define POINTS_AREA 40
#define POINTS_AREA_STEP 10 /* less for each step up or down the tree */
#define POINTS_PERIOD 15
#define POINTS_WORD 5
#define POINTS_WORDS 15
#define POINTS_REQUIREMENT 5

#define AREAS_MAX 200u
#define COUNTIES_MAX 24u /* within reach: Sweden has 21 */

/* States in which an inquiry can still share a course: later it has its own. */
static const char *const seeking[] = {"new",    "acknowledged", "dialogue",
                                      "mapped", "offered",      "waiting"};
#define N_SEEKING (sizeof seeking / sizeof *seeking)

/* An area that meets one of the own, so many steps up or down. */
typedef struct {
    const char *id;
    unsigned steps;
} near_area_t;

struct matcher {
    const lookup_t *lookup;
    const access_t *reader;
    arena_t *arena;
    const kind_t *kind;
    const index_t *by_county, *by_form;
    wish_fields_t fields;
    wish_t own;
    wish_words_t words;
    near_area_t areas[AREAS_MAX];
    size_t n_areas;
};

static const access_t all_of_staff = {.valid = true, .roles = ROLE_BIT(ROLE_viewer)};

matcher_t *matcher_new(const lookup_t *lookup, const atlas_t *atlas, const access_t *reader,
                       arena_t *arena)
{
    static const char *const by_county[] = {"areas", "state", "county"};
    static const char *const by_form[] = {"areas", "state", "form"};
    matcher_t *self = arena_alloc(arena, sizeof *self);

    self->lookup = lookup;
    self->reader = reader != NULL ? reader : &all_of_staff;
    self->arena = arena;
    self->kind = schema_kind("inquiry");
    self->by_county = index_find(self->kind, by_county, 3);
    self->by_form = index_find(self->kind, by_form, 3);
    self->fields = wish_fields(atlas);
    return self;
}

/* -- an inquiry as it is seen ---------------------------------------------------------- */

static bool is_seeking(const record_t *inquiry)
{
    const char *state = record_get_text(inquiry, "state");

    for (size_t i = 0; state != NULL && i < N_SEEKING; i++)
        if (strcmp(seeking[i], state) == 0)
            return true;
    return false;
}

/* False when there is nothing to match. */
static bool see(const matcher_t *self, const record_t *inquiry, arena_t *arena, wish_t *wish)
{
    const placement_t *placement = placement_of(self->lookup, inquiry, arena);
    field_mask_t mask = access_view(self->reader, inquiry, placement, false);

    if (mask == 0 || !is_seeking(inquiry))
        return false;
    *wish = wish_of(&self->fields, inquiry, mask);
    return true;
}

/* -- the inquiry to match ------------------------------------------------------------------ */

/* False when it is known already, and as near. */
static bool add_area(matcher_t *self, const char *id, unsigned steps)
{
    for (size_t i = 0; i < self->n_areas; i++)
        if (strcmp(self->areas[i].id, id) == 0) {
            bool nearer = steps < self->areas[i].steps;
            self->areas[i].steps = nearer ? steps : self->areas[i].steps;
            return nearer;
        }
    if (self->n_areas == AREAS_MAX)
        return false;
    self->areas[self->n_areas++] = (near_area_t){arena_text(self->arena, id), steps};
    return true;
}

/* What it is part of, and what that is part of. */
static void add_above(matcher_t *self, const char *text)
{
    record_id_t id;
    unsigned steps = 1;

    while (text != NULL && record_id_parse(&id, text, NULL)) {
        const record_t *area = lookup_record(self->lookup, &id, self->arena);
        text = area != NULL ? record_get_text(area, "parent") : NULL;
        if (text != NULL && !add_area(self, text, steps++))
            return;
    }
}

static void add_below(matcher_t *self, const char *area, unsigned steps)
{
    static const char *const by_parent[] = {"parent"};
    const kind_t *kind = schema_kind("area");
    size_t first = self->n_areas;
    value_t parent = value_text(area);
    record_id_t id;

    index_scan_t *scan = index_scan(self->lookup->txn, kind, index_find(kind, by_parent, 1),
                                    &parent, 1, false, self->arena);
    while (index_next(scan, &id))
        add_area(self, id.text, steps);
    index_scan_end(&scan);
    for (size_t i = first, last = self->n_areas; i < last; i++)
        add_below(self, self->areas[i].id, steps + 1);
}

static int compare_areas(const void *a, const void *b)
{
    const near_area_t *one = a, *other = b;

    if (one->steps != other->steps)
        return one->steps < other->steps ? -1 : 1;
    return strcmp(one->id, other->id);
}

static void spread_areas(matcher_t *self)
{
    const value_t *areas = self->own.areas;

    self->n_areas = 0;
    for (uint32_t i = 0; areas->form == VALUE_LIST && i < areas->count; i++)
        add_area(self, areas->items[i].text, 0);
    for (uint32_t i = 0; areas->form == VALUE_LIST && i < areas->count; i++) {
        add_above(self, areas->items[i].text);
        add_below(self, areas->items[i].text, 1);
    }
    if (self->n_areas > 0)
        qsort(self->areas, self->n_areas, sizeof *self->areas, compare_areas);
}

bool matcher_take(matcher_t *self, const record_t *inquiry)
{
    if (!see(self, inquiry, self->arena, &self->own))
        return false;
    self->words = wish_words(&self->own, self->arena);
    spread_areas(self);
    return true;
}

const wish_t *matcher_own(const matcher_t *self)
{
    return &self->own;
}

/* -- does it fit? ---------------------------------------------------------------------------- */

static void add_reason(fit_t *self, const char *reason, int64_t points, value_t detail)
{
    self->reasons[self->n_reasons++] = (reason_t){reason, points, detail};
    self->score += points;
}

static const near_area_t *near_area(const matcher_t *self, const char *id)
{
    for (size_t i = 0; i < self->n_areas; i++)
        if (strcmp(self->areas[i].id, id) == 0)
            return &self->areas[i];
    return NULL;
}

/* By the areas that meet most closely. */
static bool fit_areas(const matcher_t *self, const wish_t *other, arena_t *arena, fit_t *fit)
{
    const value_t *areas = other->areas;
    value_builder_t meeting = value_builder(arena);
    unsigned least = UINT32_MAX;

    for (uint32_t i = 0; areas->form == VALUE_LIST && i < areas->count; i++) {
        const near_area_t *area = near_area(self, areas->items[i].text);
        if (area == NULL || area->steps > least)
            continue;
        if (area->steps < least)
            meeting = value_builder(arena);
        least = area->steps;
        value_add(&meeting, areas->items[i]);
    }
    if (least == UINT32_MAX)
        return false;
    int64_t less = (int64_t)least * POINTS_AREA_STEP;
    add_reason(fit, least == 0 ? "same_area" : "related_area",
               less < POINTS_AREA ? POINTS_AREA - less : 1, value_build_list(&meeting));
    return true;
}

static value_t text_or_nil(const char *text)
{
    return text != NULL ? value_text(text) : value_absent;
}

static bool fit_periods(const wish_t *a, const wish_t *b, arena_t *arena, fit_t *fit)
{
    const char *from, *to;

    if (!wish_period(a, b, &from, &to))
        return false;
    if ((a->from == NULL && a->to == NULL) || (b->from == NULL && b->to == NULL))
        return true;
    value_t *days = arena_alloc(arena, 2 * sizeof *days);
    days[0] = text_or_nil(from);
    days[1] = text_or_nil(to);
    add_reason(fit, "same_period", POINTS_PERIOD, value_list(days, 2));
    return true;
}

static value_t words_in(const vocabulary_t *vocabulary, unsigned bits, arena_t *arena)
{
    value_builder_t list = value_builder(arena);

    for (size_t i = 0; i < vocabulary->n_words; i++)
        if (bits & (1u << i))
            value_add(&list, value_text(vocabulary->words[i].name));
    return value_build_list(&list);
}

/* Both said some, and have some in common. */
static bool fit_words(const vocabulary_t *vocabulary, const char *reason, unsigned ours,
                      unsigned theirs, arena_t *arena, fit_t *fit)
{
    bool both = ours != 0 && theirs != 0;

    if (!wish_common(&ours, theirs))
        return false;
    if (both)
        add_reason(fit, reason, POINTS_REQUIREMENT, words_in(vocabulary, ours, arena));
    return true;
}

static bool fit_word(const char *reason, const char *ours, const char *theirs, fit_t *fit)
{
    if (ours == NULL || theirs == NULL)
        return true;
    if (strcmp(ours, theirs) != 0)
        return false;
    add_reason(fit, reason, POINTS_REQUIREMENT, value_text(ours));
    return true;
}

static bool fit_places(const wish_t *a, const wish_t *b, fit_t *fit)
{
    unsigned forms = a->forms;
    reason_t reason;

    if (wish_near(a, b, &reason))
        add_reason(fit, reason.reason, reason.points, reason.detail);
    else
        return wish_common(&forms, b->forms) && (forms & wish_form("distance")) != 0;
    return true;
}

static void fit_titles(const matcher_t *self, const wish_t *other, arena_t *arena, fit_t *fit)
{
    wish_words_t theirs = wish_words(other, arena);
    value_t shared = wish_shared(&self->words, &theirs, arena);
    uint32_t theirs_too = shared.count > 0 ? wish_shared(&theirs, &self->words, arena).count : 0;
    /* Counts the same from either side. */
    int64_t points = POINTS_WORD * (shared.count < theirs_too ? shared.count : theirs_too);

    if (points > 0)
        add_reason(fit, "same_words", points < POINTS_WORDS ? points : POINTS_WORDS, shared);
}

/* Requirements first, which cost least and leave out most. */
static bool fit_in(const matcher_t *self, const wish_t *other, arena_t *arena, fit_t *fit)
{
    const wish_t *own = &self->own;

    *fit = (fit_t){.n_reasons = 0};
    if (!fit_areas(self, other, arena, fit) || !fit_periods(own, other, arena, fit) ||
        !fit_words(self->fields.forms, "same_form", own->forms, other->forms, arena, fit) ||
        !fit_word("same_level", own->level, other->level, fit) ||
        !fit_word("same_language", own->language, other->language, fit) ||
        !fit_words(self->fields.times, "same_time_of_day", own->times, other->times, arena, fit) ||
        !fit_places(own, other, fit))
        return false;
    fit_titles(self, other, arena, fit);
    return true;
}

/* What rules most out, before it is asked what the reader sees: what is shown of a discreet
   one is shown to whoever sees it at all, and of another what is compared. */
static bool may_fit(const matcher_t *self, const record_t *inquiry)
{
    bool discreet = record_get_boolean(inquiry, "discreet");
    field_mask_t mask = discreet ? self->kind->discreet : FIELD_MASK_ALL;
    wish_t wish = wish_of(&self->fields, inquiry, mask);
    unsigned forms = self->own.forms, times = self->own.times;
    const char *from, *to;
    reason_t reason;
    bool meets = false;

    for (uint32_t i = 0; wish.areas->form == VALUE_LIST && i < wish.areas->count; i++)
        meets = meets || near_area(self, wish.areas->items[i].text) != NULL;
    if (!meets || !is_seeking(inquiry) || !wish_period(&self->own, &wish, &from, &to) ||
        !wish_common(&forms, wish.forms) || !wish_common(&times, wish.times))
        return false;
    if (discreet || (forms & wish_form("distance")))
        return true;
    return wish_near(&self->own, &wish, &reason);
}

/* -- looking --------------------------------------------------------------------------------- */

bool matcher_try(matcher_t *self, const record_t *inquiry, match_t *match)
{
    return !record_id_equal(&inquiry->id, &self->own.id) &&
           see(self, inquiry, self->arena, &match->wish) &&
           fit_in(self, &match->wish, self->arena, &match->fit);
}

/* Which of an area's inquiries can be met: those of the counties within reach, and those
   that can take part at a distance. Both are shown of discreet ones too: nothing hidden
   decides who is looked at. */
typedef struct {
    const index_t *index;
    value_t value;
} reach_t;

#define REACHES_MAX (COUNTIES_MAX + 2u)

static size_t reaches_of(const matcher_t *self, reach_t reaches[REACHES_MAX])
{
    const wish_t *own = &self->own;
    const char *counties[COUNTIES_MAX];
    size_t count = 0;
    size_t n_counties = atlas_counties(self->fields.atlas, own->place, own->county, own->travel_km,
                                       counties, COUNTIES_MAX);
    bool distance = own->forms & wish_form("distance");

    for (size_t i = 0; i < n_counties; i++)
        reaches[count++] = (reach_t){self->by_county, value_text(counties[i])};
    if (distance || own->forms == 0)
        reaches[count++] = (reach_t){self->by_form, value_text("distance")};
    if (distance)
        reaches[count++] = (reach_t){self->by_form, value_absent};
    return count;
}

/* The newest of one area, whatever their state; false when there are more. */
static bool gather_area(matcher_t *self, const char *area, const reach_t *reaches, size_t n_reaches,
                        id_set_t *found)
{
    index_scan_t *scans[N_SEEKING * REACHES_MAX];
    record_id_t heads[N_SEEKING * REACHES_MAX];
    bool more[N_SEEKING * REACHES_MAX];
    size_t n = N_SEEKING * n_reaches;
    bool all = true;

    for (size_t i = 0; i < n; i++) {
        const reach_t *reach = &reaches[i / N_SEEKING];
        value_t equal[3] = {value_text(area), value_text(seeking[i % N_SEEKING]), reach->value};
        scans[i] =
            index_scan(self->lookup->txn, self->kind, reach->index, equal, 3, true, self->arena);
        more[i] = index_next(scans[i], &heads[i]);
    }
    for (unsigned count = 0; all; count++) {
        size_t newest = n;
        for (size_t i = 0; i < n; i++)
            if (more[i] && (newest == n || record_id_compare(&heads[i], &heads[newest]) > 0))
                newest = i;
        if (newest == n)
            break;
        all = count < MATCHER_AREA_MAX && found->count < MATCHER_CANDIDATES_MAX &&
              id_set_add(found, &heads[newest]);
        more[newest] = index_next(scans[newest], &heads[newest]);
    }
    for (size_t i = 0; i < n; i++)
        index_scan_end(&scans[i]);
    return all;
}

int ranked_compare(const void *a, const void *b)
{
    const ranked_t *one = a, *other = b;

    if (one->score != other->score)
        return one->score > other->score ? -1 : 1;
    return record_id_compare(&one->id, &other->id);
}

/* Those of the candidates that match; most are looked at and forgotten. */
static size_t try_all(matcher_t *self, const id_set_t *candidates, ranked_t *ranked)
{
    arena_t *scratch = arena_new();
    size_t count = 0;

    for (size_t i = 0; i < candidates->count; i++) {
        const record_t *record = lookup_record(self->lookup, &candidates->ids[i], scratch);
        wish_t wish;
        fit_t fit;
        if (record != NULL && !record_id_equal(&record->id, &self->own.id) &&
            may_fit(self, record) && see(self, record, scratch, &wish) &&
            fit_in(self, &wish, scratch, &fit))
            ranked[count++] = (ranked_t){record->id, fit.score};
        arena_reset(scratch);
    }
    arena_destroy(&scratch);
    return count;
}

size_t matcher_rank(matcher_t *self, ranked_t **ranked, size_t *looked_at, bool *cut)
{
    id_set_t candidates = {.arena = self->arena};
    reach_t reaches[REACHES_MAX];
    size_t n_reaches = reaches_of(self, reaches);

    *cut = false;
    for (size_t i = 0; i < self->n_areas; i++)
        *cut = !gather_area(self, self->areas[i].id, reaches, n_reaches, &candidates) || *cut;
    id_set_settle(&candidates);
    *looked_at = candidates.count;
    *ranked = arena_alloc(self->arena, (candidates.count + 1) * sizeof **ranked);
    size_t count = try_all(self, &candidates, *ranked);
    if (count > 1)
        qsort(*ranked, count, sizeof **ranked, ranked_compare);
    return count;
}

size_t matcher_find(matcher_t *self, size_t most, match_t **matches, size_t *looked_at, bool *cut)
{
    ranked_t *ranked;
    size_t count = matcher_rank(self, &ranked, looked_at, cut);

    if (count > most)
        count = most;
    *matches = arena_alloc(self->arena, (count + 1) * sizeof **matches);
    for (size_t i = 0; i < count; i++)
        matcher_try(self, lookup_record(self->lookup, &ranked[i].id, self->arena), &(*matches)[i]);
    return count;
}

#include "matcher.h"

#include "id_set.h"
#include "index.h"
#include "records.h"
#include "rules/likeness.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What each reason counts at most: of a hundred, the area the most. */
#define POINTS_AREA 40
#define POINTS_AREA_STEP 10 /* less for each step up or down the tree */
#define POINTS_PERIOD 15
#define POINTS_WORD 5
#define POINTS_WORDS 15
#define POINTS_PLACE 10
#define POINTS_REQUIREMENT 5

#define AREAS_MAX 200u
#define WORDS_MAX 24u
#define WORD_LETTERS_MIN 3u /* HLR, CAD */
#define STEM_LETTERS_MIN 5u /* svets, svetsning */
#define EARTH_KM 6371.0

/* States in which an inquiry can still share a course: later it has its own. */
static const char *const seeking[] = {"new",    "acknowledged", "dialogue",
                                      "mapped", "offered",      "waiting"};
#define N_SEEKING (sizeof seeking / sizeof *seeking)

/* In most titles, and nothing that two have in common. */
static const char *const common_words[] = {"och",    "for",  "med",       "till",
                                           "inom",   "kurs", "grundkurs", "utbildning",
                                           "kurser", "and",  "course",    "training"};

typedef struct {
    const char *written, *folded;
} word_in_title_t;

typedef struct {
    word_in_title_t items[WORDS_MAX];
    size_t count;
} words_t;

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
    const index_t *by_area;
    const vocabulary_t *forms, *times;
    wish_t own;
    words_t words;
    near_area_t areas[AREAS_MAX];
    size_t n_areas;
};

static const access_t all_of_staff = {.valid = true, .roles = ROLE_BIT(ROLE_viewer)};

matcher_t *matcher_new(const lookup_t *lookup, const access_t *reader, arena_t *arena)
{
    static const char *const fields[] = {"areas", "state"};
    matcher_t *self = arena_alloc(arena, sizeof *self);

    self->lookup = lookup;
    self->reader = reader != NULL ? reader : &all_of_staff;
    self->arena = arena;
    self->kind = schema_kind("inquiry");
    self->by_area = index_find(self->kind, fields, 2);
    self->forms = schema_vocabulary("form");
    self->times = schema_vocabulary("time_of_day");
    return self;
}

/* -- an inquiry as it is seen ---------------------------------------------------------- */

static const value_t *seen(const wish_t *wish, const char *field)
{
    const field_t *row = kind_field(wish->record->id.kind, field);

    return wish->mask & ((field_mask_t)1 << row->index) ? &wish->record->fields[row->index]
                                                        : &value_absent;
}

static const char *seen_text(const wish_t *wish, const char *field)
{
    const value_t *value = seen(wish, field);

    return value->form == VALUE_TEXT ? value->text : NULL;
}

static int64_t seen_integer(const wish_t *wish, const char *field, int64_t otherwise)
{
    const value_t *value = seen(wish, field);

    return value->form == VALUE_INTEGER ? value->integer : otherwise;
}

static unsigned word_bit(const vocabulary_t *vocabulary, const char *name)
{
    return 1u << (vocabulary_word(vocabulary, name) - vocabulary->words);
}

static unsigned word_bits(const vocabulary_t *vocabulary, const value_t *list)
{
    unsigned bits = 0;

    for (uint32_t i = 0; list->form == VALUE_LIST && i < list->count; i++)
        bits |= word_bit(vocabulary, list->items[i].text);
    return bits;
}

unsigned wish_form(const char *word)
{
    return word_bit(schema_vocabulary("form"), word);
}

static bool is_seeking(const record_t *inquiry)
{
    const char *state = record_get_text(inquiry, "state");

    for (size_t i = 0; state != NULL && i < N_SEEKING; i++)
        if (strcmp(seeking[i], state) == 0)
            return true;
    return false;
}

static void locate(const matcher_t *self, wish_t *wish, arena_t *arena)
{
    record_id_t id;
    const record_t *place =
        wish->municipality != NULL && record_id_parse(&id, wish->municipality, NULL)
            ? lookup_record(self->lookup, &id, arena)
            : NULL;

    if (place == NULL || record_get(place, "latitude")->form != VALUE_INTEGER ||
        record_get(place, "longitude")->form != VALUE_INTEGER)
        return;
    wish->located = true;
    wish->latitude = (double)record_get_integer(place, "latitude", 0) / 1e6;
    wish->longitude = (double)record_get_integer(place, "longitude", 0) / 1e6;
}

/* False when there is nothing to match. */
static bool see(const matcher_t *self, const record_t *inquiry, arena_t *arena, wish_t *wish)
{
    const placement_t *placement = placement_of(self->lookup, inquiry, arena);

    *wish = (wish_t){.id = inquiry->id, .record = inquiry};
    wish->mask = access_view(self->reader, inquiry, placement, false);
    if (wish->mask == 0 || !is_seeking(inquiry))
        return false;
    wish->areas = seen(wish, "areas");
    wish->tags = seen(wish, "tags");
    wish->title = seen_text(wish, "title");
    wish->from = seen_text(wish, "period_from");
    wish->to = seen_text(wish, "period_to");
    wish->level = seen_text(wish, "level");
    wish->language = seen_text(wish, "language");
    wish->prior_knowledge = seen_text(wish, "prior_knowledge");
    wish->municipality = seen_text(wish, "municipality");
    wish->county = seen_text(wish, "county");
    wish->forms = word_bits(self->forms, seen(wish, "form"));
    wish->times = word_bits(self->times, seen(wish, "time_of_day"));
    wish->participants = seen_integer(wish, "participants", 0);
    wish->travel_km = seen_integer(wish, "travel_limit_km", MATCHER_DISTANCE_KM);
    return true;
}

/* -- words ------------------------------------------------------------------------------- */

static bool is_common(const char *folded)
{
    for (size_t i = 0; i < sizeof common_words / sizeof *common_words; i++)
        if (strcmp(common_words[i], folded) == 0)
            return true;
    return false;
}

static bool is_letter(char byte)
{
    return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

static void add_words(words_t *self, const char *text, arena_t *arena)
{
    while (*text != '\0' && self->count < WORDS_MAX) {
        size_t length = 0;
        while (is_letter(text[length]))
            length++;
        const char *written = arena_text_of(arena, text, length);
        const char *folded = length > 0 ? likeness_letters(written, arena) : "";
        if (strlen(folded) >= WORD_LETTERS_MIN && isalnum((unsigned char)folded[0]) &&
            !is_common(folded))
            self->items[self->count++] = (word_in_title_t){written, folded};
        text += length > 0 ? length : 1;
    }
}

static words_t words_of(const wish_t *wish, arena_t *arena)
{
    words_t words = {.count = 0};

    if (wish->title != NULL)
        add_words(&words, wish->title, arena);
    for (uint32_t i = 0; wish->tags->form == VALUE_LIST && i < wish->tags->count; i++)
        add_words(&words, wish->tags->items[i].text, arena);
    return words;
}

/* The same word, or one of which the other is the beginning: svets, svetsning. */
static bool is_same_word(const char *a, const char *b)
{
    size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

    return strcmp(a, b) == 0 || (shorter >= STEM_LETTERS_MIN && strncmp(a, b, shorter) == 0);
}

static bool has_word(const words_t *self, const char *folded)
{
    for (size_t i = 0; i < self->count; i++)
        if (is_same_word(self->items[i].folded, folded))
            return true;
    return false;
}

/* Those of the one that the other has. */
static value_t shared_words(const words_t *self, const words_t *other, arena_t *arena)
{
    value_builder_t shared = value_builder(arena);

    for (size_t i = 0; i < self->count; i++)
        if (has_word(other, self->items[i].folded))
            value_add(&shared, value_text(self->items[i].written));
    return value_build_list(&shared);
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
    locate(self, &self->own, self->arena);
    self->words = words_of(&self->own, self->arena);
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

static const char *later(const char *a, const char *b)
{
    return a == NULL || (b != NULL && strcmp(b, a) > 0) ? b : a;
}

static const char *earlier(const char *a, const char *b)
{
    return a == NULL || (b != NULL && strcmp(b, a) < 0) ? b : a;
}

static value_t text_or_nil(const char *text)
{
    return text != NULL ? value_text(text) : value_absent;
}

static bool fit_periods(const wish_t *a, const wish_t *b, arena_t *arena, fit_t *fit)
{
    const char *from = later(a->from, b->from), *to = earlier(a->to, b->to);

    if (from != NULL && to != NULL && strcmp(to, from) < 0)
        return false;
    if ((a->from == NULL && a->to == NULL) || (b->from == NULL && b->to == NULL))
        return true;
    value_t *days = arena_alloc(arena, 2 * sizeof *days);
    days[0] = text_or_nil(from);
    days[1] = text_or_nil(to);
    add_reason(fit, "same_period", POINTS_PERIOD, value_list(days, 2));
    return true;
}

bool wish_common(unsigned *ours, unsigned theirs)
{
    bool both = *ours != 0 && theirs != 0;

    *ours = both ? *ours & theirs : *ours | theirs;
    return !both || *ours != 0;
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

static double radians(double degrees)
{
    return degrees * M_PI / 180;
}

/* Along the great circle, by the haversine formula. */
static double kilometres(const wish_t *a, const wish_t *b)
{
    double north = sin(radians(b->latitude - a->latitude) / 2);
    double east = sin(radians(b->longitude - a->longitude) / 2);
    double h = north * north + cos(radians(a->latitude)) * cos(radians(b->latitude)) * east * east;

    return 2 * EARTH_KM * asin(h < 1 ? sqrt(h) : 1);
}

bool wish_near(const wish_t *a, const wish_t *b, reason_t *reason)
{
    int64_t limit = a->travel_km < b->travel_km ? a->travel_km : b->travel_km;

    if (a->municipality != NULL && b->municipality != NULL &&
        strcmp(a->municipality, b->municipality) == 0) {
        *reason = (reason_t){"same_municipality", POINTS_PLACE, value_absent};
        return true;
    }
    if (a->located && b->located) {
        int64_t apart = llround(kilometres(a, b));
        *reason = (reason_t){
            "near",
            apart <= limit ? 1 + (POINTS_PLACE - 1) * (limit - apart) / (limit > 0 ? limit : 1) : 0,
            value_integer(apart)};
        return apart <= limit;
    }
    *reason = (reason_t){"same_county", POINTS_REQUIREMENT, value_absent};
    return a->county != NULL && b->county != NULL && strcmp(a->county, b->county) == 0;
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
    words_t theirs = words_of(other, arena);
    value_t shared = shared_words(&self->words, &theirs, arena);
    uint32_t theirs_too = shared.count > 0 ? shared_words(&theirs, &self->words, arena).count : 0;
    /* Counts the same from either side. */
    int64_t points = POINTS_WORD * (shared.count < theirs_too ? shared.count : theirs_too);

    if (points > 0)
        add_reason(fit, "same_words", points < POINTS_WORDS ? points : POINTS_WORDS, shared);
}

/* Requirements first, which cost least and leave out most. */
static bool fit_in(const matcher_t *self, wish_t *other, arena_t *arena, fit_t *fit)
{
    const wish_t *own = &self->own;

    *fit = (fit_t){.n_reasons = 0};
    if (!fit_areas(self, other, arena, fit) || !fit_periods(own, other, arena, fit) ||
        !fit_words(self->forms, "same_form", own->forms, other->forms, arena, fit) ||
        !fit_word("same_level", own->level, other->level, fit) ||
        !fit_word("same_language", own->language, other->language, fit) ||
        !fit_words(self->times, "same_time_of_day", own->times, other->times, arena, fit))
        return false;
    locate(self, other, arena);
    if (!fit_places(own, other, fit))
        return false;
    fit_titles(self, other, arena, fit);
    return true;
}

/* -- looking --------------------------------------------------------------------------------- */

bool matcher_try(matcher_t *self, const record_t *inquiry, match_t *match)
{
    return !record_id_equal(&inquiry->id, &self->own.id) &&
           see(self, inquiry, self->arena, &match->wish) &&
           fit_in(self, &match->wish, self->arena, &match->fit);
}

/* The newest of one area, whatever their state; false when there are more. */
static bool gather_area(matcher_t *self, const char *area, id_set_t *found)
{
    index_scan_t *scans[N_SEEKING];
    record_id_t heads[N_SEEKING];
    bool more[N_SEEKING];
    bool all = true;

    for (size_t i = 0; i < N_SEEKING; i++) {
        value_t equal[2] = {value_text(area), value_text(seeking[i])};
        scans[i] =
            index_scan(self->lookup->txn, self->kind, self->by_area, equal, 2, true, self->arena);
        more[i] = index_next(scans[i], &heads[i]);
    }
    for (unsigned count = 0; all; count++) {
        size_t newest = N_SEEKING;
        for (size_t i = 0; i < N_SEEKING; i++)
            if (more[i] &&
                (newest == N_SEEKING || record_id_compare(&heads[i], &heads[newest]) > 0))
                newest = i;
        if (newest == N_SEEKING)
            break;
        all = count < MATCHER_AREA_MAX && found->count < MATCHER_CANDIDATES_MAX &&
              id_set_add(found, &heads[newest]);
        more[newest] = index_next(scans[newest], &heads[newest]);
    }
    for (size_t i = 0; i < N_SEEKING; i++)
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
            see(self, record, scratch, &wish) && fit_in(self, &wish, scratch, &fit))
            ranked[count++] = (ranked_t){record->id, fit.score};
        arena_reset(scratch);
    }
    arena_destroy(&scratch);
    return count;
}

size_t matcher_rank(matcher_t *self, ranked_t **ranked, size_t *looked_at, bool *cut)
{
    id_set_t candidates = {.arena = self->arena};

    *cut = false;
    for (size_t i = 0; i < self->n_areas; i++)
        *cut = !gather_area(self, self->areas[i].id, &candidates) || *cut;
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

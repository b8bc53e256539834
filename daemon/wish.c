#include "wish.h"

#include "rules/likeness.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define POINTS_PLACE 10
#define POINTS_COUNTY 5
#define WORD_LETTERS_MIN 3u /* HLR, CAD */
#define STEM_LETTERS_MIN 5u /* svets, svetsning */

/* In the order of `names`. */
enum {
    AREAS,
    TAGS,
    TITLE,
    FROM,
    TO,
    LEVEL,
    LANGUAGE,
    PRIOR_KNOWLEDGE,
    MUNICIPALITY,
    COUNTY,
    FORM,
    TIME_OF_DAY,
    PARTICIPANTS,
    TRAVEL_LIMIT,
    FIELDS
};
static const char *const names[FIELDS] = {
    "areas", "tags",        "title",           "period_from",    "period_to",
    "level", "language",    "prior_knowledge", "municipality",   "county",
    "form",  "time_of_day", "participants",    "travel_limit_km"};

/* In most titles, and nothing that two have in common. */
static const char *const common_words[] = {"och",    "for",  "med",       "till",
                                           "inom",   "kurs", "grundkurs", "utbildning",
                                           "kurser", "and",  "course",    "training"};

wish_fields_t wish_fields(const atlas_t *atlas)
{
    const kind_t *kind = schema_kind("inquiry");
    wish_fields_t self = {.forms = schema_vocabulary("form"),
                          .times = schema_vocabulary("time_of_day"),
                          .atlas = atlas};

    for (size_t i = 0; i < FIELDS; i++)
        self.slots[i] = kind_field(kind, names[i])->index;
    return self;
}

static const value_t *seen(const wish_fields_t *fields, const wish_t *wish, unsigned which)
{
    unsigned slot = fields->slots[which];

    return wish->mask & ((field_mask_t)1 << slot) ? &wish->record->fields[slot] : &value_absent;
}

static const char *text_of(const value_t *value)
{
    return value->form == VALUE_TEXT ? value->text : NULL;
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

wish_t wish_of(const wish_fields_t *fields, const record_t *inquiry, field_mask_t mask)
{
    wish_t wish = {.id = inquiry->id, .record = inquiry, .mask = mask};
    const value_t *participants = seen(fields, &wish, PARTICIPANTS);
    const value_t *travel = seen(fields, &wish, TRAVEL_LIMIT);

    wish.areas = seen(fields, &wish, AREAS);
    wish.tags = seen(fields, &wish, TAGS);
    wish.title = text_of(seen(fields, &wish, TITLE));
    wish.from = text_of(seen(fields, &wish, FROM));
    wish.to = text_of(seen(fields, &wish, TO));
    wish.level = text_of(seen(fields, &wish, LEVEL));
    wish.language = text_of(seen(fields, &wish, LANGUAGE));
    wish.prior_knowledge = text_of(seen(fields, &wish, PRIOR_KNOWLEDGE));
    wish.municipality = text_of(seen(fields, &wish, MUNICIPALITY));
    wish.county = text_of(seen(fields, &wish, COUNTY));
    if (wish.municipality != NULL)
        wish.place = atlas_place(fields->atlas, wish.municipality);
    if (wish.place != NULL && !wish.place->located)
        wish.place = NULL;
    wish.forms = word_bits(fields->forms, seen(fields, &wish, FORM));
    wish.times = word_bits(fields->times, seen(fields, &wish, TIME_OF_DAY));
    wish.participants = participants->form == VALUE_INTEGER ? participants->integer : 0;
    wish.travel_km = travel->form == VALUE_INTEGER ? travel->integer : WISH_TRAVEL_KM;
    return wish;
}

/* -- what two leave ---------------------------------------------------------------------- */

static const char *later(const char *a, const char *b)
{
    return a == NULL || (b != NULL && strcmp(b, a) > 0) ? b : a;
}

static const char *earlier(const char *a, const char *b)
{
    return a == NULL || (b != NULL && strcmp(b, a) < 0) ? b : a;
}

bool wish_period(const wish_t *a, const wish_t *b, const char **from, const char **to)
{
    *from = later(a->from, b->from);
    *to = earlier(a->to, b->to);
    return *from == NULL || *to == NULL || strcmp(*to, *from) >= 0;
}

bool wish_common(unsigned *ours, unsigned theirs)
{
    bool both = *ours != 0 && theirs != 0;

    *ours = both ? *ours & theirs : *ours | theirs;
    return !both || *ours != 0;
}

bool wish_near(const wish_t *a, const wish_t *b, reason_t *reason)
{
    int64_t limit = a->travel_km < b->travel_km ? a->travel_km : b->travel_km;

    if (a->municipality != NULL && b->municipality != NULL &&
        strcmp(a->municipality, b->municipality) == 0) {
        *reason = (reason_t){"same_municipality", POINTS_PLACE, value_absent};
        return true;
    }
    if (a->place != NULL && b->place != NULL) {
        int64_t apart = llround(atlas_distance(a->place, b->place));
        int64_t left = limit - apart;
        *reason = (reason_t){"near", 1 + (POINTS_PLACE - 1) * left / (limit > 0 ? limit : 1),
                             value_integer(apart)};
        return left >= 0;
    }
    *reason = (reason_t){"same_county", POINTS_COUNTY, value_absent};
    return a->county != NULL && b->county != NULL && strcmp(a->county, b->county) == 0;
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

static void add_words(wish_words_t *self, const char *text, arena_t *arena)
{
    while (*text != '\0' && self->count < WISH_WORDS_MAX) {
        size_t length = 0;
        while (is_letter(text[length]))
            length++;
        const char *written = arena_text_of(arena, text, length);
        const char *folded = length > 0 ? likeness_letters(written, arena) : "";
        if (strlen(folded) >= WORD_LETTERS_MIN && isalnum((unsigned char)folded[0]) &&
            !is_common(folded)) {
            self->written[self->count] = written;
            self->folded[self->count++] = folded;
        }
        text += length > 0 ? length : 1;
    }
}

wish_words_t wish_words(const wish_t *wish, arena_t *arena)
{
    wish_words_t words = {.count = 0};

    if (wish->title != NULL)
        add_words(&words, wish->title, arena);
    for (uint32_t i = 0; wish->tags->form == VALUE_LIST && i < wish->tags->count; i++)
        add_words(&words, wish->tags->items[i].text, arena);
    return words;
}

static bool is_same_word(const char *a, const char *b)
{
    size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

    return strcmp(a, b) == 0 || (shorter >= STEM_LETTERS_MIN && strncmp(a, b, shorter) == 0);
}

static bool has_word(const wish_words_t *self, const char *folded)
{
    for (size_t i = 0; i < self->count; i++)
        if (is_same_word(self->folded[i], folded))
            return true;
    return false;
}

value_t wish_shared(const wish_words_t *self, const wish_words_t *other, arena_t *arena)
{
    value_builder_t shared = value_builder(arena);

    for (size_t i = 0; i < self->count; i++)
        if (has_word(other, self->folded[i]))
            value_add(&shared, value_text(self->written[i]));
    return value_build_list(&shared);
}

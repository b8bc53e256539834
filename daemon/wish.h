#ifndef SAMVERK_WISH_H
#define SAMVERK_WISH_H

#include "atlas.h"

/* An inquiry as one reader sees it, in the form in which two are compared: a hidden field
   is absent. And what two of them have in common. */

#define WISH_TRAVEL_KM 50 /* that people travel where they have not said */
#define WISH_WORDS_MAX 24u

typedef struct {
    record_id_t id;
    const record_t *record;
    field_mask_t mask;
    const value_t *areas, *tags;
    const char *title, *from, *to, *level, *language, *prior_knowledge;
    const char *municipality, *county;
    unsigned forms, times; /* a bit a word of the vocabulary; 0: not said */
    int64_t participants;  /* 0: not said */
    int64_t travel_km;
    const atlas_place_t *place; /* of the municipality; NULL: hidden, or not on the map */
} wish_t;

/* Why two match, a word of the vocabulary match_reason, and what it counts. */
typedef struct {
    const char *reason;
    int64_t points;
    value_t detail; /* areas, words, days, forms, kilometres; absent where none is needed */
} reason_t;

/* The fields of inquiries that are compared, found once. */
typedef struct {
    unsigned slots[16];
    const vocabulary_t *forms, *times;
    const atlas_t *atlas;
} wish_fields_t;

wish_fields_t wish_fields(const atlas_t *atlas);
/* Borrows from the record. */
wish_t wish_of(const wish_fields_t *fields, const record_t *inquiry, field_mask_t mask);

/* Whether people of both can meet in one place: in one municipality, or no further apart
   than either travels; one whose place is hidden or nowhere on the map: in one county.
   `reason` says which. */
bool wish_near(const wish_t *a, const wish_t *b, reason_t *reason);
/* The days that both leave, either of them NULL; false when there are none. */
bool wish_period(const wish_t *a, const wish_t *b, const char **from, const char **to);
/* What two requirements leave, each a bit a word: false when that is nothing. Who said
   nothing (0) takes what the other does. */
bool wish_common(unsigned *ours, unsigned theirs);
/* The bit of a word of the vocabulary "form". */
unsigned wish_form(const char *word);

/* The words of its title and tags that tell something, as written and folded. */
typedef struct {
    const char *written[WISH_WORDS_MAX], *folded[WISH_WORDS_MAX];
    size_t count;
} wish_words_t;
wish_words_t wish_words(const wish_t *wish, arena_t *arena);
/* Those of the one that the other has too, as written: the same, or the beginning of the
   other, as svets of svetsning. */
value_t wish_shared(const wish_words_t *self, const wish_words_t *other, arena_t *arena);

#endif

#ifndef SAMVERK_WORDS_H
#define SAMVERK_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Words as search compares them. */

#define WORD_MAX 60u /* bytes; what a longer word has more does not count */

typedef struct {
    size_t size;
    char text[WORD_MAX + 1];
} token_t;

/* The next word of the UTF-8 text at `*at`, which is moved behind it: letters and digits,
   without case and accents. å, ä and ö are letters of their own. False at its end. */
bool words_next(const char **at, token_t *word);
/* The bytes of the first `letters` letters; 0 when the word has fewer. */
size_t token_letters(const token_t *self, size_t letters);
bool token_begins(const token_t *self, const token_t *with);

/* Changes when words may be read otherwise. */
#define WORDS_VERSION_SIZE 4u
void words_version(unsigned char version[WORDS_VERSION_SIZE]);

/* -- what is looked for ---------------------------------------------------------------- */

/* Swedish stems. Used by one thread at a time. NULL when there is no memory. */
typedef struct stemmer stemmer_t;
stemmer_t *stemmer_new(void);
void stemmer_destroy(stemmer_t **self_p);

/* A word that is looked for, and with it all that have its stem; every one of them begins
   with the stem. */
typedef struct {
    token_t word, stem;
    bool begins; /* those too that begin with the word: it may still be being written */
} wanted_t;

/* The words of a question, at most `room` of them. Such as say nothing alone ("och", "i")
   are left out where there are others. Returns how many there would be. */
size_t words_wanted(const char *text, stemmer_t *stemmer, wanted_t *wanted, size_t room);
bool wanted_is(const wanted_t *self, stemmer_t *stemmer, const token_t *word);

#endif

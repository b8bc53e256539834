#include "words.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#define BEGINS_LETTERS 2u /* a single letter begins too much to be of use */

/* -- reading ------------------------------------------------------------------------- */

static void add(token_t *self, UChar32 point)
{
    uint8_t bytes[U8_MAX_LENGTH];
    int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, (uint32_t)point);
    if (self->size + (size_t)size > WORD_MAX)
        return;
    memcpy(self->text + self->size, bytes, (size_t)size);
    self->size += (size_t)size;
}

static bool is_swedish(UChar32 point)
{
    return point == 0xe5 || point == 0xe4 || point == 0xf6;
}

#define PARTS_MAX 32

/* Letters and digits are added, signs that only change what they stand at passed over.
   False: the word ends here. */
static bool read_one(token_t *self, UChar32 point)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar units[PARTS_MAX];
    UChar32 parts[PARTS_MAX] = {u_foldCase(point, U_FOLD_CASE_DEFAULT)};
    int32_t count = -1;
    if (U_GET_GC_MASK(*parts) & (U_GC_M_MASK | U_GC_CF_MASK))
        return true;
    if (!u_isalnum(*parts))
        return false;
    if (*parts >= 0x80 && !is_swedish(*parts))
        count = unorm2_getDecomposition(unorm2_getNFDInstance(&status), *parts, units, PARTS_MAX,
                                        &status);
    if (count >= 0)
        u_strToUTF32(parts, PARTS_MAX, &count, units, count, &status);
    else
        count = 1;
    for (int32_t i = 0; U_SUCCESS(status) && i < count; i++)
        if (u_isalnum(parts[i]))
            add(self, parts[i]);
    return true;
}

bool words_next(const char **at, token_t *word)
{
    const unsigned char *bytes = (const unsigned char *)*at;
    int32_t position = 0;
    word->size = 0;
    while (bytes[position]) {
        UChar32 point;
        U8_NEXT_OR_FFFD(bytes, position, -1, point);
        if (!read_one(word, point) && word->size)
            break;
    }
    *at += position;
    word->text[word->size] = '\0';
    return word->size > 0;
}

size_t token_letters(const token_t *self, size_t letters)
{
    size_t at = 0;
    for (size_t i = 0; i < letters; i++) {
        if (at == self->size)
            return 0;
        while (++at < self->size && U8_IS_TRAIL(self->text[at]))
            ;
    }
    return at;
}

bool token_begins(const token_t *self, const token_t *with)
{
    return self->size >= with->size && memcmp(self->text, with->text, with->size) == 0;
}

void words_version(unsigned char version[WORDS_VERSION_SIZE])
{
    u_getUnicodeVersion(version);
}

/* -- stems --------------------------------------------------------------------------- */

struct stemmer {
    struct sb_stemmer *swedish;
};

stemmer_t *stemmer_new(void)
{
    stemmer_t *self = calloc(1, sizeof *self);
    if (self)
        self->swedish = sb_stemmer_new("swedish", "UTF_8");
    if (self && !self->swedish)
        stemmer_destroy(&self);
    return self;
}

void stemmer_destroy(stemmer_t **self_p)
{
    if (*self_p)
        sb_stemmer_delete((*self_p)->swedish);
    free(*self_p);
    *self_p = NULL;
}

/* One call takes one ending: of "kurser" it leaves "kurs", and of "kurs" "kur". Whoever looks
   for a stem looks among the words that begin with it: another stem is none. */
static void stem(stemmer_t *self, const token_t *word, token_t *stem_p)
{
    bool shorter;
    *stem_p = *word;
    do {
        const sb_symbol *text =
            sb_stemmer_stem(self->swedish, (const sb_symbol *)stem_p->text, (int)stem_p->size);
        size_t size = text ? (size_t)sb_stemmer_length(self->swedish) : 0;
        shorter = size > 0 && size < stem_p->size && memcmp(text, stem_p->text, size) == 0;
        if (shorter) {
            stem_p->size = size;
            stem_p->text[size] = '\0';
        }
    } while (shorter);
}

/* -- what is looked for ---------------------------------------------------------------- */

static int compare_texts(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

static bool says_nothing(const token_t *word)
{
    static const char *const words[] = {"att",  "av",    "de",   "den", "det", "efter", "eller",
                                        "en",   "ett",   "från", "för", "hos", "i",     "inom",
                                        "med",  "mot",   "och",  "om",  "på",  "samt",  "som",
                                        "till", "under", "vid",  "är",  "åt"};
    return bsearch(word->text, words, sizeof words / sizeof *words, sizeof *words, compare_texts) !=
           NULL;
}

/* All of the text's words, or those that say something. */
static size_t read_words(const char *text, bool all, wanted_t *wanted, size_t room)
{
    size_t count = 0;
    token_t word;
    while (words_next(&text, &word)) {
        if (!all && says_nothing(&word))
            continue;
        if (count < room)
            wanted[count] = (wanted_t){.word = word};
        count++;
    }
    return count;
}

/* Whether the question ends in this word, which may then be half of one. */
static bool ends_in(const char *text, const token_t *word)
{
    token_t last = {0};
    const char *at = text, *end = text + strlen(text);
    for (token_t next; words_next(&at, &next);)
        last = next;
    while (end > text && U8_IS_TRAIL(*--end))
        ;
    return strcmp(last.text, word->text) == 0 && words_next(&end, &last);
}

size_t words_wanted(const char *text, stemmer_t *stemmer, wanted_t *wanted, size_t room)
{
    size_t count = read_words(text, false, wanted, room);
    if (count == 0)
        count = read_words(text, true, wanted, room);
    for (size_t i = 0; i < count && i < room; i++)
        stem(stemmer, &wanted[i].word, &wanted[i].stem);
    if (count > 0 && count <= room) {
        wanted_t *last = &wanted[count - 1];
        last->begins = token_letters(&last->word, BEGINS_LETTERS) > 0 && ends_in(text, &last->word);
    }
    return count;
}

bool wanted_is(const wanted_t *self, stemmer_t *stemmer, const token_t *word)
{
    token_t own;
    if (!token_begins(word, &self->stem))
        return false;
    if (self->begins && token_begins(word, &self->word))
        return true;
    stem(stemmer, word, &own);
    return own.size == self->stem.size;
}

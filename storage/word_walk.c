#include "word_walk.h"

#include "range.h"

#include <errno.h>
#include <string.h>

#define WORDS_SEEN_MAX 5000u /* that begin with the stem of one */
#define TERMS_MAX 1000u      /* of one word */
#define MOVES_MAX 100000u    /* from row to row, of one walk */

/* The rows of one text, or of what begins so under a seal. */
typedef struct {
    range_t range;
    db_view_t id; /* own id of the row it stands at; empty: at its end */
    bool title;
} term_t;

/* Terms by the id that they stand at, the newest first: a heap. Those at their end are gone. */
typedef struct {
    term_t **terms;
    size_t count, room;
} pile_t;

/* All rows of one word. A name stands in no title. */
typedef struct {
    pile_t said, named;
} stream_t;

typedef struct {
    db_txn_t *work;
    const unsigned char *key;
    const kind_t *kind;
    stemmer_t *stemmer;
    arena_t *arena;
    stream_t *streams;
    size_t n_streams;
    derived_hit_t *hits;
    size_t n_hits, room;
    unsigned moves;
    bool cut;
} walk_t;

/* -- a term --------------------------------------------------------------------------- */

static size_t own_id_size(const kind_t *kind, db_view_t rest)
{
    return kind->coded ? strnlen(rest.data, rest.size) + 1 : sizeof(uint64_t);
}

static void term_move(walk_t *self, term_t *term)
{
    term->id.size = 0;
    self->moves++;
    if (!range_next(&term->range))
        return;
    db_view_t rest = range_rest(&term->range);
    size_t size = own_id_size(self->kind, rest);
    if (size > rest.size) {
        db_fail(self->work, EBADMSG);
        return;
    }
    term->id = (db_view_t){.data = rest.data, .size = size};
    /* A hash does not say where its word stands. */
    term->title = rest.size == size || ((const unsigned char *)rest.data)[size] != 0;
}

/* To the newest id that is older than this one, or with `or_same` not newer. */
static void term_seek(walk_t *self, term_t *term, db_view_t id, bool or_same)
{
    db_key_t key = term->range.prefix;
    term_move(self, term);
    if (term->id.size == 0 || db_view_compare(term->id, id) < or_same)
        return;
    key_add_bytes(&key, id.data, id.size);
    if (or_same)
        key_add_u8(&key, 0xff);
    range_after(&term->range, &key);
    term_move(self, term);
}

/* -- a pile of terms ---------------------------------------------------------------------- */

static db_view_t pile_top(const pile_t *self)
{
    return self->count > 0 ? self->terms[0]->id : (db_view_t){.size = 0};
}

static void sink(pile_t *self, size_t at)
{
    for (size_t child = 2 * at + 1; child < self->count; child = 2 * at + 1) {
        term_t **terms = self->terms;
        if (child + 1 < self->count && db_view_compare(terms[child + 1]->id, terms[child]->id) > 0)
            child++;
        if (db_view_compare(terms[child]->id, terms[at]->id) <= 0)
            return;
        term_t *lower = terms[at];
        terms[at] = terms[child];
        terms[child] = lower;
        at = child;
    }
}

static void pile_settle(pile_t *self)
{
    for (size_t i = self->count / 2; i-- > 0;)
        sink(self, i);
}

/* No term stands at a newer id then, nor with `or_same` false at this one. */
static db_view_t pile_seek(walk_t *self, pile_t *pile, db_view_t id, bool or_same)
{
    while (pile->count > 0 && db_view_compare(pile->terms[0]->id, id) >= or_same) {
        term_seek(self, pile->terms[0], id, or_same);
        if (pile->terms[0]->id.size == 0) {
            range_end(&pile->terms[0]->range);
            pile->terms[0] = pile->terms[--pile->count];
        }
        sink(pile, 0);
    }
    return pile_top(pile);
}

/* Whether one of those that stand at the id, which are on top, is in a title. */
static bool pile_titled(const pile_t *self, size_t at, db_view_t id)
{
    return at < self->count && db_view_compare(self->terms[at]->id, id) == 0 &&
           (self->terms[at]->title || pile_titled(self, 2 * at + 1, id) ||
            pile_titled(self, 2 * at + 2, id));
}

static void pile_end(pile_t *self)
{
    while (self->count > 0)
        range_end(&self->terms[--self->count]->range);
}

/* -- the terms of a word ---------------------------------------------------------------- */

static void add_term(walk_t *self, pile_t *pile, const db_key_t *prefix)
{
    if (pile->count == TERMS_MAX) {
        self->cut = true;
        return;
    }
    if (pile->count == pile->room) {
        pile->room = pile->room ? pile->room * 2 : 8;
        term_t **terms = arena_alloc(self->arena, pile->room * sizeof *terms);
        if (pile->count > 0)
            memcpy(terms, pile->terms, pile->count * sizeof *terms);
        pile->terms = terms;
    }
    term_t *term = arena_alloc(self->arena, sizeof *term);
    range_start(&term->range, self->work, DB_INDEX, prefix, true);
    term_move(self, term);
    if (term->id.size > 0)
        pile->terms[pile->count++] = term;
    else
        range_end(&term->range);
}

/* The word of the row, where it has one. */
static bool word_of(db_view_t key, size_t at, token_t *word)
{
    db_view_t rest = {.data = (const char *)key.data + at, .size = key.size - at};
    const char *text;
    if (!key_take_text(&rest, &text) || strlen(text) > WORD_MAX)
        return false;
    word->size = strlen(text);
    memcpy(word->text, text, word->size + 1);
    return true;
}

/* Each word that begins with the stem, once: what is looked for is among them. */
static void add_words(walk_t *self, pile_t *pile, const wanted_t *wanted)
{
    db_key_t key, begin;
    db_cursor_t cursor;
    token_t word;
    unsigned seen = 0;
    key_start(&key);
    key_add_kind(&key, self->kind);
    key_add_u8(&key, ROW_WORD);
    const size_t at = key.size;
    key_add_bytes(&key, wanted->stem.text, wanted->stem.size);
    begin = key;
    db_cursor_start(&cursor, self->work, DB_INDEX);
    while (db_cursor_from(&cursor, key_view(&key)) &&
           db_view_begins(cursor.key, key_view(&begin)) && word_of(cursor.key, at, &word)) {
        if (seen++ == WORDS_SEEN_MAX) {
            self->cut = true;
            break;
        }
        derived_rows_text(&key, self->kind, ROW_WORD, word.text);
        if (wanted_is(wanted, self->stemmer, &word))
            add_term(self, pile, &key);
        key_after(&key);
    }
    db_cursor_end(&cursor);
}

/* False when the word is nowhere. */
static bool open_stream(walk_t *self, stream_t *stream, const derived_word_t *word)
{
    db_key_t prefix;
    add_words(self, &stream->said, &word->wanted);
    if (self->kind->searched & (self->kind->personal | self->kind->sealed)) {
        derived_rows_beginning(&prefix, self->key, self->kind, &word->wanted.stem);
        add_term(self, &stream->said, &prefix);
    }
    for (size_t i = 0; i < word->n_names; i++) {
        derived_rows_text(&prefix, self->kind, ROW_NAMED, word->names[i].text);
        add_term(self, &stream->named, &prefix);
    }
    pile_settle(&stream->said);
    pile_settle(&stream->named);
    return stream->said.count + stream->named.count > 0;
}

/* -- where they meet --------------------------------------------------------------------- */

static db_view_t newer(db_view_t one, db_view_t other)
{
    return db_view_compare(one, other) >= 0 ? one : other;
}

/* The newest id that is not newer than this one. Where the word is said at it, those that
   name it are let be: they may be many. */
static db_view_t stream_seek(walk_t *self, stream_t *stream, db_view_t id)
{
    db_view_t said = pile_seek(self, &stream->said, id, true);
    return db_view_compare(said, id) == 0 ? said
                                          : newer(said, pile_seek(self, &stream->named, id, true));
}

/* The newest id at which all streams stand, from what the first has left on. Empty at the
   end of one, or of patience. */
static db_view_t meet(walk_t *self)
{
    const db_view_t none = {.size = 0};
    stream_t *first = &self->streams[0];
    db_view_t id = newer(pile_top(&first->said), pile_top(&first->named));
    for (size_t met = 1; met < self->n_streams && id.size > 0;) {
        db_view_t other = stream_seek(self, &self->streams[met], id);
        if (db_view_compare(other, id) == 0) {
            met++;
            continue;
        }
        if (other.size == 0)
            return none;
        if (self->moves > MOVES_MAX) {
            self->cut = true;
            return none;
        }
        id = newer(pile_seek(self, &first->said, other, true),
                   pile_seek(self, &first->named, other, true));
        met = 1;
    }
    return id;
}

/* The one with the fewest terms leads: often the rarest, and the others need not be gone
   through. */
static void choose_first(walk_t *self)
{
    size_t least = 0;
    for (size_t i = 1; i < self->n_streams; i++) {
        const stream_t *one = &self->streams[i], *best = &self->streams[least];
        if (one->said.count + one->named.count < best->said.count + best->named.count)
            least = i;
    }
    stream_t first = self->streams[least];
    self->streams[least] = self->streams[0];
    self->streams[0] = first;
}

static derived_hit_t *add_hit(walk_t *self)
{
    if (self->n_hits == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        derived_hit_t *hits = arena_alloc(self->arena, self->room * sizeof *hits);
        if (self->n_hits > 0)
            memcpy(hits, self->hits, self->n_hits * sizeof *hits);
        self->hits = hits;
    }
    return &self->hits[self->n_hits++];
}

static void gather(walk_t *self, size_t most)
{
    for (db_view_t id = meet(self); id.size > 0; id = meet(self)) {
        if (self->n_hits == most) {
            self->cut = true;
            break;
        }
        db_view_t rest = id;
        derived_hit_t *hit = add_hit(self);
        if (!key_take_own_id(&rest, self->kind, &hit->id))
            db_fail(self->work, EBADMSG);
        for (size_t i = 0; i < self->n_streams; i++)
            hit->titles += pile_titled(&self->streams[i].said, 0, id);
        pile_seek(self, &self->streams[0].said, id, false);
        pile_seek(self, &self->streams[0].named, id, false);
    }
}

bool word_walk(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE], const kind_t *kind,
               const derived_word_t *words, size_t n_words, stemmer_t *stemmer, size_t most,
               arena_t *arena, derived_hit_t **hits, size_t *n_hits, bool *cut)
{
    walk_t self = {.work = work, .key = key, .kind = kind, .stemmer = stemmer, .arena = arena};
    self.streams = arena_alloc(arena, n_words * sizeof *self.streams);
    bool everywhere = true;
    while (everywhere && self.n_streams < n_words) {
        stream_t *stream = &self.streams[self.n_streams];
        everywhere = open_stream(&self, stream, &words[self.n_streams++]);
    }
    if (everywhere) {
        choose_first(&self);
        gather(&self, most);
    }
    for (size_t i = 0; i < self.n_streams; i++) {
        pile_end(&self.streams[i].said);
        pile_end(&self.streams[i].named);
    }
    *hits = self.hits;
    *n_hits = self.n_hits;
    *cut = *cut || self.cut;
    return db_failed(work) == 0;
}

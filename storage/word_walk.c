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

/* All rows of one word. */
typedef struct {
    term_t *terms;
    size_t count, room;
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

/* To the newest id that is not newer. */
static void term_seek(walk_t *self, term_t *term, db_view_t id)
{
    db_key_t key = term->range.prefix;
    term_move(self, term);
    if (term->id.size == 0 || db_view_compare(term->id, id) <= 0)
        return;
    key_add_bytes(&key, id.data, id.size);
    key_add_u8(&key, 0xff);
    range_after(&term->range, &key);
    term_move(self, term);
}

/* -- the terms of a word ---------------------------------------------------------------- */

static void add_term(walk_t *self, stream_t *stream, const db_key_t *prefix)
{
    if (stream->count == TERMS_MAX) {
        self->cut = true;
        return;
    }
    if (stream->count == stream->room) {
        stream->room = stream->room ? stream->room * 2 : 4;
        term_t *terms = arena_alloc(self->arena, stream->room * sizeof *terms);
        if (stream->count > 0)
            memcpy(terms, stream->terms, stream->count * sizeof *terms);
        stream->terms = terms;
    }
    term_t *term = &stream->terms[stream->count];
    range_start(&term->range, self->work, DB_INDEX, prefix, true);
    term_move(self, term);
    if (term->id.size > 0)
        stream->count++;
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
static void add_words(walk_t *self, stream_t *stream, const wanted_t *wanted)
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
            add_term(self, stream, &key);
        key_after(&key);
    }
    db_cursor_end(&cursor);
}

static void open_stream(walk_t *self, stream_t *stream, const derived_word_t *word)
{
    db_key_t prefix;
    add_words(self, stream, &word->wanted);
    if (self->kind->searched & (self->kind->personal | self->kind->sealed)) {
        derived_rows_beginning(&prefix, self->key, self->kind, &word->wanted.stem);
        add_term(self, stream, &prefix);
    }
    for (size_t i = 0; i < word->n_names; i++) {
        derived_rows_text(&prefix, self->kind, ROW_NAMED, word->names[i].text);
        add_term(self, stream, &prefix);
    }
}

/* -- a word's rows in order ---------------------------------------------------------------- */

/* The newest id that is not newer than `id` (empty: of all that are left). Empty at the end. */
static db_view_t stream_seek(walk_t *self, stream_t *stream, db_view_t id)
{
    db_view_t newest = {.size = 0};
    for (size_t i = 0; i < stream->count; i++) {
        term_t *term = &stream->terms[i];
        if (id.size > 0 && term->id.size > 0 && db_view_compare(term->id, id) > 0)
            term_seek(self, term, id);
        if (db_view_compare(term->id, newest) > 0)
            newest = term->id;
    }
    return newest;
}

static bool stands_in_title(const stream_t *stream, db_view_t id)
{
    for (size_t i = 0; i < stream->count; i++)
        if (stream->terms[i].title && db_view_compare(stream->terms[i].id, id) == 0)
            return true;
    return false;
}

static void stream_pass(walk_t *self, stream_t *stream, db_view_t id)
{
    for (size_t i = 0; i < stream->count; i++)
        if (db_view_compare(stream->terms[i].id, id) == 0)
            term_move(self, &stream->terms[i]);
}

/* -- where they meet --------------------------------------------------------------------- */

/* The newest id at which all streams stand. Empty at the end of one, or of patience. */
static db_view_t meet(walk_t *self)
{
    db_view_t id = stream_seek(self, &self->streams[0], (db_view_t){.size = 0});
    for (size_t met = 1; met < self->n_streams && id.size > 0;) {
        db_view_t other = stream_seek(self, &self->streams[met], id);
        if (db_view_compare(other, id) == 0) {
            met++;
            continue;
        }
        id = other.size > 0 ? stream_seek(self, &self->streams[0], other) : other;
        met = 1;
        if (self->moves > MOVES_MAX) {
            self->cut = true;
            return (db_view_t){.size = 0};
        }
    }
    return id;
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
            hit->titles += stands_in_title(&self->streams[i], id);
        stream_pass(self, &self->streams[0], id);
    }
}

bool word_walk(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE], const kind_t *kind,
               const derived_word_t *words, size_t n_words, stemmer_t *stemmer, size_t most,
               arena_t *arena, derived_hit_t **hits, size_t *n_hits, bool *cut)
{
    walk_t self = {.work = work, .key = key, .kind = kind, .stemmer = stemmer, .arena = arena};
    self.streams = arena_alloc(arena, n_words * sizeof *self.streams);
    for (bool some = true; some && self.n_streams < n_words; self.n_streams++) {
        open_stream(&self, &self.streams[self.n_streams], &words[self.n_streams]);
        some = self.streams[self.n_streams].count > 0;
    }
    /* Without rows of one word there are no hits: not even those of the others. */
    if (self.n_streams == n_words)
        gather(&self, most);
    for (size_t i = 0; i < self.n_streams; i++)
        for (size_t j = 0; j < self.streams[i].count; j++)
            range_end(&self.streams[i].terms[j].range);
    *hits = self.hits;
    *n_hits = self.n_hits;
    *cut = *cut || self.cut;
    return db_failed(work) == 0;
}

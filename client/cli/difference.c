#include "difference.h"
#include "table.h"
#include "terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The table of what is common may have so many cells, 8 MiB: texts of 2,000 words that have
   nothing in common at either end. Larger ones are told as replaced. */
#define CELLS_MAX ((size_t)4 << 20)
/* So much of a long stretch without a change is shown beside one. */
#define CONTEXT_PLACES 30u

/* -- words --------------------------------------------------------------------------------- */

typedef struct {
    const char *text; /* a word with the spaces after it, or the end of a line */
    size_t size;
} word_t;

static size_t words_of(const char *text, arena_t *arena, word_t **words_p)
{
    word_t *words = arena_alloc(arena, (strlen(text) + 1) * sizeof *words);
    size_t n = 0;
    while (*text) {
        size_t size = strcspn(text, " \t\n");
        if (size == 0 && *text == '\n')
            size = 1;
        else
            size += strspn(text + size, " \t");
        words[n++] = (word_t){text, size};
        text += size;
    }
    *words_p = words;
    return n;
}

static bool same(const word_t *a, const word_t *b)
{
    return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

/* -- what is common -------------------------------------------------------------------------- */

typedef struct {
    arena_t *arena;
    difference_t *parts;
    size_t n;
} parts_t;

/* Words that lie beside each other in one of the texts. */
static void add_part(parts_t *self, difference_sort_t sort, const word_t *words, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += words[i].size;
    if (size == 0)
        return;
    difference_t *last = self->n ? &self->parts[self->n - 1] : NULL;
    const char *text = arena_text_of(self->arena, words[0].text, size);
    if (last && last->sort == sort)
        last->text = arena_format(self->arena, "%s%s", last->text, text);
    else
        self->parts[self->n++] = (difference_t){sort, text};
}

/* The longest common sequence of words, by the table of how long it is from each pair on. */
static void add_middle(parts_t *self, const word_t *a, size_t n_a, const word_t *b, size_t n_b)
{
    size_t width = n_b + 1;
    uint16_t *common = n_a + 1 <= CELLS_MAX / width && n_a < UINT16_MAX
                           ? calloc((n_a + 1) * width, sizeof *common)
                           : NULL;
    size_t i = 0, j = 0;
    for (size_t row = n_a; common && row-- > 0;)
        for (size_t column = n_b; column-- > 0;) {
            uint16_t below = common[(row + 1) * width + column];
            uint16_t right = common[row * width + column + 1];
            common[row * width + column] =
                same(&a[row], &b[column]) ? (uint16_t)(common[(row + 1) * width + column + 1] + 1)
                : below > right           ? below
                                          : right;
        }
    while (i < n_a || j < n_b) {
        size_t from_a = i, from_b = j;
        while (i < n_a && j < n_b && common && same(&a[i], &b[j]))
            i++, j++;
        add_part(self, DIFFERENCE_SAME, a + from_a, i - from_a);
        from_a = i;
        from_b = j;
        while ((i < n_a || j < n_b) && !(i < n_a && j < n_b && common && same(&a[i], &b[j]))) {
            bool removed =
                j == n_b ||
                (i < n_a && (!common || common[(i + 1) * width + j] >= common[i * width + j + 1]));
            removed ? i++ : j++;
        }
        add_part(self, DIFFERENCE_REMOVED, a + from_a, i - from_a);
        add_part(self, DIFFERENCE_ADDED, b + from_b, j - from_b);
    }
    free(common);
}

size_t difference_of(const char *before, const char *after, arena_t *arena,
                     const difference_t **parts_p)
{
    word_t *a, *b;
    size_t n_a = words_of(before, arena, &a), n_b = words_of(after, arena, &b), first = 0, last = 0;
    parts_t self = {.arena = arena};
    self.parts = arena_alloc(arena, (n_a + n_b + 1) * sizeof *self.parts);
    while (first < n_a && first < n_b && same(&a[first], &b[first]))
        first++;
    while (last < n_a - first && last < n_b - first && same(&a[n_a - last - 1], &b[n_b - last - 1]))
        last++;
    add_part(&self, DIFFERENCE_SAME, a, first);
    add_middle(&self, a + first, n_a - first - last, b + first, n_b - first - last);
    add_part(&self, DIFFERENCE_SAME, a + n_a - last, last);
    *parts_p = self.parts;
    return self.n;
}

/* -- as text ---------------------------------------------------------------------------------- */

typedef struct {
    arena_t *arena;
    const char *indent;
    const char *lines; /* those that are done */
    const char *line;  /* the one that is begun */
    bool changed;      /* there is a change in it */
    bool left_out;     /* the last one done was one without */
} lines_t;

static void end_line(lines_t *self)
{
    if (self->changed)
        self->lines = arena_format(self->arena, "%s%s%s\n", self->lines, self->indent, self->line);
    else if (!self->left_out)
        self->lines = arena_format(self->arena, "%s%s…\n", self->lines, self->indent);
    self->left_out = !self->changed;
    self->changed = false;
    self->line = "";
}

/* The end of a text, from a space on, of at most so many places. */
static const char *tail_of(const char *text, size_t places)
{
    const char *from = text + strlen(text), *tail = from;
    while (from > text && table_width_of(from) < places) {
        from--;
        if (*from == ' ')
            tail = from;
    }
    return tail;
}

/* What is the same beside a change: its first and its last words. */
static const char *shortened(const lines_t *self, const char *text, bool begins, bool ends)
{
    if (table_width_of(text) <= 2 * CONTEXT_PLACES + 10)
        return text;
    const char *tail = ends ? "" : tail_of(text, CONTEXT_PLACES);
    char *head = begins ? arena_text(self->arena, "")
                        : arena_text(self->arena, table_cut(text, CONTEXT_PLACES, self->arena));
    char *space = strrchr(head, ' ');
    if (space)
        space[1] = 0;
    return arena_format(self->arena, "%s…%s", head, tail);
}

/* A part of one line. */
static void add_text(lines_t *self, difference_sort_t sort, const char *text)
{
    static const tone_t tones[] = {
        [DIFFERENCE_REMOVED] = TONE_BAD,
        [DIFFERENCE_ADDED] = TONE_GOOD,
    };
    static const char *const marks[][2] = {
        [DIFFERENCE_REMOVED] = {"[-", "-]"},
        [DIFFERENCE_ADDED] = {"{+", "+}"},
    };
    if (sort == DIFFERENCE_SAME) {
        self->line = arena_format(self->arena, "%s%s", self->line, text);
        return;
    }
    /* Space after a change is no part of it. */
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == ' ')
        size--;
    bool colours = tone_begin(TONE_BAD)[0];
    self->changed = true;
    self->line = arena_format(self->arena, "%s%s%.*s%s%s", self->line,
                              colours ? tone_begin(tones[sort]) : marks[sort][0], (int)size, text,
                              colours ? tone_end(tones[sort]) : marks[sort][1], text + size);
}

const char *difference_text(const difference_t *parts, size_t n, const char *indent, arena_t *arena)
{
    lines_t self = {.arena = arena, .indent = indent, .lines = "", .line = ""};
    for (size_t i = 0; i < n; i++) {
        char *rest = arena_text(arena, parts[i].text), *line;
        for (bool first = true; (line = strsep(&rest, "\n")); first = false) {
            if (!first)
                end_line(&self);
            bool begins = !self.line[0], ends = rest || i + 1 == n;
            if (parts[i].sort == DIFFERENCE_SAME)
                add_text(&self, DIFFERENCE_SAME, shortened(&self, line, begins, ends));
            else if (line[0])
                add_text(&self, parts[i].sort, line);
            else if (!parts[i].text[strspn(parts[i].text, "\n")])
                self.changed = true; /* nothing but ends of lines came or went */
        }
    }
    end_line(&self);
    return self.lines;
}

#include "history.h"
#include "records.h"
#include "search.h"

#include <string.h>

#define LIMIT_MAX 200
#define PAGE_BYTES_MAX (200u * 1024u) /* a page fits a frame with room to spare */

bool cmd_search(call_t *call);

/* Where a row stands: what has more of the words in its title goes first, then what is
   newer. Codes have no age and go before. */
typedef struct {
    unsigned titles;
    uint64_t made; /* the revision, which is secret to none */
    record_id_t id;
} place_t;

/* The candidates of one kind, and how far they have been gone through. */
typedef struct {
    derived_hit_t *hits;
    size_t n_hits, at;
    place_t head; /* where `at` stands */
} queue_t;

typedef struct {
    call_t *call;
    search_t search;
    queue_t *queues;
    size_t n_queues;
    int64_t limit;
    bool resumed; /* after this row */
    place_t after;
    value_builder_t rows;
    size_t bytes;
    place_t last;
    bool full;
} page_t;

/* -- order ------------------------------------------------------------------------------ */

static place_t place_of(call_t *call, unsigned titles, const record_id_t *id)
{
    return (place_t){.titles = titles,
                     .made = id->kind->coded ? UINT64_MAX : history_first(call->txn, id),
                     .id = *id};
}

/* Negative when `a` goes before `b`. */
static int compare_places(const place_t *a, const place_t *b)
{
    if (a->titles != b->titles)
        return a->titles > b->titles ? -1 : 1;
    if (a->made != b->made)
        return a->made > b->made ? -1 : 1;
    if (a->id.kind != b->id.kind)
        return a->id.kind->number < b->id.kind->number ? -1 : 1;
    return record_id_compare(&b->id, &a->id);
}

/* To the next, from where it stands, with so many words in its title. */
static void queue_settle(call_t *call, queue_t *self, unsigned titles)
{
    while (self->at < self->n_hits && self->hits[self->at].titles != titles)
        self->at++;
    if (self->at < self->n_hits)
        self->head = place_of(call, titles, &self->hits[self->at].id);
}

static queue_t *first_queue(page_t *page)
{
    queue_t *first = NULL;

    for (size_t i = 0; i < page->n_queues; i++) {
        queue_t *queue = &page->queues[i];
        if (queue->at < queue->n_hits &&
            (first == NULL || compare_places(&queue->head, &first->head) < 0))
            first = queue;
    }
    return first;
}

/* -- arguments ---------------------------------------------------------------------------- */

static bool take_kinds(call_t *call, const kind_t **kinds, size_t *n_kinds)
{
    const value_t *given = value_get(call->arguments, "kinds");
    size_t n_given = given->form == VALUE_LIST ? given->count : schema_n_kinds();

    if (n_given == 0 || n_given > schema_n_kinds())
        return error_set(&call->error, ERROR_INVALID, "kinds", "1 to %zu kinds", schema_n_kinds());
    for (size_t i = 0; i < n_given; i++) {
        const kind_t *kind = given->form != VALUE_LIST ? schema_kind_at(i)
                             : given->items[i].form == VALUE_TEXT
                                 ? schema_kind(given->items[i].text)
                                 : NULL;
        bool again = false;
        if (kind == NULL)
            return error_set(&call->error, ERROR_UNKNOWN_KIND, "kinds", NULL);
        for (size_t j = 0; j < *n_kinds; j++)
            again = again || kinds[j] == kind;
        if (!again)
            kinds[(*n_kinds)++] = kind;
        /* That nobody is called so is something that was read, too. */
        if (call->purpose != NULL && (kind->searched & kind->personal))
            call_note(call, NULL);
    }
    return true;
}

/* [words in the title, id] of the last row. */
static bool take_after(page_t *page)
{
    call_t *call = page->call;
    const value_t *after = value_get(call->arguments, "after");
    record_id_t id;

    if (after->form == VALUE_ABSENT)
        return true;
    if (after->form != VALUE_LIST || after->count != 2 || after->items[0].form != VALUE_INTEGER ||
        after->items[0].integer < 0 || after->items[0].integer > SEARCH_WORDS_MAX ||
        after->items[1].form != VALUE_TEXT || !record_id_parse(&id, after->items[1].text, NULL))
        return error_set(&call->error, ERROR_INVALID, "after", "the `next` of the page before");
    page->resumed = true;
    page->after = place_of(call, (unsigned)after->items[0].integer, &id);
    return true;
}

/* -- rows --------------------------------------------------------------------------------- */

/* What it is called; where the reader sees no title, what a list would show of it. And
   people's data that made it a row. */
static field_mask_t shown(const kind_t *kind, field_mask_t mask, field_mask_t where)
{
    field_mask_t listed = 0;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->fields[i].attributes & FIELD_LISTED)
            listed |= (field_mask_t)1 << i;
    return mask & ((mask & kind->titles ? kind->titles : listed) | (where & kind->personal));
}

static value_t names_of(const kind_t *kind, field_mask_t fields, arena_t *arena)
{
    value_builder_t names = value_builder(arena);

    for (size_t i = 0; i < kind->n_fields; i++)
        if (fields & ((field_mask_t)1 << i))
            value_add(&names, value_text(kind->fields[i].name));
    return value_build_list(&names);
}

static void add_row(page_t *page, const record_t *record, field_mask_t mask,
                    const search_answer_t *answer, const place_t *place)
{
    const kind_t *kind = record->id.kind;
    arena_t *arena = page->call->arena;
    value_t view = call_view(page->call, record, shown(kind, mask, answer->where));
    value_builder_t row = value_builder(arena);

    for (uint32_t i = 0; i < view.count; i++)
        value_add_pair(&row, view.items[2 * i].text, value_copy(arena, &view.items[2 * i + 1]));
    value_add_pair(&row, "hits", names_of(kind, answer->where, arena));
    value_t built = value_build_map(&row);
    value_add(&page->rows, built);
    page->bytes += value_weight(&built, NULL);
    page->last = *place;
    page->full = page->rows.count == page->limit || page->bytes >= PAGE_BYTES_MAX;
}

/* A candidate may have fewer words in the title that the reader sees than there are: it
   then waits for its turn. */
static void judge(page_t *page, derived_hit_t *hit, const place_t *place)
{
    call_t *call = page->call;
    arena_t *own = call->arena;
    search_answer_t answer;

    call->arena = page->search.scratch;
    const record_t *record = records_get(call->txn, &hit->id, call->arena);
    field_mask_t mask = record != NULL ? call_mask(call, record) : 0;
    bool holds = mask != 0 && search_judge(&page->search, record, mask, &answer);
    call->arena = own; /* what is noted of a row outlives the candidate */
    if (holds && answer.titles < hit->titles)
        hit->titles = answer.titles;
    else if (holds && (!page->resumed || compare_places(&page->after, place) < 0))
        add_row(page, record, mask, &answer, place);
    arena_reset(page->search.scratch);
}

static void fill_with(page_t *page, unsigned titles)
{
    queue_t *queue;

    for (size_t i = 0; i < page->n_queues; i++) {
        page->queues[i].at = 0;
        queue_settle(page->call, &page->queues[i], titles);
    }
    while (!page->full && (queue = first_queue(page)) != NULL) {
        place_t place = queue->head;
        /* Those before the page have been judged for others; only what may sink is again. */
        if (titles > 0 || !page->resumed || compare_places(&page->after, &place) < 0)
            judge(page, &queue->hits[queue->at], &place);
        queue->at++;
        queue_settle(page->call, queue, titles);
    }
}

static void fill(page_t *page, const kind_t *const *kinds, size_t n_kinds)
{
    page->queues = arena_alloc(page->call->arena, n_kinds * sizeof *page->queues);
    for (page->n_queues = 0; page->n_queues < n_kinds; page->n_queues++) {
        queue_t *queue = &page->queues[page->n_queues];
        search_candidates(&page->search, kinds[page->n_queues], &queue->hits, &queue->n_hits);
    }
    search_release(&page->search);
    for (unsigned titles = (unsigned)page->search.n_words + 1; titles-- > 0 && !page->full;)
        fill_with(page, titles);
}

static value_t next_of(const page_t *page)
{
    if (!page->full)
        return value_absent;
    value_t *pair = arena_alloc(page->call->arena, 2 * sizeof *pair);
    pair[0] = value_integer(page->last.titles);
    pair[1] = value_text(arena_text(page->call->arena, page->last.id.text));
    return value_list(pair, 2);
}

bool cmd_search(call_t *call)
{
    page_t page = {
        .call = call, .limit = call_integer(call, "limit", 50), .rows = value_builder(call->arena)};
    value_builder_t result = value_builder(call->arena);
    const kind_t **kinds = arena_alloc(call->arena, schema_n_kinds() * sizeof *kinds);
    size_t n_kinds = 0;

    if (page.limit < 1 || page.limit > LIMIT_MAX)
        return error_set(&call->error, ERROR_INVALID, "limit", "1 to %d", LIMIT_MAX);
    if (!take_kinds(call, kinds, &n_kinds) || !take_after(&page))
        return false;
    bool good = search_begin(&page.search, call, kinds, n_kinds);
    if (good)
        fill(&page, kinds, n_kinds);
    search_end(&page.search);
    value_add_pair(&result, "records", value_build_list(&page.rows));
    value_add_pair(&result, "next", next_of(&page));
    value_add_pair(&result, "cut", value_boolean(page.search.cut));
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return good;
}

#include "search.h"

#include "log.h"
#include "records.h"
#include "seal.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 200
#define LOOKED_AT_MAX 2000u /* records of a kind, where no file tells of words */
#define NAMES_MAX 300u      /* that have one word */
#define NAMED_MAX 1000u     /* candidates among which they are looked for */

static const field_t line = {.name = "text", .type = TYPE_TEXT, .least = 1, .most = TEXT_MAX};

/* -- candidates ----------------------------------------------------------------------- */

/* Without a file: the newest that there are. */
static void gather_newest(search_t *self, const kind_t *kind, derived_hit_t **hits, size_t *n_hits)
{
    call_t *call = self->call;
    records_scan_t *scan = records_scan(call->txn, kind, true, NULL, call->arena);
    derived_hit_t *all = arena_alloc(call->arena, LOOKED_AT_MAX * sizeof *all);
    record_id_t id;
    size_t count = 0;

    while (count < LOOKED_AT_MAX && records_next_id(scan, &id))
        all[count++] = (derived_hit_t){.id = id, .titles = (unsigned)self->n_words};
    self->cut = self->cut || (count == LOOKED_AT_MAX && records_next_id(scan, &id));
    records_scan_end(&scan);
    *hits = all;
    *n_hits = count;
}

static void gather(search_t *self, const kind_t *kind, const derived_word_t *words, size_t n_words,
                   size_t most, derived_hit_t **hits, size_t *n_hits)
{
    if (self->look == NULL || !derived_look(self->look, kind, words, n_words, self->stemmer, most,
                                            hits, n_hits, &self->cut))
        gather_newest(self, kind, hits, n_hits);
}

void search_candidates(search_t *self, const kind_t *kind, derived_hit_t **hits, size_t *n_hits)
{
    gather(self, kind, self->words, self->n_words, SEARCH_CANDIDATES_MAX, hits, n_hits);
}

/* -- reading a record ----------------------------------------------------------------- */

/* Which of the words are said by a value: a bit each. */
static unsigned words_said(search_t *self, const value_t *value)
{
    unsigned said = 0;
    token_t token;

    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        said |= words_said(self, &value->items[i]);
    const char *at = value->form == VALUE_TEXT ? value->text : "";
    while (words_next(&at, &token))
        for (size_t i = 0; i < self->n_words; i++)
            if (!(said >> i & 1) && wanted_is(&self->words[i].wanted, self->stemmer, &token))
                said |= 1u << i;
    return said;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const record_id_t *)a)->text, ((const record_id_t *)b)->text);
}

static int compare_to_name(const void *id, const void *name)
{
    return strcmp(id, ((const record_id_t *)name)->text);
}

static bool is_named(const derived_word_t *word, const char *id)
{
    return word->n_names > 0 &&
           bsearch(id, word->names, word->n_names, sizeof *word->names, compare_to_name) != NULL;
}

/* And by the names of what it refers to. */
static unsigned words_named(const search_t *self, const value_t *value)
{
    unsigned named = 0;

    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        named |= words_named(self, &value->items[i]);
    for (size_t i = 0; value->form == VALUE_TEXT && i < self->n_words; i++)
        if (is_named(&self->words[i], value->text))
            named |= 1u << i;
    return named;
}

bool search_judge(search_t *self, const record_t *record, field_mask_t mask,
                  search_answer_t *answer)
{
    const kind_t *kind = record->id.kind;
    record_t *opened = record_copy(self->call->arena, record);
    unsigned all = 0, in_title = 0;

    *answer = (search_answer_t){0};
    seal_open(self->call->txn, opened, mask & kind->searched, self->call->arena);
    for (size_t i = 0; i < kind->n_fields; i++) {
        field_mask_t bit = (field_mask_t)1 << i;
        const value_t *value = mask & bit ? &opened->fields[i] : &value_absent;
        unsigned found = kind->searched & bit ? words_said(self, value) : 0;
        if (kind->titles & bit)
            in_title |= found;
        if (kind->fields[i].type == TYPE_REFERENCE)
            found |= words_named(self, value);
        if (found != 0)
            answer->where |= bit;
        all |= found;
    }
    answer->titles = (unsigned)__builtin_popcount(in_title);
    return all == (1u << self->n_words) - 1;
}

/* -- names ---------------------------------------------------------------------------- */

/* True when a public name of the record has the word, for this reader too. */
static bool has_name(search_t *self, const derived_word_t *word, const record_id_t *id)
{
    call_t *call = self->call;
    search_t one = {.call = call, .stemmer = self->stemmer, .words = {*word}, .n_words = 1};
    search_answer_t answer;
    const record_t *record = records_get(call->txn, id, call->arena);

    return record != NULL &&
           search_judge(&one, record, call_mask(call, record) & id->kind->titles & id->kind->open,
                        &answer);
}

/* The records of a kind that a word names. What has changed lately may be among them. */
static void add_names(search_t *self, const kind_t *kind, derived_word_t *word, record_id_t *names)
{
    const derived_word_t alone = {.wanted = word->wanted};
    derived_hit_t *hits;
    size_t n_hits;

    gather(self, kind, &alone, 1, NAMED_MAX, &hits, &n_hits);
    for (size_t i = 0; i < n_hits; i++) {
        if (hits[i].titles == 0 || !has_name(self, &alone, &hits[i].id))
            continue;
        if (word->n_names == NAMES_MAX) {
            self->cut = true;
            return;
        }
        names[word->n_names++] = hits[i].id;
    }
}

static bool may_refer(const kind_t *kind, const kind_t *to)
{
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (field->type == TYPE_REFERENCE && (field->target == NULL || field->target == to))
            return true;
    }
    return false;
}

/* A place, area or firm that is called so: who refers to it is found by it. */
static void find_names(search_t *self, derived_word_t *word, const kind_t *const *kinds,
                       size_t n_kinds)
{
    record_id_t *names = arena_alloc(self->call->arena, NAMES_MAX * sizeof *names);

    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        bool wanted = false;
        for (size_t j = 0; j < n_kinds; j++)
            wanted = wanted || may_refer(kinds[j], kind);
        if (wanted && (kind->titles & kind->open))
            add_names(self, kind, word, names);
    }
    qsort(names, word->n_names, sizeof *names, compare_names); /* asked for each candidate */
    word->names = names;
}

/* -- a search ---------------------------------------------------------------------------- */

/* With the space after it, which says that the last word is whole. */
static bool take_text(call_t *call, const char **text)
{
    value_t value = *value_get(call->arguments, "text");

    if (!wire_clean_text(&value, false, call->arena, &call->error))
        return false;
    *text = value.text;
    return field_check(&line, &value, call->arena, &call->error);
}

bool search_begin(search_t *self, call_t *call, const kind_t *const *kinds, size_t n_kinds)
{
    wanted_t wanted[SEARCH_WORDS_MAX];
    const char *text;

    *self = (search_t){.call = call, .stemmer = stemmer_new(), .scratch = arena_new()};
    if (self->stemmer == NULL)
        log_fatal("no memory left");
    if (!take_text(call, &text))
        return false;
    self->n_words = words_wanted(text, self->stemmer, wanted, SEARCH_WORDS_MAX);
    if (self->n_words == 0 || self->n_words > SEARCH_WORDS_MAX)
        return error_set(&call->error, ERROR_INVALID, "text", "1 to %u words", SEARCH_WORDS_MAX);
    self->look = derived_look_begin(call->environment->derived, call->txn, call->arena);
    for (size_t i = 0; i < self->n_words; i++) {
        self->words[i].wanted = wanted[i];
        find_names(self, &self->words[i], kinds, n_kinds);
    }
    return true;
}

void search_release(search_t *self)
{
    derived_look_end(&self->look);
}

void search_end(search_t *self)
{
    search_release(self);
    stemmer_destroy(&self->stemmer);
    arena_destroy(&self->scratch);
}

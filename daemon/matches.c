#include "matches.h"

#include "index.h"
#include "journal.h"
#include "log.h"
#include "matcher.h"
#include "records.h"

#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REVISIONS_A_STEP 256u /* of the journal */
#define INQUIRIES_A_STEP 32u  /* that have changed: each looks at thousands at most */
#define CHANGES_A_CHORE 50u   /* records: milliseconds of the writer, who is not to be waited for */

/* What is to be kept of one inquiry: the others, best first. */
typedef struct {
    record_id_t inquiry;
    record_id_t others[MATCHES_KEPT];
    size_t n_others;
    int64_t least; /* what the last of them counts */
    bool changed;
} kept_t;

/* What a chore is given. */
typedef struct {
    const kept_t *items;
    size_t count;
    uint64_t revision; /* with this, all is seen to up to there */
} part_t;

struct matches {
    const environment_t *environment;
    bool begun;
    uint64_t done;      /* revisions that have been seen to, and what came of it is on disk */
    size_t done_within; /* and operations of the next one */
    /* what the step at hand came to */
    arena_t *arena;
    const kept_t *items;
    size_t count, written, part;
    uint64_t next;
    size_t next_within;
};

typedef struct {
    store_txn_t *txn;
    lookup_t lookup;
    const atlas_t *atlas; /* NULL until it is needed */
    arena_t *arena;       /* of the step */
    arena_t *scratch;     /* of one inquiry */
    arena_t *aside;       /* of one that it matches */
    zhashx_t *kept;       /* kept_t by the inquiry's id */
    size_t n_inquiries;
} step_t;

matches_t *matches_new(const environment_t *environment)
{
    matches_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->environment = environment;
    self->arena = arena_new();
    return self;
}

void matches_destroy(matches_t **self_p)
{
    if (*self_p == NULL)
        return;
    arena_destroy(&(*self_p)->arena);
    free(*self_p);
    *self_p = NULL;
}

/* -- what is kept ---------------------------------------------------------------------- */

static bool find_of(store_txn_t *txn, const record_id_t *inquiry, record_id_t *id, arena_t *arena)
{
    static const char *const fields[] = {"inquiry"};
    const kind_t *kind = schema_kind("match");
    value_t equal = value_text(inquiry->text);
    index_scan_t *scan =
        index_scan(txn, kind, index_find(kind, fields, 1), &equal, 1, false, arena);
    bool found = index_next(scan, id);

    index_scan_end(&scan);
    return found;
}

static kept_t *load(step_t *self, const record_id_t *inquiry)
{
    kept_t *kept = zhashx_lookup(self->kept, inquiry->text);
    record_id_t id;

    if (kept != NULL)
        return kept;
    kept = arena_alloc(self->arena, sizeof *kept);
    kept->inquiry = *inquiry;
    if (find_of(self->txn, inquiry, &id, self->scratch)) {
        const record_t *record = records_get(self->txn, &id, self->scratch);
        const value_t *others = record != NULL ? record_get(record, "others") : &value_absent;
        for (uint32_t i = 0; others->form == VALUE_LIST && i < others->count; i++)
            kept->n_others += i < MATCHES_KEPT && record_id_parse(&kept->others[kept->n_others],
                                                                  others->items[i].text, NULL);
        kept->least = record != NULL ? record_get_integer(record, "least", 0) : 0;
    }
    zhashx_insert(self->kept, kept->inquiry.text, kept);
    return kept;
}

static bool has(const kept_t *self, const record_id_t *id)
{
    for (size_t i = 0; i < self->n_others; i++)
        if (record_id_equal(&self->others[i], id))
            return true;
    return false;
}

/* The best of what was ranked. */
static void keep(kept_t *self, const ranked_t *ranked, size_t count)
{
    size_t n = count < MATCHES_KEPT ? count : MATCHES_KEPT;
    int64_t least = n > 0 ? ranked[n - 1].score : 0;
    /* Too little only makes us look at more. */
    bool same = n == self->n_others && least >= self->least;

    for (size_t i = 0; i < n; i++) {
        same = same && record_id_equal(&self->others[i], &ranked[i].id);
        self->others[i] = ranked[i].id;
    }
    self->n_others = n;
    self->least = same ? self->least : least;
    self->changed = self->changed || !same;
}

/* -- one inquiry that has changed --------------------------------------------------------- */

static const record_t *inquiry_now(step_t *self, const record_id_t *id, arena_t *arena)
{
    return lookup_record(&self->lookup, id, arena);
}

static matcher_t *new_matcher(step_t *self, arena_t *arena)
{
    if (self->atlas == NULL)
        self->atlas = atlas_new(self->txn, self->arena);
    return matcher_new(&self->lookup, self->atlas, NULL, arena);
}

/* Another inquiry's own, where this one has come, changed or gone. One that was full and
   loses somebody, or has this one last now, may have others outside: it looks anew. */
static void revise(step_t *self, const record_id_t *other, const record_id_t *changed)
{
    kept_t *kept = load(self, other);
    const record_t *inquiry = inquiry_now(self, other, self->aside);
    matcher_t *matcher = new_matcher(self, self->aside);
    ranked_t few[MATCHES_KEPT + 1], *ranked = few;
    bool had = has(kept, changed), full = kept->n_others == MATCHES_KEPT;
    size_t count = 0, looked_at;
    bool cut;
    match_t match;

    if (inquiry == NULL || !matcher_take(matcher, inquiry)) {
        keep(kept, few, 0);
        return;
    }
    for (size_t i = 0; i <= kept->n_others; i++) {
        const record_id_t *id = i < kept->n_others ? &kept->others[i] : changed;
        const record_t *one =
            i < kept->n_others || !had ? inquiry_now(self, id, self->aside) : NULL;
        if (one != NULL && matcher_try(matcher, one, &match))
            few[count++] = (ranked_t){one->id, match.fit.score};
    }
    qsort(few, count, sizeof *few, ranked_compare);
    if (had && full && (count < MATCHES_KEPT || record_id_equal(&few[count - 1].id, changed)))
        count = matcher_rank(matcher, &ranked, &looked_at, &cut);
    keep(kept, ranked, count);
}

/* Would it take a place among the other's? `revision` is that of the change: one that
   changed at the same time or later is looked at by itself. */
static bool concerns(step_t *self, const ranked_t *ranked, const record_id_t *changed,
                     uint64_t revision)
{
    if (records_revision(self->txn, &ranked->id) >= revision)
        return false;
    const kept_t *kept = load(self, &ranked->id);
    ranked_t last = {.score = kept->least};
    ranked_t own = {*changed, ranked->score};
    if (kept->n_others < MATCHES_KEPT || has(kept, changed))
        return true;
    last.id = kept->others[MATCHES_KEPT - 1];
    return ranked_compare(&own, &last) < 0;
}

/* Those that had it among theirs. */
static size_t find_keepers(step_t *self, const record_id_t *changed, record_id_t **keepers)
{
    static const char *const fields[] = {"others"};
    const kind_t *kind = schema_kind("match");
    value_t equal = value_text(changed->text);
    size_t count = 0, room = 16;
    record_id_t id;

    *keepers = arena_alloc(self->scratch, room * sizeof **keepers);
    index_scan_t *scan =
        index_scan(self->txn, kind, index_find(kind, fields, 1), &equal, 1, false, self->scratch);
    while (index_next(scan, &id)) {
        const record_t *record = records_get(self->txn, &id, self->scratch);
        if (count == room) {
            record_id_t *more = arena_alloc(self->scratch, 2 * room * sizeof *more);
            memcpy(more, *keepers, count * sizeof *more);
            *keepers = more;
            room *= 2;
        }
        if (record != NULL &&
            record_id_parse(&(*keepers)[count], record_get_text(record, "inquiry"), NULL))
            count++;
    }
    index_scan_end(&scan);
    return count;
}

static void take_inquiry(step_t *self, const record_id_t *id, uint64_t revision)
{
    const record_t *inquiry = inquiry_now(self, id, self->scratch);
    /* Most of what is begun has no area yet, and matches nothing. */
    matcher_t *matcher = inquiry != NULL && record_get(inquiry, "areas")->form == VALUE_LIST
                             ? new_matcher(self, self->scratch)
                             : NULL;
    ranked_t *ranked = NULL;
    size_t count = 0, looked_at;
    record_id_t *keepers;
    bool cut;

    if (matcher != NULL && matcher_take(matcher, inquiry))
        count = matcher_rank(matcher, &ranked, &looked_at, &cut);
    keep(load(self, id), ranked, count);
    size_t n_keepers = find_keepers(self, id, &keepers);
    for (size_t i = 0; i < n_keepers; i++) {
        revise(self, &keepers[i], id);
        arena_reset(self->aside);
    }
    for (size_t i = 0; i < count; i++)
        if (concerns(self, &ranked[i], id, revision)) {
            revise(self, &ranked[i].id, id);
            arena_reset(self->aside);
        }
    arena_reset(self->scratch);
}

/* -- a step ----------------------------------------------------------------------------------- */

/* Each record says up to where all was seen to when it was made; the last is where we go
   on. What changed no match since then is looked at once more. */
static uint64_t last_done(store_txn_t *txn, arena_t *arena)
{
    static const char *const fields[] = {"seen_to"};
    const kind_t *kind = schema_kind("match");
    index_scan_t *scan = index_scan(txn, kind, index_find(kind, fields, 1), NULL, 0, true, arena);
    uint64_t revision = 0;
    record_id_t id;

    if (index_next(scan, &id)) {
        const record_t *record = records_get(txn, &id, arena);
        revision = record != NULL ? (uint64_t)record_get_integer(record, "seen_to", 0) : 0;
    }
    index_scan_end(&scan);
    return revision;
}

/* An entry's inquiries, as far as they have not changed again since: that comes later. */
static void take_entry(matches_t *self, step_t *step, uint64_t revision)
{
    arena_t *arena = arena_new();
    const journal_entry_t *entry = journal_get(step->txn, revision, arena);
    size_t n = entry != NULL ? entry->n_operations : 0;

    while (self->next_within < n && step->n_inquiries < INQUIRIES_A_STEP) {
        const record_id_t *id = &entry->operations[self->next_within++].id;
        uint64_t now = records_revision(step->txn, id);
        if (strcmp(id->kind->name, "inquiry") != 0 || now > revision)
            continue;
        take_inquiry(step, id, revision);
        step->n_inquiries++;
    }
    if (self->next_within >= n) {
        self->next = revision;
        self->next_within = 0;
    }
    arena_destroy(&arena);
}

static void gather(matches_t *self, const step_t *step)
{
    kept_t *items = arena_alloc(self->arena, (zhashx_size(step->kept) + 1) * sizeof *items);

    self->items = items;
    self->count = self->written = 0;
    for (const kept_t *kept = zhashx_first(step->kept); kept != NULL;
         kept = zhashx_next(step->kept))
        if (kept->changed)
            items[self->count++] = *kept;
}

/* What has changed since, as far as one step goes. */
static int look(matches_t *self, bool *more)
{
    step_t step = {.txn = store_read(self->environment->store), .kept = zhashx_new()};

    if (step.txn == NULL || step.kept == NULL)
        log_fatal("the record cannot be read");
    arena_reset(self->arena);
    step.arena = self->arena;
    step.scratch = arena_new();
    step.aside = arena_new();
    step.lookup.txn = step.txn;
    if (!self->begun)
        self->done = last_done(step.txn, step.scratch);
    self->begun = true;
    self->next = self->done;
    self->next_within = self->done_within;
    uint64_t head = store_head(step.txn);
    for (unsigned i = 0;
         i < REVISIONS_A_STEP && self->next < head && step.n_inquiries < INQUIRIES_A_STEP; i++)
        take_entry(self, &step, self->next + 1);
    *more = self->next < head;
    gather(self, &step);
    int status = store_failed(step.txn);
    arena_destroy(&step.scratch);
    arena_destroy(&step.aside);
    zhashx_destroy(&step.kept);
    store_abort(&step.txn);
    return status;
}

static void finish_step(matches_t *self)
{
    self->done = self->next;
    self->done_within = self->next_within;
    self->count = self->written = 0;
}

/* What of the step has not been written yet, as much as one chore takes. */
static const part_t *next_part(matches_t *self, arena_t *arena)
{
    part_t *part = arena_alloc(arena, sizeof *part);
    size_t left = self->count - self->written;

    self->part = left < CHANGES_A_CHORE ? left : CHANGES_A_CHORE;
    part->count = self->part;
    part->items = arena_copy(arena, &self->items[self->written], part->count * sizeof *part->items);
    part->revision = self->part == left ? self->next : self->done;
    return part;
}

matches_step_t matches_follow(matches_t *self, const void **what, arena_t **arena_p, int *status)
{
    bool more = true;

    *status = 0;
    if (self->written == self->count) {
        *status = look(self, &more);
        if (*status != 0)
            return MATCHES_FAILED;
        if (self->count == 0) {
            finish_step(self);
            return more ? MATCHES_MORE : MATCHES_EVEN;
        }
    }
    *arena_p = arena_new();
    *what = next_part(self, *arena_p);
    return MATCHES_CHANGED;
}

void matches_settle(matches_t *self, bool written)
{
    if (!written) {
        self->count = self->written = 0; /* look anew */
        return;
    }
    self->written += self->part;
    if (self->written == self->count)
        finish_step(self);
}

/* -- writing ------------------------------------------------------------------------------- */

/* Those that are there still: somebody may have deleted one meanwhile. */
static value_t others_there(draft_t *draft, const kept_t *kept)
{
    value_builder_t list = value_builder(draft_arena(draft));

    for (size_t i = 0; i < kept->n_others; i++)
        if (draft_get(draft, &kept->others[i]) != NULL)
            value_add(&list, value_text(arena_text(draft_arena(draft), kept->others[i].text)));
    return value_build_list(&list);
}

static void write_kept(draft_t *draft, const kept_t *kept, uint64_t revision)
{
    arena_t *arena = draft_arena(draft);
    value_t others = others_there(draft, kept);
    record_id_t id;
    const record_t *before =
        find_of(draft_txn(draft), &kept->inquiry, &id, arena) ? draft_get(draft, &id) : NULL;

    if (others.count == 0 || draft_get(draft, &kept->inquiry) == NULL) {
        if (before != NULL)
            draft_drop_record(draft, before);
        return;
    }
    record_t *after = before != NULL ? draft_edit_record(draft, before)
                                     : draft_new_record(draft, schema_kind("match"));
    record_set(after, "inquiry", value_text(arena_text(arena, kept->inquiry.text)));
    record_set(after, "others", others);
    record_set(after, "least", value_integer(kept->least));
    record_set(after, "seen_to", value_integer((int64_t)revision));
}

bool matches_write(draft_t *draft, const void *what, error_t *error)
{
    const part_t *part = what;

    (void)error;
    for (size_t i = 0; i < part->count; i++)
        write_kept(draft, &part->items[i], part->revision);
    return true;
}

#include "ledger.h"

#include "reads.h"
#include "records.h"
#include "seal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAP_SIZE ((size_t)1 << 30)
#define PARTS 6

typedef struct {
    uint64_t position;
    const char *what;
    uint64_t number; /* revision or time */
    const char *id, *field, *text;
    uint64_t forgetting, forgotten; /* of the subject: positions, UINT64_MAX never */
} line_t;

struct ledger {
    char *content;
    line_t *lines;
    size_t count;
};

typedef struct {
    const ledger_t *ledger;
    uint64_t position;
    store_txn_t *txn;
    arena_t *arena;
    unsigned found;
    FILE *out;
} comparison_t;

/* -- reading ---------------------------------------------------------------------- */

static bool is(const line_t *line, const char *what)
{
    return strcmp(line->what, what) == 0;
}

static void read_line(line_t *line, char *text)
{
    const char *parts[PARTS] = {"", "", "", "", "", ""};
    for (int i = 0; i < PARTS && text; i++)
        parts[i] = strsep(&text, "\t");
    *line = (line_t){.position = strtoull(parts[0], NULL, 10), .what = parts[1]};
    line->forgetting = line->forgotten = UINT64_MAX;
    if (is(line, "forgetting") || is(line, "forgotten")) {
        line->id = parts[2];
        return;
    }
    line->number = strtoull(parts[2], NULL, 10);
    line->id = parts[3];
    line->field = parts[4];
    line->text = parts[5];
}

/* Tell each line of a subject when its key went. */
static void spread_forgetting(ledger_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const line_t *from = &self->lines[i];
        for (size_t j = 0; j < self->count; j++) {
            line_t *to = &self->lines[j];
            if (!to->id || !from->id || strcmp(to->id, from->id) != 0)
                continue;
            if (is(from, "forgetting"))
                to->forgetting = from->position;
            else if (is(from, "forgotten"))
                to->forgotten = from->position;
        }
    }
}

ledger_t *ledger_read(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    ledger_t *self = calloc(1, sizeof *self);
    size_t size = 0;
    if (!self || getdelim(&self->content, &size, '\0', file) < 0) {
        fclose(file);
        ledger_destroy(&self);
        return NULL;
    }
    fclose(file);
    for (const char *at = self->content; (at = strchr(at, '\n')); at++)
        self->count++;
    self->lines = calloc(self->count + 1, sizeof *self->lines);
    if (!self->lines)
        abort();
    char *rest = self->content;
    for (size_t i = 0; i < self->count; i++)
        read_line(&self->lines[i], strsep(&rest, "\n"));
    spread_forgetting(self);
    return self;
}

void ledger_destroy(ledger_t **self_p)
{
    if (*self_p) {
        free((*self_p)->lines);
        free((*self_p)->content);
        free(*self_p);
    }
    *self_p = NULL;
}

store_t *ledger_open(const char *directory, bool create, bool read_only, FILE *out)
{
    char why[512] = "";
    store_t *store = store_open(&(store_options_t){.directory = directory,
                                                   .map_size = MAP_SIZE,
                                                   .region = "Östra Mellansverige",
                                                   .create = create,
                                                   .read_only = read_only},
                                why, sizeof why);
    if (!store)
        fprintf(out, "%s\n", why);
    return store;
}

/* -- comparing ---------------------------------------------------------------------- */

static void differs(comparison_t *self, unsigned how, const line_t *line, const char *where)
{
    self->found |= how;
    fprintf(self->out, "%s: %s of revision %llu %s\n", where, line->id,
            (unsigned long long)line->number, how == LEDGER_LOST ? "is lost" : "is another");
}

static bool noticed(comparison_t *self)
{
    if (!store_failed(self->txn))
        return false;
    self->found |= LEDGER_REFUSED;
    return true;
}

/* A failed transaction shows nothing more: go on in a new one. */
static bool renew(comparison_t *self)
{
    store_t *store = store_of(self->txn);
    if (!noticed(self))
        return true;
    store_abort(&self->txn);
    self->txn = store_read(store);
    return self->txn != NULL;
}

/* One state of a record against the line that tells of it. */
static void compare_state(comparison_t *self, const line_t *line, const record_t *stored,
                          const char *where)
{
    if (!stored || noticed(self)) {
        if (!noticed(self))
            differs(self, LEDGER_LOST, line, where);
        return;
    }
    record_t *record = record_copy(self->arena, stored);
    seal_open(self->txn, record, FIELD_MASK_ALL, self->arena);
    const char *text = record_get_text(record, line->field);
    if (noticed(self))
        return;
    if (!text) {
        if (self->position < line->forgetting)
            differs(self, LEDGER_LOST, line, where);
    } else if (strcmp(text, line->text) != 0) {
        differs(self, LEDGER_WRONG, line, where);
    } else if (self->position >= line->forgotten) {
        differs(self, LEDGER_WRONG, line, "forgotten, but still there");
    }
}

static void compare_past(comparison_t *self, const line_t *line, const record_id_t *id)
{
    const record_t *then = store_record_at(self->txn, id, line->number, self->arena);
    if (is(line, "kept"))
        compare_state(self, line, then, "journal");
    else if (then && !noticed(self))
        differs(self, LEDGER_WRONG, line, "journal: deleted, but there");
    renew(self);
}

/* The line that tells what the record's revision is; the newest one that was written. */
static const line_t *line_of(const comparison_t *self, const char *id, uint64_t revision)
{
    for (size_t i = self->ledger->count; i-- > 0;) {
        const line_t *line = &self->ledger->lines[i];
        if (line->number == revision && line->id && strcmp(line->id, id) == 0 &&
            (is(line, "kept") || is(line, "deleted")))
            return line;
    }
    return NULL;
}

static void compare_now(comparison_t *self, const line_t *line, const record_id_t *id)
{
    record_t *record = records_get(self->txn, id, self->arena);
    if (!renew(self) || !record) {
        /* Gone: promised so, or by a later revision that got to the disk. */
        if (!(self->found & LEDGER_REFUSED) && is(line, "kept")) {
            uint64_t head = store_head(self->txn);
            const line_t *later = NULL;
            for (uint64_t revision = line->number + 1; revision <= head && !later; revision++) {
                later = line_of(self, line->id, revision);
                if (later && !is(later, "deleted"))
                    later = NULL;
            }
            if (!later)
                differs(self, LEDGER_LOST, line, "records");
        }
        return;
    }
    if (record->revision < line->number) {
        differs(self, LEDGER_LOST, line, "records");
        return;
    }
    const line_t *truth = line_of(self, line->id, record->revision);
    if (!truth || !is(truth, "kept"))
        differs(self, LEDGER_WRONG, line, "records");
    else
        compare_state(self, truth, record, "records");
    renew(self);
}

/* The last promise about each record. */
static bool is_last(const comparison_t *self, size_t at)
{
    const line_t *line = &self->ledger->lines[at];
    for (size_t i = at + 1; i < self->ledger->count; i++) {
        const line_t *later = &self->ledger->lines[i];
        if (later->position > self->position)
            break;
        if ((is(later, "kept") || is(later, "deleted")) && strcmp(later->id, line->id) == 0)
            return false;
    }
    return true;
}

typedef struct {
    const line_t *line;
    bool there;
} wanted_t;

static bool match_read(const read_t *read, void *context)
{
    wanted_t *wanted = context;
    wanted->there = wanted->there || (strcmp(read->subjects[0], wanted->line->id) == 0 &&
                                      strcmp(read->purpose, "samtal om behov") == 0 &&
                                      strcmp(read->user, "usr-1") == 0);
    return !wanted->there;
}

static void compare_read(comparison_t *self, const line_t *line)
{
    wanted_t wanted = {.line = line};
    reads_each(self->txn, line->number, line->number, match_read, &wanted);
    if (!noticed(self) && !wanted.there)
        differs(self, LEDGER_LOST, line, "reads");
    renew(self);
}

static void compare_lines(comparison_t *self)
{
    uint64_t written = 0, promised = 0;
    for (size_t i = 0; i < self->ledger->count && self->txn; i++) {
        const line_t *line = &self->ledger->lines[i];
        record_id_t id;
        bool revision = is(line, "kept") || is(line, "deleted");
        if (revision && line->number > written)
            written = line->number;
        if (line->position > self->position)
            continue;
        arena_reset(self->arena);
        if (is(line, "read"))
            compare_read(self, line);
        if (!revision || !record_id_parse(&id, line->id, NULL))
            continue;
        if (line->number > promised)
            promised = line->number;
        compare_past(self, line, &id);
        if (self->txn && is_last(self, i))
            compare_now(self, line, &id);
    }
    if (!self->txn)
        return;
    uint64_t head = store_head(self->txn);
    if (!noticed(self) && (head < promised || head > written)) {
        self->found |= head < promised ? LEDGER_LOST : LEDGER_WRONG;
        fprintf(self->out, "head: %llu, promised %llu, written %llu\n", (unsigned long long)head,
                (unsigned long long)promised, (unsigned long long)written);
    }
}

unsigned ledger_compare(const ledger_t *self, const char *directory, uint64_t position, FILE *out)
{
    store_t *store = ledger_open(directory, false, true, out);
    if (!store)
        return LEDGER_UNOPENED;
    comparison_t comparison = {
        .ledger = self, .position = position, .out = out, .txn = store_read(store)};
    comparison.arena = arena_new();
    if (comparison.txn)
        compare_lines(&comparison);
    else
        comparison.found = LEDGER_UNOPENED;
    if (strcmp(store_region(store), "Östra Mellansverige") != 0) {
        fprintf(out, "meta: another region\n");
        comparison.found |= LEDGER_WRONG;
    }
    store_abort(&comparison.txn);
    arena_destroy(&comparison.arena);
    store_close(&store);
    return comparison.found;
}

bool ledger_goes_on(const char *directory, FILE *out)
{
    store_t *store = ledger_open(directory, false, false, out);
    if (!store)
        return false;
    arena_t *arena = arena_new();
    record_id_t id;
    record_id_parse(&id, "cty-25", NULL);
    store_txn_t *txn = store_write(store);
    record_t *county = record_new(arena, id.kind);
    county->id = id;
    record_set(county, "name", value_text("Norrbottens län"));
    operation_t operation = {.after = county};
    uint64_t head = store_head(txn),
             revision = store_apply(
                 txn, &(batch_t){
                          .time_ms = 1, .actor = "", .operations = &operation, .n_operations = 1});
    bool good = store_commit(&txn) == 0 && revision == head + 1;
    if (!good)
        fprintf(out, "the next write does not get the next revision\n");
    arena_destroy(&arena);
    store_close(&store);
    return good;
}

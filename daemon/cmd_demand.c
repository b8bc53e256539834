#include "call.h"

#include "demand.h"
#include "id_set.h"
#include "index.h"
#include "merges.h"
#include "records.h"

#include <stdlib.h>
#include <string.h>

/* The demand outlook: what employers ask for and do not get, for those who plan (DOMAIN:
   demand outlook; docs/decisions/0018). It may be handed on, so it says the same to all
   who may ask: what a viewer from elsewhere would see of each inquiry, counted. */

bool cmd_demand(call_t *call);

#define LOOKED_AT_MAX 50000u
#define CELLS_MAX 4000u
#define LEVEL_MAX 4
/* Half a year without an answer is no answer: a term has gone by. */
#define PATIENCE_MS (180ull * 24 * 60 * 60 * 1000)

#define PARTS 3u
#define QUARTER_SIZE 8u /* "2026-Q1" */

typedef enum { BY_AREA, BY_COUNTY, BY_QUARTER } part_t;
static const char *const part_names[PARTS] = {"area", "county", "quarter"};

typedef struct {
    part_t parts[PARTS]; /* of a cell's name, in this order */
    unsigned n_parts;
    int64_t level; /* of the tree of areas, from 1 */
    const char *from, *to;
} outlook_t;

/* -- arguments ------------------------------------------------------------------------- */

static bool parse_parts(outlook_t *self, call_t *call)
{
    const value_t *by = value_get(call->arguments, "by");

    for (uint32_t i = 0; i < by->count; i++) {
        const value_t *name = &by->items[i];
        unsigned part = 0;
        while (part < PARTS &&
               (name->form != VALUE_TEXT || strcmp(part_names[part], name->text) != 0))
            part++;
        bool again = false;
        for (unsigned j = 0; j < self->n_parts; j++)
            again = again || self->parts[j] == (part_t)part;
        if (part == PARTS || again)
            return error_set(&call->error, ERROR_INVALID, "by",
                             "area, county and quarter, each at most once");
        self->parts[self->n_parts++] = (part_t)part;
    }
    if (self->n_parts == 0)
        return error_set(&call->error, ERROR_INVALID, "by", "area, county or quarter");
    return true;
}

static void quarter_of(uint64_t utc_ms, char quarter[QUARTER_SIZE])
{
    char day[11];

    clock_day(utc_ms, day);
    int month = atoi(day + 5);
    memcpy(quarter, day, 5); /* the year and its dash */
    quarter[5] = 'Q';
    quarter[6] = (char)('1' + (month - 1) / 3);
    quarter[7] = '\0';
}

static bool is_quarter(const char *text)
{
    return strlen(text) == QUARTER_SIZE - 1 && strspn(text, "0123456789") == 4 && text[4] == '-' &&
           text[5] == 'Q' && text[6] >= '1' && text[6] <= '4';
}

/* From the quarter a year ago to the present one, unless said otherwise. */
static bool parse_quarters(outlook_t *self, call_t *call)
{
    char *now = arena_alloc(call->arena, QUARTER_SIZE);
    char *before = arena_alloc(call->arena, QUARTER_SIZE);
    const char *from = call_text(call, "from"), *to = call_text(call, "to");

    quarter_of(call->now_ms, now);
    memcpy(before, now, QUARTER_SIZE);
    before[3]--;
    for (int i = 3; before[i] < '0' && i > 0; i--) {
        before[i] = '9';
        before[i - 1]--;
    }
    self->from = from != NULL ? from : before;
    self->to = to != NULL ? to : now;
    if (!is_quarter(self->from))
        return error_set(&call->error, ERROR_INVALID, "from", "a quarter such as 2026-Q1");
    if (!is_quarter(self->to) || strcmp(self->to, self->from) < 0)
        return error_set(&call->error, ERROR_INVALID, "to", "a quarter such as 2026-Q1, from %s on",
                         self->from);
    return true;
}

static bool parse(outlook_t *self, call_t *call)
{
    memset(self, 0, sizeof *self);
    self->level = call_integer(call, "level", 1);
    if (self->level < 1 || self->level > LEVEL_MAX)
        return error_set(&call->error, ERROR_INVALID, "level", "1 to %d", LEVEL_MAX);
    return parse_parts(self, call) && parse_quarters(self, call);
}

/* -- areas -------------------------------------------------------------------------------- */

#define AREAS_DEEP 16

typedef struct {
    const char *id, *above;
} lifted_t;

typedef struct {
    lifted_t *areas;
    size_t count, room;
} lift_t;

/* The area that this one is part of at the level, or itself where it lies above. */
static const char *lift_area(call_t *call, const char *id, int64_t level)
{
    const char *path[AREAS_DEEP];
    int deep = 0;
    record_id_t area;

    while (deep < AREAS_DEEP && id != NULL && record_id_parse(&area, id, schema_kind("area"))) {
        const record_t *record = records_get(call->txn, &area, call->arena);
        path[deep++] = id;
        id = record != NULL ? record_get_text(record, "parent") : NULL;
    }
    return deep > level ? path[deep - level] : path[0];
}

/* The same, looked up once for each. */
static const char *lifted(lift_t *self, call_t *call, const char *id, int64_t level)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->areas[i].id, id) == 0)
            return self->areas[i].above;
    if (self->count == self->room) {
        self->room = self->room != 0 ? 2 * self->room : 64;
        lifted_t *more = arena_alloc(call->arena, self->room * sizeof *more);
        if (self->count > 0)
            memcpy(more, self->areas, self->count * sizeof *more);
        self->areas = more;
    }
    id = arena_text(call->arena, id);
    self->areas[self->count] = (lifted_t){id, lift_area(call, id, level)};
    return self->areas[self->count++].above;
}

/* -- who asks ------------------------------------------------------------------------------ */

/* Organisations that another stands for: few, so that the others need not be looked up. */
static id_set_t find_merged(call_t *call)
{
    static const char *const fields[] = {"merged_into"};
    const kind_t *kind = schema_kind("organisation");
    id_set_t merged = {.arena = call->arena};
    record_id_t id;

    index_scan_t *scan =
        index_scan(call->txn, kind, index_find(kind, fields, 1), NULL, 0, false, call->arena);
    while (index_next(scan, &id) && id_set_add(&merged, &id))
        continue;
    index_scan_end(&scan);
    id_set_settle(&merged);
    return merged;
}

static int compare_ids(const void *a, const void *b)
{
    return record_id_compare(a, b);
}

/* -- counting ------------------------------------------------------------------------------ */

/* A viewer from elsewhere: of a discreet inquiry it sees the state, areas, county and day,
   and neither the employer nor the outcome. */
static const access_t outsider = {.valid = true, .roles = ROLE_BIT(ROLE_viewer)};

static const char *seen_text(const record_t *inquiry, field_mask_t mask, const char *name)
{
    const field_t *field = kind_field(inquiry->id.kind, name);
    bool seen = mask & ((field_mask_t)1 << field->index);

    return seen ? record_get_text(inquiry, name) : NULL;
}

static bool is_one_of(const char *word, const char *words)
{
    return word != NULL && schema_words_have(words, word);
}

/* False: what an employer has taken back is no demand. */
static bool fate_of(const record_t *inquiry, field_mask_t mask, uint64_t now_ms,
                    demand_fate_t *fate)
{
    const char *state = seen_text(inquiry, mask, "state");
    const char *outcome = seen_text(inquiry, mask, "outcome");
    uint64_t age = now_ms - (uint64_t)record_get_integer(inquiry, "created", 0);
    bool waited = age > PATIENCE_MS && age <= now_ms;

    *fate = DEMAND_ASKED;
    if (is_one_of(state, "closed") && is_one_of(outcome, "course other_route"))
        *fate = DEMAND_MET;
    else if ((is_one_of(state, "closed") && is_one_of(outcome, "none")) ||
             is_one_of(state, "declined") ||
             (waited && is_one_of(state, "new acknowledged dialogue mapped offered")))
        *fate = DEMAND_UNMET;
    return !is_one_of(state, "withdrawn");
}

/* An employer asks once; an inquiry whose employer is not known, or not to be known, is
   someone of its own. */
static uint64_t asker_of(const record_t *inquiry, field_mask_t mask, call_t *call,
                         const id_set_t *merged)
{
    const char *employer = seen_text(inquiry, mask, "employer");
    record_id_t id;

    if (employer == NULL || !record_id_parse(&id, employer, NULL))
        return inquiry->id.number << 1 | 1;
    if (merged->count > 0 &&
        bsearch(&id, merged->ids, merged->count, sizeof id, compare_ids) != NULL)
        record_id_parse(&id, merges_resolve(&call->lookup, employer, call->arena), NULL);
    return id.number << 1;
}

/* "are-07|cty-05|2026-Q1"; an area that is not said is empty. */
static const char *cell_of(const outlook_t *self, const char *const parts[PARTS], arena_t *arena)
{
    const char *cell = "";

    for (unsigned i = 0; i < self->n_parts; i++)
        cell = arena_format(arena, "%s%s%s", cell, i > 0 ? "|" : "", parts[self->parts[i]]);
    return cell;
}

typedef struct {
    const outlook_t *outlook;
    call_t *call;
    demand_t *demand;
    id_set_t merged;
    lift_t lift;
} tally_t;

/* What is kept is in the call's arena, the rest in `scratch`. */
static void tally(tally_t *self, const record_t *inquiry, const char *quarter, arena_t *scratch)
{
    const outlook_t *outlook = self->outlook;
    call_t *call = self->call;
    const placement_t *placement = placement_of(&call->lookup, inquiry, scratch);
    field_mask_t mask = access_view(&outsider, inquiry, placement, false);
    const char *county = seen_text(inquiry, mask, "county");
    const value_t *areas = record_get(inquiry, "areas");
    const char *parts[PARTS] = {
        [BY_AREA] = "", [BY_COUNTY] = county != NULL ? county : "", [BY_QUARTER] = quarter};
    uint64_t who = asker_of(inquiry, mask, call, &self->merged);
    bool by_area = false;
    demand_fate_t fate;

    if (!fate_of(inquiry, mask, call->now_ms, &fate))
        return;
    for (unsigned i = 0; i < outlook->n_parts; i++)
        by_area = by_area || outlook->parts[i] == BY_AREA;
    uint32_t n_areas = by_area && areas->form == VALUE_LIST ? areas->count : 0;
    for (uint32_t i = 0; i < n_areas; i++) {
        parts[BY_AREA] = lifted(&self->lift, call, areas->items[i].text, outlook->level);
        demand_add(self->demand, cell_of(outlook, parts, scratch), who, fate);
    }
    if (n_areas == 0)
        demand_add(self->demand, cell_of(outlook, parts, scratch), who, fate);
}

static const char *filed_in(const record_t *inquiry, char quarter[QUARTER_SIZE])
{
    quarter_of((uint64_t)record_get_integer(inquiry, "created", 0), quarter);
    return quarter;
}

/* The newest with a number below this one, or NULL. */
static const record_t *newest_below(call_t *call, uint64_t number, arena_t *arena)
{
    const kind_t *kind = schema_kind("inquiry");
    record_id_t after = record_id_numbered(kind, number);
    records_scan_t *scan =
        records_scan(call->txn, kind, true, number < UINT64_MAX ? &after : NULL, arena);
    const record_t *inquiry = records_next(scan, arena);

    records_scan_end(&scan);
    return inquiry;
}

/* From this number on, all were filed after the quarter: numbers are in order of time, so
   that halving finds it. */
static uint64_t first_after(call_t *call, const char *to, arena_t *arena)
{
    const record_t *newest = newest_below(call, UINT64_MAX, arena);
    uint64_t least = 1, after = newest != NULL ? newest->id.number + 1 : 1;
    char quarter[QUARTER_SIZE];

    while (least < after) {
        uint64_t middle = least + (after - least) / 2;
        const record_t *inquiry = newest_below(call, middle + 1, arena);
        if (inquiry != NULL && strcmp(filed_in(inquiry, quarter), to) > 0)
            after = inquiry->id.number;
        else
            least = middle + 1;
        arena_reset(arena);
    }
    return after;
}

/* Newest first, until they are older than what is asked for. */
static bool walk(tally_t *self, call_t *call)
{
    const kind_t *kind = schema_kind("inquiry");
    arena_t *scratch = arena_new();
    record_id_t after = record_id_numbered(kind, first_after(call, self->outlook->to, scratch));
    records_scan_t *scan = records_scan(call->txn, kind, true, &after, call->arena);
    unsigned looked_at = 0;
    const record_t *inquiry;
    char quarter[QUARTER_SIZE];

    while (looked_at <= LOOKED_AT_MAX && (inquiry = records_next(scan, scratch)) != NULL &&
           strcmp(filed_in(inquiry, quarter), self->outlook->from) >= 0) {
        looked_at++;
        tally(self, inquiry, quarter, scratch);
        arena_reset(scratch);
    }
    records_scan_end(&scan);
    arena_destroy(&scratch);
    if (looked_at > LOOKED_AT_MAX)
        return error_set(&call->error, ERROR_TOO_BROAD, "from",
                         "quarters with at most %u inquiries", LOOKED_AT_MAX);
    return store_failed(call->txn) == 0;
}

/* -- the answer ------------------------------------------------------------------------------ */

static value_t count_value(int64_t counted)
{
    return counted > 0 ? value_integer(counted) : value_absent;
}

static value_t row_of(const outlook_t *self, const demand_cell_t *cell, arena_t *arena)
{
    value_builder_t row = value_builder(arena);
    char *rest = arena_text(arena, cell->cell);

    for (unsigned i = 0; i < self->n_parts; i++) {
        const char *part = strsep(&rest, "|");
        value_add_pair(&row, part_names[self->parts[i]],
                       *part != '\0' ? value_text(part) : value_absent);
    }
    value_add_pair(&row, "asked", count_value(cell->counts[DEMAND_ASKED]));
    value_add_pair(&row, "met", count_value(cell->counts[DEMAND_MET]));
    value_add_pair(&row, "unmet", count_value(cell->counts[DEMAND_UNMET]));
    return value_build_map(&row);
}

bool cmd_demand(call_t *call)
{
    outlook_t outlook;
    tally_t counted = {.outlook = &outlook, .call = call};
    value_builder_t rows = value_builder(call->arena), result = value_builder(call->arena);
    const demand_cell_t *cells;

    if (!parse(&outlook, call))
        return false;
    counted.demand = demand_new(call->arena);
    counted.merged = find_merged(call);
    if (!walk(&counted, call))
        return false;
    size_t n_cells = demand_cells(counted.demand, &cells);
    if (n_cells > CELLS_MAX)
        return error_set(&call->error, ERROR_TOO_BROAD, "by", "at most %u cells to tell of",
                         CELLS_MAX);
    for (size_t i = 0; i < n_cells; i++)
        value_add(&rows, row_of(&outlook, &cells[i], call->arena));
    value_add_pair(&result, "cells", value_build_list(&rows));
    value_add_pair(&result, "from", value_text(outlook.from));
    value_add_pair(&result, "to", value_text(outlook.to));
    value_add_pair(&result, "level", value_integer(outlook.level));
    value_add_pair(&result, "least", value_integer(DEMAND_LEAST));
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return true;
}

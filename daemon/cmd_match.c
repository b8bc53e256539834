#include "call.h"

#include "grouping.h"
#include "index.h"
#include "records.h"

#include <string.h>

#define MATCHES_MAX 50
#define GROUPS_MAX 20
#define GROUPED_MAX (GROUPS_MAX * GROUPING_MAX) /* that a page remembers of those before it */
#define LOOKED_AT_MAX 500u /* inquiries with matches that one page of suggestions begins at */

bool cmd_matches(call_t *call);
bool cmd_suggest(call_t *call);

/* The record of that kind, when the caller may see it. */
static const record_t *named(call_t *call, const char *argument, const char *kind,
                             field_mask_t *mask)
{
    record_id_t id;
    const record_t *record = record_id_parse(&id, call_text(call, argument), schema_kind(kind))
                                 ? records_get(call->txn, &id, call->arena)
                                 : NULL;

    *mask = record != NULL ? call_mask(call, record) : 0;
    if (*mask == 0)
        error_set(&call->error, ERROR_NOT_FOUND, argument, NULL);
    return *mask != 0 ? record : NULL;
}

/* How many are enough: what the course says that is named, or what a pool begins with. */
static bool take_minimum(call_t *call, int64_t *minimum)
{
    field_mask_t mask;

    *minimum = grouping_enough();
    if (call_text(call, "course") == NULL)
        return true;
    const record_t *course = named(call, "course", "course", &mask);
    if (course != NULL &&
        (mask & ((field_mask_t)1 << kind_field(course->id.kind, "minimum")->index)))
        *minimum = record_get_integer(course, "minimum", *minimum);
    return course != NULL;
}

static bool take_limit(call_t *call, int64_t most, int64_t *limit)
{
    *limit = call_integer(call, "limit", 10);
    return (*limit >= 1 && *limit <= most) ||
           error_set(&call->error, ERROR_INVALID, "limit", "1 to %d", (int)most);
}

static bool is_open(const record_t *record)
{
    const char *state = record_get_text(record, "state");

    return state != NULL && kind_state(record->id.kind, state)->open;
}

/* The live pool that the inquiry is in or asked into, as far as the caller sees; or NULL. */
static const char *pool_of(call_t *call, const record_id_t *inquiry)
{
    static const char *const fields[] = {"inquiry"};
    const kind_t *kind = schema_kind("opt_in");
    value_t equal = value_text(inquiry->text);
    const char *found = NULL;
    record_id_t id, pool;

    index_scan_t *scan =
        index_scan(call->txn, kind, index_find(kind, fields, 1), &equal, 1, true, call->arena);
    while (found == NULL && index_next(scan, &id)) {
        const record_t *opt_in = records_get(call->txn, &id, call->arena);
        if (opt_in == NULL || !is_open(opt_in) || call_mask(call, opt_in) == 0 ||
            !record_id_parse(&pool, record_get_text(opt_in, "pool"), NULL))
            continue;
        const record_t *record = records_get(call->txn, &pool, call->arena);
        if (record != NULL && is_open(record) && call_mask(call, record) != 0)
            found = record->id.text;
    }
    index_scan_end(&scan);
    return found;
}

/* Of an inquiry what a list shows of it, and what was compared. */
static value_t view_of(call_t *call, const wish_t *wish)
{
    static const char compared[] = "county period_from period_to form level language "
                                   "prior_knowledge time_of_day travel_limit_km tags";
    const kind_t *kind = wish->id.kind;
    field_mask_t wanted = 0;

    for (size_t i = 0; i < kind->n_fields; i++)
        if ((kind->fields[i].attributes & FIELD_LISTED) ||
            schema_words_have(compared, kind->fields[i].name))
            wanted |= (field_mask_t)1 << i;
    return call_view(call, wish->record, wish->mask & wanted);
}

/* -- matches --------------------------------------------------------------------------- */

static value_t reasons_of(const fit_t *fit, arena_t *arena)
{
    value_builder_t list = value_builder(arena);

    for (size_t i = 0; i < fit->n_reasons; i++) {
        value_builder_t reason = value_builder(arena);
        value_add_pair(&reason, "reason", value_text(fit->reasons[i].reason));
        value_add_pair(&reason, "points", value_integer(fit->reasons[i].points));
        if (fit->reasons[i].detail.form != VALUE_ABSENT)
            value_add_pair(&reason, "detail", fit->reasons[i].detail);
        value_add(&list, value_build_map(&reason));
    }
    return value_build_list(&list);
}

static value_t match_value(call_t *call, const match_t *match)
{
    value_builder_t map = value_builder(call->arena);
    const char *pool = pool_of(call, &match->wish.id);

    value_add_pair(&map, "record", view_of(call, &match->wish));
    value_add_pair(&map, "score", value_integer(match->fit.score));
    value_add_pair(&map, "reasons", reasons_of(&match->fit, call->arena));
    if (pool != NULL)
        value_add_pair(&map, "pool", value_text(pool));
    return value_build_map(&map);
}

bool cmd_matches(call_t *call)
{
    value_builder_t result = value_builder(call->arena);
    value_builder_t list = value_builder(call->arena);
    const atlas_t *atlas = atlas_new(call->txn, call->arena);
    matcher_t *matcher = matcher_new(&call->lookup, atlas, call->access, call->arena);
    match_t *matches = NULL;
    size_t count = 0, looked_at = 0;
    bool cut = false;
    int64_t minimum, limit;
    field_mask_t mask;

    const record_t *inquiry = named(call, "id", "inquiry", &mask);
    if (inquiry == NULL || !take_minimum(call, &minimum) || !take_limit(call, MATCHES_MAX, &limit))
        return false;
    bool seeks = matcher_take(matcher, inquiry);
    if (seeks)
        count = matcher_find(matcher, (size_t)limit, &matches, &looked_at, &cut);
    grouping_t group = seeks ? grouping_new(matcher_own(matcher)) : (grouping_t){.n_members = 0};
    for (size_t i = 0; i < count; i++) {
        value_add(&list, match_value(call, &matches[i]));
        grouping_add(&group, &matches[i].wish);
    }
    value_add_pair(&result, "matches", value_build_list(&list));
    if (count > 0)
        value_add_pair(&result, "together", grouping_value(&group, minimum, call->arena));
    value_add_pair(&result, "looked_at", value_integer((int64_t)looked_at));
    value_add_pair(&result, "cut", value_boolean(cut));
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return true;
}

/* -- suggest --------------------------------------------------------------------------- */

typedef struct {
    call_t *call;
    arena_t *arena; /* what goes into the answer; the call's is that of one group */
    const atlas_t *atlas;
    int64_t minimum;
    const char *municipality;             /* that one of the group lies in; NULL: any */
    record_id_t grouped[2 * GROUPED_MAX]; /* on the pages before, and on this one */
    size_t n_grouped;
    value_builder_t groups;
    int64_t n_groups;
} suggestion_t;

static bool is_grouped(const suggestion_t *self, const record_id_t *id)
{
    for (size_t i = 0; i < self->n_grouped; i++)
        if (record_id_equal(&self->grouped[i], id))
            return true;
    return false;
}

static bool is_free(const suggestion_t *self, const record_id_t *id)
{
    return !is_grouped(self, id) && pool_of(self->call, id) == NULL;
}

static bool lies_in(const grouping_t *group, const char *municipality)
{
    for (size_t i = 0; i < group->n_members; i++)
        if (group->members[i]->municipality != NULL &&
            strcmp(group->members[i]->municipality, municipality) == 0)
            return true;
    return false;
}

static void add_group(suggestion_t *self, const grouping_t *group)
{
    arena_t *arena = self->call->arena;
    value_builder_t map = value_builder(arena);
    value_builder_t records = value_builder(arena);

    for (size_t i = 0; i < group->n_members; i++) {
        value_add(&records, view_of(self->call, group->members[i]));
        self->grouped[self->n_grouped++] = group->members[i]->id;
    }
    value_add_pair(&map, "records", value_build_list(&records));
    value_add_pair(&map, "together", grouping_value(group, self->minimum, arena));
    value_t value = value_build_map(&map);
    value_add(&self->groups, value_copy(self->arena, &value));
    self->n_groups++;
}

/* The group around one inquiry, of those that the record knows to match it: that is kept
   of what all of staff see (matches.h), and held here against what this one sees. */
static void try_group(suggestion_t *self, const record_t *kept)
{
    call_t *call = self->call;
    const value_t *others = record_get(kept, "others");
    matcher_t *matcher = matcher_new(&call->lookup, self->atlas, call->access, call->arena);
    match_t *matches = arena_alloc(call->arena, (others->count + 1) * sizeof *matches);
    record_id_t id;

    if (!record_id_parse(&id, record_get_text(kept, "inquiry"), NULL) || !is_free(self, &id))
        return;
    const record_t *inquiry = records_get(call->txn, &id, call->arena);
    if (inquiry == NULL || !matcher_take(matcher, inquiry))
        return;
    grouping_t group = grouping_new(matcher_own(matcher));
    for (uint32_t i = 0; i < others->count; i++) {
        const record_t *other = record_id_parse(&id, others->items[i].text, NULL)
                                    ? records_get(call->txn, &id, call->arena)
                                    : NULL;
        if (other != NULL && is_free(self, &id) && matcher_try(matcher, other, &matches[i]))
            grouping_add(&group, &matches[i].wish);
    }
    if (group.n_members > 1 && group.participants >= self->minimum &&
        (self->municipality == NULL || lies_in(&group, self->municipality)))
        add_group(self, &group);
}

/* A cursor is where the page ended, and who has been in a group so far. */
static bool take_cursor(suggestion_t *self, record_id_t *after, bool *resumed)
{
    const value_t *cursor = value_get(self->call->arguments, "after");
    bool good = cursor->form == VALUE_LIST && cursor->count > 0 &&
                cursor->count <= 1 + GROUPED_MAX && cursor->items[0].form == VALUE_TEXT &&
                record_id_parse(after, cursor->items[0].text, schema_kind("match"));

    *resumed = cursor->form != VALUE_ABSENT;
    for (uint32_t i = 1; good && i < cursor->count; i++)
        good = cursor->items[i].form == VALUE_TEXT &&
               record_id_parse(&self->grouped[self->n_grouped++], cursor->items[i].text,
                               schema_kind("inquiry"));
    return good || !*resumed ||
           error_set(&self->call->error, ERROR_INVALID, "after", "the `next` of the page before");
}

static value_t cursor_at(const suggestion_t *self, const record_id_t *last)
{
    value_builder_t cursor = value_builder(self->arena);
    size_t first = self->n_grouped > GROUPED_MAX ? self->n_grouped - GROUPED_MAX : 0;

    value_add(&cursor, value_text(arena_text(self->arena, last->text)));
    for (size_t i = first; i < self->n_grouped; i++)
        value_add(&cursor, value_text(self->grouped[i].text));
    return value_build_list(&cursor);
}

bool cmd_suggest(call_t *call)
{
    suggestion_t *self = arena_alloc(call->arena, sizeof *self);
    value_builder_t result = value_builder(call->arena);
    record_id_t after, last;
    int64_t limit;
    bool resumed;

    self->call = call;
    self->atlas = atlas_new(call->txn, call->arena);
    self->municipality = call_text(call, "municipality");
    self->groups = value_builder(call->arena);
    if (!take_minimum(call, &self->minimum) || !take_limit(call, GROUPS_MAX, &limit) ||
        !take_cursor(self, &after, &resumed))
        return false;

    self->arena = call->arena;
    call->arena = arena_new();
    records_scan_t *scan =
        records_scan(call->txn, schema_kind("match"), true, resumed ? &after : NULL, self->arena);
    const record_t *kept = NULL;
    for (unsigned i = 0; i < LOOKED_AT_MAX && self->n_groups < limit; i++) {
        arena_reset(call->arena);
        kept = records_next(scan, call->arena);
        if (kept == NULL)
            break;
        last = kept->id;
        try_group(self, kept);
    }
    records_scan_end(&scan);
    arena_destroy(&call->arena);
    call->arena = self->arena;
    value_add_pair(&result, "groups", value_build_list(&self->groups));
    value_add_pair(&result, "next", kept != NULL ? cursor_at(self, &last) : value_absent);
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return true;
}

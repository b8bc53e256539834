#include "watch.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

#define FILTER_VALUES_MAX 400u

struct watch {
    uint64_t number;
    arena_t *arena;       /* the filter's */
    const value_t *kinds; /* absent: all */
    const value_t *municipalities;
    const value_t *ids;
    uint64_t kind_bits, municipality_bits; /* sight_bit of those asked for, or SIGHT_ANY */
    bool mine;
    const access_t **readers; /* a service's: whom it watches for; else NULL */
    uint32_t n_readers;
    uint64_t scanned, told;
    uint64_t last_pending; /* revision of the last pending entry */
    const push_entry_t **pending;
    size_t n_pending, room, pending_bytes;
};

/* -- the watch ---------------------------------------------------------------------- */

static bool check_list(const value_t *list, const char *name, error_t *error)
{
    if (list->form == VALUE_ABSENT)
        return true;
    if (list->count == 0 || list->count > FILTER_VALUES_MAX)
        return error_set(error, ERROR_INVALID, name, "1 to %u values", FILTER_VALUES_MAX);
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].form != VALUE_TEXT)
            return error_set(error, ERROR_INVALID, name, "a list of text");
    return true;
}

static bool check_filter(const value_t *arguments, error_t *error)
{
    const value_t *kinds = value_get(arguments, "kinds");

    if (!check_list(kinds, "kinds", error) ||
        !check_list(value_get(arguments, "municipalities"), "municipalities", error) ||
        !check_list(value_get(arguments, "ids"), "ids", error))
        return false;
    for (uint32_t i = 0; i < kinds->count; i++)
        if (schema_kind(kinds->items[i].text) == NULL)
            return error_set(error, ERROR_UNKNOWN_KIND, "kinds", NULL);
    return true;
}

static const value_t *keep(arena_t *arena, const value_t *value)
{
    value_t *copy = arena_alloc(arena, sizeof *copy);

    *copy = value_copy(arena, value);
    return copy;
}

static uint64_t bits_of(const value_t *list)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; list->form == VALUE_LIST && i < list->count; i++)
        bits |= sight_bit(list->items[i].text);
    return bits != 0 ? bits : SIGHT_ANY;
}

watch_t *watch_new(uint64_t number, const value_t *arguments, uint64_t head, uint64_t newest,
                   const char *epoch, error_t *error)
{
    const char *since_epoch = value_get_text(arguments, "epoch");
    int64_t since = value_get_integer(arguments, "since", (int64_t)head);

    if (!check_filter(arguments, error))
        return NULL;
    if (since_epoch != NULL && strcmp(since_epoch, epoch) != 0) {
        error_set(error, ERROR_COMPACTED, "epoch", NULL);
        return NULL;
    }
    if (since_epoch == NULL && value_get(arguments, "since")->form != VALUE_ABSENT) {
        error_set(error, ERROR_REQUIRED, "epoch", "the epoch that `since` belongs to");
        return NULL;
    }
    if (since < 0 || (uint64_t)since > newest) {
        error_set(error, ERROR_INVALID, "since", "a revision that has been");
        return NULL;
    }
    watch_t *self = calloc(1, sizeof *self);
    if (self == NULL)
        log_fatal("no memory left");
    self->number = number;
    self->arena = arena_new_small();
    self->kinds = keep(self->arena, value_get(arguments, "kinds"));
    self->municipalities = keep(self->arena, value_get(arguments, "municipalities"));
    self->ids = keep(self->arena, value_get(arguments, "ids"));
    self->kind_bits = bits_of(self->kinds);
    self->municipality_bits = bits_of(self->municipalities);
    self->mine = value_get_boolean(arguments, "mine", false);
    self->scanned = self->told = (uint64_t)since;
    return self;
}

void watch_destroy(watch_t **self_p)
{
    watch_t *self = *self_p;

    if (self == NULL)
        return;
    free(self->pending);
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

#define READERS_MAX 4000u

bool watch_read_for(watch_t *self, const value_t *users, const access_t *service, store_txn_t *txn,
                    uint64_t now_ms, error_t *error)
{
    if (!(service->roles & ROLE_BIT(ROLE_service)))
        return error_set(error, ERROR_NOT_ALLOWED, "users", NULL);
    if (users->count == 0 || users->count > READERS_MAX)
        return error_set(error, ERROR_INVALID, "users", "1 to %u users", READERS_MAX);
    self->readers = arena_alloc(self->arena, users->count * sizeof *self->readers);
    for (uint32_t i = 0; i < users->count; i++) {
        record_id_t id;
        const value_t *user = &users->items[i];
        if (user->form != VALUE_TEXT || !record_id_parse(&id, user->text, schema_kind("user")))
            return error_set(error, ERROR_INVALID, "users", "ids of users");
        const access_t *reader = access_of_user(txn, &id, now_ms, self->arena);
        if (!access_may_act_for(service, reader))
            return error_set(error, ERROR_NOT_ALLOWED, "users", NULL);
        self->readers[self->n_readers++] = reader;
    }
    return true;
}

bool watch_rights_changed(const watch_t *self, const access_t *service, store_txn_t *txn,
                          uint64_t now_ms, arena_t *arena)
{
    for (uint32_t i = 0; i < self->n_readers; i++) {
        const access_t *now = access_of_user(txn, &self->readers[i]->user, now_ms, arena);
        if (!access_equal(now, self->readers[i]) || !access_may_act_for(service, now))
            return true;
    }
    return false;
}

bool watch_reads_for(const watch_t *self, const char *user)
{
    for (uint32_t i = 0; i < self->n_readers; i++)
        if (strcmp(self->readers[i]->user.text, user) == 0)
            return true;
    return false;
}

uint64_t watch_number(const watch_t *self)
{
    return self->number;
}

uint64_t watch_scanned(const watch_t *self)
{
    return self->scanned;
}

void watch_pass(watch_t *self, uint64_t revision)
{
    if (self->scanned < revision)
        self->scanned = revision;
}

uint64_t watch_kinds(const watch_t *self)
{
    return self->kind_bits;
}

uint64_t watch_municipalities(const watch_t *self)
{
    return self->municipality_bits;
}

uint64_t watch_told(const watch_t *self)
{
    return self->told;
}

/* -- looking ------------------------------------------------------------------------------ */

/* True when records of the kind may be seen or not by what stands in one of the other, or
   by what that makes of one between them. */
static bool hangs_on(const kind_t *kind, const kind_t *other, unsigned depth)
{
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (field->type != TYPE_REFERENCE || !sight_hangs(kind, field))
            continue;
        if (field->target == NULL || field->target == other ||
            (depth + 1 < HANGING_DEPTH && hangs_on(field->target, other, depth + 1)))
            return true;
    }
    return false;
}

bool watch_wants(const watch_t *self, const record_id_t *id)
{
    if (self->kinds->form != VALUE_LIST)
        return true;
    for (uint32_t i = 0; i < self->kinds->count; i++) {
        const kind_t *kind = schema_kind(self->kinds->items[i].text);
        if (kind == id->kind || hangs_on(kind, id->kind, 0))
            return true;
    }
    return false;
}

/* What places the record is seen: where it lies would tell what it names. */
static bool shows_place(const access_t *access, const record_t *record,
                        const placement_t *placement, field_mask_t mask)
{
    const kind_t *kind = record->id.kind;

    if (placement->veiled && !access_is_own(access, record, placement))
        return false;
    for (size_t i = 0; i < kind->n_fields; i++)
        if (record->fields[i].form != VALUE_ABSENT && !(mask & ((field_mask_t)1 << i)) &&
            schema_words_have(kind->scope, kind->fields[i].name))
            return false;
    return true;
}

/* A hidden municipality is no municipality: the filter runs over the reader's view. */
static bool lies_in(const watch_t *self, const access_t *access, const record_t *record,
                    const placement_t *placement, field_mask_t mask)
{
    const field_t *field = kind_field(record->id.kind, "municipality");

    for (uint32_t i = 0; i < self->municipalities->count; i++) {
        const char *wanted = self->municipalities->items[i].text;
        if (field == NULL
                ? placement_in(placement, wanted) && shows_place(access, record, placement, mask)
                : (mask & ((field_mask_t)1 << field->index)) &&
                      record->fields[field->index].form == VALUE_TEXT &&
                      strcmp(record->fields[field->index].text, wanted) == 0)
            return true;
    }
    return false;
}

static bool is_asked_for(const watch_t *self, const record_t *record)
{
    return (self->kinds->form != VALUE_LIST ||
            value_list_has(self->kinds, record->id.kind->name)) &&
           (self->ids->form != VALUE_LIST || value_list_has(self->ids, record->id.text));
}

/* What this watch shows of the record within `most`: its mask, 0 when it shows nothing. */
static field_mask_t shown(const watch_t *self, const access_t *access, const record_t *record,
                          const placement_t *placement, field_mask_t most)
{
    if (record == NULL || !is_asked_for(self, record))
        return 0;
    field_mask_t mask = access_view(access, record, placement, false) & most;
    if (mask == 0 ||
        (self->municipalities->form == VALUE_LIST &&
         !lies_in(self, access, record, placement, mask)) ||
        (self->mine && !access_names(access, record, mask)))
        return 0;
    return mask;
}

static void add_pending(watch_t *self, const push_entry_t *entry, uint64_t revision)
{
    if (self->n_pending == self->room) {
        self->room = self->room ? self->room * 2 : 16;
        self->pending = realloc(self->pending, self->room * sizeof *self->pending);
        if (self->pending == NULL)
            log_fatal("no memory left");
    }
    self->pending[self->n_pending++] = entry;
    self->pending_bytes += entry->size;
    self->last_pending = revision;
}

/* What one reader is to be told of a glimpse: a put with this mask, or gone. */
typedef struct {
    field_mask_t put;
    bool gone;
} verdict_t;

/* What may be seen of a past state now. */
static field_mask_t left_of(const access_t *access, const glimpse_t *glimpse, const record_t *state,
                            const placement_t *placement)
{
    if (glimpse->now == NULL || state == NULL)
        return FIELD_MASK_ALL;
    return access_view(access, state, placement, false) &
           access_view(access, glimpse->now, glimpse->now_placement, false);
}

static verdict_t judge(const watch_t *self, const glimpse_t *glimpse, const access_t *access)
{
    /* The past shows what may be seen both then and now; that the record is gone may be
       told to whoever saw it then. */
    field_mask_t before =
        shown(self, access, glimpse->before, glimpse->before_placement, FIELD_MASK_ALL);
    field_mask_t after =
        shown(self, access, glimpse->after, glimpse->after_placement, FIELD_MASK_ALL);
    field_mask_t left_before =
        left_of(access, glimpse, glimpse->before, glimpse->before_now_placement);
    field_mask_t left = left_of(access, glimpse, glimpse->after, glimpse->after_now_placement);
    field_mask_t put = glimpse->now == NULL
                           ? after
                           : shown(self, access, glimpse->after, glimpse->after_placement, left);

    if (put != 0 && (before != after || (before & left_before) != put || (glimpse->changed & put)))
        return (verdict_t){.put = put};
    return (verdict_t){.gone = before != 0 && put == 0};
}

/* -- for one, and for many ------------------------------------------------------------------ */

static size_t look_for_one(watch_t *self, sight_t *sight, const access_t *access)
{
    size_t count = 0;

    for (size_t i = 0; i < sight->n_glimpses; i++) {
        glimpse_t *glimpse = &sight->glimpses[i];
        verdict_t verdict = judge(self, glimpse, access);
        if (verdict.put != 0) {
            const encoded_t *put = sight_put(sight, glimpse, verdict.put);
            sight->data[count] = put->data;
            sight->sizes[count++] = put->size;
        } else if (verdict.gone) {
            sight_gone(sight, glimpse);
            sight->data[count] = glimpse->gone;
            sight->sizes[count++] = glimpse->gone_size;
        }
    }
    return count;
}

/* Those of whom the verdict is the same share an operation that names them. */
typedef struct {
    verdict_t verdict;
    value_builder_t users;
} audience_t;

static void add_to_audience(sight_t *sight, audience_t *audiences, size_t *count, verdict_t verdict,
                            const char *user)
{
    size_t i = 0;

    while (i < *count && audiences[i].verdict.put != verdict.put)
        i++;
    if (i == *count)
        audiences[(*count)++] = (audience_t){verdict, value_builder(sight->arena)};
    value_add(&audiences[i].users, value_text(user));
}

/* A client reads no larger frame, and each user named is a value in it. */
#define ENTRY_BYTES_MAX ((size_t)384 * 1024)

static bool look_for_many(watch_t *self, sight_t *sight)
{
    audience_t *audiences = arena_alloc(sight->arena, self->n_readers * sizeof *audiences);
    size_t told = 0, room = 0;
    const void **data = NULL;
    size_t *sizes = NULL;

    for (size_t i = 0; i < sight->n_glimpses; i++) {
        size_t count = 0;
        for (uint32_t j = 0; j < self->n_readers; j++) {
            verdict_t verdict = judge(self, &sight->glimpses[i], self->readers[j]);
            if (verdict.put != 0 || verdict.gone)
                add_to_audience(sight, audiences, &count, verdict, self->readers[j]->user.text);
        }
        if (told + count > room) {
            room = 2 * (told + count);
            const void **more_data = arena_alloc(sight->arena, room * sizeof *more_data);
            size_t *more_sizes = arena_alloc(sight->arena, room * sizeof *more_sizes);
            if (data != NULL) {
                memcpy(more_data, data, told * sizeof *data);
                memcpy(more_sizes, sizes, told * sizeof *sizes);
            }
            data = more_data;
            sizes = more_sizes;
        }
        for (size_t j = 0; j < count; j++, told++) {
            value_t users = value_build_list(&audiences[j].users);
            sight_operation_for(sight, &sight->glimpses[i], audiences[j].verdict.put, &users,
                                &data[told], &sizes[told]);
        }
    }
    if (told == 0)
        return true;
    const push_entry_t *entry = sight_entry(sight, data, sizes, told);
    if (entry->size > ENTRY_BYTES_MAX)
        return false;
    add_pending(self, entry, sight->change->revision);
    return true;
}

bool watch_look(watch_t *self, sight_t *sight, const access_t *access)
{
    sight_prepare(sight);
    if (sight->wide)
        return false;
    self->scanned = sight->change->revision;
    if (!(self->kind_bits & sight->kinds) || !(self->municipality_bits & sight->municipalities))
        return true;
    if (self->n_readers > 0)
        return look_for_many(self, sight);
    size_t count = look_for_one(self, sight, access);
    if (count > 0)
        add_pending(self, sight_tell(sight, count), sight->change->revision);
    return true;
}

size_t watch_pending(const watch_t *self)
{
    return self->pending_bytes;
}

bool watch_frame(watch_t *self, const char *epoch, pushes_t *pushes, arena_t *arena,
                 zmq_msg_t *frame)
{
    if (self->n_pending == 0)
        return false;
    pushes_frame(pushes, arena, self->number, epoch, self->told, self->pending, self->n_pending,
                 frame);
    self->n_pending = 0;
    self->pending_bytes = 0;
    self->told = self->last_pending;
    return true;
}

void *watch_bookmark(watch_t *self, const char *epoch, arena_t *arena, size_t *size)
{
    frame_t frame = {.type = FRAME_BOOKMARK,
                     .watch = self->number,
                     .epoch = epoch,
                     .before = self->told,
                     .revision = self->scanned};
    void *data;

    frame_write(&frame, arena, &data, size);
    self->told = self->scanned;
    return data;
}

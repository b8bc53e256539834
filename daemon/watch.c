#include "watch.h"

#include "log.h"
#include "records.h"
#include "seal.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_VALUES_MAX 400u

struct watch {
    uint64_t number;
    arena_t *arena;       /* the filter's */
    const value_t *kinds; /* absent: all */
    const value_t *municipalities;
    const value_t *ids;
    bool mine;
    uint64_t scanned, told;
    uint64_t last_pending; /* revision of the last pending entry */
    uint32_t n_pending;
    msgpack_sbuffer entries; /* pending ones, one after the other */
    msgpack_sbuffer frame;
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

watch_t *watch_new(uint64_t number, const value_t *arguments, uint64_t head, const char *epoch,
                   error_t *error)
{
    const char *since_epoch = value_get_text(arguments, "epoch");
    int64_t since = value_get_integer(arguments, "since", (int64_t)head);

    if (!check_filter(arguments, error))
        return NULL;
    if (since_epoch != NULL && strcmp(since_epoch, epoch) != 0) {
        error_set(error, ERROR_COMPACTED, "epoch", NULL);
        return NULL;
    }
    if (since < 0 || (uint64_t)since > head) {
        error_set(error, ERROR_INVALID, "since", "a revision that has been");
        return NULL;
    }
    watch_t *self = calloc(1, sizeof *self);
    if (self == NULL)
        log_fatal("no memory left");
    self->number = number;
    self->arena = arena_new();
    self->kinds = keep(self->arena, value_get(arguments, "kinds"));
    self->municipalities = keep(self->arena, value_get(arguments, "municipalities"));
    self->ids = keep(self->arena, value_get(arguments, "ids"));
    self->mine = value_get_boolean(arguments, "mine", false);
    self->scanned = self->told = (uint64_t)since;
    msgpack_sbuffer_init(&self->entries);
    msgpack_sbuffer_init(&self->frame);
    return self;
}

void watch_destroy(watch_t **self_p)
{
    watch_t *self = *self_p;

    if (self == NULL)
        return;
    msgpack_sbuffer_destroy(&self->entries);
    msgpack_sbuffer_destroy(&self->frame);
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

uint64_t watch_number(const watch_t *self)
{
    return self->number;
}

uint64_t watch_scanned(const watch_t *self)
{
    return self->scanned;
}

uint64_t watch_told(const watch_t *self)
{
    return self->told;
}

/* -- sights --------------------------------------------------------------------------- */

/* A view, encoded once for all who have the same. */
typedef struct encoded encoded_t;
struct encoded {
    field_mask_t mask;
    const void *data;
    size_t size;
    encoded_t *next;
};

typedef struct {
    const record_t *before, *after;
    const placement_t *before_placement, *after_placement;
    const record_t *now; /* when it has changed since; NULL: as after, or deleted */
    const placement_t *now_placement;
    field_mask_t changed; /* fields that differ */
    bool prepared;
    encoded_t *puts; /* {"op": "put", "record": ...} */
    const void *gone;
    size_t gone_size;
} glimpse_t;

struct sight {
    const change_t *change;
    store_txn_t *txn;
    lookup_t lookup;
    arena_t *arena;
    glimpse_t glimpses[];
};

sight_t *sight_new(const change_t *change, store_txn_t *txn, arena_t *arena)
{
    sight_t *self =
        arena_alloc(arena, sizeof *self + change->n_operations * sizeof *self->glimpses);

    self->change = change;
    self->txn = txn;
    self->lookup.txn = txn;
    self->arena = arena;
    for (size_t i = 0; i < change->n_operations; i++) {
        self->glimpses[i].before = change->operations[i].before;
        self->glimpses[i].after = change->operations[i].after;
    }
    return self;
}

static void prepare(sight_t *self, glimpse_t *glimpse)
{
    const record_t *before = glimpse->before;
    const record_t *after = glimpse->after;

    if (glimpse->prepared)
        return;
    glimpse->prepared = true;
    if (before != NULL)
        glimpse->before_placement = placement_of(&self->lookup, before, self->arena);
    if (after != NULL)
        glimpse->after_placement = placement_of(&self->lookup, after, self->arena);
    const record_id_t *id = after != NULL ? &after->id : &before->id;
    uint64_t revision = records_revision(self->txn, id);
    if (revision != 0 && revision != self->change->revision)
        glimpse->now = records_get(self->txn, id, self->arena);
    if (glimpse->now != NULL)
        glimpse->now_placement = placement_of(&self->lookup, glimpse->now, self->arena);
    for (size_t i = 0; before != NULL && after != NULL && i < before->id.kind->n_fields; i++)
        if (!value_equal(&before->fields[i], &after->fields[i]))
            glimpse->changed |= (field_mask_t)1 << i;
}

static void encode_operation(sight_t *self, const char *what, const char *key, value_t value,
                             const void **data_p, size_t *size_p)
{
    value_builder_t map = value_builder(self->arena);
    void *data;

    value_add_pair(&map, "op", value_text(what));
    value_add_pair(&map, key, value);
    value_t built = value_build_map(&map);
    wire_encode(&built, self->arena, &data, size_p);
    *data_p = data;
}

static const encoded_t *encode_put(sight_t *self, glimpse_t *glimpse, field_mask_t mask)
{
    const record_t *record = glimpse->after;

    for (const encoded_t *found = glimpse->puts; found != NULL; found = found->next)
        if (found->mask == mask)
            return found;
    encoded_t *made = arena_alloc(self->arena, sizeof *made);
    record_t *opened = record_copy(self->arena, record);
    seal_open(self->txn, opened, mask, self->arena);
    encode_operation(self, "put", "record", record_to_view(opened, mask, self->arena), &made->data,
                     &made->size);
    made->mask = mask;
    made->next = glimpse->puts;
    glimpse->puts = made;
    return made;
}

/* -- looking ------------------------------------------------------------------------------ */

static bool list_has(const value_t *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].text, text) == 0)
            return true;
    return false;
}

static bool names_user(const record_t *record, field_mask_t mask, const char *user)
{
    const kind_t *kind = record->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const value_t *value = &record->fields[i];
        if (kind->fields[i].type != TYPE_REFERENCE || !(mask & ((field_mask_t)1 << i)))
            continue;
        if ((value->form == VALUE_TEXT && strcmp(value->text, user) == 0) ||
            (value->form == VALUE_LIST && list_has(value, user)))
            return true;
    }
    return false;
}

/* A hidden municipality is no municipality: the filter runs over the reader's view. */
static bool lies_in(const watch_t *self, const record_t *record, const placement_t *placement,
                    field_mask_t mask)
{
    const field_t *field = kind_field(record->id.kind, "municipality");

    for (uint32_t i = 0; i < self->municipalities->count; i++) {
        const char *wanted = self->municipalities->items[i].text;
        if (field == NULL ? placement_in(placement, wanted)
                          : (mask & ((field_mask_t)1 << field->index)) &&
                                record->fields[field->index].form == VALUE_TEXT &&
                                strcmp(record->fields[field->index].text, wanted) == 0)
            return true;
    }
    return false;
}

/* What this watch shows of the record within `most`: its mask, 0 when it shows nothing. */
static field_mask_t shown(const watch_t *self, const access_t *access, const record_t *record,
                          const placement_t *placement, field_mask_t most)
{
    if (record == NULL)
        return 0;
    if (self->kinds->form == VALUE_LIST && !list_has(self->kinds, record->id.kind->name))
        return 0;
    if (self->ids->form == VALUE_LIST && !list_has(self->ids, record->id.text))
        return 0;
    field_mask_t mask = access_view(access, record, placement, false) & most;
    if (mask == 0 ||
        (self->municipalities->form == VALUE_LIST && !lies_in(self, record, placement, mask)) ||
        (self->mine && !names_user(record, mask, access->user.text)))
        return 0;
    return mask;
}

/* Raw msgpack after raw msgpack is msgpack. */
static void append(msgpack_sbuffer *buffer, const void *data, size_t size)
{
    if (msgpack_sbuffer_write(buffer, data, size) != 0)
        log_fatal("no memory left");
}

static void pack_text(msgpack_packer *packer, const char *text)
{
    msgpack_pack_str_with_body(packer, text, strlen(text));
}

void watch_look(watch_t *self, sight_t *sight, const access_t *access)
{
    const change_t *change = sight->change;
    const void **data = arena_alloc(sight->arena, change->n_operations * sizeof *data);
    size_t *sizes = arena_alloc(sight->arena, change->n_operations * sizeof *sizes);
    size_t count = 0;

    self->scanned = change->revision;
    for (size_t i = 0; i < change->n_operations; i++) {
        glimpse_t *glimpse = &sight->glimpses[i];
        prepare(sight, glimpse);
        /* The past shows what may be seen both then and now; that the record is gone may
           be told to whoever saw it then. */
        field_mask_t now = glimpse->now == NULL
                               ? FIELD_MASK_ALL
                               : access_view(access, glimpse->now, glimpse->now_placement, false);
        field_mask_t before =
            shown(self, access, glimpse->before, glimpse->before_placement, FIELD_MASK_ALL);
        field_mask_t after = shown(self, access, glimpse->after, glimpse->after_placement, now);
        if (after != 0 && ((before & now) != after || (glimpse->changed & after))) {
            const encoded_t *put = encode_put(sight, glimpse, after);
            data[count] = put->data;
            sizes[count++] = put->size;
        } else if (before != 0 && after == 0) {
            if (glimpse->gone == NULL)
                encode_operation(sight, "gone", "id", value_text(glimpse->before->id.text),
                                 &glimpse->gone, &glimpse->gone_size);
            data[count] = glimpse->gone;
            sizes[count++] = glimpse->gone_size;
        }
    }
    if (count == 0)
        return;

    msgpack_packer packer;
    msgpack_packer_init(&packer, &self->entries, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, 4);
    pack_text(&packer, "rev");
    msgpack_pack_uint64(&packer, change->revision);
    pack_text(&packer, "time");
    msgpack_pack_uint64(&packer, change->time_ms);
    pack_text(&packer, "actor");
    pack_text(&packer, change->as != NULL ? change->as : change->actor);
    pack_text(&packer, "ops");
    msgpack_pack_array(&packer, count);
    for (size_t i = 0; i < count; i++)
        append(&self->entries, data[i], sizes[i]);
    self->n_pending++;
    self->last_pending = change->revision;
}

void watch_skip(watch_t *self, uint64_t revision)
{
    self->scanned = revision;
}

size_t watch_pending(const watch_t *self)
{
    return self->entries.size;
}

const void *watch_frame(watch_t *self, const char *epoch, size_t *size)
{
    msgpack_packer packer;

    if (self->n_pending == 0)
        return NULL;
    msgpack_sbuffer_clear(&self->frame);
    msgpack_packer_init(&packer, &self->frame, msgpack_sbuffer_write);
    msgpack_pack_array(&packer, 5);
    pack_text(&packer, "push");
    msgpack_pack_uint64(&packer, self->number);
    pack_text(&packer, epoch);
    msgpack_pack_uint64(&packer, self->told);
    msgpack_pack_array(&packer, self->n_pending);
    append(&self->frame, self->entries.data, self->entries.size);
    msgpack_sbuffer_clear(&self->entries);
    self->n_pending = 0;
    self->told = self->last_pending;
    *size = self->frame.size;
    return self->frame.data;
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

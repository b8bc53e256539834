#include "watch.h"

#include "index.h"
#include "log.h"
#include "past.h"
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
    self->arena = arena_new();
    self->kinds = keep(self->arena, value_get(arguments, "kinds"));
    self->municipalities = keep(self->arena, value_get(arguments, "municipalities"));
    self->ids = keep(self->arena, value_get(arguments, "ids"));
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
    const record_t *now; /* as it last stood when it has changed since; else NULL */
    const placement_t *now_placement;
    field_mask_t changed; /* fields that differ */
    encoded_t *puts;      /* {"op": "put", "record": ...} */
    const void *gone;
    size_t gone_size;
} glimpse_t;

/* The entry of all who are told these operations. */
typedef struct telling telling_t;
struct telling {
    push_entry_t entry;
    const void **data;
    size_t count;
    telling_t *next;
};

struct sight {
    const change_t *change;
    store_txn_t *txn;
    lookup_t lookup;
    lookup_t then; /* the same, before the change */
    arena_t *arena;
    bool prepared;
    bool wide;           /* it changes the sight of more records than can be told one by one */
    glimpse_t *glimpses; /* one an operation, then those of records that hang on them */
    size_t n_glimpses, room;
    const void **data; /* for one watch at a time: encoded operations */
    size_t *sizes;
    telling_t *tellings;
};

/* The changed records as they were before: what they and the others were placed by. */
static bool find_before(const void *draft, const record_id_t *id, const record_t **record_p)
{
    const change_t *change = draft;

    for (size_t i = 0; i < change->n_operations; i++) {
        const operation_t *operation = &change->operations[i];
        if (record_id_equal(
                operation->after != NULL ? &operation->after->id : &operation->before->id, id)) {
            *record_p = operation->before;
            return true;
        }
    }
    return false;
}

sight_t *sight_new(const change_t *change, store_txn_t *txn, arena_t *arena)
{
    sight_t *self = arena_alloc(arena, sizeof *self);

    self->change = change;
    self->txn = txn;
    self->lookup.txn = txn;
    self->then = (lookup_t){.txn = txn, .drafted = find_before, .draft = change};
    self->arena = arena;
    return self;
}

static glimpse_t *add_glimpse(sight_t *self, const record_t *before, const record_t *after)
{
    if (self->n_glimpses == self->room) {
        self->room = self->room ? self->room * 2 : self->change->n_operations + 1;
        glimpse_t *more = arena_alloc(self->arena, self->room * sizeof *more);
        if (self->n_glimpses > 0)
            memcpy(more, self->glimpses, self->n_glimpses * sizeof *more);
        self->glimpses = more;
    }
    glimpse_t *glimpse = &self->glimpses[self->n_glimpses++];
    *glimpse = (glimpse_t){.before = before, .after = after};
    return glimpse;
}

/* -- what hangs on a record ------------------------------------------------------------ */

#define HANGING_MAX 1000u

/* True when the change may show or hide other records: those that follow this one, or
   that are placed by it. */
static bool moves_others(const record_t *before, const record_t *after)
{
    const kind_t *kind = before->id.kind;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const char *name = kind->fields[i].name;
        if (!value_equal(&before->fields[i], &after->fields[i]) &&
            (strcmp(name, "discreet") == 0 || strcmp(name, "protected") == 0 ||
             schema_words_have(kind->scope, name) || schema_words_have(kind->also, name)))
            return true;
    }
    return false;
}

static bool is_operation(const sight_t *self, const record_id_t *id)
{
    for (size_t i = 0; i < self->change->n_operations; i++) {
        const operation_t *operation = &self->change->operations[i];
        if (record_id_equal(
                operation->after != NULL ? &operation->after->id : &operation->before->id, id))
            return true;
    }
    return false;
}

/* Records that hang on the changed one are seen anew: `gone`, not silence. */
static void add_hanging(sight_t *self, const record_t *before)
{
    referrer_scan_t *scan = referrer_scan(self->txn, &before->id, self->arena);
    const field_t *field;
    record_id_t id;
    unsigned count = 0;

    while (!self->wide && referrer_next(scan, &id, &field)) {
        bool hangs = strcmp(id.kind->follows, field->name) == 0 ||
                     schema_words_have(id.kind->scope, field->name);
        const record_t *record =
            hangs && !is_operation(self, &id) ? records_get(self->txn, &id, self->arena) : NULL;
        if (record == NULL)
            continue;
        glimpse_t *glimpse = add_glimpse(self, record, record);
        glimpse->before_placement = placement_of(&self->then, record, self->arena);
        glimpse->after_placement = placement_of(&self->lookup, record, self->arena);
        self->wide = ++count > HANGING_MAX;
    }
    referrer_scan_end(&scan);
}

/* -- one operation ------------------------------------------------------------------------ */

static void prepare_operation(sight_t *self, const operation_t *operation)
{
    const record_t *before = operation->before;
    const record_t *after = operation->after;
    glimpse_t *glimpse = add_glimpse(self, before, after);

    if (before != NULL)
        glimpse->before_placement = placement_of(&self->then, before, self->arena);
    if (after != NULL)
        glimpse->after_placement = placement_of(&self->lookup, after, self->arena);
    const record_id_t *id = after != NULL ? &after->id : &before->id;
    if (records_revision(self->txn, id) != self->change->revision) {
        /* It has changed since, or been deleted: by this change, or later. */
        glimpse->now = after != NULL ? past_last(self->txn, id, self->arena) : NULL;
        if (glimpse->now != NULL)
            glimpse->now_placement = placement_of(&self->lookup, glimpse->now, self->arena);
    }
    for (size_t i = 0; before != NULL && after != NULL && i < before->id.kind->n_fields; i++)
        if (!value_equal(&before->fields[i], &after->fields[i]))
            glimpse->changed |= (field_mask_t)1 << i;
}

static void prepare(sight_t *self)
{
    if (self->prepared)
        return;
    self->prepared = true;
    for (size_t i = 0; i < self->change->n_operations; i++)
        prepare_operation(self, &self->change->operations[i]);
    for (size_t i = 0; i < self->change->n_operations; i++) {
        const operation_t *operation = &self->change->operations[i];
        if (operation->before != NULL && operation->after != NULL &&
            moves_others(operation->before, operation->after))
            add_hanging(self, operation->before);
    }
    self->data = arena_alloc(self->arena, self->n_glimpses * sizeof *self->data);
    self->sizes = arena_alloc(self->arena, self->n_glimpses * sizeof *self->sizes);
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

/* True when records of the kind may be seen or not by what stands in one of the other. */
static bool hangs_on(const kind_t *kind, const kind_t *other)
{
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (field->type == TYPE_REFERENCE && (field->target == NULL || field->target == other) &&
            (strcmp(kind->follows, field->name) == 0 ||
             schema_words_have(kind->scope, field->name)))
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
        if (kind == id->kind || hangs_on(kind, id->kind))
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

static bool is_asked_for(const watch_t *self, const record_t *record)
{
    return (self->kinds->form != VALUE_LIST || list_has(self->kinds, record->id.kind->name)) &&
           (self->ids->form != VALUE_LIST || list_has(self->ids, record->id.text));
}

/* What this watch shows of the record within `most`: its mask, 0 when it shows nothing. */
static field_mask_t shown(const watch_t *self, const access_t *access, const record_t *record,
                          const placement_t *placement, field_mask_t most)
{
    if (record == NULL || !is_asked_for(self, record))
        return 0;
    field_mask_t mask = access_view(access, record, placement, false) & most;
    if (mask == 0 ||
        (self->municipalities->form == VALUE_LIST && !lies_in(self, record, placement, mask)) ||
        (self->mine && !names_user(record, mask, access->user.text)))
        return 0;
    return mask;
}

/* A deleted record that followed another may have been seen while that one was open, by
   a watch that lags behind both. That it is gone is told to all who read its kind. */
static bool may_have_been_seen(const watch_t *self, const access_t *access,
                               const glimpse_t *glimpse)
{
    return glimpse->after == NULL && *glimpse->before->id.kind->follows != '\0' &&
           is_asked_for(self, glimpse->before) &&
           (access->roles & glimpse->before->id.kind->readers);
}

static void pack_text(msgpack_packer *packer, const char *text)
{
    msgpack_pack_str_with_body(packer, text, strlen(text));
}

/* Raw msgpack after raw msgpack is msgpack. */
static push_entry_t encode_entry(const sight_t *self, size_t count)
{
    const change_t *change = self->change;
    msgpack_sbuffer buffer;
    msgpack_packer packer;

    msgpack_sbuffer_init(&buffer);
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
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
        if (msgpack_sbuffer_write(&buffer, self->data[i], self->sizes[i]) != 0)
            log_fatal("no memory left");
    push_entry_t entry = {arena_copy(self->arena, buffer.data, buffer.size), buffer.size};
    msgpack_sbuffer_destroy(&buffer);
    return entry;
}

/* The entry with the first `count` operations of `data`: one for all who are told them. */
static const push_entry_t *tell(sight_t *self, size_t count)
{
    for (const telling_t *found = self->tellings; found != NULL; found = found->next)
        if (found->count == count &&
            memcmp(found->data, self->data, count * sizeof *self->data) == 0)
            return &found->entry;
    telling_t *made = arena_alloc(self->arena, sizeof *made);
    made->entry = encode_entry(self, count);
    made->data = arena_copy(self->arena, self->data, count * sizeof *self->data);
    made->count = count;
    made->next = self->tellings;
    self->tellings = made;
    return &made->entry;
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

bool watch_look(watch_t *self, sight_t *sight, const access_t *access)
{
    const change_t *change = sight->change;
    size_t count = 0;

    prepare(sight);
    if (sight->wide)
        return false;
    const void **data = sight->data;
    size_t *sizes = sight->sizes;
    self->scanned = change->revision;
    for (size_t i = 0; i < sight->n_glimpses; i++) {
        glimpse_t *glimpse = &sight->glimpses[i];
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
        } else if ((before != 0 && after == 0) || may_have_been_seen(self, access, glimpse)) {
            if (glimpse->gone == NULL)
                encode_operation(sight, "gone", "id", value_text(glimpse->before->id.text),
                                 &glimpse->gone, &glimpse->gone_size);
            data[count] = glimpse->gone;
            sizes[count++] = glimpse->gone_size;
        }
    }
    if (count > 0)
        add_pending(self, tell(sight, count), change->revision);
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

#include "draft_parts.h"

#include "maintenance.h"
#include "records.h"
#include "seal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t draft_count(const draft_t *self)
{
    return self->n_operations;
}

const record_t *draft_record(const draft_t *self, size_t position)
{
    return self->operations[position].after;
}

store_txn_t *draft_txn(const draft_t *self)
{
    return self->txn;
}

const lookup_t *draft_lookup(const draft_t *self)
{
    return &self->lookup;
}

const access_t *draft_access(const draft_t *self)
{
    return self->access;
}

arena_t *draft_arena(const draft_t *self)
{
    return self->arena;
}

uint64_t draft_now(const draft_t *self)
{
    return self->now_ms;
}

const config_t *draft_config(const draft_t *self)
{
    return self->config;
}

void draft_set_config(draft_t *self, const config_t *config)
{
    self->config = config;
}

/* An import of a thousand rows asks for as many records many times: they are found by
   the hash of their ids. */
static const record_id_t *id_of(const operation_t *operation)
{
    return operation->after != NULL ? &operation->after->id : &operation->before->id;
}

/* The slot of the id, or the free one where it would be. */
static uint32_t *slot_of(const draft_t *self, const record_id_t *id)
{
    size_t hash = 14695981039346656037u;

    for (const char *at = id->text; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    size_t i = hash & (self->n_slots - 1);
    while (self->slots[i] != 0 &&
           !record_id_equal(id_of(&self->operations[self->slots[i] - 1]), id))
        i = (i + 1) & (self->n_slots - 1);
    return &self->slots[i];
}

operation_t *draft_find(const draft_t *self, const record_id_t *id)
{
    if (self->n_operations == 0)
        return NULL;
    uint32_t number = *slot_of(self, id);
    return number != 0 ? &self->operations[number - 1] : NULL;
}

static void grow(draft_t *self)
{
    self->room = self->room ? self->room * 2 : 4;
    operation_t *more = arena_alloc(self->arena, self->room * sizeof *more);
    if (self->operations != NULL)
        memcpy(more, self->operations, self->n_operations * sizeof *more);
    self->operations = more;
    self->n_slots = 2 * self->room;
    self->slots = arena_alloc(self->arena, self->n_slots * sizeof *self->slots);
    for (size_t i = 0; i < self->n_operations; i++)
        *slot_of(self, id_of(&self->operations[i])) = (uint32_t)i + 1;
}

static bool find_drafted(const void *draft, const record_id_t *id, const record_t **record_p)
{
    const operation_t *operation = draft_find(draft, id);

    if (operation == NULL)
        return false;
    *record_p = operation->after;
    return true;
}

draft_t *draft_new(store_txn_t *txn, const access_t *access, uint64_t now_ms, arena_t *arena)
{
    draft_t *self = arena_alloc(arena, sizeof *self);

    self->txn = txn;
    self->lookup = (lookup_t){.txn = txn, .drafted = find_drafted, .draft = self};
    self->access = access;
    self->now_ms = now_ms;
    self->config = &config_defaults;
    self->arena = arena;
    return self;
}

bool draft_is_open(draft_t *self, role_mask_t roles, error_t *error)
{
    if (maintenance_lets(roles))
        return true;
    if (!self->maintenance_known)
        self->maintenance = maintenance_now(self->txn, self->now_ms, self->arena);
    self->maintenance_known = true;
    return self->maintenance == NULL || maintenance_refuse(self->maintenance, self->arena, error);
}

const record_t *draft_get(draft_t *self, const record_id_t *id)
{
    return lookup_record(&self->lookup, id, self->arena);
}

field_mask_t draft_view(draft_t *self, const record_t *record)
{
    const placement_t *placement = placement_of(&self->lookup, record, self->arena);

    return access_view(self->access, record, placement, true);
}

const record_t *draft_visible(draft_t *self, const record_id_t *id)
{
    const record_t *record = draft_get(self, id);

    return record != NULL && draft_view(self, record) != 0 ? record : NULL;
}

const record_t *draft_named(draft_t *self, const record_t *record, const char *field)
{
    const char *text = record_get_text(record, field);
    record_id_t id;

    return text != NULL && record_id_parse(&id, text, NULL) ? draft_get(self, &id) : NULL;
}

bool draft_may_write(draft_t *self, const record_t *record)
{
    return access_may_write(self->access, record, placement_of(&self->lookup, record, self->arena));
}

/* Add or widen the operation on a record: a batch that changes it twice changes it once. */
void draft_add(draft_t *self, const record_t *before, const record_t *after)
{
    operation_t *found = draft_find(self, after != NULL ? &after->id : &before->id);

    if (found != NULL) {
        found->after = after;
        return;
    }
    if (self->n_operations == self->room)
        grow(self);
    assert(self->operations != NULL);
    *slot_of(self, after != NULL ? &after->id : &before->id) = (uint32_t)self->n_operations + 1;
    self->operations[self->n_operations++] = (operation_t){.before = before, .after = after};
}

void draft_add_result(draft_t *self, const char *id)
{
    if (self->n_results == self->results_room) {
        self->results_room = self->results_room ? self->results_room * 2 : 4;
        const char **more = arena_alloc(self->arena, self->results_room * sizeof *more);
        if (self->n_results > 0)
            memcpy(more, self->results, self->n_results * sizeof *more);
        self->results = more;
    }
    self->results[self->n_results++] = id;
}

/* "$3" to the id that the third write got; other text stays. NULL: no such write. */
const char *draft_resolve(const draft_t *self, const char *text)
{
    if (*text != '$')
        return text;
    char *end = NULL;
    unsigned long number = strtoul(text + 1, &end, 10);
    if (end == text + 1 || *end != '\0' || number == 0 || number > self->n_results)
        return NULL;
    return self->results[number - 1];
}

/* One transaction is one entry of a push, and a client reads no frame of more than
   1 MiB and 65,536 values (wire_limits_client): keep well below, all views counted. */
#define TRANSACTION_BYTES_MAX ((size_t)768 * 1024)
#define TRANSACTION_NODES_MAX ((size_t)48 * 1024)
#define VIEW_NODES 10u /* around the fields: operation, record, id, revision */

static bool check_size(draft_t *self, error_t *error)
{
    size_t bytes = 0, nodes = 0;

    for (size_t i = 0; i < self->n_operations; i++) {
        const record_t *record = self->operations[i].after;
        nodes += VIEW_NODES;
        for (size_t j = 0; record != NULL && j < record->id.kind->n_fields; j++) {
            if (record->fields[j].form == VALUE_ABSENT)
                continue;
            bytes += value_weight(&record->fields[j], &nodes);
            bytes += strlen(record->id.kind->fields[j].name) + 1;
            nodes++;
        }
    }
    if (bytes > TRANSACTION_BYTES_MAX || nodes > TRANSACTION_NODES_MAX)
        return error_set(error, ERROR_TOO_LARGE, NULL,
                         "at most %zu bytes and %zu values of records", TRANSACTION_BYTES_MAX,
                         TRANSACTION_NODES_MAX);
    return true;
}

const operation_t *draft_finish(draft_t *self, size_t *count, error_t *error)
{
    if (!check_size(self, error))
        return NULL;
    for (size_t i = 0; i < self->n_operations; i++) {
        if (self->operations[i].after == NULL)
            continue;
        self->operations[i].after = seal_record(self->txn, self->operations[i].after, self->arena);
        if (self->operations[i].after == NULL)
            return NULL;
    }
    *count = self->n_operations;
    return self->operations;
}

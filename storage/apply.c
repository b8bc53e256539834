#include "due.h"
#include "history.h"
#include "index.h"
#include "journal.h"
#include "records.h"
#include "requests.h"
#include "txn.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The one door: everything that a batch changes, in one transaction. Runs no
   rules and takes nothing from outside the batch and the store. */

static bool touches_rights(const kind_t *kind)
{
    static const char *const kinds[] = {"user", "grant", "key"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind->name, kinds[i]) == 0)
            return true;
    return false;
}

static const record_id_t *id_of(const operation_t *operation)
{
    return operation->after ? &operation->after->id : &operation->before->id;
}

/* Whether `before` is the state that stands. What an earlier operation of this
   batch left has the new revision, which the caller could not know. */
static bool stands(const operation_t *operation, uint64_t standing, uint64_t revision)
{
    if (!operation->before)
        return standing == 0;
    return standing && (standing == revision || standing == operation->before->revision);
}

static void count(store_txn_t *self, const operation_t *operation)
{
    const record_id_t *id = id_of(operation);
    bool made = !operation->before, gone = !operation->after;
    if (!made && !gone)
        return;
    meta_kind_t counts;
    meta_read_kind(store_db(self), id->kind, &counts);
    if (id->number > counts.last_number)
        counts.last_number = id->number;
    counts.live += made;
    counts.live -= gone;
    meta_write_kind(store_db(self), id->kind, &counts);
}

static void change(store_txn_t *self, const operation_t *operation, uint64_t revision,
                   journal_operation_t *entry)
{
    const record_id_t *id = id_of(operation);
    uint64_t standing = records_revision(self, id);
    if (!stands(operation, standing, revision)) {
        store_fail(self, EINVAL);
        return;
    }
    *entry = (journal_operation_t){.id = *id, .before = standing, .after = operation->after};
    count(self, operation);
    if (operation->after)
        records_put(self, operation->after, revision);
    else
        records_delete(self, id);
    index_change(self, operation->before, operation->after);
    due_change(self, operation->before, operation->after);
    history_append(self, id, revision);
}

uint64_t store_apply(store_txn_t *self, const batch_t *batch)
{
    if (store_failed(self))
        return 0;
    arena_t *arena = store_scratch(self);
    arena_reset(arena);
    meta_head_t head = *store_head_of(self);
    journal_operation_t *operations =
        arena_alloc(arena, (batch->n_operations + 1) * sizeof *operations);
    journal_entry_t entry = {
        .revision = head.revision + 1,
        .time_ms = batch->time_ms > head.time_ms ? batch->time_ms : head.time_ms,
        .actor = batch->actor,
        .as = batch->as,
        .request_id = batch->request_id,
        .arguments_hash = batch->arguments_hash,
        .operations = operations,
        .n_operations = batch->n_operations,
    };
    memcpy(entry.previous_hash, head.hash, sizeof entry.previous_hash);
    head.revision = entry.revision;
    head.time_ms = entry.time_ms;
    for (size_t i = 0; i < batch->n_operations && !store_failed(self); i++) {
        const operation_t *operation = &batch->operations[i];
        assert(operation->before || operation->after);
        change(self, operation, entry.revision, &operations[i]);
        if (touches_rights(id_of(operation)->kind))
            head.rights = entry.revision;
    }
    if (store_failed(self))
        return 0;
    journal_append(self, &entry, head.hash);
    if (batch->request_id)
        requests_put(self, batch->actor, batch->request_id, entry.revision, batch->arguments_hash);
    store_set_head(self, &head);
    return store_failed(self) ? 0 : entry.revision;
}

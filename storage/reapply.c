#include "reapply.h"

#include "records.h"

#include <string.h>

/* The state before an operation: the store's, or what an earlier operation of the
   same entry left. */
static const record_t *state_before(store_txn_t *txn, const journal_entry_t *entry, size_t position,
                                    arena_t *arena)
{
    const journal_operation_t *operation = &entry->operations[position];
    if (operation->before == entry->revision)
        while (position-- > 0)
            if (strcmp(entry->operations[position].id.text, operation->id.text) == 0)
                return entry->operations[position].after;
    return operation->before ? records_get(txn, &operation->id, arena) : NULL;
}

bool reapply(store_txn_t *txn, const journal_entry_t *entry, arena_t *arena)
{
    batch_t batch = {
        .time_ms = entry->time_ms,
        .actor = entry->actor,
        .as = entry->as,
        .request_id = entry->request_id,
        .n_operations = entry->n_operations,
    };
    if (entry->arguments_hash)
        memcpy(batch.arguments_hash, entry->arguments_hash, sizeof batch.arguments_hash);
    operation_t *operations = arena_alloc(arena, (entry->n_operations + 1) * sizeof *operations);
    batch.operations = operations;
    for (size_t i = 0; i < entry->n_operations; i++) {
        operations[i].before = state_before(txn, entry, i, arena);
        operations[i].after = entry->operations[i].after;
        if (!operations[i].before && !operations[i].after)
            return false;
    }
    return store_apply(txn, &batch) == entry->revision;
}

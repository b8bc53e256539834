#include "erasure.h"

#include "index.h"
#include "records.h"
#include "seal.h"

#include <errno.h>
#include <string.h>

static bool is_erased(const record_t *record)
{
    const char *state = record != NULL ? record_get_text(record, "state") : NULL;

    return state != NULL && strcmp(state, "erased") == 0;
}

int erasure_finish(const environment_t *environment, const change_t *change)
{
    int status = 0;
    bool any = false;

    for (size_t i = 0; status == 0 && i < change->n_operations; i++) {
        const operation_t *operation = &change->operations[i];
        if (!is_erased(operation->after) || is_erased(operation->before))
            continue;
        status = seal_forget(environment->store, &operation->after->id);
        any = true;
    }
    return status == 0 && any ? derived_rebuild(environment->derived) : status;
}

int erasure_finish_all(store_t *store)
{
    static const char *const by_state[] = {"state"};
    const kind_t *kind = schema_kind("erasure");
    const value_t done = value_text("done");
    arena_t *arena = arena_new();
    store_txn_t *txn = store_read(store);
    int status = txn != NULL ? 0 : errno;
    record_id_t id, person;

    if (txn != NULL) {
        index_scan_t *scan =
            index_scan(txn, kind, index_find(kind, by_state, 1), &done, 1, false, arena);
        while (status == 0 && index_next(scan, &id)) {
            const record_t *erasure = records_get(txn, &id, arena);
            if (erasure != NULL &&
                record_id_parse(&person, record_get_text(erasure, "person"), NULL))
                status = seal_forget(store, &person);
        }
        index_scan_end(&scan);
        if (status == 0)
            status = store_failed(txn);
        store_abort(&txn);
    }
    arena_destroy(&arena);
    return status;
}

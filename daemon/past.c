#include "past.h"

#include "history.h"
#include "records.h"

const record_t *past_last(store_txn_t *txn, const record_id_t *id, arena_t *arena)
{
    const record_t *record = records_get(txn, id, arena);

    if (record != NULL)
        return record;
    uint64_t deleted = history_at(txn, id, store_head(txn));
    return deleted > 1 ? store_record_at(txn, id, deleted - 1, arena) : NULL;
}

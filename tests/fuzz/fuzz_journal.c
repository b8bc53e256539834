/* Whatever lies in the journal or among the records: an entry or a record, or none. */

#include "journal.h"
#include "records.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    must(schema_start());
    return 0;
}

static void check_entry(const journal_entry_t *entry, arena_t *arena)
{
    must(entry->actor && !entry->request_id == !entry->arguments_hash);
    for (size_t i = 0; i < entry->n_operations; i++) {
        const record_t *after = entry->operations[i].after;
        if (!after)
            continue;
        must(record_id_equal(&after->id, &entry->operations[i].id));
        value_t body = records_body(after, arena);
        record_t *back = record_new(arena, after->id.kind);
        must(records_from_body(back, &body));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new();
    const journal_entry_t *entry = journal_decode(7, data, size, arena);
    if (entry)
        check_entry(entry, arena);
    /* The first byte parts key from value. */
    if (size > 0 && data[0] < size)
        records_decode(data + 1, data[0], data + 1 + data[0], size - 1 - data[0], arena);
    arena_destroy(&arena);
    return 0;
}

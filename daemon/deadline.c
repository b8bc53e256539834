#include "deadline.h"

#include "clock.h"
#include "dates.h"
#include "index.h"
#include "records.h"
#include "workday.h"

#include <string.h>

/* Those that have not ended before `today`. */
static closed_t *closures(draft_t *draft, const char *today, size_t *count)
{
    static const char *const by_end[] = {"to"};
    const kind_t *kind = schema_kind("closure");
    store_txn_t *txn = draft_txn(draft);
    arena_t *arena = draft_arena(draft);
    closed_t *closed = arena_alloc(arena, (records_count(txn, kind) + 1) * sizeof *closed);
    value_t from = value_text(today);
    record_id_t id;

    index_scan_t *scan = index_scan(txn, kind, index_find(kind, by_end, 1), NULL, 0, false, arena);
    index_bound(scan, &from, &value_absent);
    for (*count = 0; index_next(scan, &id);) {
        const record_t *closure = records_get(txn, &id, arena);
        if (closure != NULL && day_parse(record_get_text(closure, "from"), &closed[*count].from) &&
            day_parse(record_get_text(closure, "to"), &closed[*count].to))
            ++*count;
    }
    index_scan_end(&scan);
    return closed;
}

value_t deadline_after(draft_t *draft, unsigned n)
{
    char text[DAY_TEXT_SIZE];
    int64_t today = 0;
    size_t count;

    clock_day(draft_now(draft), text);
    const closed_t *closed = closures(draft, text, &count);
    day_parse(text, &today);
    day_print(workday_after(today, n, closed, count), text);
    return value_text(arena_text(draft_arena(draft), text));
}

#include "range.h"

void range_start(range_t *self, db_txn_t *txn, db_name_t name, const db_key_t *prefix,
                 bool descending)
{
    self->prefix = *prefix;
    self->start = *prefix;
    self->end.size = 0;
    self->descending = descending;
    self->whole = descending && !key_after(&self->start);
    self->stage = RANGE_NEW;
    db_cursor_start(&self->cursor, txn, name);
}

void range_bound(range_t *self, const db_key_t *first, const db_key_t *end)
{
    const db_key_t *start = self->descending ? end : first;
    const db_key_t *stop = self->descending ? first : end;
    if (start) {
        self->start = *start;
        self->whole = false;
    }
    if (stop)
        self->end = *stop;
}

/* Whether it stands on this side of its end. */
static bool is_within(const range_t *self)
{
    if (!self->end.size)
        return true;
    int order = db_view_compare(self->cursor.key, key_view(&self->end));
    return self->descending ? order >= 0 : order < 0;
}

void range_after(range_t *self, const db_key_t *key)
{
    self->start = *key;
    /* Descending goes on before the key itself, ascending after all that begin
       with it: no key is the beginning of another. */
    self->whole = !self->descending && !key_after(&self->start);
    self->stage = RANGE_NEW;
}

static bool first(range_t *self)
{
    if (self->whole)
        return self->descending && db_cursor_last(&self->cursor);
    return self->descending ? db_cursor_before(&self->cursor, key_view(&self->start))
                            : db_cursor_from(&self->cursor, key_view(&self->start));
}

bool range_next(range_t *self)
{
    bool moved = false;
    if (self->stage == RANGE_NEW)
        moved = first(self);
    else if (self->stage == RANGE_MOVING)
        moved =
            self->descending ? db_cursor_previous(&self->cursor) : db_cursor_next(&self->cursor);
    if (moved && db_view_begins(self->cursor.key, key_view(&self->prefix)) && is_within(self)) {
        self->stage = RANGE_MOVING;
        return true;
    }
    self->stage = RANGE_DONE;
    return false;
}

db_view_t range_rest(const range_t *self)
{
    const unsigned char *key = self->cursor.key.data;
    return (db_view_t){.data = key + self->prefix.size,
                       .size = self->cursor.key.size - self->prefix.size};
}

void range_end(range_t *self)
{
    db_cursor_end(&self->cursor);
    self->stage = RANGE_DONE;
}

#include "id_set.h"

#include <stdlib.h>
#include <string.h>

bool id_set_add(id_set_t *self, const record_id_t *id)
{
    if (self->count == ID_SET_MAX)
        return false;
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 16;
        record_id_t *ids = arena_alloc(self->arena, self->room * sizeof *ids);
        if (self->count > 0)
            memcpy(ids, self->ids, self->count * sizeof *ids);
        self->ids = ids;
    }
    self->ids[self->count++] = *id;
    return true;
}

static int compare(const void *a, const void *b)
{
    return record_id_compare(a, b);
}

void id_set_settle(id_set_t *self)
{
    size_t kept = 0;
    if (self->count > 1)
        qsort(self->ids, self->count, sizeof *self->ids, compare);
    for (size_t i = 0; i < self->count; i++)
        if (kept == 0 || record_id_compare(&self->ids[i], &self->ids[kept - 1]) != 0)
            self->ids[kept++] = self->ids[i];
    self->count = kept;
}

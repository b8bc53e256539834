#include "spread.h"

#include <stdlib.h>
#include <string.h>

bool spread_takes(const field_t *field)
{
    return !(field->attributes & (FIELD_MANY | FIELD_INTERNAL | FIELD_SEALED)) &&
           field->class != CLASS_PERSONAL &&
           (field->type == TYPE_INTEGER || field->type == TYPE_INSTANT ||
            field->type == TYPE_MONEY || field->type == TYPE_TENTHS);
}

void spread_add(spread_t *self, int64_t sample)
{
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : 256;
        int64_t *larger = arena_alloc(self->arena, self->room * sizeof *larger);
        if (self->count)
            memcpy(larger, self->samples, self->count * sizeof *larger);
        self->samples = larger;
    }
    self->samples[self->count++] = sample;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

value_t spread_value(spread_t *self)
{
    value_builder_t spread = value_builder(self->arena);

    if (self->count == 0)
        return value_absent;
    qsort(self->samples, self->count, sizeof *self->samples, compare);
    value_add_pair(&spread, "least", value_integer(self->samples[0]));
    value_add_pair(&spread, "median", value_integer(self->samples[(self->count - 1) / 2]));
    value_add_pair(&spread, "most", value_integer(self->samples[self->count - 1]));
    return value_build_map(&spread);
}

#include "measure.h"

#include "trouble.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double seconds_since(uint64_t begun_ns)
{
    return (double)(now_ns() - begun_ns) / 1e9;
}

void samples_add(samples_t *self, double value)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 1024;
        self->values = realloc(self->values, self->room * sizeof *self->values);
        if (self->values == NULL)
            trouble("no memory left");
    }
    self->values[self->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

double samples_at(samples_t *self, double part)
{
    if (self->count == 0)
        return 0;
    qsort(self->values, self->count, sizeof *self->values, compare);
    size_t at = (size_t)(part * (double)self->count);
    return self->values[at < self->count ? at : self->count - 1];
}

double samples_median(samples_t *self)
{
    return samples_at(self, 0.5);
}

void samples_clear(samples_t *self)
{
    free(self->values);
    memset(self, 0, sizeof *self);
}

#include "clock.h"

#include <sodium.h>
#include <time.h>

static uint64_t read_ms(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static uint64_t system_utc_ms(void *context)
{
    (void)context;
    return read_ms(CLOCK_REALTIME);
}

static uint64_t system_monotonic_ms(void *context)
{
    (void)context;
    return read_ms(CLOCK_MONOTONIC);
}

static void system_random(void *context, void *bytes, uint64_t size)
{
    (void)context;
    randombytes_buf(bytes, size);
}

const clock_face_t clock_system = {system_utc_ms, system_monotonic_ms, system_random, NULL};

uint64_t clock_utc_ms(const clock_face_t *self)
{
    return self->utc_ms(self->context);
}

uint64_t clock_monotonic_ms(const clock_face_t *self)
{
    return self->monotonic_ms(self->context);
}

void clock_random(const clock_face_t *self, void *bytes, uint64_t size)
{
    self->random(self->context, bytes, size);
}

void clock_day(uint64_t utc_ms, char day[11])
{
    time_t seconds = (time_t)(utc_ms / 1000u);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    strftime(day, 11, "%Y-%m-%d", &parts);
}

#include "clock.h"

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

const clock_face_t clock_system = {system_utc_ms, system_monotonic_ms, NULL};

uint64_t clock_utc_ms(const clock_face_t *self)
{
    return self->utc_ms(self->context);
}

uint64_t clock_monotonic_ms(const clock_face_t *self)
{
    return self->monotonic_ms(self->context);
}

void clock_day(uint64_t utc_ms, char day[11])
{
    time_t seconds = (time_t)(utc_ms / 1000u);
    struct tm parts;

    localtime_r(&seconds, &parts);
    strftime(day, 11, "%Y-%m-%d", &parts);
}

uint64_t clock_next_day(uint64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000u);
    struct tm parts;

    localtime_r(&seconds, &parts);
    parts.tm_mday++;
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    parts.tm_isdst = -1; /* mktime finds out whether summer time holds there */
    return (uint64_t)mktime(&parts) * 1000u;
}

#define STEP_MS (60u * 60u * 1000u)
#define HOLD_MS (10u * 60u * 1000u)

bool clock_step_look(clock_step_t *self, const clock_face_t *clock)
{
    uint64_t monotonic_ms = clock_monotonic_ms(clock);
    uint64_t offset_ms = clock_utc_ms(clock) - monotonic_ms;
    uint64_t before_ms = self->offset_ms;
    bool ahead = before_ms != 0 && offset_ms > before_ms && offset_ms - before_ms > STEP_MS;

    self->offset_ms = offset_ms;
    if (ahead) {
        self->held_ms += offset_ms - before_ms;
        self->until_ms = monotonic_ms + HOLD_MS;
    } else if (self->held_ms != 0 &&
               (monotonic_ms >= self->until_ms || offset_ms + STEP_MS < before_ms)) {
        self->held_ms = 0;
    }
    return ahead;
}

uint64_t clock_expiry_ms(const clock_step_t *self, const clock_face_t *clock)
{
    return clock_utc_ms(clock) - self->held_ms;
}

#ifndef SAMVERK_CLOCK_H
#define SAMVERK_CLOCK_H

#include <stdint.h>

/* Time and random as the daemon sees them. A scenario test puts its own in. */
typedef struct clock clock_face_t;

struct clock {
    uint64_t (*utc_ms)(void *context);       /* since 1970 */
    uint64_t (*monotonic_ms)(void *context); /* never goes back */
    void (*random)(void *context, void *bytes, uint64_t size);
    void *context;
};

/* The system's clock and libsodium's random. */
extern const clock_face_t clock_system;

uint64_t clock_utc_ms(const clock_face_t *self);
uint64_t clock_monotonic_ms(const clock_face_t *self);
void clock_random(const clock_face_t *self, void *bytes, uint64_t size);

/* The day of an instant in UTC, "2026-03-14"; `day` has room for 11 bytes. */
void clock_day(uint64_t utc_ms, char day[11]);

#endif

#ifndef SAMVERK_CLOCK_H
#define SAMVERK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Time as the daemon sees it. A scenario test puts its own in. */
typedef struct clock clock_face_t;

struct clock {
    uint64_t (*utc_ms)(void *context);       /* since 1970 */
    uint64_t (*monotonic_ms)(void *context); /* never goes back */
    void *context;
};

/* The system's clock. */
extern const clock_face_t clock_system;

uint64_t clock_utc_ms(const clock_face_t *self);
uint64_t clock_monotonic_ms(const clock_face_t *self);

/* The local day of an instant, "2026-03-14"; `day` has room for 11 bytes. The region's
   zone is the process's TZ. */
void clock_day(uint64_t utc_ms, char day[11]);
/* The instant at which the local day after that of `utc_ms` begins. */
uint64_t clock_next_day(uint64_t utc_ms);

/* A clock that jumps ahead must not let everything expire at once: a step of over an
   hour against the monotonic clock is held back from expiry for ten minutes, so that
   someone can set it right. Noticed by one thread, read by all. */
typedef struct {
    _Atomic uint64_t held_ms; /* how far expiry is behind the clock now */
    uint64_t offset_ms;       /* of UTC to monotonic when last looked at */
    uint64_t until_ms;        /* monotonic: the hold's end */
} clock_step_t;

/* Look at the clock: call it each second. True when it has just stepped. */
bool clock_step_look(clock_step_t *self, const clock_face_t *clock);
/* The time that expiry goes by. */
uint64_t clock_expiry_ms(const clock_step_t *self, const clock_face_t *clock);

#endif

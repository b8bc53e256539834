#ifndef SAMVERK_RETRY_H
#define SAMVERK_RETRY_H

#include <stdint.h>

/* When to try again: twice as long after each failure, up to a limit, and never
   all clients at the same moment (a daemon that comes back is not run over). */

#define RETRY_FIRST_MS 100u
#define RETRY_MOST_MS 30000u

/* The pause after `failures` failures in a row: between half and all of
   RETRY_FIRST_MS doubled for each failure after the first. `random` is any number. */
unsigned retry_pause_ms(unsigned failures, uint32_t random);

/* A random number, not for keys. */
uint32_t retry_random(void);

#endif

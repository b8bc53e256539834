#ifndef SAMVERK_INIT_H
#define SAMVERK_INIT_H

#include "clock.h"

/* `samverkd init`: keys, an empty record, and the first user with the first
   invitation, which is the last line on stdout. `address` is what clients call
   `listen` by; NULL when that is the same. Exit status. */
int init_region(const char *directory, const char *region, const char *listen, const char *address,
                const clock_face_t *clock);

#endif

#ifndef SIM_DRAW_H
#define SIM_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/* Drawing lots that fall the same way for the same seed, on every machine: whole numbers
   alone (SplitMix64, Steele, Lea and Flood 2014). */

typedef struct {
    uint64_t state;
} draw_t;

/* A stream of its own for each thing that is drawn, so that one more draw here moves
   nothing there: employer 17 is the same whatever is asked of employer 16. */
draw_t draw_of(uint64_t seed, const char *what, uint64_t number);

uint64_t draw_next(draw_t *self);
/* 0 to `count` - 1. */
unsigned draw_below(draw_t *self, unsigned count);
/* Both included. */
unsigned draw_between(draw_t *self, unsigned least, unsigned most);
bool draw_chance(draw_t *self, unsigned per_mille);
/* One of `count`, each as often as its weight says: `sums` are the weights added up. */
unsigned draw_weighted(draw_t *self, const uint64_t *sums, unsigned count);

#endif

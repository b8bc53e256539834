#ifndef SAMVERK_DEMAND_H
#define SAMVERK_DEMAND_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many ask for what: cells, and in each of them who asked, each counted once, with
   what became of it (DOMAIN: demand outlook). What is told of a cell is in whole fives,
   which docs/decisions/0018 explains. Lives in an arena. */
typedef struct demand demand_t;

typedef enum { DEMAND_ASKED, DEMAND_MET, DEMAND_UNMET } demand_fate_t;
#define DEMAND_FATES 3u

demand_t *demand_new(arena_t *arena);

/* Someone, by a number that is the same for the same one, asks in this cell. Whoever asks
   again there counts once among those who asked, those who were met and those who were
   not: it may be both. */
void demand_add(demand_t *self, const char *cell, uint64_t who, demand_fate_t fate);

/* Fewer than this many are not told of, nor is a difference of fewer. */
#define DEMAND_LEAST 5

typedef struct {
    const char *cell;
    /* By fate, whoever asked in the first: at least so many, and fewer than
       DEMAND_LEAST more. 0: not told. */
    int64_t counts[DEMAND_FATES];
} demand_cell_t;

/* The cells in which enough asked, in order of their names. */
size_t demand_cells(demand_t *self, const demand_cell_t **cells_p);

#endif

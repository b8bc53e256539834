#include "demand.h"

#include <stdlib.h>
#include <string.h>

/* Two tables with open addressing: cells by name, and who was counted in which cell. */

typedef struct {
    const char *name;
    int64_t counts[DEMAND_FATES];
} cell_t;

typedef struct {
    uint64_t who;
    uint32_t cell;  /* from 1; 0 free */
    uint32_t fates; /* a bit each */
} asker_t;

struct demand {
    arena_t *arena;
    cell_t *cells; /* in the order that they came */
    uint32_t n_cells, cells_room;
    uint32_t *slots; /* of cells, from 1 */
    uint32_t n_slots;
    asker_t *askers;
    uint32_t n_askers, askers_room;
};

#define FIRST_SLOTS 256u /* powers of two */
#define FIRST_ASKERS 1024u

demand_t *demand_new(arena_t *arena)
{
    demand_t *self = arena_alloc(arena, sizeof *self);

    self->arena = arena;
    self->n_slots = FIRST_SLOTS;
    self->slots = arena_alloc(arena, self->n_slots * sizeof *self->slots);
    self->cells_room = FIRST_SLOTS / 2;
    self->cells = arena_alloc(arena, self->cells_room * sizeof *self->cells);
    self->askers_room = FIRST_ASKERS;
    self->askers = arena_alloc(arena, self->askers_room * sizeof *self->askers);
    return self;
}

/* FNV-1a. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return hash;
}

/* The slot of this name, or the free one where it belongs. */
static uint32_t *slot_of(demand_t *self, const char *name)
{
    uint32_t at = (uint32_t)hash_of(name) & (self->n_slots - 1);

    while (self->slots[at] != 0 && strcmp(self->cells[self->slots[at] - 1].name, name) != 0)
        at = (at + 1) & (self->n_slots - 1);
    return &self->slots[at];
}

static void grow_cells(demand_t *self)
{
    cell_t *cells = arena_alloc(self->arena, 2 * self->cells_room * sizeof *cells);

    memcpy(cells, self->cells, self->n_cells * sizeof *cells);
    self->cells = cells;
    self->cells_room *= 2;
    self->n_slots *= 2;
    self->slots = arena_alloc(self->arena, self->n_slots * sizeof *self->slots);
    for (uint32_t i = 0; i < self->n_cells; i++)
        *slot_of(self, cells[i].name) = i + 1;
}

static uint32_t cell_of(demand_t *self, const char *name)
{
    if (self->n_cells == self->cells_room)
        grow_cells(self);
    uint32_t *slot = slot_of(self, name);
    if (*slot == 0) {
        self->cells[self->n_cells].name = arena_text(self->arena, name);
        *slot = ++self->n_cells;
    }
    return *slot;
}

static asker_t *asker_of(demand_t *self, uint32_t cell, uint64_t who)
{
    uint64_t mixed = (who ^ ((uint64_t)cell << 40)) * 0x9e3779b97f4a7c15u;
    uint32_t at = (uint32_t)(mixed >> 32) & (self->askers_room - 1);

    while (self->askers[at].cell != 0 &&
           (self->askers[at].cell != cell || self->askers[at].who != who))
        at = (at + 1) & (self->askers_room - 1);
    return &self->askers[at];
}

static void grow_askers(demand_t *self)
{
    asker_t *before = self->askers;
    uint32_t room = self->askers_room;

    self->askers_room *= 2;
    self->askers = arena_alloc(self->arena, self->askers_room * sizeof *self->askers);
    for (uint32_t i = 0; i < room; i++)
        if (before[i].cell != 0)
            *asker_of(self, before[i].cell, before[i].who) = before[i];
}

void demand_add(demand_t *self, const char *cell, uint64_t who, demand_fate_t fate)
{
    uint32_t number = cell_of(self, cell);

    if (2 * self->n_askers >= self->askers_room)
        grow_askers(self);
    asker_t *asker = asker_of(self, number, who);
    if (asker->cell == 0)
        self->n_askers++;
    asker->cell = number;
    asker->who = who;
    uint32_t more = (1u << DEMAND_ASKED | 1u << fate) & ~asker->fates;
    asker->fates |= more;
    for (unsigned i = 0; i < DEMAND_FATES; i++)
        self->cells[number - 1].counts[i] += more >> i & 1;
}

static int compare_cells(const void *a, const void *b)
{
    return strcmp(((const demand_cell_t *)a)->cell, ((const demand_cell_t *)b)->cell);
}

size_t demand_cells(demand_t *self, const demand_cell_t **cells_p)
{
    demand_cell_t *told = arena_alloc(self->arena, (self->n_cells + 1) * sizeof *told);
    size_t count = 0;

    for (uint32_t i = 0; i < self->n_cells; i++) {
        const cell_t *cell = &self->cells[i];
        if (cell->counts[DEMAND_ASKED] < DEMAND_LEAST)
            continue;
        told[count].cell = cell->name;
        for (unsigned j = 0; j < DEMAND_FATES; j++)
            told[count].counts[j] = cell->counts[j] / DEMAND_LEAST * DEMAND_LEAST;
        count++;
    }
    qsort(told, count, sizeof *told, compare_cells);
    *cells_p = told;
    return count;
}

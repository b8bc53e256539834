#ifndef SAMVERK_MERGES_H
#define SAMVERK_MERGES_H

#include "placement.h"

/* Organisations that are one after all (docs/decisions/0023): `merged_into` on one names
   the other, which stands for both. Records go on naming the one that they name; whoever
   looks for the one that stands finds them, too. Undo takes the field away. */

/* The field of a kind whose records may be merged into one another, or NULL. */
const field_t *merges_field(const kind_t *kind);

/* The record that stands for this one: itself where it is merged into none. */
const record_t *merges_standing(const lookup_t *lookup, const record_t *record, arena_t *arena);
/* The same by ids; what names no such record stays as it is. */
const char *merges_resolve(const lookup_t *lookup, const char *id, arena_t *arena);

#endif

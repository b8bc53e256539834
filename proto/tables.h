#ifndef SAMVERK_TABLES_H
#define SAMVERK_TABLES_H

#include "schema.h"

/* The rows of the .def tables as arrays, before and after they are resolved.
   Only schema.c and its tests look here; everyone else asks schema.h. */

/* A state into which a command brings records, where no move does. */
typedef struct {
    const char *state;
    const char *command;
} entry_t;

typedef struct {
    const char *kind;
    const state_t *states;
    size_t n_states;
    const move_t *moves;
    size_t n_moves;
    const entry_t *entries;
    size_t n_entries;
    const due_t *dues;
    size_t n_dues;
} lifecycle_t;

typedef struct {
    const kind_t *kinds;
    size_t n_kinds;
    const vocabulary_t *vocabularies;
    size_t n_vocabularies;
    const lifecycle_t *lifecycles;
    size_t n_lifecycles;
    const command_t *commands;
    size_t n_commands;
} tables_t;

/* What the .def files say, nothing derived. */
extern const tables_t tables_rows;

/* Check every row and fill in what is derived: vocabularies of states and roles,
   ranges, targets, lifecycles, indexes, masks. The result lives in `arena` and
   shares with `rows` what did not change. False, with one sentence in `why`,
   when a row is wrong. */
bool tables_resolve(const tables_t *rows, tables_t *resolved, arena_t *arena, char *why,
                    size_t why_size);

#endif

#include "moves.h"

value_t moves_possible(const access_t *access, const record_t *record, const placement_t *placement,
                       arena_t *arena)
{
    const kind_t *kind = record->id.kind;
    const char *state = record_get_text(record, "state");
    value_builder_t verbs = value_builder(arena);

    if (kind->n_moves == 0 || state == NULL)
        return value_absent;
    const move_t **moves = arena_alloc(arena, kind->n_moves * sizeof *moves);
    size_t n_moves = kind_moves_from(kind, state, moves, kind->n_moves);
    for (size_t i = 0; i < n_moves; i++) {
        const field_t *held = move_field(kind, moves[i]);
        if (access_may_move(access, record, placement, moves[i]) &&
            (held == NULL || record->fields[held->index].form != VALUE_ABSENT))
            value_add(&verbs, value_text(moves[i]->verb));
    }
    return value_build_list(&verbs);
}

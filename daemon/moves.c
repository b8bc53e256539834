#include "moves.h"

value_t moves_possible(const access_t *access, const record_t *record, const placement_t *placement,
                       arena_t *arena)
{
    const kind_t *kind = record->id.kind;
    const char *state = record_get_text(record, "state");
    value_builder_t verbs = value_builder(arena);

    if (kind->n_moves == 0 || state == NULL)
        return value_absent;
    for (size_t i = 0; i < kind->n_moves; i++) {
        const move_t *move = &kind->moves[i];
        const field_t *held = move_field(kind, move);
        if (kind_move(kind, move->verb, state) == move &&
            access_may_move(access, record, placement, move) &&
            (held == NULL || record->fields[held->index].form != VALUE_ABSENT))
            value_add(&verbs, value_text(move->verb));
    }
    return value_build_list(&verbs);
}

#include "move.h"
#include "arguments.h"
#include "language.h"

#include <string.h>

const move_t *move_written(const kind_t *kind, const char *written)
{
    for (size_t i = 0; i < kind->n_moves; i++) {
        if (arguments_is_written(kind->moves[i].verb, written))
            return &kind->moves[i];
    }
    return NULL;
}

const char *move_name(cli_t *cli, const kind_t *kind, const char *verb)
{
    const char *written = arguments_option_name(verb, cli->arena);
    const move_t *move = kind ? kind_move(kind, verb, NULL) : NULL;
    if (!move || strcmp(language_code(), "en") == 0)
        return written;
    const char *label = label_of_move(kind, move);
    return strcmp(label, written) == 0 ? written
                                       : arena_format(cli->arena, "%s (%s)", written, label);
}

const char *move_next(cli_t *cli, const kind_t *kind, const value_t *view)
{
    const value_t *moves = value_get(view, "moves");
    const char *line = NULL;
    for (uint32_t i = 0; moves->form == VALUE_LIST && i < moves->count; i++) {
        if (moves->items[i].form != VALUE_TEXT)
            continue;
        const char *name = move_name(cli, kind, moves->items[i].text);
        line = line ? arena_format(cli->arena, "%s, %s", line, name) : name;
    }
    return line ? arena_format(cli->arena, _("Possible now: %s."), line) : NULL;
}

#include "rules.h"

#include <string.h>

/* A code of the ISCED-F tree says where it belongs: 0413 is part of 041, 041 of 04.
   A region's own area names its parent. */
static bool fill(draft_t *draft, const record_t *before, record_t *after, const move_t *move,
                 error_t *error)
{
    (void)move;
    (void)error;
    if (before != NULL || record_get(after, "parent")->form != VALUE_ABSENT)
        return true;

    char code[RECORD_ID_MAX];
    strncpy(code, record_id_code(&after->id), sizeof code - 1);
    code[sizeof code - 1] = '\0';
    for (size_t length = strlen(code); length > 1; length--) {
        record_id_t parent;
        code[length - 1] = '\0';
        if (record_id_coded(&parent, after->id.kind, code) && draft_get(draft, &parent) != NULL) {
            record_set(after, "parent", value_text(arena_text(draft_arena(draft), parent.text)));
            break;
        }
    }
    return true;
}

const rules_t rules_area = {.kind = "area", .fill = fill};

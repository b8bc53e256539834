#include "guidance.h"
#include "language.h"
#include "table.h"

#include <string.h>

static const struct {
    const char *kind, *field, *text;
} guides[] = {
#define GUIDE(kind, field, text) {#kind, #field, text},
#include "guidance.def"
#undef GUIDE
};

const char *guidance_of(const kind_t *kind, const field_t *field)
{
    for (size_t i = 0; i < sizeof guides / sizeof *guides; i++)
        if (strcmp(guides[i].kind, kind->name) == 0 && strcmp(guides[i].field, field->name) == 0)
            return language_in("guidance", guides[i].text);
    return NULL;
}

const char *guidance_lines(const char *text, const char *before, size_t width, arena_t *arena)
{
    const char *lines = "", *line = "", *word;
    char *rest = arena_text(arena, text);
    while ((word = strsep(&rest, " "))) {
        const char *longer = line[0] ? arena_format(arena, "%s %s", line, word) : word;
        if (line[0] && table_width_of(before) + table_width_of(longer) > width) {
            lines = arena_format(arena, "%s%s%s\n", lines, before, line);
            longer = word;
        }
        line = longer;
    }
    return arena_format(arena, "%s%s%s\n", lines, before, line);
}

const char *guidance_left(cli_t *cli, const kind_t *kind, const value_t *view)
{
    const value_t *fields = value_get(view, "fields");
    const char *left = NULL;
    int64_t n_left = 0, missing = 0;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = value_get(fields, field->name);
        if (field->attributes & FIELD_STEPS && value->form == VALUE_INTEGER)
            missing = field->most - value->integer;
        if (!guidance_of(kind, field) || value->form != VALUE_ABSENT)
            continue;
        const char *label = label_of_field(kind, field);
        left = left ? arena_format(cli->arena, "%s; %s", left, label) : label;
        n_left++;
    }
    /* Others see how many, not which: to them all look empty. */
    return missing > 0 && n_left == missing
               ? arena_format(cli->arena, _("Left to fill in: %s."), left)
               : NULL;
}

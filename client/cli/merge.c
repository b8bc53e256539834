#include "merge.h"
#include "change.h"
#include "language.h"
#include "report.h"

#include <string.h>

static bool edit(cli_t *cli, const arguments_t *arguments, const char *into)
{
    arguments_t edited = *arguments;
    given_t *given = arena_alloc(cli->arena, (arguments->n_given + 1) * sizeof *given);
    if (arguments->n_given > 0)
        memcpy(given, arguments->given, arguments->n_given * sizeof *given);
    given[edited.n_given++] =
        (given_t){.field = kind_field(cli->kind, "merged_into"), .value = into};
    edited.given = given;
    return change_edit(cli, &edited);
}

bool merge_run(cli_t *cli, const arguments_t *arguments)
{
    const char *into = arguments_value(arguments, "into");
    if (!into || !*into)
        return report_usage(cli, _("Into which? samverk %s merge %s --into ORGANISATION"),
                            cli->kind->name, arguments->words[0]);
    return edit(cli, arguments, into);
}

bool merge_undo(cli_t *cli, const arguments_t *arguments)
{
    return edit(cli, arguments, "");
}

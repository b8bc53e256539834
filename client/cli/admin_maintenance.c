#include "admin.h"
#include "change.h"
#include "language.h"
#include "report.h"
#include "send.h"

/* The one in force, from what the daemon says of itself; absent when there is none. */
static bool find(cli_t *cli, value_t *maintenance)
{
    value_t status, none = {.form = VALUE_MAP};
    if (!send_read(cli, "status", &none, &status))
        return false;
    *maintenance = *value_get(&status, "maintenance");
    return true;
}

/* One at a time: where there is one, it gets another end or text. */
bool admin_maintenance_on_run(cli_t *cli, const arguments_t *arguments)
{
    value_t maintenance;
    if (!find(cli, &maintenance))
        return false;
    const char *id = value_get_text(&maintenance, "id");
    if (!id)
        return change_add(cli, arguments);
    arguments_t edit = *arguments;
    edit.words = &id;
    edit.n_words = 1;
    return change_edit(cli, &edit);
}

bool admin_maintenance_off_run(cli_t *cli, const arguments_t *arguments)
{
    value_t maintenance, result;
    (void)arguments;
    if (!find(cli, &maintenance))
        return false;
    const char *id = value_get_text(&maintenance, "id");
    if (!id) {
        report_note(cli, "%s", _("There is no maintenance now."));
        return true;
    }
    value_builder_t map = value_builder(cli->arena);
    value_add_pair(&map, "id", value_text(id));
    value_t delete = value_build_map(&map);
    if (!send_write(cli, "delete", &delete, &result))
        return false;
    report_note(cli, "%s", _("The maintenance is over: writing goes on."));
    return true;
}

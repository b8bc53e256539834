#include "pages.h"

#include "language.h"
#include "report.h"
#include "send.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool pages_each(cli_t *cli, const char *command, const value_t *arguments, pages_take_t take,
                void *context)
{
    if (!send_connect(cli)) /* for the whole run, not for a page */
        return false;
    arena_t *whole = cli->arena, *arena = arena_new(), *next = arena_new();
    value_t after = value_absent, page;
    bool good = true, more;
    do {
        arena_reset(arena);
        cli->arena = arena;
        value_builder_t map = value_builder(arena);
        for (uint32_t i = 0; i < arguments->count; i++)
            value_add_pair(&map, arguments->items[2 * i].text, arguments->items[2 * i + 1]);
        if (after.form != VALUE_ABSENT)
            value_add_pair(&map, "after", after);
        value_t request = value_build_map(&map);
        good = send_read(cli, command, &request, &page);
        if (!good)
            break;
        more = take(cli, &page, context);
        arena_reset(next);
        after = value_copy(next, value_get(&page, "next"));
    } while (more && after.form != VALUE_ABSENT);
    cli->arena = whole;
    arena_destroy(&arena);
    arena_destroy(&next);
    return good;
}

static bool gather(cli_t *cli, const value_t *page, void *context)
{
    (void)cli;
    value_builder_t *self = context;
    const value_t *items = value_get(page, "items");
    for (uint32_t i = 0; items->form == VALUE_LIST && i < items->count; i++)
        value_add(self, value_copy(self->arena, &items->items[i]));
    return true;
}

bool pages_items(cli_t *cli, const char *command, const value_t *arguments, value_t *items)
{
    value_builder_t all = value_builder(cli->arena);
    bool good = pages_each(cli, command, arguments, gather, &all);
    *items = value_build_list(&all);
    return good;
}

bool pages_written(output_file_t *self)
{
    if (fflush(self->file) != 0 && !self->failure)
        self->failure = errno;
    return !self->failure;
}

bool pages_may_write(cli_t *cli, const char *path, bool yes)
{
    if (yes || access(path, F_OK) != 0)
        return true;
    if (!terminal_in())
        return report_usage(
            cli, _("%s is there already. --yes replaces it, --output FILE takes another name."),
            path);
    if (terminal_confirm(
            arena_format(cli->arena, _("%s is there already. Replace it? [y/N]"), path)))
        return true;
    return report_failure(cli, "%s", _("Nothing was written."));
}

bool pages_to_file(cli_t *cli, const char *path, mode_t mode, output_file_t *self,
                   bool (*write)(cli_t *cli, output_file_t *file, void *context), void *context)
{
    *self = (output_file_t){.file = stdout};
    if (!path) {
        if (!write(cli, self, context))
            return false;
        return pages_written(self) || self->failure == EPIPE ||
               report_failure(cli, "%s: %s", _("standard output"), strerror(self->failure));
    }
    const char *temporary = arena_format(cli->arena, "%s.part", path);
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    self->file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!self->file)
        return report_failure(cli, "%s: %s", temporary, strerror(errno));
    bool good = write(cli, self, context);
    if (fclose(self->file) != 0 && !self->failure)
        self->failure = errno;
    if (good && !self->failure && rename(temporary, path) == 0)
        return true;
    if (good)
        report_failure(cli, "%s: %s", path, strerror(self->failure ? self->failure : errno));
    unlink(temporary);
    return false;
}

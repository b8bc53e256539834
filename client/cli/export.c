#include "collect.h"
#include "json.h"
#include "language.h"
#include "print.h"
#include "report.h"
#include "send.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 200

/* One export under way: pages come in, records go out. */
typedef struct {
    FILE *file;
    bool json;
    int failure; /* errno of the first write that failed */
    size_t records;
    int64_t first_revision, last_revision;
} export_t;

static void write_page(cli_t *cli, export_t *self, const value_t *views)
{
    if (!self->json) {
        print_csv(self->file, cli->kind, views);
        self->records += views->count;
    }
    for (uint32_t i = 0; self->json && i < views->count; i++) {
        fputs(self->records++ ? ",\n" : "\n", self->file);
        json_write(json_of_view(&views->items[i]), self->file, true);
    }
    if (fflush(self->file) != 0)
        self->failure = errno;
}

static void show_progress(const export_t *self, bool done)
{
    if (!isatty(STDERR_FILENO))
        return;
    fputc('\r', stderr);
    fprintf(stderr, ngettext("%zu record", "%zu records", self->records), self->records);
    if (done)
        fputs("\r\033[K", stderr);
}

static bool export_pages(cli_t *cli, export_t *self, const value_t *filter)
{
    arena_t *whole = cli->arena, *arena = arena_new(), *next = arena_new();
    value_t after = value_absent, page;
    bool good = true;
    do {
        arena_reset(arena);
        cli->arena = arena;
        value_builder_t arguments = value_builder(arena);
        value_add_pair(&arguments, "kind", value_text(cli->kind->name));
        collect_add(&arguments, filter);
        if (after.form != VALUE_ABSENT)
            value_add_pair(&arguments, "after", after);
        value_add_pair(&arguments, "limit", value_integer(PAGE));
        if (cli->purpose)
            value_add_pair(&arguments, "purpose", value_text(cli->purpose));
        value_t map = value_build_map(&arguments);
        good = send_read(cli, "export", &map, &page);
        if (!good)
            break;
        int64_t revision = value_get_integer(&page, "rev", 0);
        if (!self->first_revision)
            self->first_revision = revision;
        self->last_revision = revision;
        const value_t *views = value_get(&page, "records");
        if (views->form == VALUE_LIST)
            write_page(cli, self, views);
        show_progress(self, false);
        arena_reset(next);
        after = value_copy(next, value_get(&page, "next"));
    } while (after.form != VALUE_ABSENT && !self->failure);
    cli->arena = whole;
    arena_destroy(&arena);
    arena_destroy(&next);
    show_progress(self, true);
    return good;
}

static bool export_to(cli_t *cli, export_t *self, const value_t *filter)
{
    if (self->json)
        fprintf(self->file, "{\"kind\": \"%s\", \"records\": [", cli->kind->name);
    else
        print_csv_heading(self->file, cli->kind);
    if (!export_pages(cli, self, filter))
        return false;
    if (self->json)
        fprintf(self->file, "\n], \"first_rev\": %lld, \"last_rev\": %lld}\n",
                (long long)self->first_revision, (long long)self->last_revision);
    if (fflush(self->file) != 0 && !self->failure)
        self->failure = errno;
    return true;
}

/* Into a file beside the one that is wanted, which takes its place when it is whole. */
static bool export_to_file(cli_t *cli, export_t *self, const value_t *filter, const char *path)
{
    const char *temporary = arena_format(cli->arena, "%s.part", path);
    self->file = fopen(temporary, "we");
    if (!self->file)
        return report_failure(cli, "%s: %s", temporary, strerror(errno));
    bool good = export_to(cli, self, filter);
    if (fclose(self->file) != 0 && !self->failure)
        self->failure = errno;
    if (good && !self->failure && rename(temporary, path) == 0)
        return true;
    if (good)
        report_failure(cli, "%s: %s", path, strerror(self->failure ? self->failure : errno));
    unlink(temporary);
    return false;
}

bool export_run(cli_t *cli, const arguments_t *arguments)
{
    const char *format = arguments_value(arguments, "format");
    const char *path = arguments_value(arguments, "output");
    if (!format)
        format = cli->output == OUTPUT_JSON ? "json" : "csv";
    if (strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
        return report_usage(cli, _("--format takes csv or json, not %s."), format);
    export_t export = {.file = stdout, .json = strcmp(format, "json") == 0};
    value_t filter;
    if (!send_connect(cli) || !collect_filter(cli, cli->kind, arguments, &filter))
        return false;
    if (path ? !export_to_file(cli, &export, &filter, path) : !export_to(cli, &export, &filter))
        return false;
    if (export.failure == EPIPE)
        return true; /* a reader that has seen enough */
    if (export.failure)
        return report_failure(cli, "%s: %s", _("standard output"), strerror(export.failure));
    report_note(cli,
                ngettext("%zu record, as of revision %lld.", "%zu records, as of revision %lld.",
                         export.records),
                export.records, (long long)export.last_revision);
    return true;
}

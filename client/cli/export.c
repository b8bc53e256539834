#include "collect.h"
#include "json.h"
#include "language.h"
#include "pages.h"
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
    output_file_t *output;
    bool json;
    value_t request;
    size_t records;
    int64_t first_revision, last_revision;
} export_t;

static void write_page(cli_t *cli, export_t *self, const value_t *views)
{
    if (!self->json) {
        print_csv(self->output->file, cli->kind, views);
        self->records += views->count;
    }
    for (uint32_t i = 0; self->json && i < views->count; i++) {
        fputs(self->records++ ? ",\n" : "\n", self->output->file);
        json_write(json_of_view(&views->items[i]), self->output->file, true);
    }
}

/* On a terminal, unless the records themselves go there. */
static void show_progress(const export_t *self, bool done)
{
    if (!isatty(STDERR_FILENO) || isatty(fileno(self->output->file)))
        return;
    fputc('\r', stderr);
    fprintf(stderr, ngettext("%zu record", "%zu records", self->records), self->records);
    if (done)
        fputs("\r\033[K", stderr);
}

static bool take_page(cli_t *cli, const value_t *page, void *context)
{
    export_t *self = context;
    int64_t revision = value_get_integer(page, "rev", 0);
    if (!self->first_revision)
        self->first_revision = revision;
    self->last_revision = revision;
    const value_t *views = value_get(page, "records");
    if (views->form == VALUE_LIST)
        write_page(cli, self, views);
    show_progress(self, false);
    return pages_written(self->output);
}

static bool write_all(cli_t *cli, output_file_t *output, void *context)
{
    export_t *self = context;
    self->output = output;
    if (self->json)
        fprintf(output->file, "{\"kind\": \"%s\", \"records\": [", cli->kind->name);
    else
        print_csv_heading(output->file, cli->kind);
    bool good = pages_each(cli, "export", &self->request, take_page, self);
    show_progress(self, true);
    if (good && self->json)
        fprintf(output->file, "\n], \"first_rev\": %lld, \"last_rev\": %lld}\n",
                (long long)self->first_revision, (long long)self->last_revision);
    return good;
}

bool export_run(cli_t *cli, const arguments_t *arguments)
{
    const char *format = arguments_value(arguments, "format");
    const char *path = arguments_value(arguments, "output");
    if (!format)
        format = cli->output == OUTPUT_JSON ? "json" : "csv";
    if (strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
        return report_usage(cli, _("--format takes csv or json, not %s."), format);
    export_t export = {.json = strcmp(format, "json") == 0};
    output_file_t output;
    value_builder_t request = value_builder(cli->arena);
    value_t filter;
    if (!send_connect(cli) || !collect_filter(cli, cli->kind, arguments, &filter))
        return false;
    value_add_pair(&request, "kind", value_text(cli->kind->name));
    collect_add(&request, &filter);
    value_add_pair(&request, "limit", value_integer(PAGE));
    if (cli->purpose)
        value_add_pair(&request, "purpose", value_text(cli->purpose));
    export.request = value_build_map(&request);
    if (!pages_to_file(cli, path, 0666, &output, write_all, &export))
        return false;
    if (output.failure) /* a reader that has seen enough */
        return true;
    report_note(cli,
                ngettext("%zu record, as of revision %lld.", "%zu records, as of revision %lld.",
                         export.records),
                export.records, (long long)export.last_revision);
    return true;
}

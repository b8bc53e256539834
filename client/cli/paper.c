#include "helper.h"
#include "json.h"
#include "language.h"
#include "one_pager.h"
#include "pages.h"
#include "report.h"
#include "resolve.h"
#include "terminal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "samverk-paper"

static const char *const formats[] = {"pdf", "html", "md"};

/* The one that was asked for, or that the file's name ends in; NULL when it is none. */
static const char *format_wanted(const char *wanted, const char *path)
{
    const char *dot = path ? strrchr(path, '.') : NULL;
    if (!wanted && !dot)
        return formats[0];
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(wanted ? wanted : dot + 1, formats[i]) == 0)
            return formats[i];
    return wanted ? NULL : formats[0];
}

static bool pages_good(const char *pages)
{
    char *end;
    unsigned long number = strtoul(pages, &end, 10);
    return pages[strspn(pages, "0123456789")] == 0 && number >= 1 && number <= 50;
}

static bool write_paper(cli_t *cli, output_file_t *output, void *context)
{
    const helper_t *paper = context;
    (void)cli;
    fwrite(paper->output, 1, paper->size, output->file);
    return true;
}

/* Let the helper set the document, and write what it made. */
static bool set(cli_t *cli, const one_pager_t *page, const char *format, const char *pages,
                const char *path)
{
    const char *const arguments[] = {"--format", format, pages ? "--pages" : NULL, pages, NULL};
    char *text = json_dumps(page->document, JSON_COMPACT);
    int input = text ? helper_input(text, strlen(text)) : -1;
    free(text);
    if (input < 0)
        return report_failure(cli, "%s: %s", PROGRAM, strerror(errno));
    helper_t paper;
    output_file_t output;
    bool good = helper_run(&paper, cli, PROGRAM, arguments, input);
    close(input);
    if (!good || !pages_to_file(cli, path, 0666, &output, write_paper, &paper))
        return false;
    if (paper.said[0])
        report_note(cli, "%s", paper.said);
    if (page->canvas)
        report_note(cli, "%s",
                    _("Some of its texts are the canvas's, since the offer has none of its own: "
                      "read them before others do."));
    if (path)
        report_note(cli, _("Written: %s"), path);
    return true;
}

bool paper_run(cli_t *cli, const arguments_t *arguments)
{
    const char *path = arguments_value(arguments, "output"), *id;
    const char *language = arguments_value(arguments, "language");
    const char *pages = arguments_value(arguments, "pages");
    const char *wanted = arguments_value(arguments, "format");
    const char *format = format_wanted(wanted, path);
    bool here = path && strcmp(path, "-") == 0;
    if (!format)
        return report_usage(cli, _("--format takes pdf, html or md, not %s."), wanted);
    if (language && strcmp(language, "sv") != 0 && strcmp(language, "en") != 0)
        return report_usage(cli, _("--language takes sv or en, not %s."), language);
    if (pages && !pages_good(pages))
        return report_usage(cli, "%s", _("--pages takes a number from 1 to 50."));
    if (here && strcmp(format, "pdf") == 0 && terminal_out() && cli->output != OUTPUT_JSON)
        return report_usage(cli, "%s", _("PDF is nothing for a terminal: --output FILE."));
    one_pager_t page;
    if (!resolve_record(cli, arguments->words[0], &id) ||
        !one_pager_make(&page, cli, id, language ? language : language_code()))
        return false;
    if (cli->output == OUTPUT_JSON) {
        json_print(page.document, false);
        return true;
    }
    if (!path)
        path = arena_format(cli->arena, "%s-v%lld.%s", id, page.edition, format);
    bool good = (here || pages_may_write(cli, path, arguments_has(arguments, "yes"))) &&
                set(cli, &page, format, pages, here ? NULL : path);
    json_decref(page.document);
    return good;
}

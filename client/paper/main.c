#include "document.h"
#include "html.h"
#include "layout.h"
#include "markdown.h"
#include "pdf.h"

#include <getopt.h>
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* samverk-paper: one JSON document on standard input, PDF, HTML or Markdown on standard
   output. It knows no daemon and no record; samverk starts it (samverk-paper(1)). */

#define _(text) gettext(text)

#define EXIT_FAULT 1
#define EXIT_USAGE 2
#define PAGES_MAX 50ul
/* No document that people write takes a tenth of it. */
#define CPU_SECONDS_MAX 30u

typedef enum { FORMAT_PDF, FORMAT_HTML, FORMAT_MARKDOWN } format_t;

typedef struct {
    format_t format;
    unsigned pages_max;
} options_t;

static int usage(void)
{
    fputs("usage: samverk-paper [--format pdf|html|md] [--pages NUMBER] < DOCUMENT\n", stderr);
    return EXIT_USAGE;
}

static bool format_of(const char *name, format_t *format_p)
{
    static const char *const names[] = {
        [FORMAT_PDF] = "pdf", [FORMAT_HTML] = "html", [FORMAT_MARKDOWN] = "md"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *format_p = (format_t)i;
            return true;
        }
    return false;
}

static bool options_take(options_t *self, int argc, char **argv)
{
    static const struct option known[] = {
        {"format", required_argument, NULL, 'f'}, {"pages", required_argument, NULL, 'p'}, {0}};
    *self = (options_t){FORMAT_PDF, 1};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        char *end = "";
        unsigned long pages = option == 'p' ? strtoul(optarg, &end, 10) : 1;
        if (option == '?' || *end || pages < 1 || pages > PAGES_MAX)
            return false;
        if (option == 'p')
            self->pages_max = (unsigned)pages;
        else if (!format_of(optarg, &self->format))
            return false;
    }
    return optind == argc;
}

static bool read_document(document_t *document, arena_t *arena)
{
    char *json = arena_alloc(arena, DOCUMENT_BYTES_MAX + 1);
    size_t size = fread(json, 1, DOCUMENT_BYTES_MAX + 1, stdin);
    error_t error = {0};
    if (ferror(stdin))
        fprintf(stderr, "%s: %s\n", _("standard input"), strerror(errno));
    else if (size > DOCUMENT_BYTES_MAX)
        fprintf(stderr, _("The document is larger than %zu KiB.\n"), DOCUMENT_BYTES_MAX >> 10);
    else if (!document_read(document, json, size, arena, &error))
        fprintf(stderr, _("The document cannot be read; expected: %s%s%s\n"), error.field,
                error.field[0] ? ": " : "", error.expected);
    else
        return true;
    return false;
}

static bool write_pdf(const document_t *document, unsigned pages_max, arena_t *arena)
{
    layout_t layout;
    const char *failure;
    layout_make(&layout, document, pages_max, arena);
    bool good = layout.n_over == 0;
    if (!layout.font_found)
        fprintf(stderr, _("The font %s is not installed; another one stands in for it.\n"),
                LAYOUT_FONT);
    if (!good) {
        fprintf(stderr,
                ngettext("It is %zu line too long for the paper, in the smallest type too.",
                         "It is %zu lines too long for the paper, in the smallest type too.",
                         layout.n_over),
                layout.n_over);
        fprintf(stderr, _(" All of it takes %u pages.\n"), layout.n_pages);
    } else if (!pdf_write(document, &layout, stdout, &failure)) {
        fprintf(stderr, "PDF: %s\n", failure);
        good = false;
    }
    layout_clear(&layout);
    return good;
}

static bool write_document(const document_t *document, const options_t *options, arena_t *arena)
{
    switch (options->format) {
    case FORMAT_PDF:
        return write_pdf(document, options->pages_max, arena);
    case FORMAT_HTML:
        html_write(document, stdout);
        return true;
    case FORMAT_MARKDOWN:
        markdown_write(document, stdout);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    options_t options;
    document_t document;
    const char *folder = getenv("SAMVERK_LOCALEDIR");
    setlocale(LC_ALL, "");
    bindtextdomain("samverk", folder && folder[0] ? folder : SAMVERK_LOCALEDIR);
    bind_textdomain_codeset("samverk", "UTF-8");
    textdomain("samverk");
    if (!options_take(&options, argc, argv))
        return usage();
    setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS_MAX, CPU_SECONDS_MAX});
    arena_t *arena = arena_new();
    bool good = read_document(&document, arena) && write_document(&document, &options, arena);
    if (good && fflush(stdout) != 0) {
        fprintf(stderr, "%s: %s\n", _("standard output"), strerror(errno));
        good = false;
    }
    arena_destroy(&arena);
    return good ? EXIT_SUCCESS : EXIT_FAULT;
}

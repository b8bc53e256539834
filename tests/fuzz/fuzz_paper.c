/* Whatever document: read or refused, and what is read stays text in HTML and Markdown. */

#include "document.h"
#include "html.h"
#include "markdown.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *written(void (*write)(const document_t *document, FILE *file),
                     const document_t *document)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    write(document, file);
    fclose(file);
    return text;
}

/* The elements of a page of ours, and no other. */
static void must_be_ours(const char *html)
{
    static const char *const names[] = {"!DOCTYPE html",
                                        "html",
                                        "head",
                                        "meta",
                                        "title",
                                        "style",
                                        "body",
                                        "header",
                                        "p",
                                        "h1",
                                        "h2",
                                        "main",
                                        "article",
                                        "aside",
                                        "ul",
                                        "li",
                                        "dl",
                                        "dt",
                                        "dd",
                                        "svg",
                                        "path",
                                        "br",
                                        "a",
                                        "footer"};
    while ((html = strchr(html, '<'))) {
        bool known = false;
        html += 1 + (html[1] == '/');
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            size_t size = strlen(names[i]);
            known = known || (strncmp(html, names[i], size) == 0 && strchr(" />", html[size]));
        }
        if (!known)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new();
    document_t document;
    error_t error = {0};
    if (document_read(&document, (const char *)data, size, arena, &error)) {
        char *html = written(html_write, &document);
        must_be_ours(html);
        free(html);
        free(written(markdown_write, &document));
    } else if (error.code == ERROR_NONE) {
        abort();
    }
    arena_destroy(&arena);
    return 0;
}

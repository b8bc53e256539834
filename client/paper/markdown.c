#include "markdown.h"

#include <ctype.h>
#include <string.h>

/* What Markdown would take for a mark first on a line: "+", "-", "=" and the full stop or
   bracket of "12.". */
static const char *mark_in_front(const char *line)
{
    if (strchr("+-=", *line))
        return line;
    const char *after = line;
    while (isdigit((unsigned char)*after))
        after++;
    return after > line && (*after == '.' || *after == ')') ? after : NULL;
}

/* Text that begins a line. */
static void text(FILE *file, const char *line)
{
    const char *mark = mark_in_front(line);
    for (const char *c = line; *c; c++) {
        if (c == mark || strchr("\\`*_[]<>#|~&!$", *c))
            fputc('\\', file);
        fputc(*c, file);
    }
}

/* A line break within a paragraph is a backslash; an item, a heading or an empty line ends
   the paragraph by itself. */
static void section(FILE *file, const section_t *self)
{
    fputs("\n## ", file);
    text(file, self->heading);
    fputs("\n\n", file);
    for (size_t i = 0; i < self->n_paragraphs; i++) {
        const paragraph_t *one = &self->paragraphs[i];
        const paragraph_t *after = i + 1 < self->n_paragraphs ? one + 1 : NULL;
        fputs(one->form == PARAGRAPH_BOX    ? "- [ ] "
              : one->form == PARAGRAPH_ITEM ? "- "
                                            : "",
              file);
        text(file, one->text);
        if (!after)
            fputc('\n', file);
        else if (after->apart || after->form != one->form)
            fputs("\n\n", file);
        else
            fputs(one->form == PARAGRAPH_PLAIN ? "\\\n" : "\n", file);
    }
}

void markdown_write(const document_t *document, FILE *file)
{
    fputs("# ", file);
    text(file, document->title);
    fputs("\n\n*", file);
    text(file, document->kind);
    fputs("*\n", file);
    if (document->lead[0]) {
        fputc('\n', file);
        text(file, document->lead);
        fputc('\n', file);
    }
    if (document->n_facts)
        fputc('\n', file);
    for (size_t i = 0; i < document->n_facts; i++) {
        fputs("- **", file);
        text(file, document->facts[i].label);
        fputs(":** ", file);
        text(file, document->facts[i].value);
        fputc('\n', file);
    }
    for (size_t i = 0; i < document->n_sections; i++)
        section(file, &document->sections[i]);
    for (size_t i = 0; i < document->n_parties; i++)
        section(file, &document->parties[i]);
    if (document->link[0]) {
        fputc('\n', file);
        text(file, document->link_text);
        fprintf(file, ": <%s>\n", document->link);
    }
    if (document->footer[0]) {
        fputs("\n---\n\n", file);
        text(file, document->footer);
        fputc('\n', file);
    }
}

#include "html.h"

#include <qrencode.h>

/* White around a QR code, in modules (ISO/IEC 18004). */
#define QUIET_ZONE 4

static const char style[] =
    "@page { size: A4; margin: 18mm 18mm 16mm }\n"
    "* { box-sizing: border-box }\n"
    "body { margin: 0 auto; max-width: 174mm; padding: 8mm 4mm; color: #1c2426;\n"
    "  font: 10.5pt/1.4 'Open Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif;\n"
    "  overflow-wrap: anywhere }\n"
    ".kind { margin: 0; color: #17606a; font-weight: 600; text-transform: uppercase;\n"
    "  font-size: 80%; letter-spacing: .06em }\n"
    "h1 { margin: .1em 0 .2em; font-size: 210%; line-height: 1.2 }\n"
    ".lead { margin: 0; color: #46555a; font-size: 110% }\n"
    "main { display: flex; gap: 8mm; margin-top: 5mm; padding-top: 5mm;\n"
    "  border-top: 1pt solid #17606a }\n"
    "article { flex: 1; min-width: 0 }\n"
    "aside { flex: 0 0 57mm; align-self: flex-start; padding: 4mm; background: #eef3f3;\n"
    "  font-size: 92%; print-color-adjust: exact; -webkit-print-color-adjust: exact }\n"
    "h2 { margin: 1.1em 0 .2em; color: #17606a; font-size: 105%; break-after: avoid }\n"
    "article > h2:first-child, aside > h2:first-child { margin-top: 0 }\n"
    "p, ul { margin: 0 } p.apart, ul.apart { margin-top: .6em }\n"
    "p { orphans: 2; widows: 2 }\n"
    "ul { padding-left: 1.2em } ul.boxes { padding: 0; list-style: none }\n"
    "ul.boxes li { padding-left: 1.6em; text-indent: -1.6em; margin-bottom: .2em }\n"
    "ul.boxes li::before { content: '\\2610'; display: inline-block; width: 1.6em;\n"
    "  text-indent: 0 }\n"
    "dl { margin: 0 } dt { color: #46555a; font-size: 88% } dd { margin: 0 0 .5em }\n"
    "svg { display: block; width: 30mm; height: 30mm; margin: 1em 0 .3em }\n"
    "footer { margin-top: 6mm; padding-top: 2mm; border-top: .5pt solid #b9c6c8;\n"
    "  color: #46555a; font-size: 76% }\n"
    "@media (max-width: 600px) { main { display: block } aside { margin-top: 6mm } }\n"
    "@media print { body { max-width: none; padding: 0 } }\n";

static void text(FILE *file, const char *at)
{
    for (; *at; at++)
        switch (*at) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        case '\'':
            fputs("&#39;", file);
            break;
        default:
            fputc(*at, file);
        }
}

/* An element that holds nothing but text; `begin` is what stands in its first tag. */
static void element(FILE *file, const char *begin, const char *name, const char *content)
{
    if (!content[0])
        return;
    fprintf(file, "<%s>", begin);
    text(file, content);
    fprintf(file, "</%s>\n", name);
}

static void section(FILE *file, const section_t *self)
{
    element(file, "h2", "h2", self->heading);
    for (size_t i = 0; i < self->n_paragraphs; i++) {
        const paragraph_t *one = &self->paragraphs[i];
        const paragraph_t *before = i ? one - 1 : NULL;
        const paragraph_t *after = i + 1 < self->n_paragraphs ? one + 1 : NULL;
        if (one->form == PARAGRAPH_PLAIN) {
            element(file, one->apart ? "p class=\"apart\"" : "p", "p", one->text);
            continue;
        }
        if (!before || before->form != one->form || one->apart)
            fprintf(file, "<ul class=\"%s%s\">\n", one->form == PARAGRAPH_BOX ? "boxes" : "items",
                    one->apart ? " apart" : "");
        element(file, "li", "li", one->text);
        if (!after || after->form != one->form || after->apart)
            fputs("</ul>\n", file);
    }
}

/* One path of all dark modules; nothing when the address is too long for a code. */
static void code(FILE *file, const char *link, const char *label)
{
    QRcode *qr = QRcode_encodeString8bit(link, 0, QR_ECLEVEL_M);
    if (!qr)
        return;
    int size = qr->width + 2 * QUIET_ZONE;
    fprintf(file, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", size, size);
    text(file, label);
    fputs("\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h", file);
    fprintf(file, "%dv%dH0z\"/><path d=\"", size, size);
    for (int y = 0; y < qr->width; y++)
        for (int x = 0; x < qr->width; x++)
            if (qr->data[y * qr->width + x] & 1)
                fprintf(file, "M%d %dh1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE);
    fputs("\"/></svg>\n", file);
    QRcode_free(qr);
}

static void link_to(FILE *file, const document_t *document)
{
    if (!document->link[0])
        return;
    code(file, document->link, document->link_text);
    fputs("<p>", file);
    text(file, document->link_text);
    fputs("<br><a href=\"", file);
    text(file, document->link);
    fputs("\">", file);
    text(file, document->link);
    fputs("</a></p>\n", file);
}

void html_write(const document_t *document, FILE *file)
{
    fputs("<!DOCTYPE html>\n<html lang=\"", file);
    text(file, document->language);
    fputs("\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n",
          file);
    element(file, "title", "title", document->title);
    fprintf(file, "<style>\n%s</style>\n</head>\n<body>\n<header>\n", style);
    element(file, "p class=\"kind\"", "p", document->kind);
    element(file, "h1", "h1", document->title);
    element(file, "p class=\"lead\"", "p", document->lead);
    fputs("</header>\n<main>\n<article>\n", file);
    for (size_t i = 0; i < document->n_sections; i++)
        section(file, &document->sections[i]);
    fputs("</article>\n<aside>\n<dl>\n", file);
    for (size_t i = 0; i < document->n_facts; i++) {
        element(file, "dt", "dt", document->facts[i].label);
        element(file, "dd", "dd", document->facts[i].value);
    }
    fputs("</dl>\n", file);
    for (size_t i = 0; i < document->n_parties; i++)
        section(file, &document->parties[i]);
    link_to(file, document);
    fputs("</aside>\n</main>\n", file);
    element(file, "footer", "footer", document->footer);
    fputs("</body>\n</html>\n", file);
}

#include "pdf.h"

#include <cairo-pdf.h>
#include <qrencode.h>
#include <string.h>

/* White around a QR code, in modules (ISO/IEC 18004). */
#define QUIET_ZONE 4
/* For a link's target; a longer one is shown, and not followed. */
#define LINK_ROOM 4096u

typedef enum { INK_TEXT, INK_ACCENT, INK_FAINT, INK_PANEL, INK_RULE, INK_WHITE } ink_t;

static void use(cairo_t *cr, ink_t ink)
{
    static const unsigned colours[] = {
        [INK_TEXT] = 0x1c2426,  [INK_ACCENT] = 0x17606a, [INK_FAINT] = 0x46555a,
        [INK_PANEL] = 0xeef3f3, [INK_RULE] = 0xb9c6c8,   [INK_WHITE] = 0xffffff};
    unsigned colour = colours[ink];
    cairo_set_source_rgb(cr, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                         (colour & 255) / 255.0);
}

static ink_t ink_of(style_t style)
{
    switch (style) {
    case STYLE_KIND:
    case STYLE_HEADING:
    case STYLE_LINK:
        return INK_ACCENT;
    case STYLE_LEAD:
    case STYLE_LABEL:
    case STYLE_FOOT:
        return INK_FAINT;
    default:
        return INK_TEXT;
    }
}

static const char *tag_of(style_t style)
{
    return style == STYLE_TITLE ? "H1" : style == STYLE_HEADING ? "H2" : "P";
}

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned size)
{
    return fwrite(data, 1, size, closure) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* -- parts of a page ------------------------------------------------------------------------------ */

static void rule(cairo_t *cr, ink_t ink, double y, double width)
{
    use(cr, ink);
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, LAYOUT_MARGIN, y);
    cairo_line_to(cr, LAYOUT_PAGE_WIDTH - LAYOUT_MARGIN, y);
    cairo_stroke(cr);
}

/* As far down as what stands on it. */
static void draw_panel(cairo_t *cr, const layout_t *layout, unsigned page)
{
    double top = 0, end = 0;
    for (size_t i = 0; i < layout->n_placed; i++) {
        const placed_t *one = &layout->placed[i];
        if (!one->side || one->page != page)
            continue;
        if (end == 0)
            top = one->y;
        end = one->y + one->height;
    }
    if (end == 0)
        return;
    use(cr, INK_PANEL);
    cairo_rectangle(cr, LAYOUT_PANEL_X, top - LAYOUT_PANEL_SPACE, LAYOUT_PANEL_WIDTH,
                    end - top + 2 * LAYOUT_PANEL_SPACE);
    cairo_fill(cr);
}

static void draw_code(cairo_t *cr, const char *link, const placed_t *at)
{
    QRcode *code = QRcode_encodeString8bit(link, 0, QR_ECLEVEL_M);
    if (!code) /* longer than a code can be: the address stands below */
        return;
    use(cr, INK_WHITE);
    cairo_rectangle(cr, at->x, at->y, at->height, at->height);
    cairo_fill(cr);
    use(cr, INK_TEXT);
    double module = at->height / (code->width + 2 * QUIET_ZONE);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                cairo_rectangle(cr, at->x + (x + QUIET_ZONE) * module,
                                at->y + (y + QUIET_ZONE) * module, module, module);
    cairo_fill(cr);
    QRcode_free(code);
}

static void draw_box(cairo_t *cr, const placed_t *at, double size)
{
    double side = 0.72 * size;
    cairo_set_line_width(cr, 0.7);
    cairo_rectangle(cr, at->x + 0.4, at->baseline - side, side, side);
    cairo_stroke(cr);
}

/* What cairo takes as a link's target: in quotation marks, which end at the next one. */
static void begin_link(cairo_t *cr, const char *link)
{
    char target[LINK_ROOM], *end = target;
    memcpy(end, "uri='", 5);
    end += 5;
    for (; *link && end < target + sizeof target - 4; link++) {
        if (*link == '\'')
            *end++ = '\\';
        *end++ = *link;
    }
    memcpy(end, "'", 2);
    cairo_tag_begin(cr, CAIRO_TAG_LINK, target);
}

static void draw_line(cairo_t *cr, const document_t *document, const layout_t *layout,
                      const placed_t *at)
{
    use(cr, ink_of(at->style));
    if (at->box && at->begins)
        draw_box(cr, at, layout->size);
    if (at->style == STYLE_LINK)
        begin_link(cr, document->link);
    cairo_move_to(cr, at->x, at->baseline);
    pango_cairo_show_layout_line(cr, at->line);
    if (at->style == STYLE_LINK)
        cairo_tag_end(cr, CAIRO_TAG_LINK);
}

/* "1 (2)", as Swedish letters number their pages (SS 4140). */
static void draw_foot(cairo_t *cr, const document_t *document, const layout_t *layout,
                      unsigned page)
{
    double y = LAYOUT_PAGE_HEIGHT - LAYOUT_FOOT, width = 0;
    rule(cr, INK_RULE, y, 0.5);
    use(cr, INK_FAINT);
    if (layout->n_pages > 1) {
        char number[32];
        snprintf(number, sizeof number, "%u (%u)", page + 1, layout->n_pages);
        PangoLayout *text = layout_text(layout, STYLE_FOOT, number);
        PangoRectangle logical;
        pango_layout_get_extents(text, NULL, &logical);
        width = (double)logical.width / PANGO_SCALE;
        cairo_move_to(cr, LAYOUT_PAGE_WIDTH - LAYOUT_MARGIN - width, y + 4);
        pango_cairo_show_layout(cr, text);
        g_object_unref(text);
    }
    PangoLayout *text = layout_text(layout, STYLE_FOOT, document->footer);
    pango_layout_set_width(
        text, (int)((LAYOUT_PAGE_WIDTH - 2 * LAYOUT_MARGIN - width - 12) * PANGO_SCALE));
    pango_layout_set_ellipsize(text, PANGO_ELLIPSIZE_END);
    cairo_move_to(cr, LAYOUT_MARGIN, y + 4);
    pango_cairo_show_layout(cr, text);
    g_object_unref(text);
}

/* The lines of one paragraph that stand on one page are one element to who listens. */
static void draw_lines(cairo_t *cr, const document_t *document, const layout_t *layout,
                       unsigned page)
{
    bool open = false;
    const char *tag = "";
    for (size_t i = 0; i < layout->n_placed; i++) {
        const placed_t *at = &layout->placed[i];
        if (at->page != page)
            continue;
        if (open && at->begins) {
            cairo_tag_end(cr, tag);
            open = false;
        }
        if (!at->line) {
            draw_code(cr, document->link, at);
            continue;
        }
        if (!open) {
            tag = tag_of(at->style);
            cairo_tag_begin(cr, tag, NULL);
            open = true;
        }
        draw_line(cr, document, layout, at);
    }
    if (open)
        cairo_tag_end(cr, tag);
}

bool pdf_write(const document_t *document, const layout_t *layout, FILE *file,
               const char **failure_p)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        write_bytes, file, LAYOUT_PAGE_WIDTH, LAYOUT_PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, document->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, document->kind);
    cairo_t *cr = cairo_create(surface);
    for (unsigned page = 0; page < layout->n_pages; page++) {
        draw_panel(cr, layout, page);
        if (page == layout->columns_page)
            rule(cr, INK_ACCENT, layout->columns_y - LAYOUT_HEAD_SPACE / 2, 1);
        draw_lines(cr, document, layout, page);
        draw_foot(cr, document, layout, page);
        cairo_show_page(cr);
    }
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    *failure_p = cairo_status_to_string(status);
    return status == CAIRO_STATUS_SUCCESS;
}

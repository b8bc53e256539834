#include "layout.h"

#include <limits.h>
#include <string.h>

#define SIZE_STEP 0.25
#define FOOT_SPACE 14.0 /* above the foot */
#define GAP 20.0        /* between the columns */
#define INDENT 1.35     /* of items, in the type's size */
#define CODE_WIDTH 88.0 /* with its white border */

static const struct {
    double size; /* in the body's, as are the others */
    PangoWeight weight;
    double before; /* space above it */
    double apart;  /* between letters */
} styles[STYLES] = {
    [STYLE_KIND] = {0.82, PANGO_WEIGHT_SEMIBOLD, 0, 0.06},
    [STYLE_TITLE] = {2.1, PANGO_WEIGHT_BOLD, 0.1, 0},
    [STYLE_LEAD] = {1.1, PANGO_WEIGHT_NORMAL, 0.25, 0},
    [STYLE_HEADING] = {1.05, PANGO_WEIGHT_BOLD, 0.95, 0},
    [STYLE_BODY] = {1, PANGO_WEIGHT_NORMAL, 0.12, 0},
    [STYLE_LABEL] = {0.82, PANGO_WEIGHT_NORMAL, 0.5, 0},
    [STYLE_VALUE] = {0.94, PANGO_WEIGHT_SEMIBOLD, 0, 0},
    [STYLE_LINK] = {0.82, PANGO_WEIGHT_NORMAL, 0, 0},
    [STYLE_FOOT] = {0.76, PANGO_WEIGHT_NORMAL, 0, 0},
};

/* What is broken into lines: a paragraph, a heading, a fact's label. */
typedef struct piece {
    PangoLayout *text; /* NULL: the QR code */
    style_t style;
    double before;
    double height;
    bool kept; /* on one page with what comes after it */
    bool box;
} piece_t;

/* The pieces that stand below each other. */
typedef struct {
    size_t first, end;
    double x, width;
    bool side;
} column_t;

/* Where the next line goes, and where the first one of its page went. */
typedef struct {
    unsigned page;
    double y, top;
} place_t;

static double space_of(const column_t *column)
{
    return column->side ? LAYOUT_PANEL_SPACE : 0;
}

/* -- texts ---------------------------------------------------------------------------------------- */

static PangoFontDescription *font_of(style_t style, double size)
{
    PangoFontDescription *font = pango_font_description_from_string(LAYOUT_FONT);
    pango_font_description_set_weight(font, styles[style].weight);
    pango_font_description_set_absolute_size(font, styles[style].size * size * PANGO_SCALE);
    return font;
}

PangoLayout *layout_text(const layout_t *self, style_t style, const char *text)
{
    PangoLayout *layout = pango_layout_new(self->context);
    PangoFontDescription *font = font_of(style, self->size);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    /* Never as markup: what people wrote is text. */
    pango_layout_set_text(layout, text, -1);
    PangoAttrList *attributes = pango_attr_list_new();
    /* A word that is longer than its line breaks without a hyphen that is not its own. */
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    if (styles[style].apart > 0)
        pango_attr_list_insert(
            attributes,
            pango_attr_letter_spacing_new((int)(styles[style].apart * self->size * PANGO_SCALE)));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    return layout;
}

/* Every line but the first as far in as the tab that the first begins with. */
static void hang(PangoLayout *text, double size)
{
    int indent = (int)(INDENT * size * PANGO_SCALE);
    PangoTabArray *tabs = pango_tab_array_new_with_positions(1, FALSE, PANGO_TAB_LEFT, indent);
    pango_layout_set_tabs(text, tabs);
    pango_tab_array_free(tabs);
    pango_layout_set_indent(text, -indent);
}

static piece_t *add(layout_t *self, column_t *column, style_t style, const char *text)
{
    piece_t *piece = &self->pieces[self->n_pieces++];
    double width = column->width - 2 * space_of(column);
    *piece = (piece_t){.style = style, .before = styles[style].before * self->size};
    piece->text = layout_text(self, style, text);
    pango_layout_set_width(piece->text, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(piece->text, PANGO_WRAP_WORD_CHAR);
    column->end = self->n_pieces;
    return piece;
}

static void add_paragraph(layout_t *self, column_t *column, const paragraph_t *paragraph,
                          arena_t *arena)
{
    static const char *const marks[] = {
        [PARAGRAPH_PLAIN] = "", [PARAGRAPH_ITEM] = "•\t", [PARAGRAPH_BOX] = "\t"};
    const char *text = arena_format(arena, "%s%s", marks[paragraph->form], paragraph->text);
    piece_t *piece = add(self, column, STYLE_BODY, text);
    if (paragraph->form != PARAGRAPH_PLAIN)
        hang(piece->text, self->size);
    if (paragraph->apart)
        piece->before = self->size * 0.6;
    piece->box = paragraph->form == PARAGRAPH_BOX;
}

static void add_sections(layout_t *self, column_t *column, const section_t *sections, size_t n,
                         arena_t *arena)
{
    for (size_t i = 0; i < n; i++) {
        add(self, column, STYLE_HEADING, sections[i].heading)->kept = true;
        for (size_t p = 0; p < sections[i].n_paragraphs; p++)
            add_paragraph(self, column, &sections[i].paragraphs[p], arena);
    }
}

static void add_code(layout_t *self, column_t *column, const document_t *document)
{
    self->pieces[self->n_pieces++] =
        (piece_t){.before = 1.2 * self->size, .height = CODE_WIDTH, .kept = true};
    column->end = self->n_pieces;
    add(self, column, STYLE_VALUE, document->link_text)->before = 0.4 * self->size;
    add(self, column, STYLE_LINK, document->link);
}

/* -- lines ---------------------------------------------------------------------------------------- */

static double height_of_lines(const piece_t *piece, int n)
{
    if (!piece->text)
        return piece->height;
    PangoLayoutIter *iter = pango_layout_get_iter(piece->text);
    double height = 0;
    do {
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(iter, NULL, &logical);
        height += (double)logical.height / PANGO_SCALE;
    } while (--n > 0 && pango_layout_iter_next_line(iter));
    pango_layout_iter_free(iter);
    return height;
}

/* What must stand on one page, from this piece on: a heading with what it is over, and of a
   paragraph the first two lines, or three when there is but one more. */
static double height_kept(const layout_t *self, const column_t *column, size_t i)
{
    double height = 0;
    for (size_t first = i;; i++) {
        const piece_t *piece = &self->pieces[i];
        height += i > first ? piece->before : 0;
        if (piece->kept && i + 1 < column->end) {
            height += height_of_lines(piece, INT_MAX);
            continue;
        }
        int n = piece->text ? pango_layout_get_line_count(piece->text) : 1;
        return height + height_of_lines(piece, n == 3 ? 3 : 2);
    }
}

static bool fits(const column_t *column, const place_t *at, double height)
{
    return at->y + height <= LAYOUT_PAGE_HEIGHT - LAYOUT_FOOT - FOOT_SPACE - space_of(column);
}

/* Unless this one is empty, and another would have no more room. */
static void next_page(const column_t *column, place_t *at)
{
    double top = LAYOUT_MARGIN + space_of(column);
    if (at->y > top)
        *at = (place_t){at->page + 1, top, top};
}

static void place(layout_t *self, const column_t *column, const placed_t *one, unsigned pages_max)
{
    placed_t *placed = &self->placed[self->n_placed++];
    *placed = *one;
    placed->side = column->side;
    placed->x += column->x + space_of(column);
    placed->baseline += placed->y;
    self->n_over += placed->page >= pages_max;
    if (placed->page >= self->n_pages)
        self->n_pages = placed->page + 1;
}

static void place_lines(layout_t *self, const column_t *column, const piece_t *piece, place_t *at,
                        unsigned pages_max)
{
    int n = pango_layout_get_line_count(piece->text);
    PangoLayoutIter *iter = pango_layout_get_iter(piece->text);
    for (int i = 0; i < n; i++, pango_layout_iter_next_line(iter)) {
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(iter, NULL, &logical);
        double height = (double)logical.height / PANGO_SCALE;
        /* The last line never stands alone on a new page. */
        double needed = i > 1 && i == n - 2 ? 2 * height : height;
        if (!fits(column, at, needed))
            next_page(column, at);
        place(self, column,
              &(placed_t){.line = pango_layout_iter_get_line_readonly(iter),
                          .style = piece->style,
                          .begins = i == 0,
                          .box = piece->box,
                          .page = at->page,
                          .x = (double)logical.x / PANGO_SCALE,
                          .y = at->y,
                          .height = height,
                          .baseline = (double)(pango_layout_iter_get_baseline(iter) - logical.y) /
                                      PANGO_SCALE},
              pages_max);
        at->y += height;
    }
    pango_layout_iter_free(iter);
}

/* Place a column's pieces below each other, from `at` on; where it ended. */
static place_t flow(layout_t *self, const column_t *column, place_t at, unsigned pages_max)
{
    at.y = at.top = at.y + space_of(column);
    for (size_t i = column->first; i < column->end; i++) {
        const piece_t *piece = &self->pieces[i];
        double before = at.y > at.top ? piece->before : 0;
        if (!fits(column, &at, before + height_kept(self, column, i)))
            next_page(column, &at);
        at.y += at.y > at.top ? before : 0;
        if (piece->text) {
            place_lines(self, column, piece, &at, pages_max);
            continue;
        }
        place(self, column,
              &(placed_t){.page = at.page, .y = at.y, .height = piece->height, .begins = true},
              pages_max);
        at.y += piece->height;
    }
    return at;
}

/* -- the whole -------------------------------------------------------------------------------------- */

static void drop_texts(layout_t *self)
{
    for (size_t i = 0; i < self->n_pieces; i++)
        g_clear_object(&self->pieces[i].text);
}

static size_t count_sections(const section_t *sections, size_t n)
{
    size_t count = n;
    for (size_t i = 0; i < n; i++)
        count += sections[i].n_paragraphs;
    return count;
}

/* In this size of type, and with the parties on the panel or below the sections; whether it
   fits. */
static bool set_so(layout_t *self, const document_t *document, double size, bool beside,
                   unsigned pages_max, arena_t *arena)
{
    size_t room = 6 + 2 * document->n_facts +
                  count_sections(document->sections, document->n_sections) +
                  count_sections(document->parties, document->n_parties);
    double width = LAYOUT_PAGE_WIDTH - 2 * LAYOUT_MARGIN;
    drop_texts(self);
    self->size = size;
    self->n_pages = 1;
    self->n_over = self->n_pieces = self->n_placed = 0;
    self->pieces = arena_alloc(arena, room * sizeof *self->pieces);
    column_t head = {.x = LAYOUT_MARGIN, .width = width};
    add(self, &head, STYLE_KIND, document->kind);
    add(self, &head, STYLE_TITLE, document->title);
    if (document->lead[0])
        add(self, &head, STYLE_LEAD, document->lead);
    column_t text = {.first = self->n_pieces,
                     .end = self->n_pieces,
                     .x = LAYOUT_MARGIN,
                     .width = width - LAYOUT_PANEL_WIDTH - GAP};
    add_sections(self, &text, document->sections, document->n_sections, arena);
    if (!beside)
        add_sections(self, &text, document->parties, document->n_parties, arena);
    column_t side = {.first = self->n_pieces,
                     .end = self->n_pieces,
                     .x = LAYOUT_PANEL_X,
                     .width = LAYOUT_PANEL_WIDTH,
                     .side = true};
    for (size_t i = 0; i < document->n_facts; i++) {
        add(self, &side, STYLE_LABEL, document->facts[i].label)->kept = true;
        add(self, &side, STYLE_VALUE, document->facts[i].value);
    }
    if (beside)
        add_sections(self, &side, document->parties, document->n_parties, arena);
    if (document->link[0])
        add_code(self, &side, document);
    size_t n_lines = 1; /* the code's */
    for (size_t i = 0; i < self->n_pieces; i++)
        if (self->pieces[i].text)
            n_lines += (size_t)pango_layout_get_line_count(self->pieces[i].text);
    self->placed = arena_alloc(arena, n_lines * sizeof *self->placed);
    place_t at = flow(self, &head, (place_t){0, LAYOUT_MARGIN, LAYOUT_MARGIN}, pages_max);
    at.y += LAYOUT_HEAD_SPACE;
    self->columns_page = at.page;
    self->columns_y = at.y;
    flow(self, &text, at, pages_max);
    flow(self, &side, at, pages_max);
    return self->n_over == 0;
}

static bool panel_is_over(const layout_t *self, unsigned pages_max)
{
    for (size_t i = 0; i < self->n_placed; i++)
        if (self->placed[i].side && self->placed[i].page >= pages_max)
            return true;
    return false;
}

/* The parties stand where there is room for them. */
static bool set(layout_t *self, const document_t *document, double size, unsigned pages_max,
                arena_t *arena)
{
    if (set_so(self, document, size, true, pages_max, arena))
        return true;
    size_t over = self->n_over;
    if (!panel_is_over(self, pages_max))
        return false;
    if (set_so(self, document, size, false, pages_max, arena))
        return true;
    /* It does not fit: told by what is least too long. */
    return self->n_over > over && set_so(self, document, size, true, pages_max, arena);
}

/* Whether the font is there, or the system puts another in its place. */
static bool find_font(PangoContext *context)
{
    PangoFontDescription *wanted = font_of(STYLE_BODY, LAYOUT_SIZE_MOST);
    PangoFont *font = pango_context_load_font(context, wanted);
    PangoFontDescription *found = font ? pango_font_describe(font) : NULL;
    const char *family = found ? pango_font_description_get_family(found) : NULL;
    bool same = family && strcmp(family, LAYOUT_FONT) == 0;
    pango_font_description_free(wanted);
    pango_font_description_free(found);
    g_clear_object(&font);
    return same;
}

void layout_make(layout_t *self, const document_t *document, unsigned pages_max, arena_t *arena)
{
    memset(self, 0, sizeof *self);
    PangoFontMap *fonts = pango_cairo_font_map_new();
    self->context = pango_font_map_create_context(fonts);
    g_object_unref(fonts); /* the context's from here on */
    pango_context_set_language(self->context, pango_language_from_string(document->language));
    /* Left to right whatever a text begins with. */
    pango_context_set_base_dir(self->context, PANGO_DIRECTION_LTR);
    pango_context_set_round_glyph_positions(self->context, FALSE);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(self->context, options);
    cairo_font_options_destroy(options);
    self->font_found = find_font(self->context);
    /* The largest, the smallest, and only then what lies between: what is far too long is
       known at once. */
    if (set(self, document, LAYOUT_SIZE_MOST, pages_max, arena) ||
        !set(self, document, LAYOUT_SIZE_LEAST, pages_max, arena))
        return;
    double size = LAYOUT_SIZE_MOST;
    do
        size -= SIZE_STEP;
    while (!set(self, document, size, pages_max, arena));
}

void layout_clear(layout_t *self)
{
    drop_texts(self);
    g_clear_object(&self->context);
}

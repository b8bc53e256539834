#ifndef SAMVERK_LAYOUT_H
#define SAMVERK_LAYOUT_H

#include "document.h"

#include <pango/pangocairo.h>

/* Where each line of a document stands on its A4 pages: a head across the page, below it
   the sections, and beside them a panel with the facts. The parties stand on the panel, or,
   when it is full, below the sections. Measures are points, from the
   page's upper left corner. */

#define LAYOUT_PAGE_WIDTH 595.28
#define LAYOUT_PAGE_HEIGHT 841.89
#define LAYOUT_MARGIN 51.0     /* left, right and above */
#define LAYOUT_FOOT 44.0       /* what the foot takes, from the page's lower edge */
#define LAYOUT_HEAD_SPACE 20.0 /* between the head and the columns */
#define LAYOUT_PANEL_WIDTH 162.0
#define LAYOUT_PANEL_SPACE 11.0 /* around what stands on it */
#define LAYOUT_PANEL_X (LAYOUT_PAGE_WIDTH - LAYOUT_MARGIN - LAYOUT_PANEL_WIDTH)
#define LAYOUT_FONT "Open Sans"
/* The type is set as large as fits, and never smaller than people read with ease. */
#define LAYOUT_SIZE_MOST 10.5
#define LAYOUT_SIZE_LEAST 8.5

typedef enum {
    STYLE_KIND,
    STYLE_TITLE,
    STYLE_LEAD,
    STYLE_HEADING,
    STYLE_BODY,
    STYLE_LABEL,
    STYLE_VALUE,
    STYLE_LINK,
    STYLE_FOOT,
    STYLES
} style_t;

/* One line, or the QR code, in its place. */
typedef struct {
    PangoLayoutLine *line; /* NULL: the QR code */
    style_t style;
    bool begins; /* its paragraph */
    bool box;    /* with a box to tick before it, when it begins */
    bool side;   /* on the panel */
    unsigned page;
    double x, y, height; /* its upper left corner */
    double baseline;     /* on the page */
} placed_t;

typedef struct {
    PangoContext *context;
    double size; /* of the body's type */
    unsigned n_pages;
    size_t n_over;         /* lines beyond the pages that were allowed */
    bool font_found;       /* or another stands in for it */
    unsigned columns_page; /* where head ends and columns begin */
    double columns_y;
    placed_t *placed; /* head, sections, panel, each from above */
    size_t n_placed;
    struct piece *pieces; /* what the lines are of */
    size_t n_pieces;
} layout_t;

/* Lay the document out on at most `pages_max` pages; where it takes more even in the
   smallest type, on as many as it takes, which `n_over` tells. All but the texts is in
   `arena`. Never fails. */
void layout_make(layout_t *self, const document_t *document, unsigned pages_max, arena_t *arena);
void layout_clear(layout_t *self);

/* A text of its own in one of the styles, for what is no part of the columns. The caller
   unrefs it. */
PangoLayout *layout_text(const layout_t *self, style_t style, const char *text);

#endif

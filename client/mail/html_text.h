#ifndef SAMVERK_HTML_TEXT_H
#define SAMVERK_HTML_TEXT_H

#include "arena.h"

/* HTML reduced to its text: paragraphs apart by an empty line, items with a dash. Nothing
   is fetched and no script is looked at. `html` is UTF-8 whatever it says itself. The text
   is in `arena`; "" when there is none. */
const char *html_text(const char *html, size_t size, arena_t *arena);

#endif

#ifndef SAMVERK_HTML_H
#define SAMVERK_HTML_H

#include "document.h"

/* The document as one HTML page: nothing is fetched, no script runs, and what stands in
   the document is text. The caller looks at `file` for errors. */
void html_write(const document_t *document, FILE *file);

#endif

#ifndef SAMVERK_MARKDOWN_H
#define SAMVERK_MARKDOWN_H

#include "document.h"

/* The document as Markdown (CommonMark; boxes as GitHub has them). What stands in the
   document is text: nothing in it becomes a heading, a link or HTML. The caller looks at
   `file` for errors. */
void markdown_write(const document_t *document, FILE *file);

#endif

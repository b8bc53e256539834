#ifndef SAMVERK_PDF_H
#define SAMVERK_PDF_H

#include "layout.h"

/* Write a document that has been laid out as PDF: text that can be searched and copied,
   with headings and paragraphs tagged for those who have it read aloud. False when cairo
   failed, with its reason in `*failure_p`; the caller looks at `file` for errors. */
bool pdf_write(const document_t *document, const layout_t *layout, FILE *file,
               const char **failure_p);

#endif

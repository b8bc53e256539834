#ifndef SAMVERK_DOCUMENT_H
#define SAMVERK_DOCUMENT_H

#include "arena.h"
#include "error.h"

#include <stdbool.h>
#include <stdio.h>

/* What is put on paper, from the JSON document that samverk-paper(1) describes. All text
   is UTF-8 in NFC without control and bidirectional characters, and is in the arena that
   the document was read into. */

typedef enum { PARAGRAPH_PLAIN, PARAGRAPH_ITEM, PARAGRAPH_BOX } paragraph_form_t;

typedef struct {
    const char *text; /* one line, however long; never empty */
    paragraph_form_t form;
    bool apart; /* an empty line stood before it */
} paragraph_t;

typedef struct {
    const char *heading;
    paragraph_t *paragraphs;
    size_t n_paragraphs;
} section_t;

typedef struct {
    const char *label, *value;
} fact_t;

typedef struct {
    const char *language; /* "sv", for line breaks and HTML */
    const char *kind;     /* above the title: "Kursbeskrivning" */
    const char *title;
    const char *lead; /* below it; "" for none */
    section_t *sections;
    size_t n_sections;
    fact_t *facts; /* beside the sections */
    size_t n_facts;
    section_t *parties; /* who stands behind it, a line each paragraph */
    size_t n_parties;
    const char *link, *link_text; /* http or https, and what it leads to; "" for none */
    const char *footer;
} document_t;

/* What is larger would be no paper, but hours of setting lines. */
#define DOCUMENT_BYTES_MAX ((size_t)256 << 10)

/* Read one document. False with what is wrong in `error`: its field is the path of the
   value ("sections[2].heading"), or empty when it is no JSON. */
bool document_read(document_t *self, const char *json, size_t size, arena_t *arena, error_t *error);

#endif

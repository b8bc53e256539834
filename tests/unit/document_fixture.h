#ifndef SAMVERK_DOCUMENT_FIXTURE_H
#define SAMVERK_DOCUMENT_FIXTURE_H

#include "arena_fixture.h"
#include "document.h"

#include <stdlib.h>
#include <string.h>

/* Documents to put on paper, and what became of them. */

/* The least that a document has, and more members after it; ' stands for ". */
static inline const char *json_with(const char *more)
{
    char *json = arena_format(arena,
                              "{'language':'sv','kind':'Kursbeskrivning',"
                              "'title':'Grundkurs i CAD'%s%s}",
                              more[0] ? "," : "", more);
    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    return json;
}

static inline document_t document_of(const char *more)
{
    document_t document;
    error_t error = {0};
    const char *json = json_with(more);
    if (!document_read(&document, json, strlen(json), arena, &error))
        fail_msg("%s: %s expected", error.field, error.expected);
    return document;
}

/* What a writer makes of a document. */
static inline const char *written(void (*write)(const document_t *document, FILE *file),
                                  const document_t *document)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    write(document, file);
    fclose(file);
    const char *copy = arena_text_of(arena, text, size);
    free(text);
    return copy;
}

/* A text in JSON of `n` times `part`. */
static inline const char *repeated(const char *part, size_t n)
{
    size_t size = strlen(part);
    char *text = arena_alloc(arena, n * size + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * size, part, size);
    return text;
}

#endif

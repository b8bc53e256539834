#ifndef SAMVERK_JSON_H
#define SAMVERK_JSON_H

#include "schema.h"
#include "value.h"

#include <jansson.h>
#include <stdio.h>

/* Values as JSON: instants in ISO 8601, keys in Z85, degrees and tenths as numbers, money in
   whole öre. New references, as jansson says. */

json_t *json_of_value(const value_t *value);

/* The value of a field. */
json_t *json_of_field(const field_t *field, const value_t *value);

/* {"id", "rev", "fields"} with each field in its own form; other members as they are. */
json_t *json_of_view(const value_t *view);

/* A whole result: views in it, at any depth, as json_of_view. */
json_t *json_of_result(const value_t *result);

/* Write a document and free it; `line` for one line. Characters that would steer a
   terminal are escaped, those too that JSON lets stand. */
void json_write(json_t *document, FILE *file, bool line);

/* The same on standard output, with the end of its line. */
void json_print(json_t *document, bool line);

#endif

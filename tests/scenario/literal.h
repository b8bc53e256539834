#ifndef SAMVERK_TEST_LITERAL_H
#define SAMVERK_TEST_LITERAL_H

#include "value.h"

#include <stdbool.h>

/* Values and patterns as scenarios write them:

     8  -3  true  false  nil      a whole number, a truth, nothing
     "text"  word  mun-1880       text; \n \t \" \\ \uXXXX within quotes
     [a b c]                      a list, items apart by spaces
     {key=value key=value}        a map
     @name                        32 bytes: the public key that `name` has
     $name                        what was bound to that name

   and in patterns besides:

     $name                        binds the name, when it has no value yet
     *                            anything that is there
     ~"part"                      text that holds this
     [a b ...], [... a b]         a list that begins, or ends, so
     {key=pattern}                a map that has at least these; nil: not there
     ={key=pattern}               a map that has these and no others */

typedef struct literal literal_t;

/* What is bound to names. */
typedef struct bindings bindings_t;
bindings_t *bindings_new(arena_t *arena);
const value_t *bindings_get(const bindings_t *self, const char *name); /* or NULL */
void bindings_set(bindings_t *self, const char *name, const value_t *value);

/* Read one literal off the front of `*text`, which moves past it and the space
   after it. NULL with one sentence in `why` when there is none. */
const literal_t *literal_read(const char **text, arena_t *arena, const char **why);

/* What it says as a value. False with `why` when a name has none. */
bool literal_value(const literal_t *self, const bindings_t *bindings, arena_t *arena,
                   value_t *value, const char **why);
/* True when the value is as the pattern says; else where it is not in `why`. */
bool literal_matches(const literal_t *self, bindings_t *bindings, const value_t *value,
                     arena_t *arena, const char **why);

/* A value in these words. */
const char *literal_print(const value_t *value, arena_t *arena);

#endif

#ifndef SAMVERK_MENTIONS_H
#define SAMVERK_MENTIONS_H

#include "record.h"

/* What in a text may name a person: the name in any order of its words, an e-mail
   address, a telephone number however it is written. Case and accents do not count. It
   finds too much rather than too little: people look through what it finds. */
typedef struct mentions mentions_t;

mentions_t *mentions_new(arena_t *arena);
/* What one state of the person's record, opened, goes by. */
void mentions_add(mentions_t *self, const record_t *person);
/* True when the text may name the person. `scratch` holds the text as it is compared. */
bool mentions_in(const mentions_t *self, const char *text, arena_t *scratch);
/* The same of a field's value, one text or many. */
bool mentions_in_value(const mentions_t *self, const value_t *value, arena_t *scratch);

#endif

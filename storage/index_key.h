#ifndef SAMVERK_INDEX_KEY_H
#define SAMVERK_INDEX_KEY_H

#include "key.h"

/* The keys of index entries: kind, index, a tag and the value for each field, own
   id (FORMAT.md). For storage alone. */

#define INDEX_TEXT_MAX 400u /* bytes of one text, less where several share a key */

void index_key_start(db_key_t *self, const kind_t *kind, const index_t *index);
/* Add the scalar `value` of the index's field at `position`; absent is a value
   too. False, and nothing added, when the value is sealed: it has no place. */
bool index_key_add(db_key_t *self, const index_t *index, unsigned position, const value_t *value);

/* The least key in which the next field has a value. */
void index_key_skip_absent(db_key_t *self);

/* The id at the end of an entry's key. False when the key is none of this index. */
bool index_key_id(db_view_t key, const kind_t *kind, const index_t *index, record_id_t *id);

/* Two scalars as an index of this field alone would order them. */
int index_key_compare(const field_t *field, const value_t *a, const value_t *b);

#endif

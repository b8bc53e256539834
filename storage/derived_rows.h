#ifndef SAMVERK_DERIVED_ROWS_H
#define SAMVERK_DERIVED_ROWS_H

#include "derived.h"
#include "key.h"
#include "meta.h"

/* The rows of derived.mdb: in its database `index` one for each personal value, word and
   public name that a record has, in `records` the rows of each record, so that a change
   finds those that go without the state before. For storage alone. */

#define DERIVED_KEY_SIZE 32u /* that hashes are made with */

/* What a row is kept of. After kind and sort its key has a hash or a text, then the own id,
   and for the last two a byte: 1 when the word stands in a title. */
typedef enum {
    ROW_HASH, /* a personal value, or how a word begins that lies under a seal */
    ROW_WORD,
    ROW_NAMED /* the id of a record with a public name, that is referred to */
} row_sort_t;

/* A hash over all that decides what rows look like: with another they are of no use. */
void derived_rows_form(unsigned char form[META_HASH_SIZE]);

/* The rows of `id` become those of this state, its seals opened, which lay on the fields
   in `sealed` (NULL: none). `*sum` follows: the sum over all rows, in any order. Returns
   how many came or went. */
size_t derived_rows_replace(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE],
                            const record_id_t *id, const record_t *state, field_mask_t sealed,
                            arena_t *arena, uint64_t *sum);
/* What a row adds to the sum, by exclusive or. */
uint64_t derived_rows_sum(db_view_t row);

/* Rows of records with this value begin so; the own id follows. */
void derived_rows_prefix(db_key_t *prefix, const unsigned char key[DERIVED_KEY_SIZE],
                         const kind_t *kind, const field_t *field, const value_t *value);
/* And those of records with a word under a seal that begins so, and perhaps with others. */
void derived_rows_beginning(db_key_t *prefix, const unsigned char key[DERIVED_KEY_SIZE],
                            const kind_t *kind, const token_t *word);
/* Those with a text: a word, or the id of what is referred to. */
void derived_rows_text(db_key_t *prefix, const kind_t *kind, row_sort_t sort, const char *text);

#endif

#ifndef SAMVERK_DERIVED_ROWS_H
#define SAMVERK_DERIVED_ROWS_H

#include "derived.h"
#include "key.h"
#include "meta.h"

/* The rows of derived.mdb: in its database `index` one for each personal value of each
   record, in `records` the rows that a record has, so that a change finds those that go
   without the state before. For storage alone. */

#define DERIVED_KEY_SIZE 32u /* that the values' hashes are made with */

/* True when records of the kind may have rows. */
bool derived_rows_kept(const kind_t *kind);
/* A hash over all that decides what rows look like: with another they are of no use. */
void derived_rows_form(unsigned char form[META_HASH_SIZE]);

/* The rows of `id` become those of this state, its seals opened (NULL: none). `*sum`
   follows: the sum over all rows, in any order. */
void derived_rows_replace(db_txn_t *work, const unsigned char key[DERIVED_KEY_SIZE],
                          const record_id_t *id, const record_t *state, arena_t *arena,
                          uint64_t *sum);
/* What a row adds to the sum, by exclusive or. */
uint64_t derived_rows_sum(db_view_t row);

/* Rows of records with this value begin so; the own id follows. */
void derived_rows_prefix(db_key_t *prefix, const unsigned char key[DERIVED_KEY_SIZE],
                         const kind_t *kind, const field_t *field, const value_t *value);

#endif

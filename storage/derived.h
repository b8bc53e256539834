#ifndef SAMVERK_DERIVED_H
#define SAMVERK_DERIVED_H

#include "store.h"
#include "words.h"

/* What is derived from people's data and from text, in a second LMDB file beside the
   record ("derived.mdb", FORMAT.md): which records hold a personal value, so that a filter
   over people's data need not look at everybody, and which words, for search. It follows
   the journal a little behind, holds what lies under a seal only as hashes under a key
   that dies with the file, and is disposable: thrown away when it is not known to be right, and made anew from the
   records. Nothing but speed hangs on it: who asks checks each record. */
typedef struct derived derived_t;

/* Takes up the file that derived_close left even with this head of the journal, or
   begins a new one. The store outlives it. NULL with `*status_p` (store_reason) when
   there can be none: the daemon then serves without. */
derived_t *derived_open(store_t *store, size_t map_size, int *status_p);
/* After the thread that follows has ended, and before the store is closed. */
void derived_close(derived_t **self_p);

/* Go on a bounded step towards the head. One thread calls this.
   DERIVED_FAILED gives `*status_p`: where the file was at fault it begins anew, where
   only room was missing it goes on with a later call. */
typedef enum { DERIVED_EVEN, DERIVED_MORE, DERIVED_FAILED } derived_step_t;
derived_step_t derived_follow(derived_t *self, int *status_p);

/* True when rows are kept of this value of this field. */
bool derived_holds(const field_t *field, const value_t *value);
/* The live records of `kind`, as `txn` sees them, that may have one of the values (each
   one that derived_holds): all that do are among them. In order of id, in `arena`. False
   where the file cannot tell (there is none, it is too far behind, or ahead of `txn`, or
   too many): look at the records. Any thread. */
bool derived_find(derived_t *self, store_txn_t *txn, const kind_t *kind, const field_t *field,
                  const value_t *values, uint32_t n_values, arena_t *arena, record_id_t **ids,
                  size_t *n_ids);

/* A word that is looked for, and the records whose public name has it: who refers to one
   of them has it too. */
typedef struct {
    wanted_t wanted;
    const record_id_t *names;
    size_t n_names;
} derived_word_t;

typedef struct {
    record_id_t id;
    unsigned titles; /* so many of the words at most stand in its title */
} derived_hit_t;

/* A look for words in records of one kind and another, as `txn` sees them. NULL where the
   file cannot tell, as for derived_find. The file cannot be replaced before the look ends,
   which is to be soon and before the transaction does. Any thread; lives in `arena`. */
typedef struct derived_look derived_look_t;
derived_look_t *derived_look_begin(derived_t *self, store_txn_t *txn, arena_t *arena);
/* The newest `most` records of the kind that may have all the words (one at least), newest
   id first, and what has changed lately: all that do are among them, unless there are more
   (`*cut` is then set, and never cleared). False where the file is at fault. */
bool derived_look(derived_look_t *self, const kind_t *kind, const derived_word_t *words,
                  size_t n_words, stemmer_t *stemmer, size_t most, derived_hit_t **hits,
                  size_t *n_hits, bool *cut);
void derived_look_end(derived_look_t **self_p);

/* When a person key has been forgotten: the file is overwritten on disk and removed, and
   a new one begun, before this returns; derived_follow fills it. 0 or errno. Any thread;
   NULL has nothing to forget. */
int derived_rebuild(derived_t *self);

#endif

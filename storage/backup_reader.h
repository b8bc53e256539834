#ifndef SAMVERK_BACKUP_READER_H
#define SAMVERK_BACKUP_READER_H

#include "backup.h"
#include "journal.h"
#include "meta.h"

/* A backup being read, row by row. Used by one thread. */
typedef struct backup_reader backup_reader_t;

typedef struct {
    char region[META_TEXT_MAX + 1];
    char epoch[META_TEXT_MAX + 1];
    unsigned format;    /* of the store that it was made of */
    uint64_t head;      /* last revision */
    uint64_t n_reads;   /* rows of `reads` */
    uint64_t last_time; /* of the last entry, UTC ms */
    unsigned char hash[JOURNAL_HASH_SIZE];
} backup_about_t;

typedef struct {
    backup_sort_t sort; /* BACKUP_ENTRY or BACKUP_READ */
    uint64_t revision;  /* of an entry */
    db_view_t key;      /* of a read */
    db_view_t value;    /* as it was stored */
} backup_row_t;

/* Prove the file from its first byte to its last: each row whole, the journal's chain
   without a break, footer and hash as they must be. NULL with one sentence in `why` that
   names the file and what is wrong with it. `path` is borrowed until it is closed. */
backup_reader_t *backup_reader_open(const char *path, char *why, size_t why_size);
void backup_reader_close(backup_reader_t **self_p);
const backup_about_t *backup_reader_about(const backup_reader_t *self);

/* The next row, until the next call. False at the footer, and when the file does not read
   as it did before: then backup_reader_failed gives a sentence, else NULL. */
bool backup_reader_next(backup_reader_t *self, backup_row_t *row);
const char *backup_reader_failed(const backup_reader_t *self);

#endif

#ifndef SAMVERK_COLUMNS_H
#define SAMVERK_COLUMNS_H

#include "cli.h"
#include "sheet.h"

/* What the columns of a spreadsheet are to a kind of record. */

typedef enum {
    COLUMN_IGNORED, /* the map says so */
    COLUMN_ID,
    COLUMN_FIELD,
    COLUMN_DAEMON, /* what the daemon alone sets: refused */
    COLUMN_LINKS,  /* ids of records that each get a link record of its own */
} column_use_t;

typedef struct {
    const char *heading;
    column_use_t use;
    const field_t *field; /* COLUMN_FIELD; COLUMN_LINKS: the link's field for them */
} column_t;

/* A kind of which a record does nothing but tie one of `kind` to one other record
   (membership: an organisation and a municipality). */
typedef struct {
    const kind_t *kind;   /* membership */
    const field_t *owner; /* its field for the record that is imported */
    const field_t *same;  /* the field of the record itself that the only one goes into, or NULL */
} link_t;

typedef struct {
    column_t *columns; /* one for each of the heading's cells */
    size_t n_columns;
    link_t link;                  /* when there is a column of links */
    struct columns_value *values; /* what the map translates; NULL for nothing */
} columns_t;

/* Find out what each column is: by the map (a CSV file with the columns column,
   field, from, to; NULL for none), else by the name or label of a field in any of
   the two languages, the beginning of one name alone, `id`, `code`, or the plural of
   a kind that is linked. False when the user has been told what is wrong. */
bool columns_read(columns_t *self, cli_t *cli, const kind_t *kind, const sheet_row_t *heading,
                  const char *map_path);

/* The cell as the map has it, or as it is. */
const char *columns_translate(const columns_t *self, const field_t *field, const char *text,
                              cli_t *cli);

/* Fields that the map gives every row, where the row has none: the i-th, or false. */
bool columns_constant(const columns_t *self, size_t i, const field_t **field_p,
                      const char **text_p);

#endif

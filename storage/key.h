#ifndef SAMVERK_KEY_H
#define SAMVERK_KEY_H

#include "db.h"
#include "record.h"

#include <stdint.h>

/* Keys that sort bytewise as their parts sort: built part by part, numbers
   big-endian, text ended by a NUL. Makers keep their parts short enough: one
   that does not fit is a mistake of ours, asserted and cut. */
typedef struct {
    size_t size;
    unsigned char bytes[DB_KEY_MAX];
} db_key_t;

void key_start(db_key_t *self);
void key_add_u8(db_key_t *self, unsigned value);
void key_add_u16(db_key_t *self, unsigned value);
void key_add_u32(db_key_t *self, uint32_t value);
void key_add_u64(db_key_t *self, uint64_t value);
void key_add_integer(db_key_t *self, int64_t value); /* negative before positive */
void key_add_bytes(db_key_t *self, const void *bytes, size_t size);
void key_add_text(db_key_t *self, const char *text);
/* The kind's number, and what tells its records apart: number or code. */
void key_add_kind(db_key_t *self, const kind_t *kind);
void key_add_own_id(db_key_t *self, const record_id_t *id);
void key_add_id(db_key_t *self, const record_id_t *id); /* both */

db_view_t key_view(const db_key_t *self);
/* Turn the key into the least one after all that begin with it. False when there
   is none (the key is empty or all 0xff). */
bool key_after(db_key_t *self);

/* Reading back: each takes its part off the front of `rest` and returns false
   when it is not there. */
bool key_take_u16(db_view_t *rest, unsigned *value);
bool key_take_u32(db_view_t *rest, uint32_t *value);
bool key_take_u64(db_view_t *rest, uint64_t *value);
bool key_take_text(db_view_t *rest, const char **text); /* points into the key */
bool key_take_own_id(db_view_t *rest, const kind_t *kind, record_id_t *id);
bool key_take_id(db_view_t *rest, record_id_t *id);

/* The same numbers in values. */
void key_write_u64(unsigned char bytes[8], uint64_t value);
uint64_t key_read_u64(const unsigned char bytes[8]);

#endif

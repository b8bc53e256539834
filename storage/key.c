#include "key.h"

#include <assert.h>
#include <string.h>

void key_start(db_key_t *self)
{
    self->size = 0;
}

void key_add_bytes(db_key_t *self, const void *bytes, size_t size)
{
    size_t room = sizeof self->bytes - self->size;
    assert(size <= room);
    if (size > room)
        size = room;
    if (size)
        memcpy(self->bytes + self->size, bytes, size);
    self->size += size;
}

static void add_number(db_key_t *self, uint64_t value, unsigned size)
{
    unsigned char bytes[8];
    key_write_u64(bytes, value);
    key_add_bytes(self, bytes + 8 - size, size);
}

void key_add_u8(db_key_t *self, unsigned value)
{
    add_number(self, value, 1);
}

void key_add_u16(db_key_t *self, unsigned value)
{
    add_number(self, value, 2);
}

void key_add_u32(db_key_t *self, uint32_t value)
{
    add_number(self, value, 4);
}

void key_add_u64(db_key_t *self, uint64_t value)
{
    add_number(self, value, 8);
}

void key_add_integer(db_key_t *self, int64_t value)
{
    add_number(self, (uint64_t)value ^ (UINT64_C(1) << 63), 8);
}

void key_add_text(db_key_t *self, const char *text)
{
    key_add_bytes(self, text, strlen(text) + 1);
}

void key_add_kind(db_key_t *self, const kind_t *kind)
{
    key_add_u16(self, kind->number);
}

void key_add_own_id(db_key_t *self, const record_id_t *id)
{
    if (id->kind->coded)
        key_add_text(self, record_id_code(id));
    else
        key_add_u64(self, id->number);
}

void key_add_id(db_key_t *self, const record_id_t *id)
{
    key_add_kind(self, id->kind);
    key_add_own_id(self, id);
}

db_view_t key_view(const db_key_t *self)
{
    return (db_view_t){.data = self->bytes, .size = self->size};
}

bool key_after(db_key_t *self)
{
    while (self->size && self->bytes[self->size - 1] == 0xff)
        self->size--;
    if (!self->size)
        return false;
    self->bytes[self->size - 1]++;
    return true;
}

/* -- reading ---------------------------------------------------------------- */

static bool take_number(db_view_t *rest, unsigned size, uint64_t *value)
{
    if (rest->size < size)
        return false;
    const unsigned char *bytes = rest->data;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value = *value << 8 | bytes[i];
    *rest = (db_view_t){.data = bytes + size, .size = rest->size - size};
    return true;
}

bool key_take_u16(db_view_t *rest, unsigned *value)
{
    uint64_t number;
    if (!take_number(rest, 2, &number))
        return false;
    *value = (unsigned)number;
    return true;
}

bool key_take_u32(db_view_t *rest, uint32_t *value)
{
    uint64_t number;
    if (!take_number(rest, 4, &number))
        return false;
    *value = (uint32_t)number;
    return true;
}

bool key_take_u64(db_view_t *rest, uint64_t *value)
{
    return take_number(rest, 8, value);
}

bool key_take_text(db_view_t *rest, const char **text)
{
    const char *end = rest->size ? memchr(rest->data, 0, rest->size) : NULL;
    if (!end)
        return false;
    *text = rest->data;
    size_t taken = (size_t)(end - *text) + 1;
    *rest = (db_view_t){.data = end + 1, .size = rest->size - taken};
    return true;
}

bool key_take_own_id(db_view_t *rest, const kind_t *kind, record_id_t *id)
{
    if (kind->coded) {
        const char *code;
        return key_take_text(rest, &code) && record_id_coded(id, kind, code);
    }
    uint64_t number;
    if (!key_take_u64(rest, &number) || number == 0)
        return false;
    *id = record_id_numbered(kind, number);
    return true;
}

bool key_take_id(db_view_t *rest, record_id_t *id)
{
    unsigned number;
    if (!key_take_u16(rest, &number))
        return false;
    const kind_t *kind = schema_kind_by_number(number);
    return kind && key_take_own_id(rest, kind, id);
}

void key_write_u64(unsigned char bytes[8], uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (56 - 8 * i));
}

uint64_t key_read_u64(const unsigned char bytes[8])
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

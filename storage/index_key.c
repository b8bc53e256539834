#include "index_key.h"

#include "collation.h"

#define HEAD_SIZE 6u /* kind, index */

enum { TAG_ABSENT, TAG_VALUE };

/* Bytes that every value of the type takes; 0 when they differ. */
static size_t fixed_size(type_t type)
{
    switch (type) {
    case TYPE_BOOLEAN:
        return 1;
    case TYPE_INTEGER:
    case TYPE_INSTANT:
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        return 8;
    case TYPE_KEY:
        return 32;
    default:
        return 0;
    }
}

/* What one text may take, so that all fields and the longest id fit: the same for
   every entry of an index. */
static size_t text_room(const index_t *index)
{
    size_t left = DB_KEY_MAX - HEAD_SIZE - RECORD_ID_MAX, texts = 0;
    for (unsigned i = 0; i < index->n_fields; i++) {
        size_t size = fixed_size(index->fields[i]->type);
        left -= 1 + (size ? size : 1); /* tag; the value, or the NUL that ends a text */
        if (!size)
            texts++;
    }
    size_t room = texts ? left / texts : left;
    return room < INDEX_TEXT_MAX ? room : INDEX_TEXT_MAX;
}

static void add_text(db_key_t *self, const field_t *field, const value_t *value, size_t room)
{
    if (field->type == TYPE_TEXT || field->type == TYPE_LONG_TEXT) {
        unsigned char bytes[INDEX_TEXT_MAX];
        key_add_bytes(self, bytes, collation_key(value->text, value->size, bytes, room));
    } else {
        key_add_bytes(self, value->text, value->size < room ? value->size : room);
    }
    key_add_u8(self, 0);
}

static bool add_value(db_key_t *self, const field_t *field, const value_t *value, size_t room)
{
    size_t start = self->size;
    if (value->form == VALUE_ABSENT) {
        key_add_u8(self, TAG_ABSENT);
        return true;
    }
    key_add_u8(self, TAG_VALUE);
    size_t size = fixed_size(field->type);
    if (size == 1 && value->form == VALUE_BOOLEAN)
        key_add_u8(self, value->boolean);
    else if (size == 8 && value->form == VALUE_INTEGER)
        key_add_integer(self, value->integer);
    else if (size == 32 && value->form == VALUE_BYTES && value->size == size)
        key_add_bytes(self, value->bytes, size);
    else if (!size && value->form == VALUE_TEXT)
        add_text(self, field, value, room);
    else {
        self->size = start;
        return false;
    }
    return true;
}

void index_key_start(db_key_t *self, const kind_t *kind, const index_t *index)
{
    key_start(self);
    key_add_kind(self, kind);
    key_add_u32(self, index->number);
}

bool index_key_add(db_key_t *self, const index_t *index, unsigned position, const value_t *value)
{
    return add_value(self, index->fields[position], value, text_room(index));
}

void index_key_skip_absent(db_key_t *self)
{
    key_add_u8(self, TAG_VALUE);
}

static bool take_value(db_view_t *rest, const field_t *field)
{
    if (!rest->size)
        return false;
    bool absent = *(const unsigned char *)rest->data == TAG_ABSENT;
    size_t size = fixed_size(field->type);
    if (!absent && !size) {
        const char *text;
        *rest = (db_view_t){.data = (const char *)rest->data + 1, .size = rest->size - 1};
        return key_take_text(rest, &text);
    }
    size_t taken = 1 + (absent ? 0 : size);
    if (rest->size < taken)
        return false;
    *rest = (db_view_t){.data = (const char *)rest->data + taken, .size = rest->size - taken};
    return true;
}

bool index_key_id(db_view_t key, const kind_t *kind, const index_t *index, record_id_t *id)
{
    unsigned kind_number;
    uint32_t index_number;
    if (!key_take_u16(&key, &kind_number) || kind_number != kind->number ||
        !key_take_u32(&key, &index_number) || index_number != index->number)
        return false;
    for (unsigned i = 0; i < index->n_fields; i++)
        if (!take_value(&key, index->fields[i]))
            return false;
    return key_take_own_id(&key, kind, id) && key.size == 0;
}

int index_key_compare(const field_t *field, const value_t *a, const value_t *b)
{
    db_key_t left, right;
    key_start(&left);
    key_start(&right);
    add_value(&left, field, a, INDEX_TEXT_MAX);
    add_value(&right, field, b, INDEX_TEXT_MAX);
    return db_view_compare(key_view(&left), key_view(&right));
}

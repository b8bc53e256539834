#include "wire.h"

#include <assert.h>
#include <string.h>

/* The elements that frames are made of, after the type's name. */
typedef enum {
    ELEMENT_NONE,
    ELEMENT_VERSION,
    ELEMENT_PROGRAM,
    ELEMENT_ID,
    ELEMENT_ID_OR_NIL,
    ELEMENT_COMMAND,
    ELEMENT_MAP,
    ELEMENT_LIST,
    ELEMENT_ANY,
    ELEMENT_AS,
    ELEMENT_WATCH,
    ELEMENT_EPOCH,
    ELEMENT_BEFORE,
    ELEMENT_REVISION,
    ELEMENT_CODE,
    ELEMENT_CREDIT,
} element_t;

#define ELEMENTS_MAX 4u

/* `exact`: more elements than these are refused. What a client asks for, the
   daemon must not half understand; what the daemon says may grow. */
static const struct {
    const char *name;
    bool exact;
    element_t elements[ELEMENTS_MAX];
} shapes[FRAMES] = {
    [FRAME_HELLO] = {"hello", false, {ELEMENT_VERSION, ELEMENT_PROGRAM}},
    [FRAME_WELCOME] = {"welcome", false, {ELEMENT_MAP}},
    [FRAME_REQUEST] = {"request", true, {ELEMENT_ID, ELEMENT_COMMAND, ELEMENT_MAP, ELEMENT_AS}},
    [FRAME_REPLY] = {"reply", false, {ELEMENT_ID, ELEMENT_REVISION, ELEMENT_ANY}},
    [FRAME_ERROR] = {"error", false, {ELEMENT_ID_OR_NIL, ELEMENT_REVISION, ELEMENT_MAP}},
    [FRAME_PUSH] = {"push", false, {ELEMENT_WATCH, ELEMENT_EPOCH, ELEMENT_BEFORE, ELEMENT_LIST}},
    [FRAME_BOOKMARK] = {"bookmark",
                        false,
                        {ELEMENT_WATCH, ELEMENT_EPOCH, ELEMENT_BEFORE, ELEMENT_REVISION}},
    [FRAME_END] = {"end", false, {ELEMENT_WATCH, ELEMENT_EPOCH, ELEMENT_REVISION, ELEMENT_CODE}},
    [FRAME_CREDIT] = {"credit", true, {ELEMENT_CREDIT}},
};

static size_t shape_size(frame_type_t type)
{
    size_t n = 0;
    while (n < ELEMENTS_MAX && shapes[type].elements[n] != ELEMENT_NONE)
        n++;
    return n;
}

/* -- reading ------------------------------------------------------------------------ */

static bool read_number(uint64_t *number, const value_t *value, const char *field, error_t *error)
{
    if (value->form != VALUE_INTEGER || value->integer < 0)
        return error_set(error, ERROR_MALFORMED, field, "an integer from 0");
    *number = (uint64_t)value->integer;
    return true;
}

static bool read_name(const char **name, const value_t *value, const char *field, error_t *error)
{
    bool good = value->form == VALUE_TEXT && value->size >= 1 && value->size <= FRAME_NAME_MAX;
    for (size_t i = 0; good && i < value->size; i++)
        good = value->text[i] >= 0x20 && value->text[i] < 0x7f;
    if (!good)
        return error_set(error, ERROR_MALFORMED, field, "1 to 100 characters of printable ASCII");
    *name = value->text;
    return true;
}

static bool read_body(value_t *body, const value_t *value, value_form_t form, const char *expected,
                      error_t *error)
{
    if (value->form != form)
        return error_set(error, ERROR_MALFORMED, NULL, "%s", expected);
    *body = *value;
    return true;
}

static bool read_element(frame_t *self, element_t element, const value_t *value, error_t *error)
{
    switch (element) {
    case ELEMENT_VERSION: {
        uint64_t version = 0;
        if (!read_number(&version, value, "version", error))
            return false;
        self->version = (int64_t)version;
        return true;
    }
    case ELEMENT_PROGRAM:
        return read_name(&self->program, value, "program", error);
    case ELEMENT_ID_OR_NIL:
        if (value->form == VALUE_ABSENT)
            return true;
        /* fall through */
    case ELEMENT_ID:
        if (value->form != VALUE_BYTES || value->size != WIRE_REQUEST_ID_SIZE)
            return error_set(error, ERROR_MALFORMED, "id", "a request id of 16 bytes");
        self->id = value->bytes;
        return true;
    case ELEMENT_COMMAND:
        return read_name(&self->command, value, "command", error);
    case ELEMENT_MAP:
        return read_body(&self->body, value, VALUE_MAP, "a map in this place of the frame", error);
    case ELEMENT_LIST:
        return read_body(&self->body, value, VALUE_LIST, "a list of entries", error);
    case ELEMENT_ANY:
        self->body = *value;
        return true;
    case ELEMENT_AS:
        return value->form == VALUE_ABSENT || read_name(&self->as, value, "as", error);
    case ELEMENT_WATCH:
        return read_number(&self->watch, value, "watch", error);
    case ELEMENT_EPOCH:
        return read_name(&self->epoch, value, "epoch", error);
    case ELEMENT_BEFORE:
        return read_number(&self->before, value, "before", error);
    case ELEMENT_REVISION:
        return read_number(&self->revision, value, "rev", error);
    case ELEMENT_CODE:
        return read_name(&self->code, value, "code", error);
    case ELEMENT_CREDIT:
        return read_number(&self->credit, value, "credit", error);
    case ELEMENT_NONE:
        break;
    }
    return true;
}

bool frame_read(frame_t *self, const value_t *value, error_t *error)
{
    *self = (frame_t){.type = FRAMES};
    if (value->form != VALUE_LIST || value->count == 0 || value->items[0].form != VALUE_TEXT)
        return error_set(error, ERROR_MALFORMED, NULL, "a list that begins with a frame's name");
    for (unsigned type = 0; type < FRAMES; type++)
        if (strcmp(value->items[0].text, shapes[type].name) == 0)
            self->type = (frame_type_t)type;
    if (self->type == FRAMES)
        return error_set(error, ERROR_MALFORMED, NULL, "a frame of this protocol");

    /* What is there is read before its number is judged, so that an error can
       name the request. */
    size_t n = shape_size(self->type);
    for (size_t i = 0; i < n && i + 1 < value->count; i++)
        if (!read_element(self, shapes[self->type].elements[i], &value->items[i + 1], error))
            return false;
    if (value->count < n + 1 || (shapes[self->type].exact && value->count > n + 1))
        return error_set(error, ERROR_MALFORMED, NULL, "%zu elements in a %s frame", n + 1,
                         shapes[self->type].name);
    return true;
}

/* -- writing ------------------------------------------------------------------------ */

static value_t name_or_nil(const char *name)
{
    return name ? value_text(name) : value_absent;
}

static value_t write_element(const frame_t *self, element_t element)
{
    switch (element) {
    case ELEMENT_VERSION:
        return value_integer(self->version);
    case ELEMENT_PROGRAM:
        return value_text(self->program);
    case ELEMENT_ID:
    case ELEMENT_ID_OR_NIL:
        assert(self->id || element == ELEMENT_ID_OR_NIL);
        return self->id ? value_bytes(self->id, WIRE_REQUEST_ID_SIZE) : value_absent;
    case ELEMENT_COMMAND:
        return value_text(self->command);
    case ELEMENT_MAP:
        assert(self->body.form == VALUE_MAP);
        return self->body;
    case ELEMENT_LIST:
        assert(self->body.form == VALUE_LIST);
        return self->body;
    case ELEMENT_ANY:
        return self->body;
    case ELEMENT_AS:
        return name_or_nil(self->as);
    case ELEMENT_WATCH:
        return value_integer((int64_t)self->watch);
    case ELEMENT_EPOCH:
        return value_text(self->epoch);
    case ELEMENT_BEFORE:
        return value_integer((int64_t)self->before);
    case ELEMENT_REVISION:
        return value_integer((int64_t)self->revision);
    case ELEMENT_CODE:
        return value_text(self->code);
    case ELEMENT_CREDIT:
        return value_integer((int64_t)self->credit);
    case ELEMENT_NONE:
        break;
    }
    return value_absent;
}

void frame_write(const frame_t *self, arena_t *arena, void **data_p, size_t *size_p)
{
    assert(self->type < FRAMES);
    size_t n = shape_size(self->type);
    value_t items[ELEMENTS_MAX + 1];
    items[0] = value_text(shapes[self->type].name);
    for (size_t i = 0; i < n; i++)
        items[i + 1] = write_element(self, shapes[self->type].elements[i]);
    value_t list = value_list(items, (uint32_t)(n + 1));
    wire_encode(&list, arena, data_p, size_p);
}

/* -- request ids ---------------------------------------------------------------------- */

#define TIME_SIZE 6u

void request_id_make(unsigned char id[WIRE_REQUEST_ID_SIZE], uint64_t now_ms,
                     const unsigned char random[10])
{
    for (size_t i = 0; i < TIME_SIZE; i++)
        id[i] = (unsigned char)(now_ms >> (8 * (TIME_SIZE - 1 - i)));
    memcpy(id + TIME_SIZE, random, WIRE_REQUEST_ID_SIZE - TIME_SIZE);
}

uint64_t request_id_time(const unsigned char id[WIRE_REQUEST_ID_SIZE])
{
    uint64_t now_ms = 0;
    for (size_t i = 0; i < TIME_SIZE; i++)
        now_ms = now_ms << 8 | id[i];
    return now_ms;
}

#include "wire.h"

#include <assert.h>
#include <msgpack.h>
#include <string.h>
#include <utf8proc.h>

#define KIB 1024u
#define MIB (1024u * 1024u)

const wire_limits_t wire_limits_daemon = {64 * KIB, 4096, 8, 16 * KIB, 64};
const wire_limits_t wire_limits_batch = {512 * KIB, 65536, 8, 16 * KIB, 64};
const wire_limits_t wire_limits_client = {1 * MIB, 65536, 8, 16 * KIB, 64};
/* One entry of the journal holds the full state after each of up to a thousand
   operations, and a thousand large records are more than they were as a batch. */
const wire_limits_t wire_limits_stored = {64 * MIB, 4 * MIB, WIRE_DEPTH_MAX, 64 * KIB, 32 * KIB};

/* -- heads ------------------------------------------------------------------------ */

/* What a value's first byte says it is. */
typedef enum {
    HEAD_NIL,
    HEAD_BOOLEAN,
    HEAD_POSITIVE, /* n: the number */
    HEAD_NEGATIVE,
    HEAD_TEXT,   /* n: bytes */
    HEAD_BINARY, /* n: bytes */
    HEAD_LIST,   /* n: items */
    HEAD_MAP,    /* n: pairs */
    HEAD_FLOAT,
    HEAD_EXTENSION,
    HEAD_RESERVED
} head_form_t;

typedef struct {
    head_form_t form;
    uint64_t n;
    size_t size; /* bytes of the head itself */
} head_t;

/* Heads 0xc0 to 0xdf: what they are, and how many bytes of length or number follow. */
static const struct {
    head_form_t form;
    unsigned char width;
} heads[32] = {
    {HEAD_NIL, 0},       {HEAD_RESERVED, 0},  {HEAD_BOOLEAN, 0},   {HEAD_BOOLEAN, 0},
    {HEAD_BINARY, 1},    {HEAD_BINARY, 2},    {HEAD_BINARY, 4},    {HEAD_EXTENSION, 0},
    {HEAD_EXTENSION, 0}, {HEAD_EXTENSION, 0}, {HEAD_FLOAT, 0},     {HEAD_FLOAT, 0},
    {HEAD_POSITIVE, 1},  {HEAD_POSITIVE, 2},  {HEAD_POSITIVE, 4},  {HEAD_POSITIVE, 8},
    {HEAD_NEGATIVE, 1},  {HEAD_NEGATIVE, 2},  {HEAD_NEGATIVE, 4},  {HEAD_NEGATIVE, 8},
    {HEAD_EXTENSION, 0}, {HEAD_EXTENSION, 0}, {HEAD_EXTENSION, 0}, {HEAD_EXTENSION, 0},
    {HEAD_EXTENSION, 0}, {HEAD_TEXT, 1},      {HEAD_TEXT, 2},      {HEAD_TEXT, 4},
    {HEAD_LIST, 2},      {HEAD_LIST, 4},      {HEAD_MAP, 2},       {HEAD_MAP, 4},
};

/* The head at `at`; false when the bytes end within it. */
static bool head_read(head_t *self, const unsigned char *data, size_t size, size_t at)
{
    if (at >= size)
        return false;
    unsigned char first = data[at];
    if (first <= 0x7f)
        *self = (head_t){HEAD_POSITIVE, first, 1};
    else if (first <= 0x8f)
        *self = (head_t){HEAD_MAP, first & 0x0fu, 1};
    else if (first <= 0x9f)
        *self = (head_t){HEAD_LIST, first & 0x0fu, 1};
    else if (first <= 0xbf)
        *self = (head_t){HEAD_TEXT, first & 0x1fu, 1};
    else if (first >= 0xe0)
        *self = (head_t){HEAD_NEGATIVE, 0, 1};
    else {
        size_t width = heads[first - 0xc0].width;
        *self = (head_t){heads[first - 0xc0].form, 0, 1 + width};
        if (size - at - 1 < width)
            return false;
        for (size_t i = 0; i < width; i++)
            self->n = self->n << 8 | data[at + 1 + i];
    }
    return true;
}

/* -- the scan ---------------------------------------------------------------------- */

/* A list or map that is still open. */
typedef struct {
    size_t left; /* values to come, keys included */
    bool map;
    unsigned n_keys;
    uint32_t key_at[WIRE_KEYS_MAX]; /* where the text of each key begins */
    unsigned char key_size[WIRE_KEYS_MAX];
} level_t;

typedef struct {
    const unsigned char *data;
    size_t size;
    size_t at;
    const wire_limits_t *limits;
    error_t *error;
    size_t nodes;
    size_t owed; /* values that open lists and maps have declared and not yet had */
    size_t depth;
    level_t levels[WIRE_DEPTH_MAX];
} scan_t;

static bool scan_refuse(scan_t *self, error_code_t code, const char *what)
{
    return error_set(self->error, code, NULL, "%s at byte %zu", what, self->at);
}

/* A code point at a time, all of the text in ASCII passed over quickly. */
static bool text_is_valid(const unsigned char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        if (text[at] < 0x80) {
            if (text[at] == 0)
                return false;
            at++;
            continue;
        }
        utf8proc_int32_t point;
        utf8proc_ssize_t taken = utf8proc_iterate(text + at, (utf8proc_ssize_t)(size - at), &point);
        if (taken <= 0)
            return false;
        at += (size_t)taken;
    }
    return true;
}

/* A key's text begins at self->at. Keys are names: they turn up in error texts
   and on terminals, so they are plain ASCII and short. */
static bool scan_key(scan_t *self, level_t *level, size_t size)
{
    const unsigned char *key = self->data + self->at;
    if (size == 0 || size > WIRE_KEY_MAX)
        return scan_refuse(self, ERROR_MALFORMED, "keys of 1 to 63 bytes; another");
    for (size_t i = 0; i < size; i++)
        if (key[i] <= 0x20 || key[i] >= 0x7f)
            return scan_refuse(self, ERROR_MALFORMED, "keys of printable ASCII; another");
    for (unsigned i = 0; i < level->n_keys; i++)
        if (level->key_size[i] == size && memcmp(self->data + level->key_at[i], key, size) == 0)
            return scan_refuse(self, ERROR_MALFORMED, "each key once; one again");
    level->key_at[level->n_keys] = (uint32_t)self->at;
    level->key_size[level->n_keys] = (unsigned char)size;
    level->n_keys++;
    return true;
}

static bool scan_bytes(scan_t *self, const head_t *head, level_t *key_of)
{
    bool text = head->form == HEAD_TEXT;
    self->at += head->size;
    if (head->n > self->size - self->at)
        return scan_refuse(self, ERROR_MALFORMED, "as many bytes as declared; fewer");
    size_t size = (size_t)head->n;
    if (key_of) {
        if (!scan_key(self, key_of, size))
            return false;
    } else if (size > (text ? self->limits->text : self->limits->binary))
        return error_set(self->error, ERROR_TOO_LARGE, NULL,
                         "at most %zu bytes in a %s; %zu at byte %zu",
                         text ? self->limits->text : self->limits->binary, text ? "text" : "binary",
                         size, self->at);
    else if (text && !text_is_valid(self->data + self->at, size))
        return scan_refuse(self, ERROR_MALFORMED, "UTF-8 without NUL; other bytes in the text");
    self->at += size;
    return true;
}

static bool scan_open(scan_t *self, const head_t *head)
{
    bool map = head->form == HEAD_MAP;
    if (self->depth == self->limits->depth)
        return error_set(self->error, ERROR_TOO_LARGE, NULL,
                         "at most %zu lists and maps within one another; another at byte %zu",
                         self->limits->depth, self->at);
    if (map && head->n > WIRE_KEYS_MAX)
        return scan_refuse(self, ERROR_TOO_LARGE, "at most 128 pairs in a map; more");
    self->at += head->size;
    size_t children = (size_t)head->n * (map ? 2 : 1);
    if (children == 0)
        return true;
    level_t *level = &self->levels[self->depth++];
    level->left = children;
    level->map = map;
    level->n_keys = 0;
    self->owed += children;
    return true;
}

/* One head and, unless it opens a list or map, all of its value. */
static bool scan_value(scan_t *self)
{
    head_t head;
    if (!head_read(&head, self->data, self->size, self->at))
        return scan_refuse(self, ERROR_MALFORMED, "a whole message; it ends");

    level_t *level = self->depth > 0 ? &self->levels[self->depth - 1] : NULL;
    level_t *key_of = NULL;
    if (level) {
        if (level->map && level->left % 2 == 0)
            key_of = level;
        level->left--;
        self->owed--;
    }
    self->nodes++;
    if (key_of && head.form != HEAD_TEXT)
        return scan_refuse(self, ERROR_MALFORMED, "keys that are text; another");

    switch (head.form) {
    case HEAD_NIL:
    case HEAD_BOOLEAN:
        self->at += head.size;
        return true;
    case HEAD_POSITIVE:
        if (head.n > INT64_MAX)
            return scan_refuse(self, ERROR_MALFORMED, "integers of 63 bits; a larger one");
        self->at += head.size;
        return true;
    case HEAD_NEGATIVE:
        self->at += head.size;
        return true;
    case HEAD_TEXT:
    case HEAD_BINARY:
        return scan_bytes(self, &head, key_of);
    case HEAD_LIST:
    case HEAD_MAP:
        return scan_open(self, &head);
    case HEAD_FLOAT:
        return scan_refuse(self, ERROR_MALFORMED, "no floats; one");
    case HEAD_EXTENSION:
        return scan_refuse(self, ERROR_MALFORMED, "no extension types; one");
    case HEAD_RESERVED:
        break;
    }
    return scan_refuse(self, ERROR_MALFORMED, "msgpack; the reserved head 0xc1");
}

bool wire_scan(const void *data, size_t size, const wire_limits_t *limits, error_t *error)
{
    assert(limits->depth <= WIRE_DEPTH_MAX && limits->bytes <= UINT32_MAX);
    if (size > limits->bytes)
        return error_set(error, ERROR_TOO_LARGE, NULL, "at most %zu bytes; %zu came", limits->bytes,
                         size);
    scan_t self;
    self.data = data;
    self.size = size;
    self.at = 0;
    self.limits = limits;
    self.error = error;
    self.nodes = 0;
    self.owed = 0;
    self.depth = 0;
    do {
        if (!scan_value(&self))
            return false;
        /* Both at once for all that is still to come: a giant declared count
           ends here, not after its children. */
        if (self.owed > limits->nodes - self.nodes)
            return error_set(error, ERROR_TOO_LARGE, NULL, "at most %zu values; more at byte %zu",
                             limits->nodes, self.at);
        if (self.owed > size - self.at)
            return scan_refuse(&self, ERROR_MALFORMED,
                               "a byte for each declared value; too few are left");
        while (self.depth > 0 && self.levels[self.depth - 1].left == 0)
            self.depth--;
    } while (self.depth > 0);
    if (self.at != size)
        return scan_refuse(&self, ERROR_MALFORMED, "one value; more follows");
    return true;
}

/* -- which limits -------------------------------------------------------------------- */

/* True when a text `wanted` stands at `*at_p`, which then moves behind it. */
static bool peek_text(const unsigned char *data, size_t size, size_t *at_p, const char *wanted)
{
    head_t head;
    size_t length = strlen(wanted);
    if (!head_read(&head, data, size, *at_p) || head.form != HEAD_TEXT || head.n != length)
        return false;
    size_t at = *at_p + head.size;
    if (size - at < length || memcmp(data + at, wanted, length) != 0)
        return false;
    *at_p = at + length;
    return true;
}

const wire_limits_t *wire_limits_for(const void *data, size_t size)
{
    head_t head;
    size_t at = 0;
    if (!head_read(&head, data, size, at) || head.form != HEAD_LIST)
        return &wire_limits_daemon;
    at += head.size;
    if (!peek_text(data, size, &at, "request"))
        return &wire_limits_daemon;
    if (!head_read(&head, data, size, at) || head.form != HEAD_BINARY ||
        head.n != WIRE_REQUEST_ID_SIZE || size - at < head.size + WIRE_REQUEST_ID_SIZE)
        return &wire_limits_daemon;
    at += head.size + WIRE_REQUEST_ID_SIZE;
    if (peek_text(data, size, &at, "batch") || peek_text(data, size, &at, "import"))
        return &wire_limits_batch;
    return &wire_limits_daemon;
}

/* -- decoding ------------------------------------------------------------------------ */

/* Recursion is bounded: the scan has seen the depth. */
static value_t value_of(const msgpack_object *object, arena_t *arena)
{
    switch (object->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        return value_boolean(object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return value_integer((int64_t)object->via.u64);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return value_integer(object->via.i64);
    case MSGPACK_OBJECT_STR:
        return value_text_of(arena_text_of(arena, object->via.str.ptr, object->via.str.size),
                             object->via.str.size);
    case MSGPACK_OBJECT_BIN:
        return value_bytes(arena_copy(arena, object->via.bin.ptr, object->via.bin.size),
                           object->via.bin.size);
    case MSGPACK_OBJECT_ARRAY: {
        uint32_t count = object->via.array.size;
        value_t *items = arena_alloc(arena, count * sizeof *items);
        for (uint32_t i = 0; i < count; i++)
            items[i] = value_of(&object->via.array.ptr[i], arena);
        return value_list(items, count);
    }
    case MSGPACK_OBJECT_MAP: {
        uint32_t count = object->via.map.size;
        value_t *items = arena_alloc(arena, 2 * count * sizeof *items);
        for (uint32_t i = 0; i < count; i++) {
            items[2 * i] = value_of(&object->via.map.ptr[i].key, arena);
            items[2 * i + 1] = value_of(&object->via.map.ptr[i].val, arena);
        }
        return (value_t){.form = VALUE_MAP, .count = count, .items = items};
    }
    default:
        assert(object->type == MSGPACK_OBJECT_NIL);
        return value_absent;
    }
}

bool wire_decode(const void *data, size_t size, const wire_limits_t *limits, arena_t *arena,
                 value_t *value, error_t *error)
{
    *value = value_absent;
    if (!wire_scan(data, size, limits, error))
        return false;
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t taken = 0;
    msgpack_unpack_return status = msgpack_unpack_next(&unpacked, data, size, &taken);
    if (status == MSGPACK_UNPACK_NOMEM_ERROR)
        arena_alloc(arena, SIZE_MAX); /* there is none: the arena says so and ends the process */
    bool whole = status == MSGPACK_UNPACK_SUCCESS && taken == size;
    if (whole)
        *value = value_of(&unpacked.data, arena);
    msgpack_unpacked_destroy(&unpacked);
    return whole || error_set(error, ERROR_MALFORMED, NULL, "msgpack");
}

/* -- encoding ------------------------------------------------------------------------ */

/* Where packed bytes go: nowhere but into the sum the first time, when `data`
   is NULL, then into memory of exactly that size. */
typedef struct {
    unsigned char *data;
    size_t size;
} sink_t;

static int sink_write(void *data, const char *bytes, size_t size)
{
    sink_t *self = data;
    if (self->data)
        memcpy(self->data + self->size, bytes, size);
    self->size += size;
    return 0;
}

static void pack_value(msgpack_packer *packer, const value_t *value)
{
    switch (value->form) {
    case VALUE_ABSENT:
        msgpack_pack_nil(packer);
        break;
    case VALUE_BOOLEAN:
        value->boolean ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    case VALUE_INTEGER:
        msgpack_pack_int64(packer, value->integer);
        break;
    case VALUE_TEXT:
        msgpack_pack_str(packer, value->size);
        msgpack_pack_str_body(packer, value->text, value->size);
        break;
    case VALUE_BYTES:
        msgpack_pack_bin(packer, value->size);
        msgpack_pack_bin_body(packer, value->bytes, value->size);
        break;
    case VALUE_LIST:
        msgpack_pack_array(packer, value->count);
        for (uint32_t i = 0; i < value->count; i++)
            pack_value(packer, &value->items[i]);
        break;
    case VALUE_MAP:
        msgpack_pack_map(packer, value->count);
        for (uint32_t i = 0; i < 2 * value->count; i++)
            pack_value(packer, &value->items[i]);
        break;
    }
}

void wire_encode(const value_t *value, arena_t *arena, void **data_p, size_t *size_p)
{
    sink_t sink = {NULL, 0};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &sink, sink_write);
    pack_value(&packer, value);
    sink.data = arena_alloc(arena, sink.size);
    *data_p = sink.data;
    *size_p = sink.size;
    sink.size = 0;
    pack_value(&packer, value);
    assert(sink.size == *size_p);
}

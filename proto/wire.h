#ifndef SAMVERK_WIRE_H
#define SAMVERK_WIRE_H

#include "error.h"
#include "value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames to structs and back (PROTOCOL.md says what each means). */

#define WIRE_PROTOCOL_VERSION 1u
#define WIRE_REQUEST_ID_SIZE 16u

/* What a hostile byte string may make us hold. */
typedef struct {
    size_t bytes;  /* the whole message */
    size_t nodes;  /* values in it, keys included */
    size_t depth;  /* lists and maps within one another, at most WIRE_DEPTH_MAX */
    size_t text;   /* bytes of one text */
    size_t binary; /* bytes of one binary */
} wire_limits_t;

/* These hold under all limits: a scan keeps the keys of open maps on its stack,
   and a key always fits into the field of an error. */
#define WIRE_DEPTH_MAX 10u
#define WIRE_KEYS_MAX 128u /* pairs of one map */
#define WIRE_KEY_MAX 63u   /* bytes of one key */

extern const wire_limits_t wire_limits_daemon; /* what the daemon reads: 64 KiB, 4,096 nodes */
extern const wire_limits_t wire_limits_batch;  /* a batch or import: 512 KiB, 65,536 nodes */
extern const wire_limits_t wire_limits_client; /* what clients read: 1 MiB, 65,536 nodes */
extern const wire_limits_t wire_limits_stored; /* journal entries and records: our own bytes */

/* The limits for what a client sent: those of a batch when it begins as a
   request for `batch` or `import`, else the daemon's. Looks at the first few
   bytes alone and says nothing about the rest. */
const wire_limits_t *wire_limits_for(const void *data, size_t size);

/* One value and nothing after it, within the limits, every declared child
   backed by a byte, text valid UTF-8 without NUL, map keys printable ASCII
   without spaces and no key twice, no floats, no extensions, integers within
   int64. Allocates nothing but on its own stack; never reads past `size`. On
   failure `expected` of the error says what was found and at which byte. */
bool wire_scan(const void *data, size_t size, const wire_limits_t *limits, error_t *error);

/* Scan, then decode into `arena`. */
bool wire_decode(const void *data, size_t size, const wire_limits_t *limits, arena_t *arena,
                 value_t *value, error_t *error);

/* The value as msgpack, in `arena`; smallest forms, maps in their own order. */
void wire_encode(const value_t *value, arena_t *arena, void **data_p, size_t *size_p);

/* What no text may hold: it would steer the terminal, mail or page that shows it, or show
   something else than what is stored. Newline and tab pass when `lines`. */
bool wire_refuses(int32_t point, bool lines);

/* Bring text to NFC and refuse control characters, line and paragraph
   separators, bidirectional marks and overrides, and noncharacters (newline and
   tab pass when `lines`). Walks lists and maps; keys are left alone, the scan
   has seen to them. The error's field is the innermost key above the text. */
bool wire_clean_text(value_t *value, bool lines, arena_t *arena, error_t *error);

/* -- frames -------------------------------------------------------------------- */

typedef enum {
    FRAME_HELLO,
    FRAME_WELCOME,
    FRAME_REQUEST,
    FRAME_REPLY,
    FRAME_ERROR,
    FRAME_PUSH,
    FRAME_BOOKMARK,
    FRAME_END,
    FRAME_CREDIT,
    FRAMES
} frame_type_t;

/* hello    ["hello", version, program]
   welcome  ["welcome", {protocol, region, epoch, rev, user, roles, limits, schema,
                         next_key?, next_key_day?}]
   request  ["request", id, command, {arguments}, as]      as: a user's id or nil
   reply    ["reply", id, rev, result]
   error    ["error", id, rev, {code, message, field?, expected?, detail?}]
                                  id nil: the frame before it could not be read
   push     ["push", watch, epoch, before, [entry ...]]
   bookmark ["bookmark", watch, epoch, before, now]
   end      ["end", watch, epoch, rev, code]
   credit   ["credit", bytes] */
typedef struct {
    frame_type_t type;
    int64_t version;         /* hello */
    const char *program;     /* hello */
    const unsigned char *id; /* request, reply, error: 16 bytes, or NULL */
    const char *command;     /* request */
    value_t body;            /* welcome, request arguments, result, error, entries */
    const char *as;          /* request, or NULL */
    uint64_t watch;          /* push, bookmark, end */
    const char *epoch;       /* push, bookmark, end */
    uint64_t before;         /* push, bookmark */
    uint64_t revision;       /* reply, error, bookmark (now), end */
    const char *code;        /* end */
    uint64_t credit;         /* credit */
} frame_t;

/* A decoded value as a frame; the frame borrows from it. Of what a client sends,
   request and credit have exactly their elements; the others may have more,
   which are passed over. Names (command, as, program, epoch, code) are printable
   ASCII of 1 to FRAME_NAME_MAX bytes. On failure `id` is the request's when that
   much could be read, else NULL, so that the error finds its request. */
#define FRAME_NAME_MAX 100u
bool frame_read(frame_t *self, const value_t *value, error_t *error);
/* The frame's bytes, in `arena`. */
void frame_write(const frame_t *self, arena_t *arena, void **data_p, size_t *size_p);

/* -- request ids ----------------------------------------------------------------- */

/* 48 bits of daemon-time milliseconds, big-endian, and 80 random bits. */
void request_id_make(unsigned char id[WIRE_REQUEST_ID_SIZE], uint64_t now_ms,
                     const unsigned char random[10]);
uint64_t request_id_time(const unsigned char id[WIRE_REQUEST_ID_SIZE]);

/* -- one operation of the record ------------------------------------------------- */

/* Pushed entry: {"rev", "time", "ops": [{"op": "put", "record": view}
                                        | {"op": "gone", "id": "inq-12"}]} */

#endif

/* Whatever bytes come: the scan says yes or no without reading past them, and what
   it lets through is decoded, encoded to no more bytes and decoded to the same again.

   The first byte chooses the limits. */

#include "wire.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static const wire_limits_t *const limits[] = {
    &wire_limits_daemon,
    &wire_limits_batch,
    &wire_limits_client,
    &wire_limits_stored,
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_frame(const value_t *value, arena_t *arena)
{
    error_t error = {.code = ERROR_NONE};
    frame_t frame;
    void *data;
    size_t size;
    if (frame_read(&frame, value, &error))
        frame_write(&frame, arena, &data, &size);
}

static void check_text(const value_t *value, arena_t *arena)
{
    error_t error = {.code = ERROR_NONE};
    value_t once = *value;
    if (!wire_clean_text(&once, true, arena, &error))
        return;
    value_t twice = once;
    must(wire_clean_text(&twice, true, arena, &error));
    must(value_equal(&once, &twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const wire_limits_t *limit = limits[data[0] % (sizeof limits / sizeof *limits)];
    data++;
    size--;
    wire_limits_for(data, size);

    error_t error = {.code = ERROR_NONE};
    if (!wire_scan(data, size, limit, &error)) {
        must(error.code == ERROR_MALFORMED || error.code == ERROR_TOO_LARGE);
        return 0;
    }
    arena_t *arena = arena_new();
    value_t value, back;
    void *again;
    size_t again_size;
    must(wire_decode(data, size, limit, arena, &value, &error));
    wire_encode(&value, arena, &again, &again_size);
    must(again_size <= size);
    must(wire_decode(again, again_size, limit, arena, &back, &error));
    must(value_equal(&value, &back));
    check_frame(&value, arena);
    check_text(&value, arena);
    arena_destroy(&arena);
    return 0;
}

/* Whatever someone has sent: a mail whose texts the record takes, or none. */

#include "message.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    message_start();
    return 0;
}

/* The daemon would take it as it is: NFC, and nothing in it that it refuses. */
static void must_be_clean(const char *text, bool lines, arena_t *arena)
{
    value_t value = value_text(text);
    error_t error = {0};
    if (!wire_clean_text(&value, lines, arena, &error) || strcmp(value.text, text) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new();
    message_t message;
    message_read(&message, data, size, arena);
    must_be_clean(message.subject, false, arena);
    must_be_clean(message.name, false, arena);
    must_be_clean(message.address, false, arena);
    must_be_clean(message.day, false, arena);
    must_be_clean(message.text, true, arena);
    arena_destroy(&arena);
    return 0;
}

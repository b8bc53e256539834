/* Whatever line of text someone was sent: an invitation or a named error, and one that
   was read is written and read to the same again. */

#include "invitation.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new();
    char *text = arena_alloc(arena, size + 1);
    error_t error = {.code = ERROR_NONE};
    invitation_t invitation, again;
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    if (invitation_read(&invitation, text, arena, &error)) {
        must(invitation_read(&again, invitation_write(&invitation, arena), arena, &error));
        must(strcmp(invitation.address, again.address) == 0);
        must(memcmp(invitation.server_key, again.server_key, sizeof again.server_key) == 0);
        must(memcmp(invitation.secret_key, again.secret_key, sizeof again.secret_key) == 0);
        must(invitation.expires == again.expires);
    } else {
        must(error.code != ERROR_NONE);
    }
    arena_destroy(&arena);
    return 0;
}

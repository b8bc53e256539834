#include "invitation.h"

#include "wire.h"

#include <sodium.h>
#include <string.h>

#define PREFIX "samverk:"
#define WHITE " \t\r\n"
#define ADDRESS_MAX 255u
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

enum {
    PLACE_NAME,
    PLACE_VERSION,
    PLACE_ADDRESS,
    PLACE_SERVER,
    PLACE_SECRET,
    PLACE_EXPIRES,
    PLACES
};

char *invitation_write(const invitation_t *self, arena_t *arena)
{
    const value_t items[PLACES] = {
        [PLACE_NAME] = value_text("invitation"),
        [PLACE_VERSION] = value_integer(INVITATION_VERSION),
        [PLACE_ADDRESS] = value_text(self->address),
        [PLACE_SERVER] = value_bytes(self->server_key, INVITATION_KEY_SIZE),
        [PLACE_SECRET] = value_bytes(self->secret_key, INVITATION_KEY_SIZE),
        [PLACE_EXPIRES] = value_integer(self->expires),
    };
    value_t list = value_list(items, PLACES);
    void *data;
    size_t size;
    wire_encode(&list, arena, &data, &size);

    size_t room = sodium_base64_encoded_len(size, BASE64); /* the NUL counted */
    char *line = arena_alloc(arena, strlen(PREFIX) + room);
    memcpy(line, PREFIX, strlen(PREFIX));
    sodium_bin2base64(line + strlen(PREFIX), room, data, size, BASE64);
    return line;
}

/* Printable ASCII without spaces: an endpoint goes to the library and to terminals. */
static bool is_address(const value_t *value)
{
    if (value->form != VALUE_TEXT || value->size == 0 || value->size > ADDRESS_MAX)
        return false;
    for (size_t i = 0; i < value->size; i++)
        if (value->text[i] <= 0x20 || value->text[i] >= 0x7f)
            return false;
    return true;
}

static bool is_key(const value_t *value)
{
    return value->form == VALUE_BYTES && value->size == INVITATION_KEY_SIZE;
}

static bool refuse(error_t *error, const char *expected)
{
    return error_set(error, ERROR_INVALID, "invitation", "%s", expected);
}

bool invitation_read(invitation_t *self, const char *text, arena_t *arena, error_t *error)
{
    static const char whole[] = "an invitation, whole: samverk: and about 170 characters";
    text += strspn(text, WHITE);
    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
        return refuse(error, "an invitation, one line that begins with samverk:");
    text += strlen(PREFIX);

    size_t length = strlen(text);
    unsigned char *data = arena_alloc(arena, length + 1);
    size_t size = 0;
    const char *end = NULL;
    if (sodium_base642bin(data, length + 1, text, length, WHITE, &size, &end, BASE64) != 0 || *end)
        return refuse(error, whole);

    /* Not an error of the wire: whoever pasted it cares for the line, not its bytes. */
    error_t inner = {.code = ERROR_NONE};
    value_t value;
    if (!wire_decode(data, size, &wire_limits_daemon, arena, &value, &inner) ||
        value.form != VALUE_LIST || value.count < PLACE_VERSION + 1 ||
        value.items[PLACE_NAME].form != VALUE_TEXT ||
        strcmp(value.items[PLACE_NAME].text, "invitation") != 0 ||
        value.items[PLACE_VERSION].form != VALUE_INTEGER)
        return refuse(error, whole);
    if (value.items[PLACE_VERSION].integer != INVITATION_VERSION)
        return error_set(error, ERROR_VERSION, "invitation", "an invitation of version %d",
                         INVITATION_VERSION);
    if (value.count != PLACES || !is_address(&value.items[PLACE_ADDRESS]) ||
        !is_key(&value.items[PLACE_SERVER]) || !is_key(&value.items[PLACE_SECRET]) ||
        value.items[PLACE_EXPIRES].form != VALUE_INTEGER)
        return refuse(error, whole);

    self->address = value.items[PLACE_ADDRESS].text;
    memcpy(self->server_key, value.items[PLACE_SERVER].bytes, INVITATION_KEY_SIZE);
    memcpy(self->secret_key, value.items[PLACE_SECRET].bytes, INVITATION_KEY_SIZE);
    self->expires = value.items[PLACE_EXPIRES].integer;
    return true;
}

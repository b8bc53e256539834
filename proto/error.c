#include "error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *sentence;
    int exit_status;
} error_rows[ERROR_CODES] = {
    [ERROR_NONE] = {"", "", 0},
#define ERROR(code, name, exit_status, sentence) [ERROR_##code] = {name, sentence, exit_status},
#include "errors.def"
#undef ERROR
};

/* Copy what fits; a character that does not fit whole is left out. */
static void s_copy(char *to, size_t room, const char *from)
{
    size_t size = strlen(from);
    if (size >= room) {
        size = room - 1;
        while (size > 0 && ((unsigned char)from[size] & 0xC0) == 0x80)
            size--;
    }
    memcpy(to, from, size);
    to[size] = '\0';
}

bool error_set(error_t *self, error_code_t code, const char *field, const char *expected, ...)
{
    assert(code > ERROR_NONE && code < ERROR_CODES);
    if (self->code != ERROR_NONE)
        return false;
    memset(self, 0, sizeof *self);
    self->code = code;
    if (field)
        s_copy(self->field, sizeof self->field, field);
    if (expected) {
        char text[2 * sizeof self->expected];
        va_list arguments;
        va_start(arguments, expected);
        if (vsnprintf(text, sizeof text, expected, arguments) > 0)
            s_copy(self->expected, sizeof self->expected, text);
        va_end(arguments);
    }
    return false;
}

const char *error_name(error_code_t code)
{
    return (unsigned)code < ERROR_CODES ? error_rows[code].name : "";
}

const char *error_sentence(error_code_t code)
{
    return (unsigned)code < ERROR_CODES ? error_rows[code].sentence : "";
}

int error_exit_status(error_code_t code)
{
    return (unsigned)code < ERROR_CODES ? error_rows[code].exit_status : 1;
}

error_code_t error_code(const char *name)
{
    for (unsigned code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
        if (strcmp(error_rows[code].name, name) == 0)
            return (error_code_t)code;
    }
    return ERROR_NONE;
}

value_t error_to_value(const error_t *self, arena_t *arena)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "code", value_text(error_name(self->code)));
    value_add_pair(&map, "message", value_text(error_sentence(self->code)));
    if (*self->field)
        value_add_pair(&map, "field", value_text(arena_text(arena, self->field)));
    if (*self->expected)
        value_add_pair(&map, "expected", value_text(arena_text(arena, self->expected)));
    if (self->detail.form != VALUE_ABSENT)
        value_add_pair(&map, "detail", value_copy(arena, &self->detail));
    return value_build_map(&map);
}

bool error_from_value(error_t *self, const value_t *value, arena_t *arena)
{
    const char *name = value_get_text(value, "code");
    if (!name)
        return false;
    memset(self, 0, sizeof *self);
    const char *field = value_get_text(value, "field");
    const char *expected = value_get_text(value, "expected");
    const char *message = value_get_text(value, "message");
    self->code = error_code(name);
    /* A newer daemon may know codes that we do not: its own sentence is all we can pass on. */
    if (self->code == ERROR_NONE)
        error_set(self, ERROR_INTERNAL, field, "%s: %s", name, message ? message : "");
    else if (expected)
        s_copy(self->expected, sizeof self->expected, expected);
    if (field)
        s_copy(self->field, sizeof self->field, field);
    self->detail = value_copy(arena, value_get(value, "detail"));
    return true;
}

#include "say.h"

#include "literal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

value_t say_value(region_t *region, const char *text)
{
    arena_t *arena = region_arena(region);
    const char *why = "", *rest = text;
    const literal_t *literal = literal_read(&rest, arena, &why);
    value_t value = value_absent;

    if (literal == NULL || *rest != '\0' ||
        !literal_value(literal, bindings_new(arena), arena, &value, &why))
        fail_msg("%s in: %s", why, text);
    return value;
}

void say_expect(region_t *region, const value_t *value, const char *pattern)
{
    arena_t *arena = region_arena(region);
    const char *why = "", *rest = pattern;
    const literal_t *literal = literal_read(&rest, arena, &why);

    if (literal == NULL || *rest != '\0')
        fail_msg("%s in: %s", why, pattern);
    if (!literal_matches(literal, bindings_new(arena), value, arena, &why))
        fail_msg("%s\n  all of it: %s", why, literal_print(value, arena));
}

__attribute__((format(printf, 4, 0))) static reply_t
ask(region_t *region, const char *who, const char *command, const char *format, va_list more)
{
    arena_t *arena = region_arena(region);
    char inside[16384];
    client_t *client = region_client(region, who);

    assert_non_null(client);
    assert_true(vsnprintf(inside, sizeof inside, format, more) < (int)sizeof inside);
    request_t request = {.command = command,
                         .arguments = say_value(region, arena_format(arena, "{%s}", inside))};
    return region_ask(region, client, &request);
}

reply_t say(region_t *region, const char *who, const char *command, const char *format, ...)
{
    va_list more;

    va_start(more, format);
    reply_t reply = ask(region, who, command, format, more);
    va_end(more);
    return reply;
}

value_t say_well(region_t *region, const char *who, const char *command, const char *format, ...)
{
    va_list more;

    va_start(more, format);
    reply_t reply = ask(region, who, command, format, more);
    va_end(more);
    if (reply.error.code != ERROR_NONE)
        fail_msg("%s %s was refused: %s %s %s", command, format, error_name(reply.error.code),
                 reply.error.field, reply.error.expected);
    return reply.result;
}

error_t say_badly(region_t *region, const char *who, error_code_t code, const char *command,
                  const char *format, ...)
{
    va_list more;

    va_start(more, format);
    reply_t reply = ask(region, who, command, format, more);
    va_end(more);
    if (reply.error.code != code)
        fail_msg("%s %s: %s %s %s", command, format, error_name(reply.error.code),
                 reply.error.field, literal_print(&reply.result, region_arena(region)));
    return reply.error;
}

const char *say_user(region_t *region, const char *name, const char *role, const char *scope)
{
    arena_t *arena = region_arena(region);
    const char *invitation = arena_format(arena, "invitation-of-%s", name);
    error_t error = {0};

    say_well(region, "admin", "invite", "name=\"%s\" role=%s public_key=@%s %s", name, role,
             invitation, scope);
    assert_non_null(region_hello(region, name, invitation, &error));
    say_well(region, name, "join", "public_key=@%s", name);
    assert_non_null(region_hello(region, name, name, &error));
    return client_user(region_client(region, name));
}

void say_places(region_t *region)
{
    static const char *const puts[] = {
        "kind=county id=\"18\" fields={name=\"Örebro län\"}",
        "kind=county id=\"05\" fields={name=\"Östergötlands län\"}",
        "kind=municipality id=\"1880\" fields={name=\"Örebro\" county=cty-18}",
        "kind=municipality id=\"0583\" fields={name=\"Motala\" county=cty-05}",
        "kind=area id=\"07\" fields={name_en=\"Engineering\" name_sv=\"Teknik\"}",
        "kind=area id=\"0715\" fields={name_en=\"Mechanics\" name_sv=\"Maskinteknik\"}",
        "kind=organisation fields={name=\"Lärcentrum Örebro\" types=[learning_centre] "
        "municipality=mun-1880}",
        "kind=organisation fields={name=\"Lärcentrum Motala\" types=[learning_centre] "
        "municipality=mun-0583}",
    };

    for (size_t i = 0; i < sizeof puts / sizeof *puts; i++)
        say_well(region, "admin", "put", "%s", puts[i]);
}

#include "region_fixture.h"

#include <string.h>

static void each_command_has_its_handler(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_commands(); i++) {
        const command_t *command = schema_command_at(i);
        assert_int_equal(dispatch_handler(command) != NULL, command->mode != COMMAND_SESSION);
        assert_int_equal(dispatch_answer(command) != NULL, command->mode == COMMAND_WRITE);
    }
}

/* Arguments that are right by the row. */
static value_t arguments_of(const command_t *command)
{
    arena_t *arena = region_arena(region);
    value_builder_t arguments = value_builder(arena);

    for (size_t i = 0; i < command->n_arguments; i++) {
        value_t value;
        if (!command->arguments[i].required)
            continue;
        switch (command->arguments[i].type) {
        case ARGUMENT_INTEGER:
            value = value_integer(1);
            break;
        case ARGUMENT_BOOLEAN:
            value = value_boolean(true);
            break;
        case ARGUMENT_BYTES:
            value = value_bytes("12345678901234567890123456789012", 32);
            break;
        case ARGUMENT_LIST:
            value = say_value(region, "[{}]");
            break;
        case ARGUMENT_MAP:
            value = say_value(region, "{}");
            break;
        default:
            value = value_text("cty-18");
            break;
        }
        value_add_pair(&arguments, command->arguments[i].name, value);
    }
    return value_build_map(&arguments);
}

/* Every command by every role: not-allowed where the row does not name it, and where it
   does something else is said. */
static void each_command_asks_for_its_roles(void **state)
{
    (void)state;
    for (unsigned role = 0; role < ROLES; role++) {
        const char *name = arena_format(region_arena(region), "the-%s", role_name((role_t)role));
        say_user(region, name, role_name((role_t)role),
                 role == ROLE_admin || role == ROLE_privacy || role == ROLE_service
                     ? ""
                     : "municipalities=[mun-1880]");
        client_t *client = region_client(region, name);
        for (size_t i = 0; i < schema_n_commands(); i++) {
            const command_t *command = schema_command_at(i);
            request_t request = {.command = command->name, .arguments = arguments_of(command)};
            reply_t reply = region_ask(region, client, &request);
            bool named = command->roles & ROLE_BIT(role);
            if (!named)
                assert_int_equal(reply.error.code, ERROR_NOT_ALLOWED);
            else if (command->mode != COMMAND_WRITE)
                assert_int_not_equal(reply.error.code, ERROR_NOT_ALLOWED);
        }
    }
}

static void each_argument_is_checked(void **state)
{
    arena_t *arena = region_arena(region);
    client_t *admin = region_client(region, "admin");

    (void)state;
    for (size_t i = 0; i < schema_n_commands(); i++) {
        const command_t *command = schema_command_at(i);
        for (size_t j = 0; j < command->n_arguments; j++) {
            const argument_t *argument = &command->arguments[j];
            value_t right = arguments_of(command);
            value_builder_t wrong = value_builder(arena), missing = value_builder(arena);
            for (uint32_t k = 0; k < right.count; k++)
                if (strcmp(right.items[2 * k].text, argument->name) != 0) {
                    value_add_pair(&wrong, right.items[2 * k].text, right.items[2 * k + 1]);
                    value_add_pair(&missing, right.items[2 * k].text, right.items[2 * k + 1]);
                }
            if (argument->type != ARGUMENT_ANY) {
                value_add_pair(&wrong, argument->name,
                               argument->type == ARGUMENT_LIST ? value_boolean(true)
                                                               : value_list(NULL, 0));
                request_t request = {.command = command->name,
                                     .arguments = value_build_map(&wrong)};
                error_t error = region_ask(region, admin, &request).error;
                assert_int_equal(error.code, ERROR_INVALID);
                assert_string_equal(error.field, argument->name);
            }
            if (argument->required) {
                request_t request = {.command = command->name,
                                     .arguments = value_build_map(&missing)};
                error_t error = region_ask(region, admin, &request).error;
                assert_int_equal(error.code, ERROR_REQUIRED);
                assert_string_equal(error.field, argument->name);
            }
        }
    }
}

/* A purpose is for people to judge afterwards. */
static void a_purpose_says_something(void **state)
{
    static const char *const wrong[] = {"\"\"", "\"   \"", "\"a\\nb\"", "\"a\\u202eb\""};
    static const char *const commands[] = {"get", "list", "export"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *what = i == 0 ? "id=cty-18" : "kind=county";
        for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++) {
            error_t error = say_badly(region, "admin", ERROR_PURPOSE, commands[i], "%s purpose=%s",
                                      what, wrong[j]);
            assert_string_equal(error.field, "purpose");
        }
        say_badly(region, "admin", ERROR_PURPOSE, commands[i], "%s purpose=\"%0201d\"", what, 1);
        say_well(region, "admin", commands[i], "%s purpose=\"%0200d\"", what, 1);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(each_command_has_its_handler),
        TEST(each_command_asks_for_its_roles),
        TEST(each_argument_is_checked),
        TEST(a_purpose_says_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "admin.h"
#include "cli_fixture.h"
#include "temporary_home.h"

static bool in_force;

static value_t serve(const char *command, const value_t *arguments, arena_t *arena, error_t *error)
{
    value_builder_t map = value_builder(arena), maintenance = value_builder(arena);
    (void)arguments;
    if (strcmp(command, "status") == 0 && in_force) {
        value_add_pair(&maintenance, "id", value_text("mnt-4"));
        value_add_pair(&maintenance, "text", value_text("a larger disk"));
        value_add_pair(&map, "maintenance", value_build_map(&maintenance));
    }
    if (strcmp(command, "put") == 0 || strcmp(command, "patch") == 0 ||
        strcmp(command, "delete") == 0)
        return VIEW(arena, "mnt-4", "text", "two disks");
    if (strcmp(command, "history") == 0)
        error_set(error, ERROR_NOT_FOUND, NULL, NULL);
    return value_build_map(&map);
}

/* The first request that changes something, or NULL. */
static const char *change(void)
{
    for (int i = 0; asked(i); i++)
        if (strncmp(asked(i), "put", 3) == 0 || strncmp(asked(i), "patch", 5) == 0 ||
            strncmp(asked(i), "delete", 6) == 0)
            return asked(i);
    return NULL;
}

static bool run(bool on, bool already, heard_t *said)
{
    const kind_t *kind = schema_kind("maintenance");
    given_t given[] = {{.field = kind_field(kind, "text"), .value = "two disks"},
                       {.field = kind_field(kind, "until"), .value = "2027-01-01T00:00:00Z"}};
    arguments_t arguments = {.given = given, .n_given = on ? 2 : 0};
    fake_t *daemon = daemon_begin(serve);
    in_force = already;
    cli.kind = kind;
    hear();
    bool good = on ? admin_maintenance_on_run(&cli, &arguments)
                   : admin_maintenance_off_run(&cli, &arguments);
    *said = heard();
    if (!good)
        print_message("%s", said->err);
    daemon_end(&daemon);
    return good;
}

static void on_adds_one_or_changes_the_one_in_force(void **state)
{
    (void)state;
    heard_t said;
    assert_true(run(true, false, &said));
    assert_non_null(strstr(change(), "put {\"kind\":\"maintenance\""));
    assert_non_null(strstr(change(), "two disks"));
    assert_true(run(true, true, &said));
    assert_non_null(strstr(change(), "patch {\"id\":\"mnt-4\""));
    assert_non_null(strstr(change(), "two disks"));
}

static void off_takes_the_one_in_force_away(void **state)
{
    (void)state;
    heard_t said;
    assert_true(run(false, true, &said));
    assert_string_equal(change(), "delete {\"id\":\"mnt-4\"}");
    assert_non_null(strstr(said.err, "writing goes on"));
    assert_true(run(false, false, &said));
    assert_null(change());
    assert_non_null(strstr(said.err, "no maintenance"));
}

static int begin(void **state)
{
    return home_make(state) || cli_begin(state);
}

static int end(void **state)
{
    return cli_end(state) || home_remove(state);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(on_adds_one_or_changes_the_one_in_force),
        TEST(off_takes_the_one_in_force_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static const value_t *find(const value_t *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(value_get_text(&list->items[i], "name"), name) == 0)
            return &list->items[i];
    return NULL;
}

/* What a client is told of the tables is what they say, less what is the daemon's own. */
static void the_schema_is_the_tables(void **state)
{
    value_t told = say_well(region, "admin", "schema", "%s", "");
    const value_t *kinds = value_get(&told, "kinds");

    (void)state;
    assert_int_equal(value_get_integer(&told, "version", 0), SCHEMA_VERSION);
    assert_int_equal(kinds->count, schema_n_kinds());
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        const value_t *row = find(kinds, kind->name);
        assert_non_null(row);
        assert_string_equal(value_get_text(row, "prefix"), kind->prefix);
        assert_int_equal(value_get_boolean(row, "coded", false), kind->coded);
        const value_t *fields = value_get(row, "fields");
        for (size_t j = 0; j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            const value_t *told_field = find(fields, field->name);
            if (field->attributes & FIELD_INTERNAL) {
                assert_null(told_field);
                continue;
            }
            assert_non_null(told_field);
            assert_string_equal(value_get_text(told_field, "type"), type_name(field->type));
            assert_string_equal(value_get_text(told_field, "class"), class_name(field->class));
            assert_int_equal(value_get_boolean(told_field, "required", false),
                             (field->attributes & FIELD_REQUIRED) != 0);
            assert_int_equal(value_get_boolean(told_field, "many", false),
                             (field->attributes & FIELD_MANY) != 0);
            assert_int_equal(value_get_boolean(told_field, "daemon", false),
                             (field->attributes & FIELD_DAEMON) != 0);
            if (field->vocabulary != NULL)
                assert_int_equal(value_get(told_field, "words")->count, field->vocabulary->n_words);
        }
        assert_int_equal(value_get(row, "moves")->count, kind->n_moves);
    }
}

static void one_kind_may_be_asked_for(void **state)
{
    value_t told = say_well(region, "admin", "schema", "kind=task");

    (void)state;
    assert_int_equal(value_get(&told, "kinds")->count, 1);
    say_badly(region, "admin", ERROR_UNKNOWN_KIND, "schema", "kind=taks");
}

static void watches_are_numbered_and_bounded(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SESSION_WATCHES_MAX; i++) {
        value_t told = say_well(region, "admin", "watch", "%s", "");
        assert_int_equal(value_get_integer(&told, "watch", 0), i + 1);
        assert_int_equal(value_get_integer(&told, "rev", 0), region_head(region));
        assert_string_equal(value_get_text(&told, "epoch"),
                            store_epoch(region_environment(region)->store));
    }
    say_badly(region, "admin", ERROR_TOO_LARGE, "watch", "%s", "");
    say_well(region, "admin", "unwatch", "watch=3");
    say_badly(region, "admin", ERROR_NOT_FOUND, "unwatch", "watch=3");
    /* A number is never used again: what is still on its way to it is nobody else's. */
    value_t told = say_well(region, "admin", "watch", "%s", "");
    assert_int_equal(value_get_integer(&told, "watch", 0), SESSION_WATCHES_MAX + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(the_schema_is_the_tables),
        TEST(one_kind_may_be_asked_for),
        TEST(watches_are_numbered_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

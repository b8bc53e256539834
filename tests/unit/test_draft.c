#include "draft_fixture.h"

#include "draft.h"
#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static record_t *put(const char *kind, const char *fields)
{
    value_t map = say_value(region, fields);

    return draft_put(draft, kind, NULL, &map, false, &error);
}

static record_t *patch(const char *id, const char *fields)
{
    value_t map = say_value(region, fields);

    return draft_patch(draft, id, &map, DRAFT_ANY_REVISION, &error);
}

/* Each write sees those before it, and the store is as it was. */
static void a_write_sees_those_before(void **state)
{
    (void)state;
    record_t *inquiry = put("inquiry", "{title=one municipality=mun-1880}");
    assert_non_null(inquiry);
    record_id_t id = inquiry->id;
    assert_non_null(draft_get(draft, &id));
    assert_non_null(draft_visible(draft, &id));
    assert_false(records_exists(txn, &id));

    assert_non_null(put("task", "{what=ring about=\"$1\"}"));
    record_t *task = put("task", "{what=\"ring again\" about=inq-1}");
    assert_string_equal(record_get_text(task, "about"), "inq-1");
    assert_non_null(patch("$1", "{title=two}"));
    assert_string_equal(record_get_text(draft_get(draft, &id), "title"), "two");
    assert_non_null(
        draft_move(draft, "$1", "acknowledge", &value_absent, DRAFT_ANY_REVISION, &error));

    /* Changed three times, it is one operation. */
    assert_int_equal(draft_count(draft), 3);
    size_t count;
    const operation_t *operations = draft_finish(draft, &count, &error);
    assert_non_null(operations);
    assert_int_equal(count, 3);
    assert_null(operations[0].before);
    assert_string_equal(record_get_text(operations[0].after, "title"), "two");
    assert_string_equal(record_get_text(operations[0].after, "state"), "acknowledged");
}

/* Commands of their own write what put may not, by the same rows and rules. */
static void a_command_makes_what_put_may_not(void **state)
{
    draft_t *nobodys = draft_new(txn, &access_daemon, region_now(region), arena);
    value_t map = say_value(region, "{name=\"a user\" language=fi}");

    (void)state;
    record_t *user = draft_make(draft, "user", &map, &error);
    assert_non_null(user);
    assert_string_equal(record_get_text(user, "state"), "active");
    map = say_value(region, "{language=fi}");
    assert_null(draft_make(draft, "user", &map, &error));
    assert_int_equal(error.code, ERROR_REQUIRED);

    record_t *raw = draft_new_record(nobodys, schema_kind("user"));
    assert_string_equal(record_get_text(raw, "language"), "sv");
    assert_int_equal(record_get(raw, "created_by")->form, VALUE_ABSENT);
    record_t *edited = draft_edit_record(nobodys, raw);
    record_set(edited, "name", value_text("edited"));
    assert_int_equal(draft_count(nobodys), 1);
    assert_string_equal(record_get_text(draft_record(nobodys, 0), "name"), "edited");
}

/* One transaction is one push, and a client reads no more than that. */
static void more_than_a_push_carries_is_refused(void **state)
{
    char text[8001];
    size_t count;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const char *fields =
        arena_format(arena, "{title=t municipality=mun-1880 description=\"%s\"}", text);
    for (int i = 0; i < 90; i++)
        assert_non_null(put("inquiry", fields));
    assert_non_null(draft_finish(draft, &count, &error));
    for (int i = 0; i < 30; i++)
        assert_non_null(put("inquiry", fields));
    assert_null(draft_finish(draft, &count, &error));
    assert_int_equal(error.code, ERROR_TOO_LARGE);
}

/* Values count as well as bytes. */
static void more_values_than_a_push_carries_are_refused(void **state)
{
    char tags[2048] = "";
    size_t count;

    (void)state;
    for (int i = 0; i < 200; i++)
        strcat(tags, arena_format(arena, "t%d ", i));
    const char *fields = arena_format(arena, "{name=n municipality=mun-1880 tags=[%s]}", tags);
    for (int i = 0; i < 200; i++)
        assert_non_null(put("place", fields));
    assert_non_null(draft_finish(draft, &count, &error));
    for (int i = 0; i < 60; i++)
        assert_non_null(put("place", fields));
    assert_null(draft_finish(draft, &count, &error));
    assert_int_equal(error.code, ERROR_TOO_LARGE);
}

/* People's data is sealed on its way out of the draft, and only there. */
static void people_are_sealed_at_the_end(void **state)
{
    size_t count;

    (void)state;
    record_t *person =
        put("person", "{name=\"Contact\" organisation=org-1 email=\"a@example.se\"}");
    assert_non_null(person);
    assert_string_equal(record_get_text(person, "name"), "Contact");
    const operation_t *operations = draft_finish(draft, &count, &error);
    assert_int_equal(record_get(operations[0].after, "name")->form, VALUE_BYTES);
    assert_int_equal(record_get(operations[0].after, "email")->form, VALUE_BYTES);
    assert_int_equal(record_get(operations[0].after, "organisation")->form, VALUE_TEXT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_draft, close_draft)
    const struct CMUnitTest tests[] = {
        TEST(a_write_sees_those_before),
        TEST(a_command_makes_what_put_may_not),
        TEST(more_than_a_push_carries_is_refused),
        TEST(more_values_than_a_push_carries_are_refused),
        TEST(people_are_sealed_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

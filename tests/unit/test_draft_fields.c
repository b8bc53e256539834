#include "draft_fixture.h"

#include "draft.h"

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

static void expect_refused(const char *kind, const char *fields, error_code_t code,
                           const char *field)
{
    memset(&error, 0, sizeof error);
    if (put(kind, fields) != NULL)
        fail_msg("%s is taken", fields);
    if (error.code != code || strcmp(error.field, field) != 0)
        fail_msg("%s: %s %s", fields, error_name(error.code), error.field);
}

/* What is wrong is named, with the field. */
static void each_fault_has_its_name(void **state)
{
    static const struct {
        const char *fields, *field;
        error_code_t code;
    } rows[] = {
        {"{title=x}", "municipality", ERROR_REQUIRED},
        {"{title=nil municipality=mun-1880}", "title", ERROR_REQUIRED},
        {"{title=x municipality=mun-1880 titel=y}", "titel", ERROR_UNKNOWN_FIELD},
        {"{title=x municipality=mun-1880 state=closed}", "state", ERROR_READ_ONLY},
        {"{title=x municipality=mun-1880 created=1}", "created", ERROR_READ_ONLY},
        {"{title=[x] municipality=mun-1880}", "title", ERROR_INVALID},
        {"{title=x municipality=cty-18}", "municipality", ERROR_INVALID},
        {"{title=x municipality=mun-9}", "municipality", ERROR_REFERENCE},
        {"{title=x municipality=\"$1\"}", "municipality", ERROR_INVALID},
        {"{title=x municipality=mun-1880 areas=[are-07 \"$9\"]}", "areas", ERROR_INVALID},
        {"{title=x municipality=mun-1880 areas=[are-07 are-99]}", "areas", ERROR_REFERENCE},
        {"{title=\"a\\u202eb\" municipality=mun-1880}", "title", ERROR_INVALID},
        {"{title=\"a\\u0001b\" municipality=mun-1880}", "title", ERROR_INVALID},
        {"{title=\"a\\nb\" municipality=mun-1880}", "title", ERROR_INVALID},
        {"{title=x municipality=mun-1880 description=\"a\\u2028b\"}", "description", ERROR_INVALID},
        {"{title=x municipality=mun-1880 tags=[\"a\\u0001\"]}", "tags", ERROR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused("inquiry", rows[i].fields, rows[i].code, rows[i].field);
    expect_refused("organisation", "{name=x types=[other] folded_name=y}", ERROR_UNKNOWN_FIELD,
                   "folded_name");
}

static void what_is_written_is_normalised(void **state)
{
    (void)state;
    record_t *record =
        put("inquiry", "{title=\"  A\\u030angelholm  \" municipality=mun-1880 tags=[]"
                       " description=\"a\\n\\tb\" notes=\"\"}");
    assert_non_null(record);
    assert_string_equal(record_get_text(record, "title"), "\xc3\x85ngelholm");
    assert_int_equal(record_get(record, "tags")->form, VALUE_ABSENT);
    assert_int_equal(record_get(record, "notes")->form, VALUE_ABSENT);
    assert_string_equal(record_get_text(record, "description"), "a\n\tb");
}

/* Defaults, the first state, and who and when: from the rows. */
static void a_new_record_has_what_its_rows_say(void **state)
{
    (void)state;
    record_t *record = put("inquiry", "{title=x municipality=mun-1880 urgency=urgent}");
    assert_string_equal(record_get_text(record, "state"), "new");
    assert_string_equal(record_get_text(record, "currency"), "SEK");
    assert_string_equal(record_get_text(record, "origin"), "direct");
    assert_string_equal(record_get_text(record, "urgency"), "urgent");
    assert_false(record_get_boolean(record, "discreet"));
    assert_string_equal(record_get_text(record, "created_by"), "usr-1");
    assert_int_equal(record_get_integer(record, "created", 0), (int64_t)region_now(region));
}

static void unique_within_the_draft_too(void **state)
{
    (void)state;
    assert_non_null(put("key", "{user=usr-1 public_key=@one}"));
    assert_null(put("key", "{user=usr-1 public_key=@one}"));
    assert_int_equal(error.code, ERROR_DUPLICATE);
    memset(&error, 0, sizeof error);
    assert_null(put("key", "{user=usr-1 public_key=@admin}"));
    assert_int_equal(error.code, ERROR_DUPLICATE);
    assert_string_equal(error.field, "public_key");
    assert_int_equal(error.detail.form, VALUE_ABSENT); /* whose it is is not told */
    /* What the draft lets go of is free again. */
    memset(&error, 0, sizeof error);
    assert_non_null(patch("$1", "{public_key=@two}"));
    assert_non_null(put("key", "{user=usr-1 public_key=@one}"));
}

/* Nothing is part of itself, however far round. */
static void no_tree_leads_back(void **state)
{
    (void)state;
    assert_null(patch("are-07", "{parent=are-07}"));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(error.field, "parent");
    assert_null(patch("are-07", "{parent=are-0715}"));
    assert_non_null(put("organisation", "{name=one types=[other]}"));
    assert_non_null(put("organisation", "{name=two types=[other] parent=\"$1\"}"));
    assert_non_null(put("organisation", "{name=three types=[other] parent=\"$2\"}"));
    memset(&error, 0, sizeof error);
    assert_null(patch("$1", "{parent=\"$3\"}"));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_non_null(patch("$2", "{parent=nil}"));
    assert_non_null(patch("$1", "{parent=\"$3\"}"));
}

/* It is 2026-03-14. By the rows of what is due: at its end, or as it begins. */
static void what_is_due_is_still_to_come(void **state)
{
    (void)state;
    assert_non_null(put("task", "{what=x about=org-1 due=2026-03-14}"));
    expect_refused("task", "{what=x about=org-1 due=2026-03-13}", ERROR_INVALID, "due");
    assert_string_equal(error.expected, "a day no earlier than 2026-03-14");
    assert_non_null(put("inquiry", "{title=x municipality=mun-1880 waiting_until=2026-03-15}"));
    expect_refused("inquiry", "{title=x municipality=mun-1880 waiting_until=2026-03-14}",
                   ERROR_INVALID, "waiting_until");
    assert_string_equal(error.expected, "a day after 2026-03-14");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_draft, close_draft)
    const struct CMUnitTest tests[] = {
        TEST(each_fault_has_its_name),
        TEST(what_is_written_is_normalised),
        TEST(a_new_record_has_what_its_rows_say),
        TEST(unique_within_the_draft_too),
        TEST(no_tree_leads_back),
        TEST(what_is_due_is_still_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static record_id_t id_of(const char *text)
{
    record_id_t id;

    assert_true(record_id_parse(&id, text, NULL));
    return id;
}

static void what_is_refused_leaves_no_trace(void **state)
{
    (void)state;
    assert_null(put("inquiry", "{title=one}"));
    assert_int_equal(error.code, ERROR_REQUIRED);
    memset(&error, 0, sizeof error);
    assert_null(patch("org-1", "{name=\"\"}"));
    assert_int_equal(error.code, ERROR_INVALID);
    memset(&error, 0, sizeof error);
    assert_null(draft_delete(draft, "mun-1880", DRAFT_ANY_REVISION, &error));
    assert_int_equal(error.code, ERROR_REFERENCED);
    assert_int_equal(draft_count(draft), 0);
    record_id_t id = id_of("org-1");
    assert_string_equal(record_get_text(draft_get(draft, &id), "name"), "Lärcentrum Örebro");
    /* $1 is the first write that was made. */
    memset(&error, 0, sizeof error);
    assert_null(patch("$1", "{name=x}"));
    assert_int_equal(error.code, ERROR_INVALID);
}

static void what_is_deleted_is_not_there(void **state)
{
    (void)state;
    record_id_t id = id_of("org-1");
    assert_non_null(draft_delete(draft, "org-1", DRAFT_ANY_REVISION, &error));
    assert_null(draft_get(draft, &id));
    assert_null(draft_record(draft, 0));
    assert_null(put("person", "{name=x organisation=org-1}"));
    assert_int_equal(error.code, ERROR_REFERENCE);
    memset(&error, 0, sizeof error);
    assert_null(patch("org-1", "{name=x}"));
    assert_int_equal(error.code, ERROR_NOT_FOUND);
    /* Nor may what is deleted be what another write of the draft has begun to name. */
    memset(&error, 0, sizeof error);
    assert_non_null(put("person", "{name=x organisation=org-2}"));
    assert_null(draft_delete(draft, "org-2", DRAFT_ANY_REVISION, &error));
    assert_int_equal(error.code, ERROR_REFERENCED);
}

static void codes_are_given_and_numbers_are_not(void **state)
{
    value_t map = say_value(region, "{name=x}"),
            place = say_value(region, "{name=x municipality=mun-1880}"),
            area = say_value(region, "{name_en=x name_sv=x}");
    static const char *const wrong[] = {"",   "a b", "a/b", "å",  "cty-", "-",
                                        "18", "1",   "123", "1a", "cty-1"};

    (void)state;
    assert_non_null(draft_put(draft, "county", "77", &map, false, &error));
    assert_non_null(draft_put(draft, "county", "cty-78", &map, false, &error));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memset(&error, 0, sizeof error);
        assert_null(draft_put(draft, "county", wrong[i], &map, false, &error));
        assert_string_equal(error.field, "id");
    }
    memset(&error, 0, sizeof error);
    assert_null(draft_put(draft, "county", "77", &map, false, &error));
    assert_int_equal(error.code, ERROR_EXISTS);
    memset(&error, 0, sizeof error);
    assert_null(draft_put(draft, "county", NULL, &map, false, &error));
    assert_int_equal(error.code, ERROR_REQUIRED);
    memset(&error, 0, sizeof error);
    assert_null(draft_put(draft, "place", "pla-7", &place, false, &error));
    assert_int_equal(error.code, ERROR_READ_ONLY);
    /* 01 and 1 are two codes. */
    memset(&error, 0, sizeof error);
    assert_non_null(draft_put(draft, "area", "01", &area, false, &error));
    assert_non_null(draft_put(draft, "area", "1", &area, false, &error));
}

/* A revision that is no longer the newest is answered with the record as it is. */
static void a_stale_revision_is_a_conflict(void **state)
{
    value_t map = say_value(region, "{name=x}");

    (void)state;
    assert_null(draft_patch(draft, "org-1", &map, 1, &error));
    assert_int_equal(error.code, ERROR_CONFLICT);
    say_expect(region, &error.detail, "{record={id=org-1 fields={name=\"Lärcentrum Örebro\"}}}");
    memset(&error, 0, sizeof error);
    assert_null(draft_delete(draft, "org-1", 1, &error));
    assert_int_equal(error.code, ERROR_CONFLICT);
    memset(&error, 0, sizeof error);
    record_id_t id = id_of("org-1");
    int64_t newest = (int64_t)draft_get(draft, &id)->revision;
    assert_non_null(draft_patch(draft, "org-1", &map, newest, &error));
}

/* Taking the last reference away in the same request frees what it held. */
static void what_is_let_go_may_be_deleted(void **state)
{
    (void)state;
    assert_non_null(patch("org-1", "{municipality=nil}"));
    assert_non_null(draft_delete(draft, "mun-1880", DRAFT_ANY_REVISION, &error));
    record_id_t id = id_of("mun-1880");
    assert_null(draft_get(draft, &id));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_draft, close_draft)
    const struct CMUnitTest tests[] = {
        TEST(what_is_refused_leaves_no_trace),     TEST(what_is_deleted_is_not_there),
        TEST(codes_are_given_and_numbers_are_not), TEST(a_stale_revision_is_a_conflict),
        TEST(what_is_let_go_may_be_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

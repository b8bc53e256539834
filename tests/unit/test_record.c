#include "schema_fixture.h"

#include "record.h"

#include <string.h>

/* An inquiry as a broker files it: title and municipality. */
static record_t *new_inquiry(void)
{
    const kind_t *kind = schema_kind("inquiry");
    record_t *record = record_new(arena, kind);
    record->id = record_id_numbered(kind, 12);
    record_set(record, "title", value_text("Grundkurs i CAD"));
    record_set(record, "municipality", value_text("mun-1880"));
    return record;
}

static value_t one_pair(const char *key, value_t value)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, key, value);
    return value_build_map(&map);
}

/* -- ids ------------------------------------------------------------------------------ */

static void ids_of_every_kind_come_back_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        record_id_t id, back;
        if (kind->coded)
            assert_true(record_id_coded(&id, kind, "07-A1"));
        else
            id = record_id_numbered(kind, UINT64_MAX - i);
        assert_true(record_id_parse(&back, id.text, NULL));
        assert_ptr_equal(back.kind, kind);
        assert_int_equal(back.number, id.number);
        assert_string_equal(back.text, id.text);
        assert_string_equal(record_id_code(&back), strchr(id.text, '-') + 1);
        assert_true(record_id_parse(&back, id.text, kind));
        const kind_t *other = schema_kind_at((i + 1) % schema_n_kinds());
        assert_false(record_id_parse(&back, id.text, other));
    }
}

static void what_is_no_id_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "-",
        "inq",
        "inq-",
        "inq-0",
        "inq-01",
        "inq--1",
        "inq- 1",
        "inq-1 ",
        "inq-1x",
        "inq-+1",
        "INQ-1",
        "in-1",
        "inqu-1",
        "inq-18446744073709551616",
        "inq-99999999999999999999",
        "mun-",
        "mun--1880",
        "mun-18_80",
        "mun-18 80",
        "mun-ä",
        "mun-1880\n",
        "are-01234567890123456789012345678901234567890123",
    };
    record_id_t id;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(record_id_parse(&id, wrong[i], NULL));
    assert_true(record_id_parse(&id, "inq-18446744073709551615", NULL));
    assert_true(record_id_parse(&id, "are-0123456789012345678901234567890123456789012", NULL));
    assert_int_equal(strlen(id.text), RECORD_ID_MAX - 1);
}

static void codes_with_and_without_a_zero_are_two(void **state)
{
    (void)state;
    record_id_t one, other;
    assert_true(record_id_parse(&one, "are-01", NULL));
    assert_true(record_id_parse(&other, "are-001", NULL));
    assert_string_not_equal(one.text, other.text);
}

/* -- fields ------------------------------------------------------------------------------ */

static void fields_are_set_and_asked_by_name(void **state)
{
    (void)state;
    record_t *record = new_inquiry();
    record_set(record, "participants", value_integer(8));
    record_set(record, "discreet", value_boolean(true));
    assert_string_equal(record_get_text(record, "title"), "Grundkurs i CAD");
    assert_int_equal(record_get_integer(record, "participants", -1), 8);
    assert_true(record_get_boolean(record, "discreet"));
    assert_null(record_get_text(record, "participants"));
    assert_int_equal(record_get_integer(record, "title", -1), -1);
    assert_false(record_get_boolean(record, "title"));
    assert_int_equal(record_get(record, "employer")->form, VALUE_ABSENT);
    assert_ptr_equal(record_get(record, "no_such_field"), &value_absent);
}

static void a_copy_shares_nothing(void **state)
{
    (void)state;
    char title[] = "CAD";
    record_t *record = new_inquiry();
    record->revision = 812;
    record_set(record, "title", value_text(title));
    record_t *copy = record_copy(arena, record);
    title[0] = 'x';
    record_set(record, "municipality", value_absent);
    assert_string_equal(record_get_text(copy, "title"), "CAD");
    assert_string_equal(record_get_text(copy, "municipality"), "mun-1880");
    assert_string_equal(copy->id.text, "inq-12");
    assert_int_equal(copy->revision, 812);
}

static void a_new_record_begins_with_defaults_and_its_first_state(void **state)
{
    (void)state;
    record_t *record = new_inquiry();
    record_set(record, "urgency", value_text("urgent"));
    record_fill(record, arena);
    assert_string_equal(record_get_text(record, "state"), "new");
    assert_string_equal(record_get_text(record, "currency"), "SEK");
    assert_string_equal(record_get_text(record, "urgency"), "urgent");
    assert_int_equal(record_get(record, "discreet")->form, VALUE_BOOLEAN);
    assert_false(record_get_boolean(record, "discreet"));
    assert_int_equal(record_get(record, "employer")->form, VALUE_ABSENT);

    record_set(record, "state", value_text("mapped"));
    record_fill(record, arena);
    assert_string_equal(record_get_text(record, "state"), "mapped");
}

static void a_record_is_checked_field_by_field(void **state)
{
    (void)state;
    record_t *record = new_inquiry();
    record_set(record, "title", value_text(" Grundkurs i CAD "));
    error_t error = {.code = ERROR_NONE};
    assert_true(record_check(record, arena, &error));
    assert_string_equal(record_get_text(record, "title"), "Grundkurs i CAD");

    record_set(record, "participants", value_integer(0));
    assert_false(record_check(record, arena, &error));
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(error.field, "participants");
}

static void required_fields_must_be_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        const field_t *required = NULL;
        for (size_t j = 0; j < kind->n_fields && !required; j++) {
            if (kind->fields[j].attributes & FIELD_REQUIRED)
                required = &kind->fields[j];
        }
        error_t error = {.code = ERROR_NONE};
        record_t *record = record_new(arena, kind);
        assert_int_equal(record_check(record, arena, &error), !required);
        if (required) {
            assert_int_equal(error.code, ERROR_REQUIRED);
            assert_string_equal(error.field, required->name);
        }
    }
    const kind_t *kind = schema_kind("organisation");
    record_t *record = record_new(arena, kind);
    record_set(record, "name", value_text("Kinda kommun"));
    record_set(record, "types", value_list(NULL, 0));
    error_t error = {.code = ERROR_NONE};
    assert_false(record_check(record, arena, &error));
    assert_int_equal(error.code, ERROR_REQUIRED);
    assert_string_equal(error.field, "types");
}

/* -- maps -------------------------------------------------------------------------------- */

static void maps_have_the_set_fields_of_the_mask(void **state)
{
    (void)state;
    record_t *record = new_inquiry();
    value_t map = record_to_map(record, FIELD_MASK_ALL, arena);
    assert_int_equal(map.count, 2);
    assert_string_equal(value_get_text(&map, "title"), "Grundkurs i CAD");
    field_mask_t title = UINT64_C(1) << kind_field(record->id.kind, "title")->index;
    map = record_to_map(record, ~title, arena);
    assert_int_equal(map.count, 1);
    assert_null(value_get_text(&map, "title"));
    assert_int_equal(record_to_map(record, 0, arena).count, 0);
}

static void maps_fill_the_slots_and_nil_clears(void **state)
{
    (void)state;
    record_t *record = new_inquiry();
    value_builder_t builder = value_builder(arena);
    value_add_pair(&builder, "participants", value_integer(8));
    value_add_pair(&builder, "title", value_absent);
    value_t map = value_build_map(&builder);
    error_t error = {.code = ERROR_NONE};
    assert_true(record_from_map(record, &map, true, &error));
    assert_int_equal(record_get_integer(record, "participants", -1), 8);
    assert_int_equal(record_get(record, "title")->form, VALUE_ABSENT);
    assert_string_equal(record_get_text(record, "municipality"), "mun-1880");

    value_t text = value_text("title");
    assert_false(record_from_map(record, &text, true, &error));
    assert_int_equal(error.code, ERROR_INVALID);
}

static void unknown_fields_are_named_with_what_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *field, *expected;
    } rows[] = {{"participant", "did you mean participants?"},
                {"municipalty", "did you mean municipality?"},
                {"qqqqqqqq", ""}};
    record_t *record = new_inquiry();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = {.code = ERROR_NONE};
        value_t map = one_pair(rows[i].field, value_integer(1));
        assert_false(record_from_map(record, &map, true, &error));
        assert_int_equal(error.code, ERROR_UNKNOWN_FIELD);
        assert_string_equal(error.field, rows[i].field);
        assert_string_equal(error.expected, rows[i].expected);
    }
}

static void what_the_daemon_sets_is_not_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            record_t *record = record_new(arena, kind);
            value_t map = one_pair(field->name, value_integer(1));
            error_t error = {.code = ERROR_NONE};
            bool written = record_from_map(record, &map, true, &error);
            error_code_t expected = field->attributes & FIELD_INTERNAL ? ERROR_UNKNOWN_FIELD
                                    : field->attributes & FIELD_DAEMON ? ERROR_READ_ONLY
                                                                       : ERROR_NONE;
            assert_int_equal(error.code, expected);
            assert_int_equal(written, expected == ERROR_NONE);
            assert_int_equal(record->fields[j].form, written ? VALUE_INTEGER : VALUE_ABSENT);

            error = (error_t){.code = ERROR_NONE};
            assert_true(record_from_map(record, &map, false, &error));
            assert_int_equal(record->fields[j].integer, 1);
        }
    }
}

static void views_are_how_records_travel(void **state)
{
    (void)state;
    record_t *record = new_inquiry(), *back;
    record->revision = 812;
    value_t view = record_to_view(record, FIELD_MASK_ALL, arena);
    assert_string_equal(value_get_text(&view, "id"), "inq-12");
    assert_int_equal(value_get_integer(&view, "rev", -1), 812);
    assert_true(record_from_view(&back, &view, arena));
    assert_string_equal(back->id.text, "inq-12");
    assert_int_equal(back->revision, 812);
    for (size_t i = 0; i < record->id.kind->n_fields; i++)
        assert_true(value_equal(&back->fields[i], &record->fields[i]));
}

static void views_leave_out_what_is_internal(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("organisation");
    record_t *record = record_new(arena, kind);
    record->id = record_id_numbered(kind, 7);
    for (size_t i = 0; i < kind->n_fields; i++)
        record->fields[i] = value_integer(1);
    value_t view = record_to_view(record, FIELD_MASK_ALL, arena);
    const value_t *fields = value_get(&view, "fields");
    for (size_t i = 0; i < kind->n_fields; i++) {
        bool internal = (kind->fields[i].attributes & FIELD_INTERNAL) != 0;
        assert_int_equal(value_get(fields, kind->fields[i].name)->form,
                         internal ? VALUE_ABSENT : VALUE_INTEGER);
    }
}

static void clients_pass_over_fields_that_they_do_not_know(void **state)
{
    (void)state;
    value_builder_t fields = value_builder(arena);
    value_add_pair(&fields, "brought_by_version_9", value_integer(9));
    value_add_pair(&fields, "title", value_text("CAD"));
    value_builder_t builder = value_builder(arena);
    value_add_pair(&builder, "id", value_text("inq-12"));
    value_add_pair(&builder, "rev", value_integer(3));
    value_add_pair(&builder, "fields", value_build_map(&fields));
    value_t view = value_build_map(&builder);
    record_t *record;
    assert_true(record_from_view(&record, &view, arena));
    assert_string_equal(record_get_text(record, "title"), "CAD");
    assert_int_equal(record_to_map(record, FIELD_MASK_ALL, arena).count, 1);
}

static void what_is_no_view_is_refused(void **state)
{
    (void)state;
    static const char *const ids[] = {"inq-12", "xyz-1", "inq-12"};
    const int64_t revisions[] = {-1, 3, 3};
    record_t *record = NULL;
    for (size_t i = 0; i < 3; i++) {
        value_builder_t builder = value_builder(arena);
        value_add_pair(&builder, "id", value_text(ids[i]));
        value_add_pair(&builder, "rev", value_integer(revisions[i]));
        if (i != 2)
            value_add_pair(&builder, "fields", one_pair("title", value_text("CAD")));
        value_t view = value_build_map(&builder);
        assert_false(record_from_view(&record, &view, arena));
    }
    assert_false(record_from_view(&record, &value_absent, arena));
    assert_null(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ids_of_every_kind_come_back_as_they_were),
        TEST(what_is_no_id_is_refused),
        TEST(codes_with_and_without_a_zero_are_two),
        TEST(fields_are_set_and_asked_by_name),
        TEST(a_copy_shares_nothing),
        TEST(a_new_record_begins_with_defaults_and_its_first_state),
        TEST(a_record_is_checked_field_by_field),
        TEST(required_fields_must_be_there),
        TEST(maps_have_the_set_fields_of_the_mask),
        TEST(maps_fill_the_slots_and_nil_clears),
        TEST(unknown_fields_are_named_with_what_was_meant),
        TEST(what_the_daemon_sets_is_not_written),
        TEST(views_are_how_records_travel),
        TEST(views_leave_out_what_is_internal),
        TEST(clients_pass_over_fields_that_they_do_not_know),
        TEST(what_is_no_view_is_refused),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

#include "schema_fixture.h"

#include "record.h"
#include "types.h"

#include <string.h>

static field_t field_of(type_t type)
{
    bool text = type == TYPE_TEXT || type == TYPE_LONG_TEXT || type == TYPE_CODE;
    return (field_t){.name = "field",
                     .type = type,
                     .least = text ? 1 : INT64_MIN,
                     .most = text ? 100 : INT64_MAX,
                     .vocabulary = schema_vocabulary("form"),
                     .target = schema_kind("municipality")};
}

/* What comes of a text when it is read and shown again; NULL when it is refused. */
static const char *again(const field_t *field, const char *text)
{
    value_t value;
    error_t error = {.code = ERROR_NONE};
    if (field_parse(field, text, &value, arena, &error))
        return field_print(field, &value, arena);
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(error.field, field->name);
    assert_true(*error.expected);
    return NULL;
}

typedef struct {
    type_t type;
    const char *text;
    const char *shown; /* NULL: refused */
} form_row_t;

static void walk(const form_row_t *rows, size_t n_rows, unsigned attributes)
{
    for (size_t i = 0; i < n_rows; i++) {
        field_t field = field_of(rows[i].type);
        field.attributes = attributes;
        const char *shown = again(&field, rows[i].text);
        if (!shown != !rows[i].shown)
            print_error("%s: '%s'\n", type_name(rows[i].type), rows[i].text);
        if (!rows[i].shown) {
            assert_null(shown);
            continue;
        }
        assert_non_null(shown);
        assert_string_equal(shown, rows[i].shown);
        const char *once_more = again(&field, shown);
        assert_non_null(once_more);
        assert_string_equal(once_more, shown);
    }
}
#define WALK(rows, attributes) walk(rows, sizeof(rows) / sizeof *(rows), attributes)

#define KEY_TEXT "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void single_values(void **state)
{
    (void)state;
    static const form_row_t rows[] = {
        {TYPE_TEXT, " Grundkurs i CAD; steg 1, 2 \n", "Grundkurs i CAD; steg 1, 2"},
        {TYPE_TEXT, "a\\;b", "a\\;b"},
        {TYPE_TEXT, "två\nrader", NULL},
        {TYPE_LONG_TEXT, "två\nrader\n", "två\nrader"},
        {TYPE_INTEGER, "8", "8"},
        {TYPE_INTEGER, "-8", "-8"},
        {TYPE_INTEGER, "+8", "8"},
        {TYPE_INTEGER,
         "\xE2\x88\x92"
         "8",
         "-8"},
        {TYPE_INTEGER, "1 250", "1250"},
        {TYPE_INTEGER,
         "1\xC2\xA0"
         "250\xE2\x80\xAF"
         "000",
         "1250000"},
        {TYPE_INTEGER, "9223372036854775807", "9223372036854775807"},
        {TYPE_INTEGER, "-9223372036854775808", "-9223372036854775808"},
        {TYPE_INTEGER, "9223372036854775808", NULL},
        {TYPE_INTEGER, "-9223372036854775809", NULL},
        {TYPE_INTEGER, "99999999999999999999999", NULL},
        {TYPE_INTEGER, "1 25", NULL},
        {TYPE_INTEGER, "1250 000", NULL},
        {TYPE_INTEGER, "1  250", NULL},
        {TYPE_INTEGER, "- 8", NULL},
        {TYPE_INTEGER, "8.0", NULL},
        {TYPE_INTEGER, "åtta", NULL},
        {TYPE_INTEGER, "8 st", NULL},
        {TYPE_INTEGER, "-", NULL},
        {TYPE_MONEY, "1250.00", "1250.00"},
        {TYPE_MONEY, "1 250,00", "1250.00"},
        {TYPE_MONEY, "1250", "1250.00"},
        {TYPE_MONEY, "1250,5", "1250.50"},
        {TYPE_MONEY, "0,05", "0.05"},
        {TYPE_MONEY, "-0,05", "-0.05"},
        {TYPE_MONEY, "-92233720368547758.08", "-92233720368547758.08"},
        {TYPE_MONEY, "92233720368547758.08", NULL},
        {TYPE_MONEY, "1.250", NULL},
        {TYPE_MONEY, "1,250.00", NULL},
        {TYPE_MONEY, "1250,", NULL},
        {TYPE_MONEY, ",5", NULL},
        {TYPE_MONEY, "1250 kr", NULL},
        {TYPE_DEGREES, "59.5167", "59.516700"},
        {TYPE_DEGREES, "59,5167", "59.516700"},
        {TYPE_DEGREES, "-0.000001", "-0.000001"},
        {TYPE_DEGREES, "59.5167001", NULL},
        {TYPE_TENTHS, "7,5", "7.5"},
        {TYPE_TENTHS, "1 250", "1250.0"},
        {TYPE_TENTHS, "7.55", NULL},
        {TYPE_BOOLEAN, "yes", "yes"},
        {TYPE_BOOLEAN, "Ja", "yes"},
        {TYPE_BOOLEAN, "TRUE", "yes"},
        {TYPE_BOOLEAN, "1", "yes"},
        {TYPE_BOOLEAN, "no", "no"},
        {TYPE_BOOLEAN, "nej", "no"},
        {TYPE_BOOLEAN, "false", "no"},
        {TYPE_BOOLEAN, "0", "no"},
        {TYPE_BOOLEAN, "kanske", NULL},
        {TYPE_DATE, "2026-03-14", "2026-03-14"},
        {TYPE_DATE, "14/3", NULL},
        {TYPE_INSTANT, "2026-03-14T09:00:00Z", "2026-03-14T09:00:00Z"},
        {TYPE_INSTANT, "2026-03-14T10:00:00.5+01:00", "2026-03-14T09:00:00.500Z"},
        {TYPE_INSTANT, "2026-03-14", NULL},
        {TYPE_WORD, "on_site", "on_site"},
        {TYPE_WORD, "On_Site", "on_site"},
        {TYPE_WORD, "on site", NULL},
        {TYPE_REFERENCE, "mun-1880", "mun-1880"},
        {TYPE_REFERENCE, "1880", "mun-1880"},
        {TYPE_REFERENCE, "Kinda kommun", NULL},
        {TYPE_REFERENCE, "cty-18!", NULL},
        {TYPE_NUMBER, "556677-8899", "5566778899"},
        {TYPE_EMAIL, "broker@motala.example", "broker@motala.example"},
        {TYPE_PHONE, "0141-22 50 00", "0141225000"},
        {TYPE_WEB, "https://motala.example/a,b;c", "https://motala.example/a,b;c"},
        {TYPE_KEY, KEY_TEXT, KEY_TEXT},
        {TYPE_KEY, "rq:rM", NULL},
        {TYPE_CODE, "0715", "0715"},
        {TYPE_CODE, "07 15", NULL},
    };
    WALK(rows, 0);
}

static void lists(void **state)
{
    (void)state;
    static const form_row_t rows[] = {
        {TYPE_WORD, "on_site distance", "on_site distance"},
        {TYPE_WORD, "on_site, distance;hybrid", "on_site distance hybrid"},
        {TYPE_WORD, "on_site on_site", NULL},
        {TYPE_WORD, "on_site kvällstid", NULL},
        {TYPE_REFERENCE, "1880; mun-0583", "mun-1880 mun-0583"},
        {TYPE_CODE, "0715,0716", "0715 0716"},
        {TYPE_INTEGER, "1 2 3", "1 2 3"},
        {TYPE_TEXT, "CAD; heta arbeten", "CAD; heta arbeten"},
        {TYPE_TEXT, "CAD, heta arbeten,", "CAD; heta arbeten"},
        {TYPE_TEXT, "truck A\\, B; a\\;b; c\\\\d; e\\f", "truck A\\, B; a\\;b; c\\\\d; e\\\\f"},
        {TYPE_TEXT, "truck\\", "truck\\\\"},
        {TYPE_TEXT, ";,;", ""},
        {TYPE_MONEY, "1 250,50; 3", "1250.50; 3.00"},
        {TYPE_PHONE, "0141-22 50 00, 11414", "0141225000; 11414"},
        {TYPE_KEY, KEY_TEXT, KEY_TEXT},
    };
    WALK(rows, FIELD_MANY);
}

static void nothing_written_is_nothing(void **state)
{
    (void)state;
    for (type_t type = 0; type < TYPES; type++) {
        field_t field = field_of(type);
        for (unsigned attributes = 0; attributes <= FIELD_MANY; attributes += FIELD_MANY) {
            static const char *const empty[] = {"", "  ", "\n"};
            field.attributes = attributes;
            for (size_t i = 0; i < 3; i++) {
                value_t value = value_integer(1);
                error_t error = {.code = ERROR_NONE};
                assert_true(field_parse(&field, empty[i], &value, arena, &error));
                assert_int_equal(value.form, VALUE_ABSENT);
            }
            assert_string_equal(field_print(&field, &value_absent, arena), "");
        }
    }
}

static void values_are_those_of_the_wire(void **state)
{
    (void)state;
    value_t value;
    error_t error = {.code = ERROR_NONE};
    field_t field = field_of(TYPE_MONEY);
    assert_true(field_parse(&field, "1 250,50", &value, arena, &error));
    assert_int_equal(value.integer, 125050);
    field = field_of(TYPE_DEGREES);
    assert_true(field_parse(&field, "59.5167", &value, arena, &error));
    assert_int_equal(value.integer, 59516700);
    field = field_of(TYPE_KEY);
    assert_true(field_parse(&field, KEY_TEXT, &value, arena, &error));
    assert_int_equal(value.form, VALUE_BYTES);
    assert_int_equal(value.size, 32);
}

static void errors_describe_what_people_write(void **state)
{
    (void)state;
    value_t value;
    error_t error = {.code = ERROR_NONE};
    const field_t *budget = kind_field(schema_kind("inquiry"), "budget_hint");
    assert_false(field_parse(budget, "-1", &value, arena, &error));
    assert_string_equal(error.expected, "an amount such as 1250.00, 0.00 to 1000000000.00");
    error = (error_t){.code = ERROR_NONE};
    const field_t *forms = kind_field(schema_kind("inquiry"), "form");
    assert_false(field_parse(forms, "on_site x", &value, arena, &error));
    assert_string_equal(error.expected,
                        "a list, each item one of on_site, workplace, distance, hybrid");
}

/* Sealed or unexpected values are shown as nothing. */
static void values_of_other_forms_are_shown_as_nothing(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_TEXT);
    value_t sealed = value_bytes("0123456789abcdef0123456789abcdef", 32);
    assert_string_equal(field_print(&field, &sealed, arena), "");
    field = field_of(TYPE_KEY);
    value_t short_key = value_bytes("0123", 4);
    assert_string_equal(field_print(&field, &short_key, arena), "");
}

static void defaults_of_every_field_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields; j++) {
            value_t value;
            error_t error = {.code = ERROR_NONE};
            assert_true(
                field_parse(&kind->fields[j], kind->fields[j].otherwise, &value, arena, &error));
            assert_string_equal(field_print(&kind->fields[j], &value, arena),
                                kind->fields[j].otherwise);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(single_values),
        TEST(lists),
        TEST(nothing_written_is_nothing),
        TEST(values_are_those_of_the_wire),
        TEST(errors_describe_what_people_write),
        TEST(values_of_other_forms_are_shown_as_nothing),
        TEST(defaults_of_every_field_can_be_read),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

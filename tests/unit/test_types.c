#include "schema_fixture.h"

#include "record.h"
#include "types.h"

#include <string.h>

static field_t field_of(type_t type, int64_t least, int64_t most)
{
    return (field_t){.name = "field", .type = type, .least = least, .most = most};
}

/* The value of `field` after the check, or of form VALUE_MAP (which no field takes)
   when it was refused, with a named error. */
static value_t checked(const field_t *field, value_t value)
{
    error_t error = {.code = ERROR_NONE};
    if (field_check(field, &value, arena, &error)) {
        assert_int_equal(error.code, ERROR_NONE);
        return value;
    }
    assert_int_equal(error.code, ERROR_INVALID);
    assert_string_equal(error.field, field->name);
    assert_true(*error.expected);
    return (value_t){.form = VALUE_MAP};
}

static bool passes(const field_t *field, value_t value)
{
    return checked(field, value).form != VALUE_MAP;
}

/* The text after the check, or NULL when it was refused. */
static const char *text_of(const field_t *field, const char *text)
{
    value_t value = checked(field, value_text(text));
    return value.form == VALUE_TEXT ? value.text : NULL;
}

/* Each row: what is given, and what comes of it or NULL. */
typedef struct {
    const char *given;
    const char *becomes;
} text_row_t;

static void walk(const field_t *field, const text_row_t *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        const char *text = text_of(field, rows[i].given);
        if (!rows[i].becomes != !text)
            print_error("%s: '%s'\n", type_name(field->type), rows[i].given);
        if (rows[i].becomes) {
            assert_non_null(text);
            assert_string_equal(text, rows[i].becomes);
        } else {
            assert_null(text);
        }
    }
}
#define WALK(field, rows) walk(field, rows, sizeof(rows) / sizeof *(rows))

static void every_type_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (type_t type = 0; type < TYPES; type++) {
        assert_true(*type_name(type));
        for (type_t other = 0; other < type; other++)
            assert_string_not_equal(type_name(type), type_name(other));
    }
    assert_string_equal(type_name(TYPES), "");
}

static void every_type_refuses_other_forms(void **state)
{
    (void)state;
    for (type_t type = 0; type < TYPES; type++) {
        field_t field = field_of(type, 0, INT64_MAX);
        field.vocabulary = schema_vocabulary("sex");
        bool integer = type == TYPE_INTEGER || type == TYPE_INSTANT || type == TYPE_MONEY ||
                       type == TYPE_DEGREES || type == TYPE_TENTHS;
        bool other = type == TYPE_BOOLEAN || type == TYPE_KEY || integer;
        assert_int_equal(passes(&field, value_boolean(true)), type == TYPE_BOOLEAN);
        assert_int_equal(passes(&field, value_integer(1)), integer);
        assert_int_equal(passes(&field, value_bytes("\1\2", 2)), false);
        assert_false(passes(&field, value_list(&value_absent, 1)));
        if (other)
            assert_false(passes(&field, value_text("1")));
        assert_int_equal(checked(&field, value_absent).form, VALUE_ABSENT);
    }
}

static void text_is_one_line_of_so_many_characters(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_TEXT, 1, 5);
    static const text_row_t rows[] = {
        {"a", "a"},         {"åäöÅÄ", "åäöÅÄ"}, {"  a b ", "a b"}, {"12345 ", "12345"},
        {"", NULL},         {"   ", NULL},      {"123456", NULL},  {"åäöÅÄÖ", NULL},
        {"a\nb", NULL},     {"a\tb", NULL},     {"a\x7f", NULL},   {"a\r", NULL},
        {"😀😀😀😀😀", "😀😀😀😀😀"},
    };
    WALK(&field, rows);
    field.least = 0;
    assert_int_equal(checked(&field, value_text("")).form, VALUE_ABSENT);
    assert_int_equal(checked(&field, value_text("  ")).form, VALUE_ABSENT);
}

static void long_text_keeps_its_lines(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_LONG_TEXT, 0, 8);
    static const text_row_t rows[] = {
        {" a\n\tb\n", " a\n\tb\n"}, {"åäöåäöåä", "åäöåäöåä"}, {"123456789", NULL}};
    WALK(&field, rows);
    assert_int_equal(checked(&field, value_text("")).form, VALUE_ABSENT);
}

static void integers_keep_to_their_range(void **state)
{
    (void)state;
    static const type_t types[] = {TYPE_INTEGER, TYPE_MONEY, TYPE_DEGREES, TYPE_TENTHS};
    for (size_t i = 0; i < 3; i++) {
        field_t field = field_of(types[i], -1, 100);
        assert_true(passes(&field, value_integer(-1)));
        assert_true(passes(&field, value_integer(100)));
        assert_false(passes(&field, value_integer(-2)));
        assert_false(passes(&field, value_integer(101)));
    }
    field_t instant = field_of(TYPE_INSTANT, 0, 0);
    assert_true(passes(&instant, value_integer(1773478800000)));
    assert_false(passes(&instant, value_integer(INT64_MAX)));
    assert_false(passes(&instant, value_integer(INT64_MIN)));
}

static void dates_are_days_that_exist(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_DATE, 0, 0);
    static const text_row_t rows[] = {
        {"2026-03-14", "2026-03-14"}, {"2026-02-29", NULL}, {"14/3 2026", NULL}, {"", NULL}};
    WALK(&field, rows);
}

static void words_are_those_of_the_vocabulary(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_WORD, 0, 0);
    field.vocabulary = schema_vocabulary("size");
    static const text_row_t rows[] = {
        {"250+", "250+"}, {"1-9", "1-9"}, {"1–9", NULL}, {"", NULL}, {"250", NULL}};
    WALK(&field, rows);
    value_t value = value_text("11");
    error_t error = {.code = ERROR_NONE};
    assert_false(field_check(&field, &value, arena, &error));
    assert_string_equal(error.expected, "one of 1-9, 10-49, 50-249, 250+");
}

static void references_are_ids_of_their_kind(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_REFERENCE, 0, 0);
    field.target = schema_kind("municipality");
    static const text_row_t coded[] = {{"mun-1880", "mun-1880"}, {"mun-", NULL},
                                       {"1880", NULL},           {"cty-18", NULL},
                                       {"mun-18 80", NULL},      {"Motala", NULL}};
    WALK(&field, coded);
    field.target = schema_kind("organisation");
    static const text_row_t numbered[] = {
        {"org-7", "org-7"}, {"org-07", NULL}, {"org-x", NULL}, {"per-7", NULL}};
    WALK(&field, numbered);
    field.target = NULL;
    static const text_row_t any[] = {
        {"org-7", "org-7"}, {"mun-1880", "mun-1880"}, {"xyz-1", NULL}, {"$3", NULL}};
    WALK(&field, any);
}

static void organisation_numbers_come_to_ten_digits(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_NUMBER, 0, 0);
    static const text_row_t rows[] = {{"556677-8899", "5566778899"},
                                      {"16556677-8899", "5566778899"},
                                      {"19811218-9876", "8112189876"},
                                      {"556677-8898", NULL},
                                      {"", NULL}};
    WALK(&field, rows);
}

static void addresses_of_mail(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_EMAIL, 0, 0);
    static const text_row_t rows[] = {
        {"broker@motala.example", "broker@motala.example"},
        {"kompetens.mäklare+cad@lärcentrum.example.se",
         "kompetens.mäklare+cad@lärcentrum.example.se"},
        {"", NULL},
        {"broker", NULL},
        {"@motala.se", NULL},
        {"broker@", NULL},
        {"broker@motala", NULL},
        {"broker@motala.", NULL},
        {"broker@.se", NULL},
        {"broker@-motala.se", NULL},
        {"a@b@c.se", NULL},
        {".a@b.se", NULL},
        {"a.@b.se", NULL},
        {"a..b@c.se", NULL},
        {"a@b..se", NULL},
        {"a b@c.se", NULL},
        {"a@c.se\n", NULL},
        {"Broker <a@c.se>", NULL},
        {"a@c.se,b@c.se", NULL},
        {"a@c_d.se", NULL},
        {"12345678901234567890123456789012345678901234567890123456789012345@c.se", NULL},
    };
    WALK(&field, rows);
}

static void telephone_numbers_come_to_digits(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_PHONE, 0, 0);
    static const text_row_t rows[] = {
        {"0141-22 50 00", "0141225000"},
        {"0141 - 22 50 00", "0141225000"},
        {"+46 141-22 50 00", "+46141225000"},
        {"0046 141 22 50 00", "+46141225000"},
        {"11414", "11414"},
        {"123456789012345", "123456789012345"},
        {"", NULL},
        {"+", NULL},
        {"00", NULL},
        {"1234", NULL},
        {"1234567890123456", NULL},
        {"12345678901234567890", NULL},
        {" 0141225000", NULL},
        {"-0141225000", NULL},
        {"0141225000-", NULL},
        {"+0141225000", NULL},
        {"+46 (0)141", NULL},
        {"0141/225000", NULL},
        {"46+141225000", NULL},
        {"växel", NULL},
    };
    WALK(&field, rows);
}

static void addresses_of_the_web(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_WEB, 0, 0);
    static const text_row_t rows[] = {
        {"https://motala.example/kurser?id=1#cad", "https://motala.example/kurser?id=1#cad"},
        {"HTTP://motala.example", "HTTP://motala.example"},
        {"https://lärcentrum.example", "https://lärcentrum.example"},
        {"", NULL},
        {"https://", NULL},
        {"https:///x", NULL},
        {"motala.se", NULL},
        {"javascript:alert(1)", NULL},
        {"ftp://motala.se", NULL},
        {"https://a b", NULL},
        {"https://a\"b", NULL},
        {"https://a<b>", NULL},
        {"https://a\n", NULL},
    };
    WALK(&field, rows);
}

static void codes_are_letters_digits_and_dashes(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_CODE, 1, 4);
    static const text_row_t rows[] = {{"0715", "0715"}, {"a-B9", "a-B9"}, {"", NULL},
                                      {"07151", NULL},  {"07.1", NULL},   {"å", NULL}};
    WALK(&field, rows);
}

static void keys_have_32_bytes(void **state)
{
    (void)state;
    unsigned char bytes[33] = {1};
    field_t field = field_of(TYPE_KEY, 0, 0);
    assert_true(passes(&field, value_bytes(bytes, 32)));
    assert_false(passes(&field, value_bytes(bytes, 31)));
    assert_false(passes(&field, value_bytes(bytes, 33)));
}

static void lists_are_checked_item_by_item(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_NUMBER, 0, 0);
    field.attributes = FIELD_MANY;
    const value_t items[] = {value_text("556677-8899"), value_text("212000-0142")};
    value_t value = checked(&field, value_list(items, 2));
    assert_int_equal(value.form, VALUE_LIST);
    assert_int_equal(value.count, 2);
    assert_string_equal(value.items[0].text, "5566778899");
    assert_string_equal(value.items[1].text, "2120000142");
    assert_string_equal(items[0].text, "556677-8899");

    assert_int_equal(checked(&field, value_list(NULL, 0)).form, VALUE_ABSENT);
    assert_false(passes(&field, items[0]));
    const value_t wrong[] = {value_text("556677-8899"), value_text("212000-0143")};
    assert_false(passes(&field, value_list(wrong, 2)));
    const value_t twice[] = {value_text("556677-8899"), value_text("5566778899")};
    assert_false(passes(&field, value_list(twice, 2)));
    const value_t nil[] = {value_absent};
    assert_false(passes(&field, value_list(nil, 1)));
    const value_t nested[] = {value_list(items, 2)};
    assert_false(passes(&field, value_list(nested, 1)));
}

static void lists_have_at_most_200_items(void **state)
{
    (void)state;
    field_t field = field_of(TYPE_INTEGER, 0, 1000);
    field.attributes = FIELD_MANY;
    value_t items[201];
    for (int64_t i = 0; i < 201; i++)
        items[i] = value_integer(i);
    assert_true(passes(&field, value_list(items, 200)));
    assert_false(passes(&field, value_list(items, 201)));
}

static void errors_say_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *field, *wire, *written;
    } rows[] = {
        {"inquiry", "title", "1 to 200 characters on one line", "1 to 200 characters on one line"},
        {"inquiry", "description", "at most 8000 characters", "at most 8000 characters"},
        {"inquiry", "participants", "a whole number, 1 to 100000", "a whole number, 1 to 100000"},
        {"inquiry", "period_from", "a date, YYYY-MM-DD", "a date, YYYY-MM-DD"},
        {"inquiry", "discreet", "true or false", "yes or no"},
        {"inquiry", "budget_hint", "an integer, whole öre, 0 to 100000000000",
         "an amount such as 1250.00, 0.00 to 1000000000.00"},
        {"inquiry", "employer", "the id of a record of the kind organisation: org-NUMBER",
         "the id of a record of the kind organisation: org-NUMBER"},
        {"municipality", "latitude", "an integer, millionths of a degree, -90000000 to 90000000",
         "degrees with at most six decimals, -90.000000 to 90.000000"},
        {"municipality", "county", "the id of a record of the kind county: cty-CODE",
         "the id of a record of the kind county: cty-CODE"},
        {"key", "public_key", "32 bytes", "a key, 40 characters of Z85"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const field_t *field = kind_field(schema_kind(rows[i].kind), rows[i].field);
        assert_non_null(field);
        assert_string_equal(types_expects(field, false, arena), rows[i].wire);
        assert_string_equal(field_expects(field, arena), rows[i].written);
        value_t map = {.form = VALUE_MAP};
        error_t error = {.code = ERROR_NONE};
        assert_false(field_check(field, &map, arena, &error));
        assert_string_equal(error.field, rows[i].field);
        assert_string_equal(error.expected, rows[i].wire);
    }
}

/* An error must not carry what was sent: it may reach a log. */
static void errors_do_not_repeat_the_value(void **state)
{
    (void)state;
    for (type_t type = 0; type < TYPES; type++) {
        field_t field = field_of(type, 1, 3);
        field.vocabulary = schema_vocabulary("sex");
        value_t value = value_text("hemlig\x01");
        error_t error = {.code = ERROR_NONE};
        assert_false(field_check(&field, &value, arena, &error));
        assert_null(strstr(error.expected, "hemlig"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_type_has_a_name_of_its_own),
        TEST(every_type_refuses_other_forms),
        TEST(text_is_one_line_of_so_many_characters),
        TEST(long_text_keeps_its_lines),
        TEST(integers_keep_to_their_range),
        TEST(dates_are_days_that_exist),
        TEST(words_are_those_of_the_vocabulary),
        TEST(references_are_ids_of_their_kind),
        TEST(organisation_numbers_come_to_ten_digits),
        TEST(addresses_of_mail),
        TEST(telephone_numbers_come_to_digits),
        TEST(addresses_of_the_web),
        TEST(codes_are_letters_digits_and_dashes),
        TEST(keys_have_32_bytes),
        TEST(lists_are_checked_item_by_item),
        TEST(lists_have_at_most_200_items),
        TEST(errors_say_what_was_expected),
        TEST(errors_do_not_repeat_the_value),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

#include "cli_fixture.h"

static const char *written(json_t *document, bool line)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    json_write(document, file, line);
    fclose(file);
    const char *copy = arena_text(cli.arena, text);
    free(text);
    return copy;
}

static const char *field_text(const char *kind, const char *field, value_t value)
{
    return written(json_of_field(kind_field(schema_kind(kind), field), &value), true);
}

/* What each type of field is as JSON, from how people write it. A type without a row
   here fails the test below. */
static const struct {
    type_t type;
    const char *kind, *field, *text, *json;
} forms[] = {
    {TYPE_TEXT, "inquiry", "title", "Grundkurs i CAD", "\"Grundkurs i CAD\""},
    {TYPE_LONG_TEXT, "inquiry", "description", "en\ntvå", "\"en\\ntvå\""},
    {TYPE_INTEGER, "inquiry", "participants", "8", "8"},
    {TYPE_BOOLEAN, "inquiry", "discreet", "yes", "true"},
    {TYPE_DATE, "inquiry", "period_from", "2027-03-01", "\"2027-03-01\""},
    {TYPE_INSTANT, "inquiry", "created", "2026-03-14T09:00:00.250Z",
     "\"2026-03-14T09:00:00.250Z\""},
    {TYPE_MONEY, "inquiry", "budget_hint", "1250.50", "125050"},
    {TYPE_WORD, "inquiry", "form", "on_site distance", "[\"on_site\",\"distance\"]"},
    {TYPE_REFERENCE, "inquiry", "areas", "0715 0713", "[\"are-0715\",\"are-0713\"]"},
    {TYPE_NUMBER, "organisation", "number", "212000-0423", "\"2120000423\""},
    {TYPE_EMAIL, "organisation", "email", "info@kinda.example", "\"info@kinda.example\""},
    {TYPE_PHONE, "organisation", "phone", "0494-190 00", NULL},
    {TYPE_WEB, "organisation", "web", "https://kinda.example/", "\"https://kinda.example/\""},
    {TYPE_KEY, "key", "public_key", "0000000000000000000000000000000000000000",
     "\"0000000000000000000000000000000000000000\""},
    {TYPE_DEGREES, "municipality", "latitude", "-58.537201", "-58.537201"},
    {TYPE_TENTHS, "course", "credits", "7.5", "7.5"},
    {TYPE_CODE, "organisation", "sector", "85-1", "\"85-1\""},
};

static void every_type_has_a_form(void **state)
{
    (void)state;
    for (unsigned type = 0; type < TYPES; type++) {
        size_t i = 0;
        while (i < sizeof forms / sizeof *forms && forms[i].type != type)
            i++;
        if (i == sizeof forms / sizeof *forms)
            fail_msg("no form for %s", type_name((type_t)type));
        const field_t *field = kind_field(schema_kind(forms[i].kind), forms[i].field);
        assert_int_equal(field->type, type);
        value_t value;
        error_t error = {0};
        if (!field_parse(field, forms[i].text, &value, cli.arena, &error))
            fail_msg("%s is no %s", forms[i].text, field->name);
        const char *json = field_text(forms[i].kind, forms[i].field, value);
        if (forms[i].json)
            assert_string_equal(json, forms[i].json);
        else
            assert_string_equal(json, arena_format(cli.arena, "\"%s\"", value.text));
    }
}

static void numbers_are_the_same_in_every_locale(void **state)
{
    (void)state;
    speak_swedish();
    assert_string_equal(localeconv()->decimal_point, ",");
    assert_string_equal(field_text("municipality", "latitude", value_integer(58537200)), "58.5372");
    assert_string_equal(field_text("inquiry", "participants", value_integer(100000)), "100000");
    assert_string_equal(field_text("inquiry", "budget_hint", value_integer(-125050)), "-125050");
}

static void instants_before_1970(void **state)
{
    (void)state;
    assert_string_equal(field_text("inquiry", "created", value_integer(-250)),
                        "\"1969-12-31T23:59:59.750Z\"");
    assert_string_equal(field_text("inquiry", "created", value_integer(-1000)),
                        "\"1969-12-31T23:59:59.000Z\"");
}

static void values_without_a_field(void **state)
{
    (void)state;
    unsigned char bytes[] = {0x00, 0xa5, 0xff};
    value_t value = value_bytes(bytes, sizeof bytes);
    assert_string_equal(written(json_of_value(&value), true), "\"00a5ff\"");
    value = value_absent;
    assert_string_equal(written(json_of_value(&value), true), "null");
    value = value_integer(INT64_MIN);
    assert_string_equal(written(json_of_value(&value), true), "-9223372036854775808");
    value_builder_t list = value_builder(cli.arena);
    value = value_build_list(&list);
    assert_string_equal(written(json_of_value(&value), true), "[]");
    value_builder_t map = value_builder(cli.arena);
    value_add_pair(&map, "time", value_integer(1773478800250));
    value_add_pair(&map, "expires", value_integer(0));
    value_add_pair(&map, "rev", value_integer(1773478800250));
    value = value_build_map(&map);
    assert_string_equal(
        written(json_of_value(&value), true),
        "{\"time\":\"2026-03-14T09:00:00.250Z\",\"expires\":\"1970-01-01T00:00:00.000Z\","
        "\"rev\":1773478800250}");
}

static void views_at_any_depth(void **state)
{
    (void)state;
    value_t view = VIEW(cli.arena, "inq-12", "created", "2026-03-14T09:00:00Z");
    value_builder_t op = value_builder(cli.arena), entry = value_builder(cli.arena);
    value_add_pair(&op, "op", value_text("put"));
    value_add_pair(&op, "record", view);
    value_t one = value_build_map(&op);
    value_add_pair(&entry, "time", value_integer(0));
    value_add_pair(&entry, "ops", value_list(&one, 1));
    value_t result = value_build_map(&entry);
    assert_string_equal(written(json_of_result(&result), true),
                        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"ops\":[{\"op\":\"put\","
                        "\"record\":{\"id\":\"inq-12\",\"rev\":812,\"fields\":{\"created\":"
                        "\"2026-03-14T09:00:00.000Z\"}}}]}");
    /* A field that this program does not know comes as it is. */
    value_builder_t known = value_builder(cli.arena), newer = value_builder(cli.arena);
    value_add_pair(&newer, "colour", value_text("red"));
    value_add_pair(&known, "id", value_text("inq-12"));
    value_add_pair(&known, "fields", value_build_map(&newer));
    result = value_build_map(&known);
    assert_string_equal(written(json_of_result(&result), true),
                        "{\"id\":\"inq-12\",\"fields\":{\"colour\":\"red\"}}");
    /* What looks like a view, of a kind that there is none of, is as it came. */
    value_builder_t fields = value_builder(cli.arena), odd = value_builder(cli.arena);
    value_add_pair(&fields, "created", value_integer(0));
    value_add_pair(&odd, "id", value_text("xyz-1"));
    value_add_pair(&odd, "fields", value_build_map(&fields));
    result = value_build_map(&odd);
    assert_string_equal(written(json_of_result(&result), true),
                        "{\"id\":\"xyz-1\",\"fields\":{\"created\":0}}");
}

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    static const char hostile[] = "a\033[2J\x7f\xc2\x9b"
                                  "31m\xe2\x80\xae"
                                  "b\tö";
    value_t value = value_text(hostile);
    const char *text = written(json_of_value(&value), true);
    assert_string_equal(text, "\"a\\u001B[2J\\u007F\\u009B31m\\u202Eb\\tö\"");
    /* And it is the same text to whoever reads the JSON. */
    json_t *back = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_string_equal(json_string_value(back), hostile);
    json_decref(back);
    value_builder_t map = value_builder(cli.arena);
    value_add_pair(&map, "\xc2\x9b", value_boolean(true));
    value = value_build_map(&map);
    assert_string_equal(written(json_of_value(&value), true), "{\"\\u009B\":true}");
}

static void a_field_of_16_kib(void **state)
{
    (void)state;
    char *large = arena_alloc(cli.arena, 16385);
    for (size_t i = 0; i < 16384; i += 2)
        memcpy(large + i, "å", 2);
    value_t value = value_text(large);
    const char *text = field_text("inquiry", "description", value);
    assert_int_equal(strlen(text), 16386);
    assert_memory_equal(text + 1, large, 16384);
}

static void a_document_on_one_line_or_several(void **state)
{
    (void)state;
    value_t view = VIEW(cli.arena, "inq-12", "participants", "8");
    hear();
    json_print(json_of_view(&view), true);
    json_print(json_of_view(&view), false);
    heard_t said = heard();
    assert_string_equal(said.out,
                        "{\"id\":\"inq-12\",\"rev\":812,\"fields\":{\"participants\":8}}\n"
                        "{\n  \"id\": \"inq-12\",\n  \"rev\": 812,\n  \"fields\": {\n"
                        "    \"participants\": 8\n  }\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(every_type_has_a_form), CLI_TEST(numbers_are_the_same_in_every_locale),
        CLI_TEST(instants_before_1970),  CLI_TEST(values_without_a_field),
        CLI_TEST(views_at_any_depth),    CLI_TEST(nothing_steers_the_terminal),
        CLI_TEST(a_field_of_16_kib),     CLI_TEST(a_document_on_one_line_or_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "rules_fixture.h"

#include <string.h>

static const char *firm(const char *name, const char *more)
{
    return put("organisation",
               arena_format(region_arena(region), "name=\"%s\" types=[employer] %s", name, more));
}

static void merge(const char *one, const char *into)
{
    say_well(region, "admin", "patch", "id=%s fields={merged_into=%s}", one, into);
}

static void expect_named(const char *where, const char *ids)
{
    value_t listed = say_well(region, "admin", "list", "kind=inquiry sort=title where={%s}", where);
    const value_t *records = value_get(&listed, "records");
    const char *found = "";

    for (uint32_t i = 0; i < records->count; i++)
        found = arena_format(region_arena(region), "%s%s ", found,
                             value_get_text(&records->items[i], "id"));
    assert_string_equal(found, ids);
}

/* org-3 into org-4, and that into org-5: whoever asks for one of them asks for all. */
static void open_merged(void)
{
    firm("One", "municipality=mun-1880");
    firm("Two", "municipality=mun-1880");
    firm("Three", "municipality=mun-1880");
    put("inquiry", "title=a municipality=mun-1880 employer=org-3");
    put("inquiry", "title=b municipality=mun-1880 employer=org-4");
    put("inquiry", "title=c municipality=mun-1880 employer=org-5");
    put("inquiry", "title=d municipality=mun-1880 employer=org-1");
    put("inquiry", "title=e municipality=mun-1880");
    merge("org-3", "org-4");
    merge("org-4", "org-5");
}

static void a_filter_follows(void **state)
{
    (void)state;
    open_merged();
    expect_named("employer=org-5", "inq-1 inq-2 inq-3 ");
    expect_named("employer=org-3", "inq-1 inq-2 inq-3 ");
    expect_named("employer=[org-1 nil]", "inq-4 inq-5 ");
    value_t counted = say_well(region, "admin", "count", "kind=inquiry where={employer=org-4}");
    say_expect(region, &counted, "{count=3}");
    /* What names it is what it names. */
    value_t seen = say_well(region, "admin", "get", "id=inq-1");
    say_expect(region, &seen, "{fields={employer=org-3}}");
    /* The field itself says who was merged into whom. */
    value_t listed =
        say_well(region, "admin", "list", "kind=organisation where={merged_into=org-5}");
    say_expect(region, &listed, "{records=[{id=org-4}]}");
}

static void a_reference_is_to_what_stands(void **state)
{
    (void)state;
    open_merged();
    value_t made = say_well(region, "admin", "put",
                            "kind=inquiry fields={title=x municipality=mun-1880 employer=org-3}");
    say_expect(region, &made, "{fields={employer=org-5}}");
    made = say_well(region, "admin", "put",
                    "kind=pool fields={title=x municipality=mun-1880 not_with=[org-1 org-4]}");
    say_expect(region, &made, "{fields={not_with=[org-1 org-5]}}");
}

static void undone_they_are_two(void **state)
{
    (void)state;
    open_merged();
    put("inquiry", "title=f municipality=mun-1880 employer=org-4");
    say_well(region, "admin", "patch", "id=org-4 fields={merged_into=nil}");
    expect_named("employer=org-5", "inq-3 inq-6 ");
    expect_named("employer=org-4", "inq-1 inq-2 ");
    say_well(region, "admin", "patch", "id=org-3 fields={merged_into=nil}");
    expect_named("employer=org-4", "inq-2 ");
    expect_named("employer=org-3", "inq-1 ");
}

/* Through others, too. */
static void none_leads_back(void **state)
{
    (void)state;
    open_merged();
    static const char *const pairs[][2] = {
        {"org-5", "org-5"}, {"org-5", "org-3"}, {"org-5", "org-4"}};
    for (size_t i = 0; i < 3; i++) {
        error_t error = say_badly(region, "admin", ERROR_INVALID, "patch",
                                  "id=%s fields={merged_into=%s}", pairs[i][0], pairs[i][1]);
        assert_string_equal(error.field, "merged_into");
        assert_string_equal(error.expected, "a record that does not lead back here");
    }
}

static void two_numbers_are_two(void **state)
{
    (void)state;
    firm("One", "municipality=mun-1880 number=\"5560360793\"");
    firm("Two", "municipality=mun-1880 number=\"2120000142\"");
    firm("Three", "municipality=mun-1880");
    error_t error =
        say_badly(region, "admin", ERROR_INVALID, "patch", "id=org-3 fields={merged_into=org-4}");
    assert_string_equal(error.field, "merged_into");
    merge("org-3", "org-5");
    /* The one that stands may have its number, and nobody else. */
    say_well(region, "admin", "patch", "id=org-5 fields={number=\"5560360793\"}");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=org-3 fields={number=\"2021005489\"}");
    say_badly(region, "admin", ERROR_DUPLICATE, "patch", "id=org-4 fields={number=\"5560360793\"}");
    error =
        say_badly(region, "admin", ERROR_DUPLICATE, "patch", "id=org-3 fields={merged_into=nil}");
    assert_string_equal(error.field, "number");
    say_well(region, "admin", "patch", "id=org-5 fields={number=nil}");
    say_well(region, "admin", "patch", "id=org-3 fields={merged_into=nil}");
}

/* A sole trader's number is sealed: it is compared all the same. */
static void sealed_numbers_are_compared(void **state)
{
    (void)state;
    firm("One", "municipality=mun-1880 number=\"8001010019\"");
    firm("Two", "municipality=mun-1880 number=\"8001020018\"");
    firm("Three", "municipality=mun-1880 number=\"8001010019\"");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=org-3 fields={merged_into=org-4}");
    merge("org-3", "org-5");
}

static void both_are_the_writers(void **state)
{
    (void)state;
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    firm("One", "municipality=mun-1880");
    firm("Two", "municipality=mun-0583");
    error_t error = say_badly(region, "orebro", ERROR_NOT_ALLOWED, "patch",
                              "id=org-3 fields={merged_into=org-4}");
    assert_string_equal(error.field, "merged_into");
    say_badly(region, "orebro", ERROR_NOT_ALLOWED, "patch", "id=org-4 fields={merged_into=org-3}");
}

/* What is like one that was merged is told as what stands, once. */
static void candidates_stand(void **state)
{
    (void)state;
    firm("Kilens Verkstad AB", "municipality=mun-1880");
    say_well(region, "admin", "put",
             "kind=organisation confirm=true fields={name=\"Verkstad Kilens\" types=[employer] "
             "municipality=mun-1880}");
    merge("org-3", "org-4");
    error_t error = say_badly(region, "admin", ERROR_DUPLICATE, "put",
                              "kind=organisation fields={name=\"kilens verkstad\" types=[employer] "
                              "municipality=mun-1880}");
    say_expect(region, &error.detail, "{candidates=[{id=org-4 name=\"Verkstad Kilens\"}]}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_filter_follows),     TEST(a_reference_is_to_what_stands),
        TEST(undone_they_are_two),  TEST(none_leads_back),
        TEST(two_numbers_are_two),  TEST(sealed_numbers_are_compared),
        TEST(both_are_the_writers), TEST(candidates_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

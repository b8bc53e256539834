#include "rules_fixture.h"

/* A code of the tree says where it belongs: under the longest there is that begins it. */
static void an_area_finds_its_parent(void **state)
{
    static const struct {
        const char *code, *fields, *parent;
    } rows[] = {
        {"04", "", "nil"},
        {"041", "", "are-04"},
        {"0413", "", "are-041"},
        {"0419", "", "are-041"},
        {"0521", "", "nil"}, /* neither 052 nor 05 is there */
        {"0716", "", "are-07"},
        {"0716-truck", "", "are-0716"},
        {"forklift", "parent=are-0716", "are-0716"},
        {"0417", "parent=are-07", "are-07"}, /* what is said counts */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        value_t made =
            say_well(region, "admin", "put", "kind=area id=\"%s\" fields={name_en=x name_sv=y %s}",
                     rows[i].code, rows[i].fields);
        say_expect(region, &made,
                   arena_format(region_arena(region), "{fields={parent=%s}}", rows[i].parent));
    }
    /* Later the parent is what was written, also nothing. */
    say_well(region, "admin", "patch", "id=are-0413 fields={parent=nil}");
    value_t area = say_well(region, "admin", "get", "id=are-0413");
    say_expect(region, &area, "{fields={parent=nil}}");
}

/* What the same request puts before it is there. */
static void a_parent_of_the_same_request_counts(void **state)
{
    (void)state;
    say_well(region, "admin", "batch",
             "operations=[{do=put kind=area id=\"05\" fields={name_en=x name_sv=y}}"
             " {do=put kind=area id=\"0521\" fields={name_en=x name_sv=y}}]");
    value_t area = say_well(region, "admin", "get", "id=are-0521");
    say_expect(region, &area, "{fields={parent=are-05}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(an_area_finds_its_parent),
        TEST(a_parent_of_the_same_request_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

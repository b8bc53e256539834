#include "rules_fixture.h"

#include <string.h>

/* Name and work contact of staff are shared: that holds for public organisations. */
static void staff_works_for_the_public(void **state)
{
    static const struct {
        const char *types;
        bool may;
    } rows[] = {
        {"learning_centre", true},
        {"education_federation", true},
        {"adult_education", true},
        {"municipality", true},
        {"business_office", true},
        {"labour_market_unit", true},
        {"employment_service", true},
        {"regional_body", true},
        {"employer", false},
        {"provider", false},
        {"university", true},
        {"trade_body", false},
        {"research_body", true},
        {"other", false},
        {"employer municipality", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *organisation =
            put("organisation",
                arena_format(region_arena(region),
                             "name=\"o %zu\" types=[%s] municipality=mun-1880", i, rows[i].types));
        reply_t reply = say(region, "admin", "put",
                            "kind=person fields={name=x staff=true organisation=%s}", organisation);
        assert_int_equal(reply.error.code, rows[i].may ? ERROR_NONE : ERROR_INVALID);
        say_well(region, "admin", "put", "kind=person fields={name=x organisation=%s}",
                 organisation);
    }
    const vocabulary_t *types = schema_vocabulary("organisation_type");
    assert_int_equal(types->n_words + 1, sizeof rows / sizeof *rows);
}

/* While processing is restricted nothing changes but that. */
static void a_restricted_person_is_left_alone(void **state)
{
    (void)state;
    put("person", "name=x organisation=org-1");
    say_well(region, "admin", "move", "id=per-1 verb=restrict");
    say_badly(region, "admin", ERROR_RESTRICTED, "patch", "id=per-1 fields={name=y}");
    say_badly(region, "admin", ERROR_RESTRICTED, "delete", "id=per-1");
    say_well(region, "admin", "move", "id=per-1 verb=lift");
    say_well(region, "admin", "patch", "id=per-1 fields={name=y}");
    say_well(region, "admin", "delete", "id=per-1");
}

static void an_erased_person_stays_so(void **state)
{
    (void)state;
    say_user(region, "officer", "privacy", "");
    put("person", "name=x organisation=org-1");
    say_well(region, "admin", "erase", "person=per-1 decision=x");
    say_well(region, "officer", "move", "id=ers-1 verb=approve");
    say_badly(region, "admin", ERROR_ERASED, "patch", "id=per-1 fields={name=y}");
    say_badly(region, "admin", ERROR_ERASED, "delete", "id=per-1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(staff_works_for_the_public),
        TEST(a_restricted_person_is_left_alone),
        TEST(an_erased_person_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

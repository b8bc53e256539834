#include "region_fixture.h"

#include "rules/rules.h"

#include <string.h>

/* What kinds demand beyond their rows; users, grants and keys are in test_rights. */

static const char *put(const char *kind, const char *fields)
{
    value_t made = say_well(region, "admin", "put", "kind=%s fields={%s}", kind, fields);

    return value_get_text(&made, "id");
}

static void rules_belong_to_kinds(void **state)
{
    static const char *const kinds[] = {"area",        "erasure",      "grant",  "inquiry", "key",
                                        "maintenance", "organisation", "person", "user"};

    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        bool has = false;
        for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++)
            has = has || strcmp(kinds[j], kind->name) == 0;
        const rules_t *rules = rules_of(kind);
        assert_int_equal(rules != NULL, has);
        if (rules != NULL) {
            assert_string_equal(rules->kind, kind->name);
            assert_true(rules->fill != NULL || rules->check != NULL);
        }
    }
}

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

/* Nothing is part of itself, however far round. */
static void no_tree_leads_back(void **state)
{
    (void)state;
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=are-07 fields={parent=are-07}");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=are-07 fields={parent=are-0715}");
    const char *one = put("organisation", "name=one types=[other]");
    const char *two = put("organisation", arena_format(region_arena(region),
                                                       "name=two types=[other] parent=%s", one));
    const char *three =
        put("organisation",
            arena_format(region_arena(region), "name=three types=[other] parent=%s", two));
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=%s fields={parent=%s}", one, three);
    say_badly(region, "admin", ERROR_INVALID, "batch",
              "operations=[{do=patch id=%s fields={parent=nil}} {do=patch id=%s fields={parent=%s}}"
              " {do=patch id=%s fields={parent=%s}}]",
              two, one, three, two, one);
    say_well(region, "admin", "patch", "id=%s fields={parent=nil}", two);
    say_well(region, "admin", "patch", "id=%s fields={parent=%s}", one, three);
}

/* The county follows the municipality, for inquiries and organisations. */
static void a_county_follows_its_municipality(void **state)
{
    (void)state;
    value_t made =
        say_well(region, "admin", "put", "kind=inquiry fields={title=x municipality=mun-1880}");
    say_expect(region, &made, "{fields={county=cty-18}}");
    made =
        say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    say_expect(region, &made, "{fields={county=cty-05}}");
    made = say_well(region, "admin", "patch", "id=org-1 fields={municipality=mun-0583}");
    say_expect(region, &made, "{fields={county=cty-05}}");
    made = say_well(region, "admin", "put",
                    "kind=organisation fields={name=regional types=[regional_body] county=cty-18}");
    say_expect(region, &made, "{fields={county=cty-18 municipality=nil}}");
}

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

static void a_period_has_its_direction(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880 period_from=2026-05-01 period_to=2026-05-01");
    error_t error = say_badly(region, "admin", ERROR_INVALID, "patch",
                              "id=inq-1 fields={period_to=2026-04-30}");
    assert_string_equal(error.field, "period_to");
    say_badly(region, "admin", ERROR_INVALID, "patch", "id=inq-1 fields={period_from=2026-06-01}");
    say_well(region, "admin", "patch", "id=inq-1 fields={period_from=nil}");
    say_well(region, "admin", "patch", "id=inq-1 fields={period_to=2026-04-30}");
}

/* Sent on and on, it comes back the way it went; what it was is kept through waiting. */
static void a_forwarded_inquiry_comes_back(void **state)
{
    (void)state;
    say_well(region, "admin", "put",
             "kind=municipality id=\"0513\" fields={name=Kinda county=cty-05}");
    put("inquiry", "title=x municipality=mun-1880");
    say_well(region, "admin", "move", "id=inq-1 verb=acknowledge");
    say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    value_t moved =
        say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0513}");
    say_expect(region, &moved, "{fields={state=new forwarded_from=[mun-1880 mun-0583]}}");
    moved =
        say_well(region, "admin", "move", "id=inq-1 verb=pause fields={waiting_until=2027-01-01}");
    moved = say_well(region, "admin", "move", "id=inq-1 verb=resume");
    say_expect(region, &moved, "{fields={state=new}}");
    moved = say_well(region, "admin", "move", "id=inq-1 verb=refuse fields={reason=no}");
    say_expect(region, &moved, "{fields={municipality=mun-0583 forwarded_from=[mun-1880]}}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(rules_belong_to_kinds),
        TEST(an_area_finds_its_parent),
        TEST(no_tree_leads_back),
        TEST(a_county_follows_its_municipality),
        TEST(staff_works_for_the_public),
        TEST(a_period_has_its_direction),
        TEST(a_forwarded_inquiry_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

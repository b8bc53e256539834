#include "region_fixture.h"

#include <string.h>

/* Pages of what is held on a person; the log of readings itself is in test_accesses, what a
   text may name in test_mentions, the stories in privacy.scn. */

static int open_people(void **state)
{
    open_region(state);
    say_user(region, "officer", "privacy", "");
    say_user(region, "local", "privacy", "municipalities=[mun-0583]");
    say_well(region, "admin", "put", "%s",
             "kind=person fields={name=\"Kontakt Ett\" email=\"ett@firm.example\" "
             "organisation=org-1}");
    return 0;
}

static value_t disclose(const char *part, const char *after)
{
    return say_well(region, "officer", "disclose", "person=per-1 purpose=sample part=%s after=%s",
                    part, after);
}

static const value_t *items_of(const value_t *page)
{
    return value_get(page, "items");
}

/* Newest first, each as it stood then. */
static void states_go_back_page_by_page(void **state)
{
    unsigned count = 0, n_pages = 0;
    const char *after = "nil";

    (void)state;
    for (unsigned i = 1; i <= 250; i++)
        say_well(region, "admin", "patch", "id=per-1 fields={phone=\"+4670%07u\"}", i);
    do {
        value_t page = disclose("states", after);
        const value_t *items = items_of(&page);
        for (uint32_t i = 0; i < items->count && count < 250; i++, count++)
            say_expect(region, &items->items[i],
                       arena_format(region_arena(region),
                                    "{actor=usr-1 record={fields={phone=\"+4670%07u\"}}}",
                                    250 - count));
        const value_t *next = value_get(&page, "next");
        after = next->form == VALUE_INTEGER
                    ? arena_format(region_arena(region), "%lld", (long long)next->integer)
                    : NULL;
        n_pages++;
    } while (after != NULL);
    assert_int_equal(count, 250);
    assert_int_equal(n_pages, 2);
}

/* By each field that names the person; what is of nobody in the officer's scope is counted. */
static void records_that_refer(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 201; i++)
        say_well(region, "admin", "put", "%s",
                 "kind=inquiry fields={title=x municipality=mun-1880 contact_person=per-1}");
    value_t page = disclose("records", "nil");
    assert_int_equal(items_of(&page)->count, 200);
    say_expect(region, &page, "{next=[contact_person inq-200]}");
    page = disclose("records", "[contact_person inq-200]");
    say_expect(region, &page, "{items=[{by=contact_person record={id=inq-201}}] next=nil}");
}

static void records_of_others_are_counted(void **state)
{
    (void)state;
    say_well(region, "admin", "put", "%s", "kind=person fields={name=x organisation=org-2}");
    say_well(region, "admin", "put", "%s",
             "kind=inquiry fields={title=x municipality=mun-1880 contact_person=per-2}");
    value_t page =
        say_well(region, "local", "disclose", "%s", "person=per-2 purpose=sample part=records");
    say_expect(region, &page, "{items=[] others=1}");
}

/* Under any name that the person ever had. */
static void texts_that_name(void **state)
{
    (void)state;
    say_well(region, "admin", "patch", "%s", "id=per-1 fields={name=\"Kontakt Nu\"}");
    say_well(region, "admin", "put", "%s",
             "kind=inquiry fields={title=x municipality=mun-1880 caller=\"Ett, Kontakt\"}");
    say_well(region, "admin", "put", "%s",
             "kind=inquiry fields={title=x municipality=mun-1880 caller=\"Kontakt Tre\"}");
    say_well(region, "admin", "put", "%s",
             "kind=inquiry fields={title=x municipality=mun-1880 "
             "description=\"Skriv till ett@firm.example\"}");
    value_t page = disclose("texts", "nil");
    say_expect(region, &page,
               "{items=[{in=[caller] record={id=inq-1}} {in=[description] record={id=inq-3}}] "
               "next=nil}");
    page = disclose("texts", "inq-1");
    say_expect(region, &page, "{items=[{record={id=inq-3}}]}");
}

/* That one looked is noted, also where nothing was found. */
static void a_disclosure_is_a_reading(void **state)
{
    (void)state;
    disclose("records", "nil");
    value_t page = disclose("reads", "nil");
    say_expect(region, &page, "{items=[{command=disclose purpose=sample subjects=[per-1]}]}");
    page = say_well(region, "officer", "accesses", "%s", "person=per-1 purpose=sample");
    say_expect(region, &page, "{items=[{command=disclose} {command=disclose}]}");
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *who, *command, *arguments, *field;
        error_code_t code;
    } rows[] = {
        {"officer", "disclose", "person=org-1 part=states", "person", ERROR_INVALID},
        {"officer", "disclose", "person=per-9 part=states", "person", ERROR_NOT_FOUND},
        {"local", "disclose", "person=per-1 part=states", "person", ERROR_NOT_ALLOWED},
        {"officer", "disclose", "person=per-1 part=all", "part", ERROR_INVALID},
        {"officer", "disclose", "person=per-1 part=states after=0", "after", ERROR_INVALID},
        {"officer", "disclose", "person=per-1 part=records after=[x inq-1]", "after",
         ERROR_INVALID},
        {"officer", "disclose", "person=per-1 part=records after=[title]", "after", ERROR_INVALID},
        {"officer", "disclose", "person=per-1 part=texts after=7", "after", ERROR_INVALID},
        {"officer", "accesses", "", "user", ERROR_REQUIRED},
        {"officer", "accesses", "user=per-1", "user", ERROR_INVALID},
        {"officer", "accesses", "user=usr-1 since=-1", "since", ERROR_INVALID},
        {"local", "accesses", "person=per-1", "person", ERROR_NOT_ALLOWED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = say_badly(region, rows[i].who, rows[i].code, rows[i].command,
                                  "purpose=sample %s", rows[i].arguments);
        assert_string_equal(error.field, rows[i].field);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_people, close_region)
    const struct CMUnitTest tests[] = {
        TEST(states_go_back_page_by_page),   TEST(records_that_refer),
        TEST(records_of_others_are_counted), TEST(texts_that_name),
        TEST(a_disclosure_is_a_reading),     TEST(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

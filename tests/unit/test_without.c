#include "region_fixture.h"

#include <string.h>

/* Organisations that nobody has been to, by the contacts that each reader sees. */

static int open_contacts(void **state)
{
    open_region(state);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]"); /* usr-2 */
    say_user(region, "motala", "broker", "municipalities=[mun-0583]"); /* usr-3 */
    for (int i = 3; i <= 6; i++)                                       /* org-3 to org-6 */
        say_well(region, "motala", "put",
                 "kind=organisation fields={name=\"Firma %d\" types=[employer] size=\"10-49\" "
                 "municipality=mun-0583}",
                 i);
    return 0;
}

/* A contact of Motala's with org-`number`; later than any test's clock. */
static void contact(int number, const char *day, const char *more)
{
    say_well(region, "motala", "put",
             "kind=contact fields={organisation=org-%d day=%s unit=org-2 broker=usr-3%s}", number,
             day, more);
}

#define SINCE(day) "without={kind=contact field=organisation where={day={from=" day "}}}"

/* The numbers of the employers that are listed, last one first. */
static const char *listed(const char *who, const char *without)
{
    value_t got =
        say_well(region, who, "list", "kind=organisation where={types=employer} %s", without);
    const value_t *records = value_get(&got, "records");
    char *numbers = arena_alloc(region_arena(region), 64);
    value_t counted =
        say_well(region, who, "count", "kind=organisation where={types=employer} %s", without);

    for (uint32_t i = 0; i < records->count; i++)
        strcat(numbers, strchr(value_get_text(&records->items[i], "id"), '-') + 1);
    assert_int_equal(value_get_integer(&counted, "count", -1), records->count);
    return numbers;
}

static void those_that_none_refers_to(void **state)
{
    (void)state;
    assert_string_equal(listed("orebro", SINCE("2060-01-01")), "6543");
    contact(3, "2060-03-01", "");
    contact(4, "2059-12-31", "");
    contact(4, "2059-11-30", "");
    contact(5, "2060-01-01", "");
    assert_string_equal(listed("orebro", SINCE("2060-01-01")), "64");
    assert_string_equal(listed("orebro", SINCE("2060-01-02")), "654");
    assert_string_equal(listed("orebro", SINCE("2059-12-01")), "6");
    assert_string_equal(listed("orebro", "without={kind=contact field=organisation}"), "6");
    assert_string_equal(
        listed("orebro", "without={kind=contact field=organisation where={how=visit}}"), "6543");
    contact(6, "2060-05-05", " how=visit");
    assert_string_equal(listed("orebro",
                               "without={kind=contact field=organisation "
                               "where={how=[visit phone] day={to=2060-05-05} state=planned}}"),
                        "543");
    /* Of any kind, by any reference. */
    say_well(region, "motala", "put", "kind=task fields={what=w about=org-5}");
    assert_string_equal(listed("orebro", "without={kind=task field=about}"), "643");
}

/* What hangs on a discreet inquiry is hidden: for others nobody has been there. */
static void a_contact_that_is_hidden_is_none(void **state)
{
    (void)state;
    say_well(region, "motala", "put", "kind=inquiry fields={title=t municipality=mun-0583}");
    contact(3, "2060-03-01", " inquiry=inq-1");
    assert_string_equal(listed("orebro", SINCE("2060-01-01")), "654");
    say_well(region, "motala", "patch", "id=inq-1 fields={discreet=true}");
    assert_string_equal(listed("orebro", SINCE("2060-01-01")), "6543");
    assert_string_equal(listed("motala", SINCE("2060-01-01")), "654");
    /* So is what a hidden field says. */
    contact(4, "2060-03-01", " summary=secret");
    assert_string_equal(listed("motala", "without={kind=contact field=organisation "
                                         "where={summary=secret}}"),
                        "653");
    assert_string_equal(listed("orebro", "without={kind=contact field=organisation "
                                         "where={summary=secret}}"),
                        "6543");
}

/* Records go on naming the one that was merged; the one that stands has been visited. */
static void a_contact_with_one_merged_into_it_counts(void **state)
{
    (void)state;
    contact(3, "2060-03-01", "");
    say_well(region, "motala", "patch", "id=org-3 fields={merged_into=org-4}");
    say_well(region, "motala", "patch", "id=org-4 fields={merged_into=org-5}");
    assert_string_equal(listed("orebro", SINCE("2060-01-01")), "6");
    say_well(region, "motala", "patch", "id=org-4 fields={merged_into=nil}");
    assert_string_equal(listed("orebro", SINCE("2060-01-01")), "65");
}

static void it_goes_on_page_by_page(void **state)
{
    (void)state;
    contact(4, "2060-03-01", "");
    value_t got = say_well(region, "orebro", "list",
                           "kind=organisation where={types=employer} limit=2 " SINCE("2060-01-01"));
    say_expect(region, &got, "{records=[{id=org-6} {id=org-5}] next=org-5}");
    got = say_well(
        region, "orebro", "list",
        "kind=organisation where={types=employer} limit=2 after=org-5 " SINCE("2060-01-01"));
    say_expect(region, &got, "{records=[{id=org-3}] next=nil}");
    got = say_well(region, "orebro", "export",
                   "kind=organisation where={types=employer} " SINCE("2060-01-01"));
    say_expect(region, &got, "{records=[{id=org-3} {id=org-5} {id=org-6}]}");
    got = say_well(region, "orebro", "list",
                   "kind=organisation where={types=employer} sort=name " SINCE("2060-01-01"));
    say_expect(region, &got, "{records=[{id=org-3} {id=org-5} {id=org-6}]}");
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        error_code_t code;
        const char *without;
    } wrong[] = {
        {ERROR_UNKNOWN_KIND, "{}"},
        {ERROR_UNKNOWN_KIND, "{kind=nothing field=organisation}"},
        {ERROR_INVALID, "{kind=contact}"},
        {ERROR_INVALID, "{kind=contact field=nothing}"},
        {ERROR_INVALID, "{kind=contact field=day}"},
        {ERROR_INVALID, "{kind=contact field=inquiry}"},
        {ERROR_INVALID, "{kind=contact field=organisation where={day=noday}}"},
        {ERROR_UNKNOWN_FIELD, "{kind=contact field=organisation where={nothing=1}}"},
        {ERROR_NOT_ALLOWED, "{kind=person field=organisation where={name=Someone}}"},
        {ERROR_NOT_ALLOWED, "{kind=person field=organisation where={expertise=x}}"},
        {ERROR_NOT_ALLOWED, "{kind=organisation field=parent where={number=\"5560360793\"}}"},
        {ERROR_TOO_LARGE, "{kind=contact field=organisation where={day=2060-01-01 how=visit "
                          "state=done broker=usr-2 unit=org-2 aim=a next_day=2060-01-01 "
                          "inquiry=inq-1 tags=t}}"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        say_badly(region, "orebro", wrong[i].code, "list", "kind=organisation without=%s",
                  wrong[i].without);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_contacts, close_region)
    const struct CMUnitTest tests[] = {
        TEST(those_that_none_refers_to),
        TEST(a_contact_that_is_hidden_is_none),
        TEST(a_contact_with_one_merged_into_it_counts),
        TEST(it_goes_on_page_by_page),
        TEST(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "dates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void every_day_is_the_one_that_the_c_library_has(void **state)
{
    (void)state;
    char text[DAY_TEXT_SIZE], expected[32];
    int64_t first, last, day;
    assert_true(day_parse("1900-01-01", &first));
    assert_true(day_parse("2200-12-31", &last));
    assert_int_equal(last - first + 1, 301 * 365 + 73);
    for (int64_t expected_day = first; expected_day <= last; expected_day++) {
        time_t seconds = (time_t)(expected_day * 86400);
        struct tm broken;
        gmtime_r(&seconds, &broken);
        strftime(expected, sizeof expected, "%Y-%m-%d", &broken);
        day_print(expected_day, text);
        assert_string_equal(text, expected);
        assert_true(day_parse(text, &day));
        assert_int_equal(day, expected_day);
    }
    day_print(first - 1, text);
    assert_string_equal(text, "");
    day_print(last + 1, text);
    assert_string_equal(text, "");
}

static void days_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "2026",       "2026-3-14",  "2026-03-14 ", " 2026-03-14", "2026/03/14",
        "2026-02-29", "2100-02-29", "2026-00-10", "2026-13-10",  "2026-04-31",  "2026-04-00",
        "1899-12-31", "2201-01-01", "20260314",   "2026-03-1",   "2026-0x-14",  "+026-03-14"};
    int64_t day;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(day_parse(wrong[i], &day));
    assert_true(day_parse("2028-02-29", &day));
    assert_true(day_parse("2000-02-29", &day));
}

static void instants_are_read_with_fraction_and_offset(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        const char *printed;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
        {"2026-03-14T09:00:00Z", 1773478800000, "2026-03-14T09:00:00Z"},
        {"2026-03-14T09:00Z", 1773478800000, "2026-03-14T09:00:00Z"},
        {"2026-03-14 09:00:00Z", 1773478800000, "2026-03-14T09:00:00Z"},
        {"2026-03-14T09:00:00.25Z", 1773478800250, "2026-03-14T09:00:00.250Z"},
        {"2026-03-14T09:00:00.007Z", 1773478800007, "2026-03-14T09:00:00.007Z"},
        {"2026-03-14T10:00:00+01:00", 1773478800000, "2026-03-14T09:00:00Z"},
        {"2026-03-14T00:30:00+02:00", 1773441000000, "2026-03-13T22:30:00Z"},
        {"2026-03-14T05:30:00-03:30", 1773478800000, "2026-03-14T09:00:00Z"},
        {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
        {"1900-01-01T00:00:00Z", -2208988800000, "1900-01-01T00:00:00Z"},
        {"2200-12-31T23:59:59Z", 7289654399000, "2200-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms;
        char text[INSTANT_TEXT_SIZE];
        assert_true(instant_parse(rows[i].text, &ms));
        assert_int_equal(ms, rows[i].ms);
        instant_print(ms, text);
        assert_string_equal(text, rows[i].printed);
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2026-03-14",
        "2026-03-14T",
        "2026-03-14T09",
        "2026-03-14T09:00:00",
        "2026-03-14T24:00:00Z",
        "2026-03-14T09:60:00Z",
        "2026-03-14T09:00:60Z",
        "2026-03-14T09:00:00.Z",
        "2026-03-14T09:00:00.0001Z",
        "2026-03-14T09:00:00z",
        "2026-03-14T09:00:00Zx",
        "2026-03-14T09:00:00+1:00",
        "2026-03-14T09:00:00+15:00",
        "2026-03-14T09:00:00+01:60",
        "2026-03-14T09:00:00+01:00x",
        "2026-02-30T09:00:00Z",
        "1900-01-01T00:30:00+01:00",
    };
    int64_t ms;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(instant_parse(wrong[i], &ms));
    char text[INSTANT_TEXT_SIZE];
    instant_print(INT64_MAX, text);
    assert_string_equal(text, "");
    instant_print(INT64_MIN, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_is_the_one_that_the_c_library_has),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(instants_are_read_with_fraction_and_offset),
        cmocka_unit_test(what_is_no_instant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

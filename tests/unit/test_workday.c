#include "workday.h"

#include "dates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int64_t day_of(const char *text)
{
    int64_t day = 0;

    assert_true(day_parse(text, &day));
    return day;
}

static void assert_free(const char *text, bool free)
{
    if (workday_is(day_of(text)) == free)
        fail_msg("%s is %sa working day", text, free ? "" : "not ");
}

/* Easter Sundays as the almanac has them; 1954, 1981, 2049 and 2076 are those at which
   Gauss's first rule went wrong, 2008 and 2038 nearly the earliest and the very last. */
static void easter_is_where_the_almanac_has_it(void **state)
{
    static const char *const sundays[] = {"1954-04-18", "1981-04-19", "2000-04-23", "2008-03-23",
                                          "2011-04-24", "2024-03-31", "2025-04-20", "2026-04-05",
                                          "2027-03-28", "2038-04-25", "2049-04-18", "2076-04-19"};

    (void)state;
    for (size_t i = 0; i < sizeof sundays / sizeof *sundays; i++) {
        static const struct {
            int after;
            bool free;
        } around[] = {{-3, false}, {-2, true},  {0, true},  {1, true},
                      {2, false},  {38, false}, {39, true}, {50, false}};
        for (size_t j = 0; j < sizeof around / sizeof *around; j++) {
            char text[DAY_TEXT_SIZE];
            day_print(day_of(sundays[i]) + around[j].after, text);
            assert_free(text, around[j].free);
        }
    }
}

static void the_year_has_its_holidays_and_eves(void **state)
{
    static const struct {
        const char *day;
        bool free;
    } rows[] = {
        {"2026-01-01", true},  {"2026-01-02", false}, {"2026-01-05", false}, {"2026-01-06", true},
        {"2026-04-02", false}, {"2026-04-30", false}, {"2026-05-01", true},  {"2025-06-06", true},
        {"2026-06-18", false}, {"2026-06-19", true},  {"2026-06-20", true},  {"2026-06-22", false},
        {"2026-06-12", false}, {"2026-06-26", false}, {"2020-06-19", true},  {"2021-06-25", true},
        {"2027-06-25", true},  {"2026-10-30", false}, {"2026-10-31", true},  {"2026-12-23", false},
        {"2026-12-24", true},  {"2026-12-25", true},  {"2029-12-26", true},  {"2026-12-28", false},
        {"2026-12-30", false}, {"2026-12-31", true},  {"2026-11-21", true},  {"2026-11-22", true},
        {"2026-11-23", false}, {"1968-12-31", true},  {"1968-12-30", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_free(rows[i].day, rows[i].free);
}

/* Counted by hand: weekdays less the holidays and eves that fall on them. */
static void a_year_has_so_many(void **state)
{
    static const struct {
        const char *first, *last;
        unsigned days;
    } rows[] = {{"2024-01-01", "2024-12-31", 251},
                {"2025-01-01", "2025-12-31", 249},
                {"2026-01-01", "2026-12-31", 251}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned days = 0;
        for (int64_t day = day_of(rows[i].first); day <= day_of(rows[i].last); day++)
            days += workday_is(day);
        assert_int_equal(days, rows[i].days);
    }
}

static void deadlines_pass_over_what_is_free_or_closed(void **state)
{
    const closed_t closed[] = {{day_of("2026-07-06"), day_of("2026-07-31")},
                               {day_of("2026-07-20"), day_of("2026-08-04")}};
    const struct {
        const char *from;
        unsigned n;
        size_t n_closed;
        const char *to;
    } rows[] = {
        {"2026-03-13", 0, 0, "2026-03-13"},  {"2026-03-13", 1, 0, "2026-03-16"},
        {"2026-03-14", 2, 0, "2026-03-17"},  {"2026-04-01", 2, 0, "2026-04-07"},
        {"2026-04-02", 10, 0, "2026-04-20"}, {"2026-06-18", 1, 0, "2026-06-22"},
        {"2026-12-22", 2, 0, "2026-12-28"},  {"2026-12-30", 1, 0, "2027-01-04"},
        {"2026-07-03", 1, 0, "2026-07-06"},  {"2026-07-03", 1, 1, "2026-08-03"},
        {"2026-07-03", 2, 2, "2026-08-06"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[DAY_TEXT_SIZE];
        day_print(workday_after(day_of(rows[i].from), rows[i].n, closed, rows[i].n_closed), text);
        assert_string_equal(text, rows[i].to);
    }
}

/* Closed for good: it ends all the same. */
static void there_is_an_end(void **state)
{
    const closed_t closed = {day_of("2026-01-01"), day_of("2200-12-31")};

    (void)state;
    assert_int_equal(workday_after(day_of("2026-03-13"), 2, &closed, 1), day_of("2200-12-31"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easter_is_where_the_almanac_has_it),
        cmocka_unit_test(the_year_has_its_holidays_and_eves),
        cmocka_unit_test(a_year_has_so_many),
        cmocka_unit_test(deadlines_pass_over_what_is_free_or_closed),
        cmocka_unit_test(there_is_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

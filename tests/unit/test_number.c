#include "number.h"

#include "schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void numbers_come_to_ten_digits(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        const char *digits;
        bool personal;
    } rows[] = {
        {"5566778899", "5566778899", false},    {"556677-8899", "5566778899", false},
        {"16556677-8899", "5566778899", false}, {"165566778899", "5566778899", false},
        {"212000-0142", "2120000142", false},   {"811218-9876", "8112189876", true},
        {"19811218-9876", "8112189876", true},  {"198112189876", "8112189876", true},
        {"811218+9876", "8112189876", true},    {"701063-2391", "7010632391", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char digits[NUMBER_TEXT_SIZE];
        assert_true(number_normalise(rows[i].written, digits));
        assert_string_equal(digits, rows[i].digits);
        assert_int_equal(number_is_personal(digits), rows[i].personal);
    }
}

static void every_other_check_digit_is_refused(void **state)
{
    (void)state;
    char digits[NUMBER_TEXT_SIZE], written[24];
    for (int last = 0; last < 10; last++) {
        snprintf(written, sizeof written, "556677-889%d", last);
        assert_int_equal(number_normalise(written, digits), last == 9);
    }
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "-",
        "556677889",
        "55667788999",
        "5566-778899",
        "556677--8899",
        "-5566778899",
        "5566778899-",
        "556677 8899",
        "55667x8899",
        "19556677-8899",
        "1655667788991655667788",
        "16811218-9876",
        "22811218-9876",
        "811318-9875", /* month 13, check digit holds */
        "810018-9870", /* month 0 */
        "811232-9878", /* day 32 */
        "811200-9876", /* day 0 */
    };
    char digits[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(number_normalise(wrong[i], digits));
}

/* Rows above that fail for their birthday must not fail for their check digit. */
static void birthdays_alone_are_what_is_wrong(void **state)
{
    (void)state;
    static const char *const stems[] = {"811318987", "810018987", "811232987", "811200987",
                                        "811292987"};
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        for (int last = 0; last < 10; last++) {
            char written[24], digits[NUMBER_TEXT_SIZE];
            snprintf(written, sizeof written, "%s%d", stems[i], last);
            assert_false(number_normalise(written, digits));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_to_ten_digits),
        cmocka_unit_test(every_other_check_digit_is_refused),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(birthdays_alone_are_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "workday.h"

#include "dates.h"

#include <stdlib.h>
#include <string.h>

enum { FRIDAY = 4, SATURDAY }; /* Monday is 0 */

static int weekday(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* Easter Day of the year that `text`, a day, begins with; by the rule of Meeus, Jones and
   Butcher. */
static int64_t easter(const char *text)
{
    int year = atoi(text), a = year % 19, b = year / 100, c = year % 100;
    int g = (b - (b + 8) / 25 + 1) / 3;
    int h = (19 * a + b - b / 4 - g + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    char march[] = "0000-03-01";
    int64_t first = 0;

    memcpy(march, text, 4);
    day_parse(march, &first);
    return first + h + l - 7 * m + 21;
}

/* Midsummer's Day and All Saints' are Saturdays, Easter Day and Whitsun Sundays: they need
   no rule of their own. */
static bool is_free(int64_t day, const char *text)
{
    static const char *const fixed[] = {"01-01", "01-06", "05-01", "06-06",
                                        "12-24", "12-25", "12-26", "12-31"};
    const char *date = text + 5;
    int64_t since_easter = day - easter(text);

    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(date, fixed[i]) == 0)
            return true;
    if (weekday(day) == FRIDAY && strcmp(date, "06-19") >= 0 && strcmp(date, "06-25") <= 0)
        return true; /* Midsummer's Eve */
    /* Good Friday, Easter Monday, Ascension Day */
    return since_easter == -2 || since_easter == 1 || since_easter == 39;
}

bool workday_is(int64_t day)
{
    char text[DAY_TEXT_SIZE];

    day_print(day, text);
    return weekday(day) < SATURDAY && *text != '\0' && !is_free(day, text);
}

static bool is_closed(int64_t day, const closed_t *closed, size_t n_closed)
{
    for (size_t i = 0; i < n_closed; i++)
        if (closed[i].from <= day && day <= closed[i].to)
            return true;
    return false;
}

int64_t workday_after(int64_t day, unsigned n, const closed_t *closed, size_t n_closed)
{
    char text[DAY_TEXT_SIZE];

    while (n > 0) {
        day_print(day + 1, text);
        if (*text == '\0')
            break;
        day++;
        n -= workday_is(day) && !is_closed(day, closed, n_closed);
    }
    return day;
}

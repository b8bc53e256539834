#include "dates.h"

#include <stddef.h>
#include <stdio.h>

#define YEAR_LEAST 1900
#define YEAR_MOST 2200
#define DAY_LEAST INT64_C(-25567) /* 1900-01-01 */
#define DAY_MOST INT64_C(84370)   /* 2200-12-31 */

static bool s_is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int s_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && s_is_leap(year));
}

/* Days from 1970-01-01 to the first of January of `year`. */
static int64_t s_year_start(int64_t year)
{
    int64_t before = year - 1;
    return (year - 1970) * 365 + (before / 4 - 1969 / 4) - (before / 100 - 1969 / 100) +
           (before / 400 - 1969 / 400);
}

/* `n` digits at `text` as a number, or -1. */
static int s_digits(const char *text, int n)
{
    int number = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/* The ten characters of a day; what follows is the caller's to look at. */
static bool s_day(const char *text, int64_t *day)
{
    int year = s_digits(text, 4);
    if (year < YEAR_LEAST || year > YEAR_MOST || text[4] != '-')
        return false;
    int month = s_digits(text + 5, 2);
    if (month < 1 || month > 12 || text[7] != '-')
        return false;
    int of_month = s_digits(text + 8, 2);
    if (of_month < 1 || of_month > s_month_days(year, month))
        return false;
    *day = s_year_start(year) + of_month - 1;
    for (int before = 1; before < month; before++)
        *day += s_month_days(year, before);
    return true;
}

bool day_parse(const char *text, int64_t *day)
{
    return s_day(text, day) && text[10] == '\0';
}

void day_print(int64_t day, char text[DAY_TEXT_SIZE])
{
    text[0] = '\0';
    if (day < DAY_LEAST || day > DAY_MOST)
        return;
    int64_t year = 1970 + day / 366;
    if (day < 0)
        year = YEAR_LEAST;
    while (s_year_start(year + 1) <= day)
        year++;
    int of_month = (int)(day - s_year_start(year)), month = 1;
    while (of_month >= s_month_days(year, month))
        of_month -= s_month_days(year, month++);
    snprintf(text, DAY_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u,
             (unsigned)(of_month + 1) % 100u);
}

bool instant_is_plausible(int64_t ms)
{
    return ms >= DAY_LEAST * DAY_MS && ms < (DAY_MOST + 1) * DAY_MS;
}

/* "Z" or "+01:00" and the end; minutes ahead of UTC. */
static bool s_zone(const char *text, int64_t *minutes)
{
    *minutes = 0;
    if (text[0] == 'Z')
        return text[1] == '\0';
    if (text[0] != '+' && text[0] != '-')
        return false;
    int hour = s_digits(text + 1, 2);
    if (hour < 0 || hour > 14 || text[3] != ':')
        return false;
    int minute = s_digits(text + 4, 2);
    if (minute < 0 || minute > 59 || text[6] != '\0')
        return false;
    *minutes = (text[0] == '-' ? -1 : 1) * (hour * 60 + minute);
    return true;
}

bool instant_parse(const char *text, int64_t *ms)
{
    int64_t day;
    if (!s_day(text, &day) || (text[10] != 'T' && text[10] != ' '))
        return false;
    int hour = s_digits(text + 11, 2);
    if (hour < 0 || hour > 23 || text[13] != ':')
        return false;
    int minute = s_digits(text + 14, 2);
    if (minute < 0 || minute > 59)
        return false;
    const char *rest = text + 16;
    int second = 0;
    int64_t fraction = 0;
    if (*rest == ':') {
        second = s_digits(rest + 1, 2);
        if (second < 0 || second > 59)
            return false;
        rest += 3;
        if (*rest == '.') {
            int n_digits = 0;
            for (rest++; *rest >= '0' && *rest <= '9' && n_digits < 3; rest++, n_digits++)
                fraction = fraction * 10 + (*rest - '0');
            if (n_digits == 0)
                return false;
            for (; n_digits < 3; n_digits++)
                fraction *= 10;
        }
    }
    int64_t zone_minutes;
    if (!s_zone(rest, &zone_minutes))
        return false;
    *ms = day * DAY_MS + ((hour * 60 + minute - zone_minutes) * 60 + second) * 1000 + fraction;
    return instant_is_plausible(*ms);
}

void instant_print(int64_t ms, char text[INSTANT_TEXT_SIZE])
{
    text[0] = '\0';
    if (!instant_is_plausible(ms))
        return;
    int64_t day = ms / DAY_MS - (ms % DAY_MS < 0);
    unsigned of_day = (unsigned)(ms - day * DAY_MS);
    char day_text[DAY_TEXT_SIZE];
    day_print(day, day_text);
    unsigned second = of_day / 1000 % 60, minute = of_day / 60000 % 60,
             hour = of_day / 3600000 % 24;
    if (of_day % 1000)
        snprintf(text, INSTANT_TEXT_SIZE, "%sT%02u:%02u:%02u.%03uZ", day_text, hour, minute, second,
                 of_day % 1000);
    else
        snprintf(text, INSTANT_TEXT_SIZE, "%sT%02u:%02u:%02uZ", day_text, hour, minute, second);
}

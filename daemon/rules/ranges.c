#include "ranges.h"

#include "clock.h"

#include <string.h>

bool ranges_days(const record_t *record, const char *from, const char *to, error_t *error)
{
    const char *first = record_get_text(record, from), *last = record_get_text(record, to);

    return first == NULL || last == NULL || strcmp(first, last) <= 0 ||
           error_set(error, ERROR_INVALID, to, "a day no earlier than %s", first);
}

bool ranges_numbers(const record_t *record, error_t *error)
{
    int64_t least = record_get_integer(record, "minimum", 0);
    int64_t most = record_get_integer(record, "maximum", INT64_MAX);

    return least <= most || error_set(error, ERROR_INVALID, "maximum", "a number of at least %lld",
                                      (long long)least);
}

bool ranges_to_come(draft_t *draft, const record_t *before, const record_t *after,
                    const char *field, error_t *error)
{
    const value_t *day = record_get(after, field);
    char today[11];

    if (day->form != VALUE_TEXT || (before != NULL && value_equal(record_get(before, field), day)))
        return true;
    clock_day(draft_now(draft), today);
    return strcmp(day->text, today) >= 0 ||
           error_set(error, ERROR_INVALID, field, "a day no earlier than %s", today);
}

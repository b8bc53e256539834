#include "number.h"

#include "schema.h"

#include <string.h>

bool number_is_personal(const char *ten_digits)
{
    return ten_digits[0] && ten_digits[1] && (ten_digits[2] == '0' || ten_digits[2] == '1');
}

static bool s_luhn(const char *digits)
{
    unsigned sum = 0;
    for (unsigned i = 0; digits[i]; i++) {
        unsigned digit = (unsigned)(digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += digit / 10 + digit % 10;
    }
    return sum % 10 == 0;
}

static bool s_birthday(const char *digits)
{
    int month = (digits[2] - '0') * 10 + digits[3] - '0';
    int day = (digits[4] - '0') * 10 + digits[5] - '0';
    if (day > 60)
        day -= 60;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool number_normalise(const char *text, char ten_digits[NUMBER_TEXT_SIZE])
{
    char digits[13];
    size_t n_digits = 0, sign_at = 0;
    for (; *text; text++) {
        if (*text >= '0' && *text <= '9' && n_digits < 12)
            digits[n_digits++] = *text;
        else if ((*text == '-' || *text == '+') && !sign_at && n_digits)
            sign_at = n_digits;
        else
            return false;
    }
    digits[n_digits] = '\0';
    if ((n_digits != 10 && n_digits != 12) || (sign_at && sign_at != n_digits - 4))
        return false;

    const char *last_ten = digits + (n_digits - 10);
    bool personal = number_is_personal(last_ten);
    if (n_digits == 12) {
        bool of_person = memcmp(digits, "18", 2) == 0 || memcmp(digits, "19", 2) == 0 ||
                         memcmp(digits, "20", 2) == 0;
        if (personal ? !of_person : memcmp(digits, "16", 2) != 0)
            return false;
    }
    if (!s_luhn(last_ten) || (personal && !s_birthday(last_ten)))
        return false;
    memcpy(ten_digits, last_ten, NUMBER_TEXT_SIZE);
    return true;
}

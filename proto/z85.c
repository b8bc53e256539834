#include "z85.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static const char digits[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

void z85_encode(const unsigned char *bytes, size_t size, char *text)
{
    assert(size % 4 == 0);
    for (size_t i = 0; i < size; i += 4) {
        uint32_t word = (uint32_t)bytes[i] << 24 | (uint32_t)bytes[i + 1] << 16 |
                        (uint32_t)bytes[i + 2] << 8 | bytes[i + 3];
        for (int j = 4; j >= 0; j--) {
            text[j] = digits[word % 85];
            word /= 85;
        }
        text += 5;
    }
    *text = '\0';
}

bool z85_decode(const char *text, unsigned char *bytes, size_t size)
{
    if (size % 4 != 0 || strlen(text) != size / 4 * 5)
        return false;
    for (size_t i = 0; i < size; i += 4) {
        uint64_t word = 0;
        for (int j = 0; j < 5; j++, text++) {
            const char *digit = strchr(digits, *text);
            if (!digit)
                return false;
            word = word * 85 + (uint64_t)(digit - digits);
        }
        if (word > UINT32_MAX)
            return false;
        for (int j = 3; j >= 0; j--) {
            bytes[i + (size_t)j] = (unsigned char)word;
            word >>= 8;
        }
    }
    return true;
}

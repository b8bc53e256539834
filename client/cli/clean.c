#include "clean.h"

#include <string.h>
#include <utf8proc.h>

bool clean_steers(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c;
}

const char *clean_text(const char *text, bool lines, arena_t *arena)
{
    size_t size = strlen(text), n = 0;
    char *clean = arena_alloc(arena, 3 * size + 1);
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    for (const utf8proc_uint8_t *end = at + size; at < end;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t step = utf8proc_iterate(at, end - at, &c);
        if (step <= 0) {
            step = 1;
            c = 0;
        }
        if (c == '\n' || c == '\t') {
            clean[n++] = (char)(lines ? c : ' ');
        } else if (clean_steers(c)) {
            memcpy(clean + n, "\xef\xbf\xbd", 3);
            n += 3;
        } else {
            memcpy(clean + n, at, (size_t)step);
            n += (size_t)step;
        }
        at += step;
    }
    return clean;
}

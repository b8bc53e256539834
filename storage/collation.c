#include "collation.h"

#include <pthread.h>
#include <string.h>
#include <unicode/ucol.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#define UNITS_MAX 512

static UCollator *collator;

static void open_collator(void)
{
    UErrorCode status = U_ZERO_ERROR;
    collator = ucol_open("sv", &status);
    if (U_FAILURE(status))
        collator = NULL;
}

bool collation_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_collator);
    return collator != NULL;
}

void collation_version(unsigned char version[COLLATION_VERSION_SIZE])
{
    UVersionInfo info;
    ucol_getVersion(collator, info);
    memcpy(version, info, COLLATION_VERSION_SIZE);
}

size_t collation_key(const char *text, size_t size, unsigned char *key, size_t room)
{
    UChar units[UNITS_MAX];
    int32_t n_units = 0, at = 0;
    int32_t length = (int32_t)size;
    while (at < length && n_units + 2 <= UNITS_MAX) {
        UChar32 point;
        U8_NEXT_OR_FFFD((const unsigned char *)text, at, length, point);
        U16_APPEND_UNSAFE(units, n_units, point);
    }
    int32_t needed = ucol_getSortKey(collator, units, n_units, key, (int32_t)room);
    /* It counts its closing NUL. */
    size_t made = needed > 0 ? (size_t)needed - 1 : 0;
    return made < room ? made : room;
}

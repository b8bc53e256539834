#include "retry.h"

#include <sys/random.h>
#include <time.h>

unsigned retry_pause_ms(unsigned failures, uint32_t random)
{
    if (failures == 0)
        return 0;
    unsigned whole = RETRY_FIRST_MS;
    for (unsigned i = 1; i < failures && whole < RETRY_MOST_MS; i++)
        whole *= 2;
    if (whole > RETRY_MOST_MS)
        whole = RETRY_MOST_MS;
    return whole / 2 + random % (whole / 2 + 1);
}

uint32_t retry_random(void)
{
    uint32_t random;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint32_t)time(NULL);
    return random;
}

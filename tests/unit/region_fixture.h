#ifndef SAMVERK_TEST_REGION_FIXTURE_H
#define SAMVERK_TEST_REGION_FIXTURE_H

/* A region of its own for each test, with places and its first administrator. */

#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static region_t *region;

static inline int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    return 0;
}

static inline int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

#endif

#ifndef SAMVERK_ARENA_FIXTURE_H
#define SAMVERK_ARENA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"

/* An arena that each test has to itself. */

static arena_t *arena;

static inline int arena_begin(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static inline int arena_end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

#define ARENA_TEST(test) cmocka_unit_test_setup_teardown(test, arena_begin, arena_end)

#endif

#ifndef SAMVERK_TEST_SCHEMA_FIXTURE_H
#define SAMVERK_TEST_SCHEMA_FIXTURE_H

/* The tables, started once, and an arena for each test. */

#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static arena_t *arena;

static inline int start(void **state)
{
    (void)state;
    return schema_start() ? 0 : -1;
}

static inline int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static inline int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

#endif

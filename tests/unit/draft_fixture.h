#ifndef SAMVERK_TEST_DRAFT_FIXTURE_H
#define SAMVERK_TEST_DRAFT_FIXTURE_H

/* A draft of the administrator's in a region of its own, for each test. */

#include "say.h"

#include "draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;
static store_txn_t *txn;
static draft_t *draft;
static arena_t *arena;
static error_t error;

static inline int open_draft(void **state)
{
    unsigned char key[32];

    (void)state;
    region = region_new();
    say_places(region);
    arena = arena_new();
    region_key("admin", key);
    txn = store_write(region_environment(region)->store);
    draft = draft_new(txn, access_of_key(txn, key, region_now(region), arena), region_now(region),
                      arena);
    memset(&error, 0, sizeof error);
    return 0;
}

static inline int close_draft(void **state)
{
    (void)state;
    store_abort(&txn);
    arena_destroy(&arena);
    region_destroy(&region);
    return 0;
}

#endif

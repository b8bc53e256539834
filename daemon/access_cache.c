#include "access_cache.h"

#include "clock.h"
#include "records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_SLOTS 1024u

typedef struct {
    unsigned char public_key[32];
    uint64_t rights_revision;
    uint64_t good_from_ms, good_until_ms; /* a clock that was ahead may be set back */
    arena_t *arena;
    const access_t *access;
} slot_t;

struct access_cache {
    slot_t slots[CACHE_SLOTS];
};

access_cache_t *access_cache_new(void)
{
    access_cache_t *self = calloc(1, sizeof *self);
    assert(self != NULL);
    return self;
}

void access_cache_destroy(access_cache_t **self_p)
{
    if (*self_p == NULL)
        return;
    for (unsigned i = 0; i < CACHE_SLOTS; i++)
        arena_destroy(&(*self_p)->slots[i].arena);
    free(*self_p);
    *self_p = NULL;
}

/* Grants end with a day and invitations at an instant: nothing is kept past either. */
static uint64_t good_until(const access_t *access, store_txn_t *txn, uint64_t now_ms,
                           arena_t *arena)
{
    uint64_t midnight = clock_next_day(now_ms);

    if (!access->invitation)
        return midnight;
    const record_t *key = records_get(txn, &access->key, arena);
    uint64_t expires = key != NULL ? (uint64_t)record_get_integer(key, "expires", 0) : 0;
    return expires < midnight ? expires : midnight;
}

const access_t *access_cached(access_cache_t *self, store_txn_t *txn,
                              const unsigned char public_key[32], uint64_t now_ms)
{
    /* Public keys are as good as random: four bytes spread them. */
    uint32_t hash;
    memcpy(&hash, public_key, sizeof hash);
    slot_t *slot = &self->slots[hash % CACHE_SLOTS];
    uint64_t revision = store_rights_revision(txn);

    if (slot->access != NULL && slot->rights_revision == revision && now_ms >= slot->good_from_ms &&
        now_ms < slot->good_until_ms && memcmp(slot->public_key, public_key, 32) == 0)
        return slot->access;
    if (slot->arena == NULL)
        slot->arena = arena_new();
    arena_reset(slot->arena);
    memcpy(slot->public_key, public_key, 32);
    slot->rights_revision = revision;
    slot->access = access_of_key(txn, public_key, now_ms, slot->arena);
    slot->good_from_ms = now_ms;
    slot->good_until_ms = good_until(slot->access, txn, now_ms, slot->arena);
    return slot->access;
}

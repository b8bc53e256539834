#include "region_fixture.h"

#include "access_cache.h"

#include <string.h>

static store_txn_t *begin(void)
{
    return store_read(region_environment(region)->store);
}

static void what_is_cached_ends_with_the_day_and_with_rights(void **state)
{
    access_cache_t *cache = access_cache_new();
    unsigned char key[32];

    (void)state;
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    value_t grants = say_well(region, "admin", "list", "kind=grant where={user=usr-2}");
    const char *grant = value_get_text(&value_get(&grants, "records")->items[0], "id");
    say_well(region, "admin", "patch", "id=%s fields={until=2026-03-14}", grant);
    region_key("broker", key);
    store_txn_t *txn = begin();
    uint64_t now = region_now(region);
    const access_t *access = access_cached(cache, txn, key, now);
    assert_int_equal(access->roles, ROLE_BIT(ROLE_broker));
    assert_ptr_equal(access_cached(cache, txn, key, now + 1000), access);
    assert_int_equal(access_cached(cache, txn, key, now + 86400000)->roles, 0);
    assert_int_equal(access_cached(cache, txn, key, now)->roles, ROLE_BIT(ROLE_broker));
    store_abort(&txn);

    /* Not when something else changes, but at once when a grant does. */
    say_well(region, "admin", "put", "kind=county id=\"99\" fields={name=x}");
    say_well(region, "admin", "delete", "id=%s", grant);
    txn = begin();
    assert_int_equal(access_cached(cache, txn, key, now)->roles, 0);
    store_abort(&txn);

    /* An invitation to the millisecond. */
    say_well(region, "admin", "invite", "name=late role=viewer public_key=@late");
    region_key("late", key);
    txn = begin();
    assert_true(access_cached(cache, txn, key, now + 86400000 - 1)->invitation);
    assert_false(access_cached(cache, txn, key, now + 86400000)->invitation);
    store_abort(&txn);
    access_cache_destroy(&cache);
    assert_null(cache);
}

/* More keys than there are slots: each is still answered as itself. */
static void many_keys_share_the_slots(void **state)
{
    access_cache_t *cache = access_cache_new();
    unsigned char key[32], admin[32];
    uint64_t now = region_now(region);

    (void)state;
    region_key("admin", admin);
    store_txn_t *txn = begin();
    for (unsigned i = 0; i < 3000; i++) {
        region_key(arena_format(region_arena(region), "stranger %u", i), key);
        assert_false(access_cached(cache, txn, key, now)->valid);
        assert_true(access_cached(cache, txn, admin, now)->valid);
    }
    store_abort(&txn);
    access_cache_destroy(&cache);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(what_is_cached_ends_with_the_day_and_with_rights),
        TEST(many_keys_share_the_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

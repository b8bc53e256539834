#include "deadline.h"

#include "draft_fixture.h"

/* It is Saturday 2026-03-14. */
static void assert_after(unsigned n, const char *day)
{
    value_t value = deadline_after(draft, n);

    assert_string_equal(value.text, day);
}

static void so_many_working_days_from_now(void **state)
{
    (void)state;
    assert_after(1, "2026-03-16");
    assert_after(2, "2026-03-17");
    assert_after(15, "2026-04-07"); /* over Easter */
}

static void closures_are_passed_over(void **state)
{
    static const char *const closures[] = {"from=2026-02-01 to=2026-03-16",
                                           "from=2026-03-18 to=2026-03-20",
                                           "from=2026-01-07 to=2026-03-13"};

    (void)state;
    store_abort(&txn);
    for (size_t i = 0; i < sizeof closures / sizeof *closures; i++)
        say_well(region, "admin", "put", "kind=closure fields={%s text=x}", closures[i]);
    txn = store_write(region_environment(region)->store);
    draft = draft_new(txn, &access_daemon, region_now(region), arena);
    assert_after(1, "2026-03-17");
    assert_after(2, "2026-03-23");
}

/* The region's day, which begins an hour before that of UTC: it is Monday there. */
static void from_the_local_day(void **state)
{
    (void)state;
    draft = draft_new(txn, &access_daemon, region_now(region) + (uint64_t)(39 * 60 + 30) * 60000,
                      arena);
    assert_after(1, "2026-03-17");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_draft, close_draft)
    const struct CMUnitTest tests[] = {
        TEST(so_many_working_days_from_now),
        TEST(closures_are_passed_over),
        TEST(from_the_local_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

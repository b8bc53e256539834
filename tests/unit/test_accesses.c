#include "say.h"

#include "reads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Pages of the log of readings; whose they are told to is in privacy.scn. */

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "officer", "privacy", "");
    say_user(region, "local", "privacy", "municipalities=[mun-0583]");
    say_well(region, "admin", "put", "kind=person fields={name=x organisation=org-1}");
    say_well(region, "admin", "put", "kind=person fields={name=x organisation=org-2}");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

/* So many readings in each of so many milliseconds, numbered in their purpose. */
static void read_often(unsigned each, unsigned instants, const char *const *subjects)
{
    store_txn_t *txn = store_write(region_environment(region)->store);
    char purpose[32];

    for (unsigned i = 0; i < each * instants; i++) {
        snprintf(purpose, sizeof purpose, "%u", i);
        read_t read = {.time_ms = 1000 + i / each,
                       .user = "usr-1",
                       .command = "get",
                       .purpose = purpose,
                       .subjects = subjects};
        reads_append(txn, &read);
    }
    assert_int_equal(store_commit(&txn), 0);
}

/* All pages in order: every reading once, its own among them in the end. */
static unsigned all_pages(const char *who, unsigned *n_pages)
{
    unsigned count = 0;
    arena_t *arena = region_arena(region);
    const char *after = "nil";

    *n_pages = 0;
    do {
        value_t page =
            say_well(region, who, "accesses", "user=usr-1 purpose=sample after=%s", after);
        const value_t *items = value_get(&page, "items");
        for (uint32_t i = 0; i < items->count; i++, count++) {
            char number[32];
            snprintf(number, sizeof number, "%u", count);
            assert_string_equal(value_get_text(&items->items[i], "purpose"), number);
        }
        const value_t *next = value_get(&page, "next");
        after = next->form == VALUE_LIST
                    ? arena_format(arena, "[%lld %lld]", (long long)next->items[0].integer,
                                   (long long)next->items[1].integer)
                    : NULL;
        ++*n_pages;
    } while (after != NULL);
    return count;
}

static void each_reading_once_whatever_page_it_is_on(void **state)
{
    static const char *const subjects[] = {"per-1", NULL};
    unsigned n_pages;

    (void)state;
    read_often(150, 5, subjects); /* pages end within an instant */
    assert_int_equal(all_pages("officer", &n_pages), 750);
    assert_int_equal(n_pages, 4);
}

static void of_the_own_scope_alone(void **state)
{
    static const char *const both[] = {"per-1", "per-2", "per-99", NULL};
    unsigned n_pages;

    (void)state;
    read_often(1, 3, both);
    assert_int_equal(all_pages("local", &n_pages), 3);
    value_t page = say_well(region, "local", "accesses", "%s", "user=usr-1 purpose=sample");
    say_expect(region, &page, "{items=[* * {subjects=[per-2]}] next=nil}");
    page = say_well(region, "officer", "accesses", "%s", "user=usr-1 purpose=sample");
    say_expect(region, &page, "{items=[* * {subjects=[per-1 per-2 per-99]}]}");
}

/* Whose scope is not the whole has each of them placed: that is work, too. */
static void a_page_looks_at_so_many_people(void **state)
{
    const char *many[501] = {NULL};

    (void)state;
    for (unsigned i = 0; i < 500; i++)
        many[i] = "per-1";
    read_often(1, 50, many);
    value_t page = say_well(region, "local", "accesses", "%s", "user=usr-1 purpose=sample");
    say_expect(region, &page, "{items=[] next=[1039 1]}");
    page = say_well(region, "local", "accesses", "%s", "user=usr-1 purpose=sample after=[1039 1]");
    say_expect(region, &page, "{items=[] next=nil}");
}

static void a_search_that_found_nobody(void **state)
{
    static const char *const nobody[] = {NULL};

    (void)state;
    read_often(1, 1, nobody);
    value_t page = say_well(region, "officer", "accesses", "%s", "user=usr-1 purpose=sample");
    say_expect(region, &page, "{items=[{purpose=\"0\" subjects=[]}]}");
    page = say_well(region, "officer", "accesses", "%s", "person=per-1 purpose=sample");
    say_expect(region, &page, "{items=[]}");
}

static void cursors_of_ours_alone(void **state)
{
    (void)state;
    for (const char *const *after = (const char *[]){"x", "1", "[1]", "[1 x]", "{a=1}", NULL};
         *after != NULL; after++)
        say_badly(region, "officer", ERROR_INVALID, "accesses",
                  "user=usr-1 purpose=sample after=%s", *after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_reading_once_whatever_page_it_is_on, open_region,
                                        close_region),
        cmocka_unit_test_setup_teardown(of_the_own_scope_alone, open_region, close_region),
        cmocka_unit_test_setup_teardown(a_page_looks_at_so_many_people, open_region, close_region),
        cmocka_unit_test_setup_teardown(a_search_that_found_nobody, open_region, close_region),
        cmocka_unit_test_setup_teardown(cursors_of_ours_alone, open_region, close_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

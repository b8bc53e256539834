#include "demand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;
static demand_t *demand;

static int begin(void **state)
{
    (void)state;
    arena = arena_new();
    demand = demand_new(arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* So many more ask, from this number on. */
static void ask(const char *cell, uint64_t from, unsigned count, demand_fate_t fate)
{
    for (unsigned i = 0; i < count; i++)
        demand_add(demand, cell, from + i, fate);
}

static demand_cell_t told(const char *name)
{
    const demand_cell_t *cells;
    size_t n = demand_cells(demand, &cells);

    for (size_t i = 0; i < n; i++)
        if (strcmp(cells[i].cell, name) == 0)
            return cells[i];
    return (demand_cell_t){0};
}

static void figures_are_whole_fives(void **state)
{
    static const int64_t figures[] = {0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10};
    char name[16];

    (void)state;
    for (unsigned count = 1; count < sizeof figures / sizeof *figures; count++) {
        snprintf(name, sizeof name, "%u", count);
        ask(name, 1, count, DEMAND_ASKED);
        assert_int_equal(told(name).counts[DEMAND_ASKED], figures[count]);
        assert_true((told(name).cell != NULL) == (count >= DEMAND_LEAST));
    }
}

/* Who asks ten times is one; in another cell, one there too. */
static void everyone_counts_once_in_a_cell(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        ask("a", 1, 4, DEMAND_ASKED);
    assert_null(told("a").cell);
    ask("a", 5, 1, DEMAND_ASKED);
    ask("b", 1, 5, DEMAND_ASKED);
    assert_int_equal(told("a").counts[DEMAND_ASKED], 5);
    assert_int_equal(told("b").counts[DEMAND_ASKED], 5);
}

/* Some are met in one thing and not in another. */
static void fates_count_by_themselves(void **state)
{
    (void)state;
    ask("a", 1, 12, DEMAND_ASKED);
    ask("a", 1, 6, DEMAND_MET);
    ask("a", 1, 6, DEMAND_MET);
    ask("a", 4, 6, DEMAND_UNMET);
    assert_int_equal(told("a").counts[DEMAND_ASKED], 10);
    assert_int_equal(told("a").counts[DEMAND_MET], 5);
    assert_int_equal(told("a").counts[DEMAND_UNMET], 5);
    ask("b", 1, 20, DEMAND_ASKED);
    ask("b", 1, 4, DEMAND_UNMET);
    assert_int_equal(told("b").counts[DEMAND_UNMET], 0);
}

#define CELLS 3000u

static void many_cells_come_in_order(void **state)
{
    const demand_cell_t *cells;
    char name[16];

    (void)state;
    for (unsigned i = CELLS; i > 0; i--) {
        snprintf(name, sizeof name, "%05u", i);
        ask(name, i % 7, 5 + i % 2, DEMAND_MET);
    }
    assert_int_equal(demand_cells(demand, &cells), CELLS);
    for (unsigned i = 0; i < CELLS; i++) {
        assert_int_equal(cells[i].counts[DEMAND_MET], 5);
        assert_true(i == 0 || strcmp(cells[i - 1].cell, cells[i].cell) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_are_whole_fives, begin, end),
        cmocka_unit_test_setup_teardown(everyone_counts_once_in_a_cell, begin, end),
        cmocka_unit_test_setup_teardown(fates_count_by_themselves, begin, end),
        cmocka_unit_test_setup_teardown(many_cells_come_in_order, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void doubles_up_to_a_limit(void **state)
{
    (void)state;
    assert_int_equal(retry_pause_ms(0, 12345), 0);
    unsigned whole = RETRY_FIRST_MS;
    for (unsigned failures = 1; failures < 40; failures++) {
        assert_int_equal(retry_pause_ms(failures, 0), whole / 2);
        assert_int_equal(retry_pause_ms(failures, whole / 2), whole);
        whole = 2 * whole < RETRY_MOST_MS ? 2 * whole : RETRY_MOST_MS;
    }
    assert_in_range(retry_pause_ms(UINT32_MAX, UINT32_MAX), RETRY_MOST_MS / 2, RETRY_MOST_MS);
}

static void jitters(void **state)
{
    (void)state;
    unsigned different = 0, first = retry_pause_ms(8, retry_random());
    for (int i = 0; i < 50; i++)
        different += retry_pause_ms(8, retry_random()) != first;
    assert_true(different > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_up_to_a_limit),
        cmocka_unit_test(jitters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* As other makers of BLAKE2b have it: stores that are there hold these. */
static const unsigned char of_nothing[] = {0xca, 0xe6, 0x69, 0x41, 0xd9, 0xef, 0xbd, 0x40};
static const unsigned char of_abc[] = {0xcf, 0x4a, 0xb7, 0x91, 0xc6, 0x2b, 0x8d, 0x2b};

static void it_is_the_beginning_of_a_blake2b(void **state)
{
    (void)state;
    unsigned char sum[CHECKSUM_SIZE + 1] = {[CHECKSUM_SIZE] = 0x5a};
    assert_int_equal(sizeof of_abc, CHECKSUM_SIZE);
    checksum_of(NULL, 0, sum);
    assert_memory_equal(sum, of_nothing, CHECKSUM_SIZE);
    checksum_of(&(db_view_t){.data = "abc", .size = 3}, 1, sum);
    assert_memory_equal(sum, of_abc, CHECKSUM_SIZE);
    assert_int_equal(sum[CHECKSUM_SIZE], 0x5a);
}

static void parts_follow_one_another(void **state)
{
    (void)state;
    static const db_view_t parts[] = {{"a", 1}, {"", 0}, {"bc", 2}};
    static const db_view_t turned[] = {{"bc", 2}, {"a", 1}};
    unsigned char sum[CHECKSUM_SIZE];
    checksum_of(parts, 3, sum);
    assert_memory_equal(sum, of_abc, CHECKSUM_SIZE);
    checksum_of(turned, 2, sum);
    assert_memory_not_equal(sum, of_abc, CHECKSUM_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_beginning_of_a_blake2b),
        cmocka_unit_test(parts_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

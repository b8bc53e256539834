#include "collation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 400u

static int start(void **state)
{
    (void)state;
    return collation_start() ? 0 : -1;
}

static int compare(const char *a, const char *b)
{
    unsigned char left[ROOM + 1] = {0}, right[ROOM + 1] = {0};
    collation_key(a, strlen(a), left, ROOM);
    collation_key(b, strlen(b), right, ROOM);
    return strcmp((const char *)left, (const char *)right);
}

static void a_ring_a_diaeresis_o_come_last(void **state)
{
    (void)state;
    assert_true(compare("Z", "Å") < 0);
    assert_true(compare("Åmål", "Ängelholm") < 0);
    assert_true(compare("Ängelholm", "Örebro") < 0);
    assert_true(compare("Aneby", "Åmål") < 0);
    assert_true(compare("valla", "Vallda") < 0);
    assert_true(compare("Linköping", "linköping") != 0);
    assert_int_equal(compare("Motala", "Motala"), 0);
}

static void a_key_is_cut_and_has_no_nul(void **state)
{
    (void)state;
    char *text = malloc(20001);
    memset(text, 'a', 20000);
    text[20000] = 0;
    unsigned char key[ROOM];
    memset(key, 0, sizeof key);
    assert_int_equal(collation_key(text, 20000, key, ROOM), ROOM);
    assert_null(memchr(key, 0, ROOM));
    unsigned char less[8];
    assert_int_equal(collation_key(text, 20000, less, sizeof less), sizeof less);
    assert_memory_equal(less, key, sizeof less);
    free(text);
    assert_int_equal(collation_key("", 0, key, ROOM) < 8, 1);
}

static void bad_bytes_do_no_harm(void **state)
{
    (void)state;
    unsigned char key[ROOM];
    assert_true(collation_key("\xff\xfe\xf0\x9f", 4, key, ROOM) > 0);
}

static void the_version_is_known(void **state)
{
    (void)state;
    static const unsigned char zeros[COLLATION_VERSION_SIZE];
    unsigned char version[COLLATION_VERSION_SIZE];
    collation_version(version);
    assert_memory_not_equal(version, zeros, sizeof version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_a_diaeresis_o_come_last),
        cmocka_unit_test(a_key_is_cut_and_has_no_nul),
        cmocka_unit_test(bad_bytes_do_no_harm),
        cmocka_unit_test(the_version_is_known),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

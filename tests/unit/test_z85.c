#include "z85.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The example of ZeroMQ RFC 32. */
static const unsigned char example[8] = {0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B};

static void the_example_of_the_rfc(void **state)
{
    (void)state;
    char text[11];
    z85_encode(example, sizeof example, text);
    assert_string_equal(text, "HelloWorld");
    unsigned char bytes[8];
    assert_true(z85_decode("HelloWorld", bytes, sizeof bytes));
    assert_memory_equal(bytes, example, sizeof example);
}

static void keys_come_back_as_they_were(void **state)
{
    (void)state;
    unsigned char key[Z85_KEY_SIZE], back[Z85_KEY_SIZE];
    char text[Z85_KEY_TEXT_SIZE];
    for (unsigned seed = 0; seed < 256; seed++) {
        for (unsigned i = 0; i < sizeof key; i++)
            key[i] = (unsigned char)(seed ^ i * 37);
        z85_encode(key, sizeof key, text);
        assert_int_equal(strlen(text), Z85_KEY_TEXT_SIZE - 1);
        assert_true(z85_decode(text, back, sizeof back));
        assert_memory_equal(back, key, sizeof key);
    }
    memset(key, 0xff, sizeof key);
    z85_encode(key, sizeof key, text);
    assert_true(z85_decode(text, back, sizeof back));
    assert_memory_equal(back, key, sizeof key);
}

static void what_is_no_encoding_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[8];
    static const char *const wrong[] = {"",           "HelloWorl",  "HelloWorlds", "Hello,orld",
                                        "Hello orld", "Hello\"orl", "#####Hello",  "%nSc1World"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(z85_decode(wrong[i], bytes, sizeof bytes));
    assert_true(z85_decode("%nSc0World", bytes, sizeof bytes));
    assert_false(z85_decode("HelloW", bytes, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc),
        cmocka_unit_test(keys_come_back_as_they_were),
        cmocka_unit_test(what_is_no_encoding_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

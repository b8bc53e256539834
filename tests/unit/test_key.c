#include "key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int start(void **state)
{
    (void)state;
    return schema_start() ? 0 : -1;
}

static db_key_t integer_key(int64_t value)
{
    db_key_t key;
    key_start(&key);
    key_add_integer(&key, value);
    return key;
}

static void numbers_are_big_endian(void **state)
{
    (void)state;
    db_key_t key;
    key_start(&key);
    key_add_u8(&key, 0x01);
    key_add_u16(&key, 0x0203);
    key_add_u32(&key, 0x04050607);
    key_add_u64(&key, UINT64_C(0x08090a0b0c0d0e0f));
    assert_int_equal(key.size, 15);
    for (unsigned i = 0; i < 15; i++)
        assert_int_equal(key.bytes[i], i + 1);
}

static void integers_sort_across_zero(void **state)
{
    (void)state;
    static const int64_t values[] = {INT64_MIN, -256, -1, 0, 1, 255, 256, INT64_MAX};
    for (unsigned i = 1; i < sizeof values / sizeof *values; i++) {
        db_key_t less = integer_key(values[i - 1]), more = integer_key(values[i]);
        assert_true(db_view_compare(key_view(&less), key_view(&more)) < 0);
    }
}

static void text_ends_so_that_no_key_begins_another(void **state)
{
    (void)state;
    db_key_t shorter, longer;
    key_start(&shorter);
    key_add_text(&shorter, "ab");
    key_add_u8(&shorter, 0xff);
    key_start(&longer);
    key_add_text(&longer, "abc");
    assert_true(db_view_compare(key_view(&shorter), key_view(&longer)) < 0);
    assert_false(db_view_begins(key_view(&longer), key_view(&shorter)));
}

static void ids_go_in_and_come_back(void **state)
{
    (void)state;
    static const char *const ids[] = {"inq-1", "inq-18446744073709551615", "mun-1880", "are-01",
                                      "are-001"};
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
        record_id_t id, back;
        db_key_t key;
        assert_true(record_id_parse(&id, ids[i], NULL));
        key_start(&key);
        key_add_id(&key, &id);
        db_view_t rest = key_view(&key);
        assert_true(key_take_id(&rest, &back));
        assert_int_equal(rest.size, 0);
        assert_string_equal(back.text, ids[i]);
        assert_ptr_equal(back.kind, id.kind);
        assert_int_equal(back.number, id.number);
    }
}

static void numbered_ids_sort_by_number(void **state)
{
    (void)state;
    record_id_t nine, ten;
    db_key_t a, b;
    assert_true(record_id_parse(&nine, "inq-9", NULL));
    assert_true(record_id_parse(&ten, "inq-10", NULL));
    key_start(&a);
    key_add_id(&a, &nine);
    key_start(&b);
    key_add_id(&b, &ten);
    assert_true(db_view_compare(key_view(&a), key_view(&b)) < 0);
}

static void after_is_past_all_that_begin_with_it(void **state)
{
    (void)state;
    db_key_t key = {.size = 3, .bytes = {1, 0xff, 0xff}};
    assert_true(key_after(&key));
    assert_int_equal(key.size, 1);
    assert_int_equal(key.bytes[0], 2);
    db_key_t last = {.size = 2, .bytes = {0xff, 0xff}};
    assert_false(key_after(&last));
    db_key_t empty = {.size = 0};
    assert_false(key_after(&empty));
}

static void what_is_not_there_is_not_taken(void **state)
{
    (void)state;
    static const unsigned char bytes[] = {0, 13, 0, 0, 0};
    db_view_t rest = {.data = bytes, .size = sizeof bytes};
    record_id_t id;
    uint64_t number;
    const char *text;
    assert_false(key_take_u64(&rest, &number));
    assert_int_equal(rest.size, sizeof bytes);
    assert_false(key_take_id(&rest, &id));
    db_view_t unended = {.data = "abc", .size = 3};
    assert_false(key_take_text(&unended, &text));
    static const unsigned char unknown[] = {0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 1};
    db_view_t other = {.data = unknown, .size = sizeof unknown};
    assert_false(key_take_id(&other, &id));
    static const unsigned char zero[] = {0, 13, 0, 0, 0, 0, 0, 0, 0, 0};
    db_view_t none = {.data = zero, .size = sizeof zero};
    assert_false(key_take_id(&none, &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(integers_sort_across_zero),
        cmocka_unit_test(text_ends_so_that_no_key_begins_another),
        cmocka_unit_test(ids_go_in_and_come_back),
        cmocka_unit_test(numbered_ids_sort_by_number),
        cmocka_unit_test(after_is_past_all_that_begin_with_it),
        cmocka_unit_test(what_is_not_there_is_not_taken),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

#include "schema_fixture.h"

#include "id_set.h"

static void they_come_in_order_and_each_once(void **state)
{
    static const unsigned numbers[] = {10, 9, 100, 10, 1, 9, 10};
    id_set_t set = {.arena = arena};

    (void)state;
    id_set_settle(&set);
    assert_int_equal(set.count, 0);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        record_id_t id = record_id_numbered(schema_kind("inquiry"), numbers[i]);
        assert_true(id_set_add(&set, &id));
    }
    id_set_settle(&set);
    assert_int_equal(set.count, 4);
    assert_string_equal(set.ids[0].text, "inq-1");
    assert_string_equal(set.ids[1].text, "inq-9");
    assert_string_equal(set.ids[2].text, "inq-10");
    assert_string_equal(set.ids[3].text, "inq-100");
}

static void it_has_an_end(void **state)
{
    id_set_t set = {.arena = arena};
    record_id_t id;

    (void)state;
    for (unsigned i = ID_SET_MAX; i > 0; i--) {
        id = record_id_numbered(schema_kind("inquiry"), i);
        assert_true(id_set_add(&set, &id));
    }
    assert_false(id_set_add(&set, &id));
    id_set_settle(&set);
    assert_int_equal(set.count, ID_SET_MAX);
    assert_int_equal(set.ids[0].number, 1);
    assert_int_equal(set.ids[ID_SET_MAX - 1].number, ID_SET_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
    const struct CMUnitTest tests[] = {
        TEST(they_come_in_order_and_each_once),
        TEST(it_has_an_end),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

#include "index_key.h"

#include "collation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char long_text[4001];

static int start(void **state)
{
    (void)state;
    memset(long_text, 'w', sizeof long_text - 1);
    return schema_start() && collation_start() ? 0 : -1;
}

/* An index over several fields of one type, as a table may come to have. */
static index_t index_over(const field_t *field, unsigned n_fields)
{
    index_t index = {.number = 0xabcdef01, .n_fields = n_fields};
    for (unsigned i = 0; i < n_fields; i++)
        index.fields[i] = field;
    return index;
}

static void every_type_fits_with_the_longest_id(void **state)
{
    (void)state;
    const kind_t *area = schema_kind("area");
    record_id_t id, back;
    char code[RECORD_ID_MAX];
    memset(code, '1', sizeof code);
    code[RECORD_ID_MAX - strlen(area->prefix) - 2] = 0;
    assert_true(record_id_coded(&id, area, code));
    for (unsigned type = 0; type < TYPES; type++) {
        field_t field = {.name = "any", .type = (type_t)type};
        for (unsigned n_fields = 1; n_fields <= SCHEMA_INDEX_FIELDS_MAX; n_fields++) {
            index_t index = index_over(&field, n_fields);
            value_t value = value_text(long_text);
            if (type == TYPE_BOOLEAN)
                value = value_boolean(true);
            else if (type == TYPE_KEY)
                value = value_bytes(long_text, 32);
            else if (type == TYPE_INTEGER || type == TYPE_INSTANT || type == TYPE_MONEY ||
                     type == TYPE_DEGREES || type == TYPE_TENTHS)
                value = value_integer(INT64_MIN);
            db_key_t key;
            index_key_start(&key, area, &index);
            for (unsigned i = 0; i < n_fields; i++)
                assert_true(index_key_add(&key, &index, i, &value));
            assert_true(key.size + RECORD_ID_MAX <= DB_KEY_MAX);
            key_add_own_id(&key, &id);
            assert_true(index_key_id(key_view(&key), area, &index, &back));
            assert_string_equal(back.text, id.text);
        }
    }
}

static void what_does_not_fit_its_type_has_no_place(void **state)
{
    (void)state;
    const kind_t *county = schema_kind("county");
    field_t field = {.name = "any", .type = TYPE_TEXT};
    index_t index = index_over(&field, 1);
    value_t sealed = value_bytes(long_text, 100);
    db_key_t key;
    index_key_start(&key, county, &index);
    size_t size = key.size;
    assert_false(index_key_add(&key, &index, 0, &sealed));
    assert_int_equal(key.size, size);
    field.type = TYPE_KEY;
    assert_false(index_key_add(&key, &index, 0, &sealed));
    assert_int_equal(key.size, size);
}

static void a_key_of_another_index_gives_no_id(void **state)
{
    (void)state;
    const kind_t *county = schema_kind("county"), *municipality = schema_kind("municipality");
    field_t field = {.name = "any", .type = TYPE_INTEGER};
    index_t index = index_over(&field, 1), other = index;
    other.number++;
    record_id_t id;
    value_t value = value_integer(7);
    assert_true(record_id_coded(&id, county, "18"));
    db_key_t key;
    index_key_start(&key, county, &index);
    index_key_add(&key, &index, 0, &value);
    key_add_own_id(&key, &id);
    assert_true(index_key_id(key_view(&key), county, &index, &id));
    assert_false(index_key_id(key_view(&key), county, &other, &id));
    assert_false(index_key_id(key_view(&key), municipality, &index, &id));
    for (size_t size = 0; size < key.size; size++)
        assert_false(
            index_key_id((db_view_t){.data = key.bytes, .size = size}, county, &index, &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_fits_with_the_longest_id),
        cmocka_unit_test(what_does_not_fit_its_type_has_no_place),
        cmocka_unit_test(a_key_of_another_index_gives_no_id),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

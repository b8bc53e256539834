#include "schema_fixture.h"

#include "rules/rules.h"

#include <string.h>

static void rules_belong_to_kinds(void **state)
{
    static const char *const kinds[] = {
        "area",    "assessment", "canvas",       "closure", "contact",     "course",
        "erasure", "grant",      "inquiry",      "key",     "maintenance", "need",
        "offer",   "opt_in",     "organisation", "person",  "pool",        "user"};

    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        bool has = false;
        for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++)
            has = has || strcmp(kinds[j], kind->name) == 0;
        const rules_t *rules = rules_of(kind);
        assert_int_equal(rules != NULL, has);
        if (rules != NULL) {
            assert_string_equal(rules->kind, kind->name);
            assert_true(rules->fill != NULL || rules->check != NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules_belong_to_kinds)};
    return cmocka_run_group_tests(tests, start, NULL);
}

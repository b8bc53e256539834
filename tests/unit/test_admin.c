#include "admin.h"
#include "completion.h"
#include "move.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_new();
    return schema_start() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static const verb_t *find(const char *first, const char *second, size_t *n_taken)
{
    const char *words[] = {first, second, "usr-4"};
    return admin_find(words, second[0] ? 3 : 1, n_taken);
}

/* Whether completion, after these words, offers `word`. */
static bool offered(const char *first, const char *word)
{
    const char *words[] = {"admin", first, ""};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (first[0])
        completion_answer(words, 3, arena, file);
    else
        completion_answer(words, 2, arena, file);
    fclose(file);
    const char *line = arena_format(arena, "\n%s\t", word);
    const char *found = strstr(arena_format(arena, "\n%s", text), line);
    bool once = found && !strstr(found + 1, line);
    free(text);
    return once;
}

static void every_row_is_found_and_offered(void **state)
{
    (void)state;
    for (const verb_t *row = verb_of_admin; row->name; row++) {
        size_t n_taken;
        const char *noun = admin_noun(row, arena), *rest = admin_rest(row);
        assert_ptr_equal(find(noun, rest, &n_taken), row);
        assert_int_equal(n_taken, rest[0] ? 2 : 1);
        assert_true(admin_has(row));
        assert_true(row->usage && row->summary[0] && row->options);
        assert_true(offered("", noun));
        if (rest[0])
            assert_true(offered(noun, rest));
    }
}

static void a_row_without_a_function_is_the_verb_of_a_kind(void **state)
{
    (void)state;
    for (const verb_t *row = verb_of_admin; row->name; row++) {
        if (row->run)
            continue;
        const kind_t *kind = schema_kind(admin_noun(row, arena));
        const verb_t *verb = verb_find(verb_of_kinds, admin_rest(row));
        assert_non_null(kind);
        assert_true(verb ? verb_fits(verb, kind) : move_written(kind, admin_rest(row)) != NULL);
    }
}

static void what_is_no_row_is_not_found(void **state)
{
    (void)state;
    size_t n_taken;
    const char *only_noun[] = {"user"};
    assert_null(find("use", "list", &n_taken));
    assert_null(find("user", "lis", &n_taken));
    assert_null(find("users", "list", &n_taken));
    assert_null(admin_find(only_noun, 1, &n_taken));
    assert_null(admin_find(NULL, 0, &n_taken));
    assert_false(admin_has(verb_of_kinds));
    assert_false(admin_has(verb_general));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_is_found_and_offered, begin, end),
        cmocka_unit_test_setup_teardown(a_row_without_a_function_is_the_verb_of_a_kind, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_row_is_not_found, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static arena_t *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    assert_null(arena);
    arena_destroy(&arena);
    return 0;
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        pieces[i] = arena_alloc(arena, i * 7);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(pieces[i][j], 0);
        memset(pieces[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(pieces[i][j], i);
    }
}

static void pieces_larger_than_any_block_fit(void **state)
{
    (void)state;
    const size_t size = (size_t)3 * 1024 * 1024;
    unsigned char *small = arena_alloc(arena, 10);
    unsigned char *large = arena_alloc(arena, size);
    unsigned char *after = arena_alloc(arena, 10);
    memset(large, 0xff, size);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(small[i] + after[i], 0);
    assert_int_equal(arena_used(arena), size + 20);
}

static void after_a_reset_memory_is_zeroed_again(void **state)
{
    (void)state;
    memset(arena_alloc(arena, 4000), 0xff, 4000);
    memset(arena_alloc(arena, 100000), 0xff, 100000);
    assert_int_equal(arena_used(arena), 104000);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    unsigned char *again = arena_alloc(arena, 4000);
    for (size_t i = 0; i < 4000; i++)
        assert_int_equal(again[i], 0);
}

static void texts_are_copied_and_ended(void **state)
{
    (void)state;
    char source[] = "Motala";
    char *copy = arena_text(arena, source);
    char *part = arena_text_of(arena, source, 3);
    char *bytes = arena_copy(arena, source, sizeof source);
    source[0] = 'x';
    assert_string_equal(copy, "Motala");
    assert_string_equal(part, "Mot");
    assert_string_equal(bytes, "Motala");
    assert_string_equal(arena_text_of(arena, NULL, 0), "");
    assert_string_equal(arena_format(arena, "%s-%d", "inq", 12), "inq-12");
    char long_text[10000];
    memset(long_text, 'a', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    assert_string_equal(arena_format(arena, "%s", long_text), long_text);
}

static void without_memory_the_process_ends_with_its_status(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        arena_alloc(arena, SIZE_MAX - 4);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_are_zeroed_aligned_and_apart, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(pieces_larger_than_any_block_fit, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(after_a_reset_memory_is_zeroed_again, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(texts_are_copied_and_ended, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(without_memory_the_process_ends_with_its_status, open_arena,
                                        close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

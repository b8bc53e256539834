#include "rules/likeness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
    return 0;
}

static void alike(const char *one, const char *other)
{
    assert_string_equal(likeness_fold(one, arena), likeness_fold(other, arena));
}

static void unlike(const char *one, const char *other)
{
    assert_string_not_equal(likeness_fold(one, arena), likeness_fold(other, arena));
}

static void one_firm_is_written_in_many_ways(void **state)
{
    (void)state;
    alike("Verkstad i Örebro AB", "verkstad i orebro");
    alike("AB Verkstad i Örebro", "Verkstad i Örebro Aktiebolag (publ)");
    alike("Örebro, Verkstad i", "VERKSTAD I ÖREBRO HB");
    alike("Åkeri & Spedition KB", "Spedition Akeri");
    alike("Södra skogsägarna ek. för.", "SODRA SKOGSAGARNA EKONOMISK FÖRENING");
    alike("Café  Änglamark", "cafe anglamark");
    /* Composed and decomposed. */
    alike("\xc3\x85keri", "A\xcc\x8akeri");
}

static void two_firms_are_two(void **state)
{
    (void)state;
    unlike("Verkstad i Örebro", "Verkstad i Motala");
    unlike("Verkstad", "Verkstaden");
    unlike("Nord Plåt", "Nord");
    unlike("Plåt 1", "Plåt 2");
}

static void odd_names_are_folded_too(void **state)
{
    char many[512] = "";

    (void)state;
    assert_string_equal(likeness_fold("", arena), "");
    assert_string_equal(likeness_fold(" .,& ", arena), "");
    for (int i = 0; i < 60; i++)
        strcat(many, "ord a ");
    assert_true(strlen(likeness_fold(many, arena)) > 0);
    /* A name of company forms alone is still a name, and not every other's. */
    assert_non_null(likeness_fold("AB", arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_firm_is_written_in_many_ways),
        cmocka_unit_test(two_firms_are_two),
        cmocka_unit_test(odd_names_are_folded_too),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}

#include "clean.h"
#include "cli_fixture.h"

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    assert_string_equal(clean_text("a\033[31mb", false, cli.arena), "a\xef\xbf\xbd[31mb");
    assert_string_equal(clean_text("a\nb\tc", false, cli.arena), "a b c");
    assert_string_equal(clean_text("a\nb", true, cli.arena), "a\nb");
    assert_string_equal(clean_text("a\xe2\x80\xae"
                                   "b",
                                   false, cli.arena),
                        "a\xef\xbf\xbd"
                        "b");
    assert_string_equal(clean_text("a\xff", false, cli.arena), "a\xef\xbf\xbd");
    assert_string_equal(clean_text("Åmål", false, cli.arena), "Åmål");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLI_TEST(nothing_steers_the_terminal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

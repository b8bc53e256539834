#include "pool_fixture.h"

#include <string.h>

static error_t refused(const char *who, const char *inquiry)
{
    return say_badly(region, who, ERROR_INVALID, "put",
                     "kind=opt_in fields={pool=poo-1 inquiry=%s}", inquiry);
}

/* Each by the name of its field, with what there is to meet. */
static void the_pools_own_are_met(void **state)
{
    static const struct {
        const char *pool, *meets, *misses, *field, *expected;
    } rows[] = {
        {"period_from=2026-05-01", "period_to=2026-05-01", "period_to=2026-04-30", "period_to",
         "a day no earlier than 2026-05-01"},
        {"period_to=2026-05-01", "period_from=2026-05-01", "period_from=2026-05-02", "period_from",
         "a day no later than 2026-05-01"},
        {"form=[distance hybrid]", "form=[on_site hybrid]", "form=[on_site]", "form",
         "one of distance hybrid"},
        {"level=vocational", "level=vocational", "level=university", "level", "one of vocational"},
        {"language=sv", "language=sv", "language=en", "language", "one of sv"},
        {"time_of_day=[day]", "time_of_day=[evening day]", "time_of_day=[evening]", "time_of_day",
         "one of day"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arena_t *memory = region_arena(region);
        value_t made =
            say_well(region, "orebro", "put", "kind=pool fields={title=p municipality=mun-1880 %s}",
                     rows[i].pool);
        const char *pool = value_get_text(&made, "id");
        const char *misses =
            put("inquiry", arena_format(memory, "title=x municipality=mun-1880 broker=usr-2 %s",
                                        rows[i].misses));
        const char *meets =
            put("inquiry", arena_format(memory, "title=x municipality=mun-1880 broker=usr-2 %s",
                                        rows[i].meets));
        const char *open = put("inquiry", "title=x municipality=mun-1880 broker=usr-2");
        error_t error = say_badly(region, "orebro", ERROR_INVALID, "put",
                                  "kind=opt_in fields={pool=%s inquiry=%s}", pool, misses);
        assert_string_equal(error.field, rows[i].field);
        assert_string_equal(error.expected, rows[i].expected);
        say_well(region, "orebro", "put", "kind=opt_in fields={pool=%s inquiry=%s}", pool, meets);
        say_well(region, "orebro", "put", "kind=opt_in fields={pool=%s inquiry=%s}", pool, open);
    }
}

/* Three that meet two by two need not meet. */
static void those_in_it_narrow_it(void **state)
{
    (void)state;
    say_well(region, "admin", "patch",
             "id=inq-1 fields={form=[on_site distance] period_from=2026-05-01}");
    say_well(region, "admin", "patch",
             "id=inq-2 fields={form=[on_site hybrid] period_to=2026-06-01}");
    put("inquiry", "title=x municipality=mun-1880 broker=usr-2 form=[distance hybrid]");
    put("inquiry", "title=x municipality=mun-1880 broker=usr-2 period_from=2026-06-02");
    step("orebro", ask_in("inq-1"), "accept");
    const char *asked = ask_in("inq-2");
    ask_in("inq-3");
    step("motala", asked, "accept");
    error_t error = say_badly(region, "orebro", ERROR_INVALID, "move",
                              "id=opt-3 verb=accept fields={said_on=2026-03-14 said_how=phone "
                              "participants=1}");
    assert_string_equal(error.field, "form");
    assert_string_equal(error.expected, "one of on_site");
    error = refused("orebro", "inq-4");
    assert_string_equal(error.field, "period_from");
    assert_string_equal(error.expected, "a day no later than 2026-06-01");
    step("motala", asked, "leave");
    ask_in("inq-4");
}

/* What a discreet inquiry asks for besides what all may see tells nobody else anything. */
static void the_hidden_is_not_told(void **state)
{
    (void)state;
    say_well(region, "admin", "patch", "id=inq-2 fields={level=university}");
    say_well(region, "orebro", "patch", "id=poo-1 fields={level=vocational}");
    const char *asked = ask_in("inq-2");
    error_t error =
        say_badly(region, "motala", ERROR_INVALID, "move",
                  "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone}", asked);
    assert_string_equal(error.field, "level");
    say_well(region, "orebro", "patch", "id=poo-1 fields={level=nil}");
    step("motala", asked, "accept");
    /* Nor by whom it keeps out. */
    say_well(region, "admin", "patch", "id=inq-1 fields={level=vocational}");
    ask_in("inq-1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(the_pools_own_are_met),
        TEST(those_in_it_narrow_it),
        TEST(the_hidden_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
